//! One promise read from the store and judged.

use std::time::Duration;

use evenkeel_config::Slo;
use evenkeel_slo::{
    budget::{BadRequest, Budget, Change, ChangeKind, Declared, Rate, WindowKind},
    report::{self, Input, Measured, NotCounted, SloReport, Window, WithoutCache},
    standing::Hold,
    tally,
};
use evenkeel_store::{EventRow, Observed, Resolution, Scope, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use super::{book, counted, reported};

/// Bad requests that are accounted for one by one; those before them are counted in one entry.
const BAD_AT_MOST: u32 = 20_000;
/// Events that are looked through for changes.
const EVENTS: u32 = 1_000;
const DAY_S: i64 = 86_400;

/// What to measure.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    slo: Slo,
    /// Measured from the roll-ups by tenant and feature, for nobody has promised anything about just these.
    undeclared: bool,
}

impl Subject {
    /// A promise of the configuration.
    pub(crate) fn declared(slo: &Slo) -> Self {
        Self { slo: slo.clone(), undeclared: false }
    }

    /// Requests that nobody promised anything about by themselves, judged by the targets of `slo`.
    pub(crate) fn undeclared(slo: &Slo, tenant: Option<&str>, feature: Option<&str>) -> Self {
        let who = [tenant, feature].into_iter().flatten().collect::<Vec<_>>().join(" / ");
        let slo = Slo {
            name: who,
            tenant: tenant.map(str::to_owned),
            feature: feature.map(str::to_owned),
            // Roll-ups by tenant and feature know the first byte only.
            latency: evenkeel_config::LatencyBasis::FirstByte,
            ..slo.clone()
        };
        Self { slo, undeclared: true }
    }

    /// What is promised.
    pub(crate) fn slo(&self) -> &Slo {
        &self.slo
    }

    /// What it counted in each bucket in which something happened, oldest first.
    pub(crate) async fn points(
        &self,
        store: &Store,
        practice: bool,
        resolution: Resolution,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<evenkeel_store::Point>, StoreError> {
        let source = Source { store, subject: self, practice };
        if self.undeclared {
            return store.points(source.scope(), resolution, from, to).await;
        }
        store.promise_points(counted(&self.slo), book(practice).0, resolution, from, to).await
    }

    /// Looked at over another time than was promised.
    #[must_use]
    pub(crate) fn over(mut self, window: Option<Duration>) -> Self {
        self.slo.window = window.unwrap_or(self.slo.window);
        self
    }
}

/// Measures and judges. `hold` is the freeze as it was last known, `began` when this router came to life.
pub(crate) async fn report(
    store: &Store,
    subject: &Subject,
    practice: bool,
    hold: &Hold,
    (began, now): (Timestamp, Timestamp),
) -> Result<SloReport, StoreError> {
    let slo = &subject.slo;
    let (mode, shown) = book(practice);
    let source = Source { store, subject, practice };
    let back = |time: Duration| now.checked_sub(time).unwrap_or(Timestamp::MIN);
    let whole = source.window(back(slo.window), now).await?;
    let (from, to) = (whole.from, whole.to);
    let days = source.days(from, to).await?;
    let last_hour = source.window(back(Duration::from_hours(1)), now).await?;
    let last_six_hours = source.window(back(Duration::from_hours(6)), now).await?;
    let bad = store.bad_requests(counted(slo), mode, from, to, BAD_AT_MOST).await?;
    let bad: Vec<_> = bad.iter().map(|bad| BadRequest { at: bad.ended, cause: bad.cause }).collect();
    let declared = store.budget_windows(from, to).await?;
    let declared: Vec<_> = declared
        .into_iter()
        .map(|window| Declared {
            kind: match window.kind {
                evenkeel_store::WindowKind::Deploy => WindowKind::Deploy,
                evenkeel_store::WindowKind::Experiment => WindowKind::Experiment,
            },
            from: window.from,
            to: window.to,
            reason: window.reason,
        })
        .collect();
    let changes: Vec<_> = store.events(EVENTS).await?.into_iter().filter_map(change).collect();
    let observed = store.observed(from, to).await?;
    let promise = reported(slo);
    let measured = measured(&whole.counts);
    let hold = hold.next(now, &measured.success(&promise));
    let input = Input {
        promise: &promise,
        window: Window { from, to },
        now,
        observed_seconds: observed.total.saturating_add(unwritten(&observed, began, now)).as_secs(),
        measured,
        last_hour: rates(&last_hour.counts),
        last_six_hours: rates(&last_six_hours.counts),
        days: &days,
        bad_requests: &bad,
        declared: &declared,
        changes: &changes,
        hold: &hold,
    };
    Ok(report::build(&input, shown))
}

/// The time that this router has seen and not written down yet, which it does once a minute. A longer gap is a
/// laptop that slept.
fn unwritten(observed: &Observed, began: Timestamp, now: Timestamp) -> Duration {
    const A_MINUTE_AND_SOME: Duration = Duration::from_secs(75);
    let written = observed.spans.last().map_or(began, |(_, until)| (*until).max(began));
    let since = now.duration_since(written);
    if since.is_positive() { since.unsigned_abs() } else { Duration::ZERO }.min(A_MINUTE_AND_SOME)
}

/// The budget of failures alone, for the freeze.
pub(crate) async fn budget(
    store: &Store,
    slo: &Slo,
    practice: bool,
    now: Timestamp,
) -> Result<Budget, StoreError> {
    let subject = Subject::declared(slo);
    let source = Source { store, subject: &subject, practice };
    let from = now.checked_sub(slo.window).unwrap_or(Timestamp::MIN);
    let window = source.window(from, now).await?;
    Ok(measured(&window.counts).success(&reported(slo)))
}

/// Where the counters come from.
struct Source<'a> {
    store: &'a Store,
    subject: &'a Subject,
    practice: bool,
}

