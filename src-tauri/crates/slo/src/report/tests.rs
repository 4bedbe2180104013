mod document;
mod edges;
mod properties;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::{
    Cause,
    budget::{BadRequest, Change, ChangeKind, Declared, Rate, Share, WindowKind},
    standing::Hold,
};

pub(crate) const DAY: i64 = 86_400;

/// So many seconds before the moment of looking, Friday 20 November at 14:32.
pub(crate) fn ago(seconds: i64) -> Timestamp {
    "2026-11-20T14:32:00Z".parse::<Timestamp>().unwrap() - SignedDuration::from_secs(seconds)
}

/// A month with everything in it, owned, so that a test changes what it is about and keeps the rest.
#[derive(Clone, Debug)]
pub(crate) struct Month {
    pub promise: Promise,
    pub observed_seconds: u64,
    pub measured: Measured,
    pub last_hour: Rate,
    pub last_six_hours: Rate,
    pub days: Vec<Rate>,
    pub bad_requests: Vec<BadRequest>,
    pub declared: Vec<Declared>,
    pub changes: Vec<Change>,
    pub hold: Hold,
}

impl Month {
    pub fn report(&self) -> SloReport {
        self.of(Book::Real)
    }

    pub fn of(&self, book: Book) -> SloReport {
        let input = Input {
            promise: &self.promise,
            window: Window { from: ago(30 * DAY), to: ago(0) },
            now: ago(0),
            observed_seconds: self.observed_seconds,
            measured: self.measured,
            last_hour: self.last_hour,
            last_six_hours: self.last_six_hours,
            days: &self.days,
            bad_requests: &self.bad_requests,
            declared: &self.declared,
            changes: &self.changes,
            hold: &self.hold,
        };
        build(&input, book)
    }

    /// So many requests of which so many failed, spread over the days, everything else as it is.
    pub fn with(mut self, n: u64, bad: u64) -> Self {
        self.measured.good = n - bad;
        self.measured.bad = bad;
        self.measured.latency_n = n - bad;
        self.measured.slow = (n - bad) / 50;
        self.measured.priced = n;
        self.measured.cost_micros = i64::try_from(n).unwrap() * 7_300;
        self.measured.cached = 0;
        self.days = vec![Rate { n: n / 30, bad: 0 }; 30];
        self.days[20].bad = bad;
        self.days[29].n += n % 30;
        self.measured.rescued = 0;
        self.measured.not_counted = NotCounted::default();
        (self.last_hour, self.last_six_hours) = (Rate::default(), Rate::default());
        self.bad_requests =
            (0..bad).map(|_| BadRequest { at: ago(9 * DAY), cause: Cause::ProviderOutage }).collect();
        self.declared.clear();
        self.changes.clear();
        self
    }
}

/// The month of the design: 8,412 requests, 24 of them failed.
pub(crate) fn month() -> Month {
    let failed = [
        (18 * DAY, 12, Cause::ProviderOutage),
        (4 * DAY, 5, Cause::OwnNetwork),
        (2 * DAY, 3, Cause::ProviderOutage),
        (DAY, 3, Cause::Unknown),
        (14_000, 1, Cause::RateLimit),
    ];
    let bad_requests: Vec<BadRequest> = failed
        .iter()
        .flat_map(|&(seconds, times, cause)| {
            (0..times).map(move |second| BadRequest { at: ago(seconds - 20 * second), cause })
        })
        .collect();
    let mut days = vec![Rate { n: 280, bad: 0 }; 30];
    days[29].n = 292;
    for (place, bad) in [(11, 12), (25, 5), (27, 3), (28, 3), (29, 1)] {
        days[place].bad = bad;
    }
    Month {
        promise: Promise {
            name: "Everything".to_owned(),
            tenant: None,
            feature: None,
            success: Share::from_percent(99.5).unwrap(),
            p95_ms: 2_500,
            basis: Basis::FirstByte,
            cost_micros: 15_000,
        },
        observed_seconds: 312 * 3_600 + 900,
        measured: Measured {
            good: 8_388,
            bad: 24,
            latency_n: 8_388,
            slow: 183,
            p95_ms: Some(2_020),
            causes: [0; Cause::ALL.len()],
            priced: 8_412,
            cost_micros: 61_400_000,
            unpriced: 0,
            rescued: 96,
            cached: 404,
            without_cache: WithoutCache { p95_ms: Some(2_090), priced: 8_008, cost_micros: 61_400_000 },
            not_counted: NotCounted { invalid: 14, cancelled: 3, policy: 0 },
        },
        last_hour: Rate { n: 40, bad: 0 },
        last_six_hours: Rate { n: 180, bad: 1 },
        days,
        bad_requests,
        declared: vec![Declared {
            kind: WindowKind::Deploy,
            from: ago(DAY),
            to: ago(DAY - 3_600),
            reason: "new prompt for Invoice reader".to_owned(),
        }],
        changes: vec![Change {
            at: ago(DAY + 600),
            kind: ChangeKind::ConfigSaved,
            text: "model of Invoice reader changed".to_owned(),
        }],
        hold: Hold::Free,
    }
}
