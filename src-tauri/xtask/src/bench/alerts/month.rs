//! One simulated stretch of time.

use evenkeel_slo::alerts::{About, Context, Kind, Moment, Promise, Rules, State, Watch};
use fastrand::Rng;

use super::service::{Fault, HEALTHY, Service};

const HOUR_MS: i64 = 3_600_000;
const MONTH_MS: i64 = 30 * 24 * HOUR_MS;
/// All is well for so long before a fault, and it is given up on after so long.
const BEFORE_MS: i64 = 3 * HOUR_MS;
const PATIENCE_MS: i64 = 12 * HOUR_MS;
/// 1 November 2026.
const START_MS: i64 = 1_793_491_200_000;

/// Pages by alert.
#[derive(Clone, Copy, Default)]
pub(super) struct False(pub(super) [f64; 3]);

impl False {
    pub(super) fn mean(months: &[False]) -> False {
        let mut mean = False::default();
        for month in months {
            for (sum, pages) in mean.0.iter_mut().zip(month.0) {
                *sum += pages;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "some thousands of months")]
        let months = months.len() as f64;
        False(mean.0.map(|sum| sum / months))
    }

    pub(super) fn all(&self) -> f64 {
        self.0.iter().sum()
    }
}

/// Minutes until the page.
pub(super) struct Detected {
    pub(super) median: Option<f64>,
    pub(super) ninth: Option<f64>,
    /// Faults that nobody was paged for, of all.
    pub(super) never: usize,
    pub(super) all: usize,
}

impl Detected {
    pub(super) fn of(runs: Vec<Option<f64>>) -> Detected {
        let all = runs.len();
        let mut minutes: Vec<f64> = runs.into_iter().flatten().collect();
        minutes.sort_unstable_by(f64::total_cmp);
        // By nearest rank, and those never found are the longest of all.
        let at = |percent: usize| minutes.get((all * percent).div_ceil(100).max(1) - 1).copied();
        Detected { median: at(50), ninth: at(90), never: all - minutes.len(), all }
    }
}

/// A promise, its requests and its clock.
struct World {
    watch: Watch,
    random: Rng,
    now_ms: i64,
    next_ms: f64,
    gap_ms: f64,
    tick_ms: i64,
}

impl World {
    fn new(rate: u32, rules: &Rules, seed: u64) -> World {
        let watch = Watch::new(Promise::default(), rules.clone(), moment(0));
        let gap_ms = 3_600_000.0 / f64::from(rate);
        let tick_ms = i64::try_from(rules.every.as_millis()).unwrap_or(i64::MAX);
        let mut world =
            World { watch, random: Rng::with_seed(seed), now_ms: 0, next_ms: 0.0, gap_ms, tick_ms };
        world.arrive();
        world
    }

    /// The time of the next request: the gaps of a Poisson process are exponential.
    fn arrive(&mut self) {
        self.next_ms -= (1.0 - self.random.f64()).ln() * self.gap_ms;
    }

    /// One evaluation and the requests before it; `service` says what a request at such a time is like.
    fn tick(&mut self, service: impl Fn(i64) -> Service, mut paged: impl FnMut(Kind)) {
        self.now_ms += self.tick_ms;
        #[expect(clippy::cast_possible_truncation, reason = "a month of milliseconds")]
        while (self.next_ms as i64) < self.now_ms {
            let at_ms = self.next_ms as i64;
            let request = service(at_ms).request(self.watch.promise(), START_MS + at_ms, &mut self.random);
            self.watch.record(&request);
            self.arrive();
        }
        for step in self.watch.evaluate(moment(self.now_ms), &Context::default()) {
            if let Some(page) = step.page.filter(|page| matches!(page.about, About::Fired | About::Again)) {
                paged(page.kind);
            }
        }
    }
}

fn moment(ms: i64) -> Moment {
    Moment { wall_ms: START_MS + ms, mono_ms: ms.unsigned_abs() }
}

/// Thirty days in which nothing changes.
pub(super) fn healthy(service: &Service, rate: u32, rules: &Rules, seed: u64) -> False {
    let mut world = World::new(rate, rules, seed);
    let mut pages = False::default();
    while world.now_ms < MONTH_MS {
        world.tick(|_| *service, |kind| pages.0[kind as usize] += 1.0);
    }
    pages
}

/// Minutes from the beginning of a fault to its page; `None`: it was never paged.
pub(super) fn fault(fault: &Fault, rate: u32, rules: &Rules, seed: u64) -> Option<f64> {
    let mut world = World::new(rate, rules, seed);
    // Anywhere between two evaluations.
    let begins_ms = BEFORE_MS + world.random.i64(0..world.tick_ms.max(1));
    let mut found = None;
    while found.is_none() && world.now_ms < begins_ms + PATIENCE_MS {
        world.tick(|at_ms| if at_ms < begins_ms { HEALTHY } else { fault.service }, |_| ());
        // One that fired for nothing just before has told its user too.
        let firing = world.watch.alert(fault.finds).state() == State::Firing;
        found = Some(world.now_ms - begins_ms).filter(|&after| firing && after >= 0);
    }
    #[expect(clippy::cast_precision_loss, reason = "some hours of milliseconds")]
    let minutes = found.map(|ms| ms as f64 / 60_000.0);
    minutes
}