impl Source<'_> {
    async fn window(&self, from: Timestamp, to: Timestamp) -> Result<evenkeel_store::Window, StoreError> {
        let (mode, _) = book(self.practice);
        if !self.subject.undeclared {
            return self.store.promise_window(counted(&self.subject.slo), mode, from, to).await;
        }
        // Minutes are exact and kept for 8 days; a month of them is too much to add up for one figure.
        let long = to.duration_since(from) > SignedDuration::from_hours(48);
        let resolution = if long { Resolution::Hour } else { Resolution::Minute };
        let mut window = evenkeel_store::Window { from, to, ..evenkeel_store::Window::default() };
        for point in self.store.points(self.scope(), resolution, from, to).await? {
            window.from = window.from.min(point.start);
            window.counts.merge(&point.counts);
        }
        Ok(window)
    }

    /// Each UTC day of the window, the empty ones too, oldest first.
    async fn days(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Rate>, StoreError> {
        let (mode, _) = book(self.practice);
        let points = if self.subject.undeclared {
            self.store.points(self.scope(), Resolution::Day, from, to).await?
        } else {
            let promise = counted(&self.subject.slo);
            self.store.promise_points(promise, mode, Resolution::Day, from, to).await?
        };
        let first = from.as_second().div_euclid(DAY_S);
        let last = to.as_second().div_euclid(DAY_S);
        let mut days = vec![Rate::default(); usize::try_from(last - first + 1).unwrap_or_default()];
        for point in points {
            let place = usize::try_from(point.start.as_second().div_euclid(DAY_S) - first);
            if let Some(day) = place.ok().and_then(|place| days.get_mut(place)) {
                *day = rates(&point.counts);
            }
        }
        Ok(days)
    }

    fn scope(&self) -> Scope {
        let (mode, _) = book(self.practice);
        let slo = &self.subject.slo;
        Scope { mode, tenant: slo.tenant.clone(), feature: slo.feature.clone(), provider: None }
    }
}

fn rates(counts: &tally::Counts) -> Rate {
    Rate { n: counts.tally.n(), bad: counts.tally.bad }
}

/// The store's counters in the report's words.
fn measured(counts: &tally::Counts) -> Measured {
    let tally = &counts.tally;
    Measured {
        good: tally.good,
        bad: tally.bad,
        causes: tally.causes,
        latency_n: tally.latency_n,
        slow: tally.slow,
        p95_ms: counts.p95_ms(),
        priced: tally.cost_n,
        cost_micros: tally.cost_micros,
        unpriced: tally.unpriced,
        rescued: tally.rescued,
        cached: tally.cached,
        without_cache: WithoutCache {
            p95_ms: counts.p95_ms_without_cache(),
            priced: tally.cost_n.saturating_sub(tally.cached_cost_n),
            cost_micros: tally.cost_micros.saturating_sub(tally.cached_cost_micros),
        },
        not_counted: NotCounted { invalid: tally.invalid, cancelled: tally.cancelled, policy: tally.policy },
    }
}

/// An event that is a change somebody made.
fn change(event: EventRow) -> Option<Change> {
    let kind = match event.kind.as_str() {
        "config_reloaded" => ChangeKind::ConfigSaved,
        "key_changed" => ChangeKind::KeyChanged,
        "bypass_changed" => ChangeKind::Bypass,
        "version_changed" => ChangeKind::Version,
        _ => return None,
    };
    Some(Change { at: event.at, kind, text: event.text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_minute_counts_as_seen_and_a_night_asleep_does_not() {
        let at = |second: i64| Timestamp::from_second(second).expect("a time");
        let seen = |spans: &[(i64, i64)], began, now| {
            let spans = spans.iter().map(|(from, to)| (at(*from), at(*to))).collect();
            unwritten(&Observed { spans, total: Duration::ZERO }, at(began), at(now)).as_secs()
        };
        assert_eq!(seen(&[], 100, 123), 23);
        assert_eq!(seen(&[(100, 160)], 100, 183), 23);
        assert_eq!(seen(&[(0, 50)], 100, 123), 23, "of an earlier run");
        assert_eq!(seen(&[(100, 160)], 100, 30_000), 75);
        assert_eq!(seen(&[(100, 160)], 100, 150), 0, "a clock that was set back");
    }
}
