//! How latencies are spread, small enough to keep for every minute and safe to add up in any order.
//!
//! Buckets grow with the value, so that what is read out is within 1 % of what went in, from a millisecond to
//! decades. Bounds are integers made by integer arithmetic and counts are integers, so a merge is the same on every
//! machine and in every order; a sketch with floating-point bounds is neither.
//!
//! It must not decide a verdict: 1 % beside a target is enough to turn one over. Verdicts come from the exact
//! counters in [`tally`](crate::tally); this is for the figure that is shown.

use std::fmt;

pub(crate) mod varint;

#[cfg(test)]
mod tests;

/// Values above this are counted in the last bucket: 34 years in milliseconds.
pub const LARGEST: u64 = 1 << 40;

/// The first byte of the encoding. A later one gets another number; this one is read for ever, for roll-ups are
/// kept for years.
const VERSION: u8 = 1;

/// The lowest value of each bucket.
static LOWEST: [u64; BUCKETS] = lowest();

const BUCKETS: usize = buckets();

/// What a bucket that begins at `low` is read out as: at most 1 % above `low`.
const fn shown(low: u64) -> u64 {
    low + low / 100
}

/// Where the bucket after the one from `low` begins: its last value is the largest that [`shown`] is at most 1 %
/// below. Up to 98 this makes each value a bucket of its own.
const fn next(low: u64) -> u64 {
    shown(low) * 100 / 99 + 1
}

const fn buckets() -> usize {
    let (mut low, mut count) = (0, 0);
    while low <= LARGEST {
        low = next(low);
        count += 1;
    }
    count
}

const fn lowest() -> [u64; BUCKETS] {
    let mut all = [0; BUCKETS];
    let (mut low, mut at) = (0, 0);
    while at < BUCKETS {
        all[at] = low;
        low = next(low);
        at += 1;
    }
    all
}

fn bucket(value: u64) -> usize {
    // The first bucket begins at 0, so there is always one before the point.
    LOWEST.partition_point(|&low| low <= value) - 1
}

/// Counts of values by bucket.
///
/// ```
/// use evenkeel_slo::histogram::Histogram;
/// let mut latencies = Histogram::default();
/// (1..=1_000).for_each(|ms| latencies.add(ms));
/// let p95 = latencies.quantile(95, 100).unwrap();
/// assert!(p95.abs_diff(950) * 100 <= 950, "within 1 %: {p95}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The bucket that `counts` begins with.
    first: usize,
    /// From the lowest bucket in use to the highest; neither of the two is 0, so that equal contents are equal.
    counts: Vec<u64>,
}

impl Histogram {
    /// Counts one value.
    pub fn add(&mut self, value: u64) {
        self.count(bucket(value), 1);
    }

    /// Counts all that `other` has counted. Any order and any split of the same values give the same histogram.
    pub fn merge(&mut self, other: &Histogram) {
        let (Some(&highest), Some(&lowest)) = (other.counts.last(), other.counts.first()) else { return };
        // The ends first, so that there is one allocation at most.
        self.count(other.first, lowest);
        if other.counts.len() == 1 {
            return;
        }
        self.count(other.first + other.counts.len() - 1, highest);
        let start = other.first - self.first;
        let inner = 1..other.counts.len() - 1;
        for (count, more) in self.counts[start..].iter_mut().skip(1).zip(&other.counts[inner]) {
            *count = count.saturating_add(*more);
        }
    }

    /// How many values were counted.
    pub fn n(&self) -> u64 {
        self.counts.iter().fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// The value that `part` of `of` are not above, by nearest rank: of `n` values in order the one at place
    /// ⌈n × part ÷ of⌉, at most 1 % beside the true one. `None` of nothing.
    pub fn quantile(&self, part: u32, of: u32) -> Option<u64> {
        let n = u128::from(self.n());
        let rank = (n * u128::from(part)).div_ceil(u128::from(of.max(1))).clamp(1, n.max(1));
        let mut seen = 0_u128;
        for (place, &count) in self.counts.iter().enumerate() {
            seen += u128::from(count);
            if seen >= rank {
                return Some(shown(LOWEST[self.first + place]));
            }
        }
        None
    }

    /// The value that 95 % are not above.
    pub fn p95(&self) -> Option<u64> {
        self.quantile(95, 100)
    }

    /// About how many of the values are above `limit`: those in higher buckets than its own. For what-if questions
    /// ("and with a target of 2 s?"), where a bucket's width of error is fine.
    pub fn about_above(&self, limit: u64) -> u64 {
        let skip = (bucket(limit) + 1).saturating_sub(self.first);
        self.counts.iter().skip(skip).fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// A few bytes for each bucket in use: a version, then pairs of "buckets skipped" and "count" as variable-length
    /// integers. Nothing at all for an empty histogram.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.counts.is_empty() {
            return Vec::new();
        }
        let mut bytes = Vec::with_capacity(2 * self.counts.len().min(64) + 4);
        bytes.push(VERSION);
        let mut after = 0;
        for (place, &count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let bucket = self.first + place;
            varint::put(&mut bytes, u64::try_from(bucket - after).unwrap_or(u64::MAX));
            varint::put(&mut bytes, count);
            after = bucket + 1;
        }
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) made. Any bytes may be given: what isn't an encoding is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut histogram = Self::default();
        histogram.merge_bytes(bytes)?;
        Ok(histogram)
    }

    /// Counts all that the histogram in these bytes has counted; on an error, some of it. A month of figures is
    /// thousands of encodings, and most of the time it took went into making a histogram of each.
    pub fn merge_bytes(&mut self, bytes: &[u8]) -> Result<(), BadBytes> {
        let Some((&version, mut rest)) = bytes.split_first() else { return Ok(()) };
        if version != VERSION {
            return Err(BadBytes("a version that this Evenkeel doesn't know"));
        }
        let mut next = 0_usize;
        while !rest.is_empty() {
            let skipped = varint::take(&mut rest)?;
            let count = varint::take(&mut rest)?;
            let bucket = usize::try_from(skipped).ok().and_then(|skipped| next.checked_add(skipped));
            let bucket = bucket.filter(|&bucket| bucket < BUCKETS).ok_or(BadBytes("no such bucket"))?;
            if count == 0 {
                return Err(BadBytes("a bucket of nothing"));
            }
            self.count(bucket, count);
            next = bucket + 1;
        }
        Ok(())
    }

    fn count(&mut self, bucket: usize, more: u64) {
        if self.counts.is_empty() {
            self.first = bucket;
        }
        if bucket < self.first {
            let missing = self.first - bucket;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = bucket;
        }
        let place = bucket - self.first;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] = self.counts[place].saturating_add(more);
    }
}

/// Bytes that are no encoding of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadBytes(pub(crate) &'static str);

impl fmt::Display for BadBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "these are no counts that Evenkeel wrote: {}", self.0)
    }
}

impl std::error::Error for BadBytes {}
