//! The table "what counts" of the SLO rules as one function: how a request ended in, good, bad or not counted out.
//!
//! Measured at the router, as the calling tool sees it, after retries and failover. A provider's own health is
//! another question with another answer, and must not be read from here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[cfg(test)]
mod tests;

/// What one request is to the success rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Answered, whether at the first attempt, after a rescue or from the cache.
    Good,
    /// The client did not get what it asked for, and it was not the client's doing: spends error budget.
    Bad,
    /// In neither side of the rate; shown apart.
    No,
}

/// Why error budget was spent. Every bad request has exactly one; the entries of the budget's ledger are keyed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "Cause.ts")]
pub enum Cause {
    /// Providers were down, too slow or answered nonsense.
    ProviderOutage,
    /// Providers turned us away for asking too much.
    RateLimit,
    /// Our key was revoked or our credit gone.
    Account,
    /// Within a declared deploy window.
    Deploy,
    /// Within a declared experiment window.
    Experiment,
    /// Real traffic hurt by a drill.
    Drill,
    /// This machine had no network.
    OwnNetwork,
    /// A fault of Evenkeel itself.
    Router,
    /// Nothing above could be shown.
    Unknown,
}

/// How a request ended as the client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A complete answer of a provider; retries and failover on the way make no difference here.
    Answered,
    /// Every attempt failed.
    AllFailed,
    /// A deadline passed before anything could be handed to the client.
    TimedOut,
    /// The stream broke after its first token, where nothing can be retried silently.
    Broken,
    /// Our key or our credit at the provider was refused, and nobody else could answer.
    OurAccount,
    /// The request itself was wrong: 400, 404, 413, 422.
    RequestWrong,
    /// The client hung up.
    Cancelled {
        /// From the request fully read to the hang-up.
        waited_ms: u64,
        /// Whether a first meaningful token had reached the client by then.
        first_token: bool,
    },
    /// Answered from the cache.
    Cached,
    /// A guardrail refused it, as the operator asked.
    PolicyRefused,
    /// No network, and nothing in the cache.
    Offline,
    /// A fault of Evenkeel itself, a panic for example.
    RouterFault,
    /// Something other than an answer of a model: a count of tokens.
    Aside,
}

/// What a request that ended like this counts as.
///
/// `mode_counts` is false for a drill's own test requests, which never count. Practice requests do count, in
/// their own book. `latency_target_ms` is the target in force, `None` where nobody promised a latency: nobody
/// can then be said to have waited too long, so a hang-up isn't counted.
///
/// A hang-up is bad only when the client waited *longer* than the target without a first token; exactly on
/// target is fine. Without this, slow requests would vanish from the statistics by being given up. A client that
/// had its first token and then hung up got what was promised to it up to there: not counted.
///
/// ```
/// use evenkeel_slo::{Counted, Ending, counts};
/// let gave_up = Ending::Cancelled { waited_ms: 2_501, first_token: false };
/// assert_eq!(counts(&gave_up, true, Some(2_500)), Counted::Bad);
/// ```
pub fn counts(ending: &Ending, mode_counts: bool, latency_target_ms: Option<u64>) -> Counted {
    if !mode_counts {
        return Counted::No;
    }
    match *ending {
        Ending::Answered | Ending::Cached => Counted::Good,
        Ending::AllFailed
        | Ending::TimedOut
        | Ending::Broken
        | Ending::OurAccount
        | Ending::Offline
        | Ending::RouterFault => Counted::Bad,
        Ending::RequestWrong | Ending::PolicyRefused | Ending::Aside => Counted::No,
        Ending::Cancelled { waited_ms, first_token } => {
            let waited_too_long = latency_target_ms.is_some_and(|target| waited_ms > target);
            if waited_too_long && !first_token { Counted::Bad } else { Counted::No }
        }
    }
}

impl Counted {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Counted; 3] = [Counted::Good, Counted::Bad, Counted::No];

    /// The word in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Counted::Good => "good",
            Counted::Bad => "bad",
            Counted::No => "no",
        }
    }
}

impl Cause {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Cause; 9] = [
        Cause::ProviderOutage,
        Cause::RateLimit,
        Cause::Account,
        Cause::Deploy,
        Cause::Experiment,
        Cause::Drill,
        Cause::OwnNetwork,
        Cause::Router,
        Cause::Unknown,
    ];

    /// The word in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::ProviderOutage => "provider_outage",
            Cause::RateLimit => "rate_limit",
            Cause::Account => "account",
            Cause::Deploy => "deploy",
            Cause::Experiment => "experiment",
            Cause::Drill => "drill",
            Cause::OwnNetwork => "own_network",
            Cause::Router => "router",
            Cause::Unknown => "unknown",
        }
    }
}

/// A word that names none of the known values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// What was given.
    pub name: String,
    /// What could have been given, separated by commas.
    pub known: String,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not one of {}", self.name, self.known)
    }
}

impl std::error::Error for UnknownName {}

impl FromStr for Counted {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        by_name(&Self::ALL, Self::as_str, name)
    }
}

impl FromStr for Cause {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        by_name(&Self::ALL, Self::as_str, name)
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The value of that name.
pub(crate) fn by_name<T: Copy>(
    all: &[T],
    as_str: fn(T) -> &'static str,
    name: &str,
) -> Result<T, UnknownName> {
    all.iter().copied().find(|&value| as_str(value) == name).ok_or_else(|| UnknownName {
        name: name.to_owned(),
        known: all.iter().map(|&value| as_str(value)).collect::<Vec<_>>().join(", "),
    })
}
