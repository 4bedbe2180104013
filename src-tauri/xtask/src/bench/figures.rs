//! Percentiles, and how they are shown beside what was promised.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

/// Of one set of durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percentiles {
    pub(super) count: usize,
    pub(super) p50: Duration,
    pub(super) p95: Duration,
    pub(super) p99: Duration,
}

impl Percentiles {
    /// By nearest rank: each is a duration that was measured. All zero of nothing.
    pub(super) fn of(mut durations: Vec<Duration>) -> Percentiles {
        durations.sort_unstable();
        let count = durations.len();
        let rank = |percent: usize| {
            let rank = (count * percent).div_ceil(100).max(1);
            durations.get(rank - 1).copied().unwrap_or_default()
        };
        Percentiles { count, p50: rank(50), p95: rank(95), p99: rank(99) }
    }

    fn json(&self) -> Value {
        let Percentiles { count, p50, p95, p99 } = self;
        json!({ "n": count, "p50_us": micros(*p50), "p95_us": micros(*p95), "p99_us": micros(*p99) })
    }
}

/// The same requests both ways.
pub(super) struct Comparison {
    pub(super) direct: Percentiles,
    pub(super) routed: Percentiles,
    /// Requests that got no 200, either way.
    pub(super) failed: usize,
}

impl Comparison {
    /// What the router added in microseconds at p50, p95 and p99: the difference of the percentiles, which is
    /// not the percentile of the differences, for no request goes both ways.
    fn added(&self) -> [i128; 3] {
        let (direct, routed) = (&self.direct, &self.routed);
        [(routed.p50, direct.p50), (routed.p95, direct.p95), (routed.p99, direct.p99)]
            .map(|(routed, direct)| signed(routed) - signed(direct))
    }

    fn json(&self) -> Value {
        let [p50, p95, p99] = self.added();
        json!({
            "direct": self.direct.json(), "routed": self.routed.json(), "failed": self.failed,
            "added": { "p50_us": number(p50), "p95_us": number(p95), "p99_us": number(p99) },
        })
    }
}

/// Everything that one run found out.
pub(super) struct Figures {
    pub(super) rate: u32,
    pub(super) seconds: u32,
    pub(super) first_start: Duration,
    pub(super) later_starts: Option<Percentiles>,
    pub(super) idle_kib: Option<u64>,
    pub(super) loaded_kib: Option<u64>,
    /// To the last byte of answers that aren't streamed, asked for as the client asked (`watch = "streams"`).
    pub(super) as_asked: Comparison,
    /// The same asked for as streams and folded (`watch = "always"`, the default): this is what the two-second
    /// protection of non-streaming requests costs.
    pub(super) whole: Comparison,
    /// To the first byte of streams.
    pub(super) streamed: Comparison,
}

// What was promised: microseconds added, milliseconds to listening, MiB at rest.
const ADDED_P50: i128 = 250;
const ADDED_P99: i128 = 2_000;
const ADDED_FIRST_BYTE_P50: i128 = 1_000;
const LISTENING_MS: u128 = 150;
const IDLE_MIB: u64 = 25;

