//! Requests as they might come: a hundred combinations of very different weight, more by day than by night, log-normal
//! latencies with a slow tail, a few failures. The same ones each time.

use evenkeel_slo::{
    Cause, Counted,
    tally::{Asked, Request, Used},
};

pub(crate) const TENANTS: u64 = 10;
pub(crate) const FEATURES: u64 = 5;
pub(crate) const PROVIDERS: [&str; 2] = ["openai", "anthropic"];

/// Who asked, what for, who answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Combination {
    pub(crate) tenant: u64,
    pub(crate) feature: u64,
    pub(crate) provider: usize,
}

impl Combination {
    /// From 1, as the database numbers them.
    pub(crate) fn number(self) -> u64 {
        1 + self.tenant + TENANTS * (self.feature + FEATURES * self.provider as u64)
    }

    pub(crate) fn all() -> impl Iterator<Item = Combination> {
        (0..PROVIDERS.len()).flat_map(|provider| {
            (0..FEATURES).flat_map(move |feature| {
                (0..TENANTS).map(move |tenant| Combination { tenant, feature, provider })
            })
        })
    }
}

/// An xorshift generator: good enough for load, and the same everywhere.
pub(crate) struct Traffic(u64);

impl Traffic {
    pub(crate) fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// How many requests a minute of the day has, of so many a minute on average.
    pub(crate) fn in_minute(&mut self, minute_of_day: u64, average: u64) -> u64 {
        // Three times as many at noon as at midnight, in a straight line.
        let noon = 720 - minute_of_day.abs_diff(720);
        let expected = average * (720 + 2 * noon) / 1_440;
        expected * (75 + self.below(51)) / 100
    }

    pub(crate) fn combination(&mut self) -> Combination {
        // The smaller of two draws: the first tenant has ten times the last one's traffic.
        let tenant = self.below(TENANTS).min(self.below(TENANTS));
        let feature = self.below(FEATURES).min(self.below(FEATURES));
        Combination { tenant, feature, provider: usize::from(self.below(20) == 0) }
    }

    pub(crate) fn request(&mut self) -> Request {
        // Near enough to log-normal: a product of four draws around 850 ms.
        let mut first = 850;
        for _ in 0..4 {
            first = first * (60 + self.below(90)) / 100;
        }
        if self.below(100) < 3 {
            first *= 2 + self.below(4);
        }
        let output = 20 + self.below(600);
        let failed = self.below(1_000) < 3;
        Request {
            counted: if failed { Counted::Bad } else { Counted::Good },
            cause: failed.then_some(Cause::ProviderOutage),
            status: if failed { 502 } else { 200 },
            stream: true,
            cached: false,
            asked: if self.below(100) == 0 { Asked::Again } else { Asked::Once },
            first_token_ms: (!failed).then_some(first),
            total_ms: first + output * 15,
            cost_micros: Some(if failed { 0 } else { i64::try_from(200 + output * 10).unwrap_or(i64::MAX) }),
            saved_micros: 0,
            tokens: Used { input: 300 + self.below(3_000), output, ..Used::default() },
        }
    }
}
