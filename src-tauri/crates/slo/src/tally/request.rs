//! What of a request is needed to count it, and what its latency is.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::counting::{Cause, Counted, UnknownName, by_name};

/// What a latency is measured to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "Basis.ts")]
pub enum Basis {
    /// The first meaningful byte handed to the client; for an answer that isn't a stream, that is all of it.
    #[default]
    FirstByte,
    /// The same, of streams only.
    FirstToken,
    /// The last byte.
    Complete,
}

impl Basis {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Basis; 3] = [Basis::FirstByte, Basis::FirstToken, Basis::Complete];

    /// The word in the configuration, in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::FirstByte => "first_byte",
            Basis::FirstToken => "first_token",
            Basis::Complete => "complete",
        }
    }

    /// As it stands beside a figure.
    pub fn words(self) -> &'static str {
        match self {
            Basis::FirstByte => "first byte",
            Basis::FirstToken => "first token",
            Basis::Complete => "last byte",
        }
    }
}

impl FromStr for Basis {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        by_name(&Self::ALL, Self::as_str, name)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Tokens of one or many requests; what was not reported is 0 here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Read by the model, neither from nor into the provider's cache.
    pub input: u64,
    /// Written by the model, reasoning included.
    pub output: u64,
    /// Read from the provider's cache.
    pub cached: u64,
    /// Written into the provider's cache.
    pub cache_write: u64,
    /// The part of `output` that was reasoning.
    pub reasoning: u64,
}

/// Whether providers were asked, and with what luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// None was: refused by us, answered from the cache, no network.
    Nobody,
    /// One was, and the first try decided.
    Once,
    /// A try had failed before the one that decided.
    Again,
}

/// One finished request, as far as figures need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it is to the success rate.
    pub counted: Counted,
    /// Why budget was spent, if it was.
    pub cause: Option<Cause>,
    /// What the client got; 499 if it hung up.
    pub status: u16,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Whether Evenkeel's cache answered.
    pub cached: bool,
    /// Who was asked before it ended.
    pub asked: Asked,
    /// Milliseconds to the first meaningful byte handed to the client.
    pub first_token_ms: Option<u64>,
    /// Milliseconds to the last byte, or to the hang-up.
    pub total_ms: u64,
    /// Micro-dollars; `None` is unknown.
    pub cost_micros: Option<i64>,
    /// Micro-dollars.
    pub saved_micros: i64,
    /// Of all attempts.
    pub tokens: Used,
}

/// The latency of one request on one basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// It took so many milliseconds.
    Took(u64),
    /// The client gave up after so many, with nothing in its hands: slow where that is over the target, and
    /// otherwise nobody knows how long it would have taken.
    GaveUp(u64),
    /// It was no stream, and the basis is the first token.
    NotStreamed,
    /// It has none: not counted, or there never was an answer.
    None,
}

impl Latency {
    /// The milliseconds that count against a target, if any do: those of an answer, or of a wait that was over it.
    pub fn against(self, target_ms: Option<u64>) -> Option<u64> {
        match self {
            Latency::Took(ms) => Some(ms),
            Latency::GaveUp(ms) if over(ms, target_ms) => Some(ms),
            Latency::GaveUp(_) | Latency::NotStreamed | Latency::None => None,
        }
    }

    /// Whether it is strictly over the target. Exactly on target is fine.
    pub fn is_slow(self, target_ms: Option<u64>) -> bool {
        self.against(target_ms).is_some_and(|ms| over(ms, target_ms))
    }
}

fn over(ms: u64, target_ms: Option<u64>) -> bool {
    target_ms.is_some_and(|target| ms > target)
}

impl Request {
    /// Its latency.
    ///
    /// A failure has one only where the client had begun to get something (a stream that broke later): nothing is
    /// slow that never came.
    pub fn latency(&self, basis: Basis) -> Latency {
        if self.counted == Counted::No {
            return Latency::None;
        }
        if basis == Basis::FirstToken && !self.stream {
            return Latency::NotStreamed;
        }
        let first = match (self.counted, self.first_token_ms) {
            (_, Some(first)) => first,
            (Counted::Good, None) => self.total_ms,
            _ if self.hung_up() => return Latency::GaveUp(self.total_ms),
            _ => return Latency::None,
        };
        Latency::Took(if basis == Basis::Complete { self.total_ms } else { first })
    }

    /// Whether the client hung up.
    pub(super) fn hung_up(&self) -> bool {
        self.status == 499
    }

    /// Whether it is part of the average cost, and with how much.
    pub fn cost(&self) -> Cost {
        match self.cost_micros {
            // Wrong by itself, or given up: only what was billed.
            Some(0) if self.counted == Counted::No => Cost::None,
            Some(micros) => Cost::Known(micros),
            None if self.cached => Cost::Known(0),
            None if self.asked != Asked::Nobody => Cost::Unknown,
            // Nobody was asked, so there is nothing that it could have cost.
            None => Cost::None,
        }
    }
}

/// What a request is to the average cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// With so many micro-dollars.
    Known(i64),
    /// It cost something that nobody knows.
    Unknown,
    /// In no way.
    None,
}