impl Figures {
    pub(super) fn failures(&self) -> usize {
        self.as_asked.failed + self.whole.failed + self.streamed.failed
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "rate": self.rate, "seconds": self.seconds,
            "first_start_us": micros(self.first_start),
            "later_starts": self.later_starts.as_ref().map(Percentiles::json),
            "idle_rss_kib": self.idle_kib, "loaded_rss_kib": self.loaded_kib,
            "as_asked": self.as_asked.json(), "whole": self.whole.json(), "stream_first_byte": self.streamed.json(),
        })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { rate, seconds, .. } = self;
        writeln!(f, "{rate} requests a second for {seconds} s, each way in turns of a second\n")?;
        writeln!(f, "{:<34} {:>9} {:>9} {:>9} {:>7}", "microseconds", "p50", "p95", "p99", "n")?;
        comparison(f, "whole answer, as asked", &self.as_asked)?;
        comparison(f, "whole answer, watched", &self.whole)?;
        comparison(f, "first byte of a stream", &self.streamed)?;
        if self.failures() > 0 {
            writeln!(f, "{} requests failed", self.failures())?;
        }
        writeln!(f)?;
        let [first_p50, ..] = self.streamed.added();
        for (name, comparison) in [("as asked", &self.as_asked), ("watched", &self.whole)] {
            let [p50, _, p99] = comparison.added();
            promise(f, &format!("added, {name}, p50"), &format!("{p50} µs"), "250 µs", p50 < ADDED_P50)?;
            promise(f, &format!("added, {name}, p99"), &format!("{p99} µs"), "2000 µs", p99 < ADDED_P99)?;
        }
        let met = first_p50 < ADDED_FIRST_BYTE_P50;
        promise(f, "added to a first byte, p50", &format!("{first_p50} µs"), "1000 µs", met)?;
        start(f, "listening, in a new folder", self.first_start)?;
        if let Some(starts) = &self.later_starts {
            start(f, "listening, later starts, p50", starts.p50)?;
            start(f, "listening, later starts, p99", starts.p99)?;
        }
        if let Some(kib) = self.idle_kib {
            promise(f, "memory at rest (RSS)", &mib(kib), "25 MiB", kib < IDLE_MIB * 1024)?;
        }
        if let Some(kib) = self.loaded_kib {
            writeln!(f, "{:<34} {:>12}", "memory after the load (RSS)", mib(kib))?;
        }
        Ok(())
    }
}

fn comparison(f: &mut fmt::Formatter<'_>, name: &str, comparison: &Comparison) -> fmt::Result {
    for (way, percentiles) in [("direct", &comparison.direct), ("routed", &comparison.routed)] {
        let Percentiles { count, p50, p95, p99 } = percentiles;
        let [p50, p95, p99] = [p50, p95, p99].map(Duration::as_micros);
        writeln!(f, "{:<34} {p50:>9} {p95:>9} {p99:>9} {count:>7}", format!("{name}, {way}"))?;
    }
    let [p50, p95, p99] = comparison.added();
    writeln!(f, "{:<34} {p50:>9} {p95:>9} {p99:>9}", format!("{name}, added"))
}

fn start(f: &mut fmt::Formatter<'_>, name: &str, took: Duration) -> fmt::Result {
    let milliseconds = took.as_millis();
    promise(f, name, &format!("{milliseconds} ms"), "150 ms", milliseconds < LISTENING_MS)
}

fn promise(f: &mut fmt::Formatter<'_>, name: &str, found: &str, limit: &str, met: bool) -> fmt::Result {
    writeln!(f, "{name:<34} {found:>12}   {} {limit}", if met { "under" } else { "NOT UNDER" })
}

fn mib(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}

fn signed(duration: Duration) -> i128 {
    i128::try_from(duration.as_micros()).unwrap_or(i128::MAX)
}

fn micros(duration: Duration) -> Value {
    number(signed(duration))
}

/// JSON has no 128-bit numbers, and no duration here needs one.
fn number(value: i128) -> Value {
    i64::try_from(value).map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Comparison, Percentiles};

    fn millis(range: std::ops::RangeInclusive<u64>) -> Vec<Duration> {
        range.rev().map(Duration::from_millis).collect()
    }

    #[test]
    fn percentiles_are_the_nearest_measured_rank() {
        let percentiles = Percentiles::of(millis(1..=200));
        let [p50, p95, p99] = [100, 190, 198].map(Duration::from_millis);
        assert_eq!(percentiles, Percentiles { count: 200, p50, p95, p99 });
        let one = Percentiles::of(millis(7..=7));
        assert_eq!((one.p50, one.p99), (Duration::from_millis(7), Duration::from_millis(7)));
        assert_eq!(Percentiles::of(Vec::new()).p99, Duration::ZERO);
    }

    #[test]
    fn a_router_that_is_faster_than_going_direct_adds_less_than_nothing() {
        let comparison = Comparison {
            direct: Percentiles::of(millis(3..=3)),
            routed: Percentiles::of(millis(1..=1)),
            failed: 0,
        };
        assert_eq!(comparison.added(), [-2_000; 3]);
    }
}
