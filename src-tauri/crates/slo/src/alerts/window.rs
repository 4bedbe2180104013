//! The recent requests of one promise, in memory that a flood of requests can't grow.
//!
//! A window is [t − W, t) by the wall clock and by when requests *completed*: a stream of ten minutes belongs to
//! its end. Where it holds too few requests it reaches back, and no further than it must. Requests of the same
//! millisecond share a slot; when there are too many slots, slots grow coarser, and a window then begins up to one
//! slot late. Only counts are kept, so nothing here knows who asked what.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::alerts::{Kind, Promise};

mod track;

#[cfg(test)]
mod tests;

pub(crate) use track::{Found, Reach, Tally, Track};

/// What a request is to the success rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It got what it asked for.
    Good,
    /// It didn't.
    Bad,
    /// Not counted; and a failure for want of a network of our own (`own_network`), for which nobody is paged.
    Out,
}

/// What a request is to the latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speed {
    /// Within the target in force; exactly on it is fine.
    InTime,
    /// Over it.
    Slow,
    /// Without a latency of this basis; and answers from the cache, which would hide a slow provider.
    Out,
}

/// What a request is to the average cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Price {
    /// What it cost when it was made, in micro-dollars. A price list that changes later changes nothing.
    Micros(u64),
    /// It cost something, and nobody knows what.
    Unpriced,
    /// Without a cost.
    Out,
}

/// One completed request of the promise's scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// When it completed, in milliseconds since 1970.
    pub completed_ms: i64,
    /// For the success rate.
    pub answer: Answer,
    /// For the latency.
    pub speed: Speed,
    /// For the average cost.
    pub price: Price,
}

/// Requests of which some hit: failed, or were slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    pub(crate) n: u64,
    pub(crate) hits: u64,
}

/// What requests cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Money {
    pub(crate) priced: u64,
    pub(crate) unpriced: u64,
    pub(crate) micros: u64,
    pub(crate) dearest: u64,
    /// The sum of the squares: how far costs lie apart says how much an average may be trusted.
    pub(crate) squares: u128,
}

impl Tally for Hits {
    fn add(&mut self, other: Hits) {
        self.n += other.n;
        self.hits += other.hits;
    }

    fn n(&self) -> u64 {
        self.n
    }
}

impl Money {
    /// What one request cost.
    pub(crate) fn of(micros: u64) -> Money {
        let squares = u128::from(micros) * u128::from(micros);
        Money { priced: 1, unpriced: 0, micros, dearest: micros, squares }
    }
}

impl Tally for Money {
    fn add(&mut self, other: Money) {
        self.priced += other.priced;
        self.unpriced += other.unpriced;
        self.micros = self.micros.saturating_add(other.micros);
        self.dearest = self.dearest.max(other.dearest);
        self.squares = self.squares.saturating_add(other.squares);
    }

    fn n(&self) -> u64 {
        self.priced
    }
}

/// The recent requests of one promise, for its three alerts.
#[derive(Clone, Debug)]
pub struct Window {
    success: Track<Hits>,
    latency: Track<Hits>,
    cost: Track<Money>,
    /// Healthy requests ever seen, by alert: an alert that wants five of them compares two of these.
    healthy: [u64; 3],
    /// Nothing that completed before this counts: nobody watched then.
    from_ms: i64,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            success: Track::default(),
            latency: Track::default(),
            cost: Track::default(),
            healthy: [0; 3],
            from_ms: i64::MIN,
        }
    }
}

impl Window {
    /// Takes one request. What completed before the last gap is passed over.
    pub fn record(&mut self, request: &Request, promise: &Promise) {
        let at_ms = request.completed_ms;
        if at_ms < self.from_ms {
            return;
        }
        let mut healthy = [false; 3];
        if request.answer != Answer::Out {
            let bad = request.answer == Answer::Bad;
            self.success.push(at_ms, Hits { n: 1, hits: u64::from(bad) });
            healthy[Kind::Success.index()] = !bad;
        }
        if request.speed != Speed::Out {
            let slow = request.speed == Speed::Slow;
            self.latency.push(at_ms, Hits { n: 1, hits: u64::from(slow) });
            healthy[Kind::P95.index()] = !slow;
        }
        match request.price {
            Price::Out => {}
            Price::Unpriced => self.cost.push(at_ms, Money { unpriced: 1, ..Money::default() }),
            Price::Micros(micros) => {
                self.cost.push(at_ms, Money::of(micros));
                healthy[Kind::Cost.index()] = micros <= promise.cost_micros;
            }
        }
        for (count, healthy) in self.healthy.iter_mut().zip(healthy) {
            *count += u64::from(healthy);
        }
    }

    /// Begins anew after a gap, or because the requests so far were judged by another promise.
    pub fn restart(&mut self, at_ms: i64) {
        *self = Window { from_ms: at_ms, healthy: self.healthy, ..Window::default() };
    }

    /// Nothing that completed before this counts.
    pub fn from_ms(&self) -> i64 {
        self.from_ms
    }

    /// Healthy requests seen since this process began, in the eyes of one alert.
    pub(crate) fn healthy(&self, kind: Kind) -> u64 {
        self.healthy[kind.index()]
    }

    pub(crate) fn success(&mut self, reach: Reach) -> Found<Hits> {
        self.success.find(reach)
    }

    pub(crate) fn latency(&mut self, reach: Reach) -> Found<Hits> {
        self.latency.find(reach)
    }

    pub(crate) fn cost(&mut self, reach: Reach) -> Found<Money> {
        self.cost.find(reach)
    }

    /// How many slots are held, of 3 × [`track::SLOTS`] at most.
    #[cfg(test)]
    fn slots(&self) -> usize {
        self.success.slots() + self.latency.slots() + self.cost.slots()
    }
}

/// Slots in the order of time.
type Slots<T> = VecDeque<track::Slot<T>>;
