//! What goes into the ledger and what comes out: plain values, no SQL.
//!
//! Nothing here can hold the text of a prompt or an answer, and nothing may be added that can. The two fields
//! with free text from outside are [`AttemptRow::detail`] (the provider's own error message, cut) and
//! [`EventRow::text`] (our own sentence).

use std::{fmt, str::FromStr};

use evenkeel_slo::{Cause, Counted, UnknownName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which book a request belongs to. Figures of one book never mix with another's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real providers, real clients.
    #[default]
    Real,
    /// Answered by the two practice providers.
    Practice,
    /// A drill's own test requests. Real traffic during a drill is [`Mode::Real`].
    Drill,
}

impl Mode {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Mode; 3] = [Mode::Real, Mode::Practice, Mode::Drill];

    /// The word in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Real => "real",
            Mode::Practice => "practice",
            Mode::Drill => "drill",
        }
    }
}

impl FromStr for Mode {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name).ok_or_else(|| UnknownName {
            name: name.to_owned(),
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Tokens as the provider reported them, by the exclusive convention: `input` leaves out `cached` and
/// `cache_write`, `output` includes `reasoning`. `None` is "not reported", which is not 0.
///
/// Counts above [`i64::MAX`] are kept as [`i64::MAX`], the largest that SQLite can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read by the model, neither from nor into the provider's cache.
    pub input: Option<u64>,
    /// Written by the model, reasoning included.
    pub output: Option<u64>,
    /// Read from the provider's cache.
    pub cached: Option<u64>,
    /// Written into the provider's cache.
    pub cache_write: Option<u64>,
    /// The part of `output` that was reasoning.
    pub reasoning: Option<u64>,
}

/// One request, from admission to its last byte. Written once, when it has ended, and never changed.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRow {
    /// Unique in the ledger. A caller may choose it (`x-evenkeel-id`); a second row with the same id is kept as
    /// `id-2`, then `id-3` and so on, because losing a request would falsify every figure.
    pub id: String,
    /// When the request arrived. Kept to the microsecond.
    pub at: Timestamp,
    /// The book.
    pub mode: Mode,
    /// Whose request.
    pub tenant: String,
    /// What it was for, if said.
    pub feature: Option<String>,
    /// The matched route; `None` if it never got that far.
    pub route: Option<String>,
    /// `openai` or `anthropic`.
    pub dialect: String,
    /// The path asked for, without its query.
    pub endpoint: String,
    /// Whether the client asked for a stream.
    pub stream: bool,
    /// The client's own version of its prompt.
    pub prompt_version: Option<String>,
    /// The model that the client named.
    pub model_asked: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The provider that answered, or was tried last.
    pub provider: Option<String>,
    /// `primary`, `secondary`, `cache` or `bypass`; `None` if nobody served it.
    pub served_by: Option<String>,
    /// HTTP status that the client got; 200 also where a stream broke later.
    pub status: u16,
    /// How it ended: `ok`, or the outcome of routing's closed list.
    pub outcome: String,
    /// What it is to the success rate.
    pub counted: Counted,
    /// Why budget was spent; only with [`Counted::Bad`].
    pub cause: Option<Cause>,
    /// Milliseconds from the request fully read to the first meaningful byte.
    pub first_token_ms: Option<u64>,
    /// Milliseconds from the request fully read to the last byte.
    pub total_ms: u64,
    /// Of all attempts together.
    pub tokens: Tokens,
    /// Micro-dollars, failed attempts included; `None` is unknown, never 0.
    pub cost_micros: Option<i64>,
    /// Micro-dollars saved by caches; negative where writing into one cost more than it saved.
    pub saved_micros: Option<i64>,
    /// `hit`, `stale`, `miss` or `off`.
    pub cache: String,
    /// `truncated`, `cheaper` or `cached`, if a guardrail did so.
    pub degraded: Option<String>,
    /// Every try at a provider, in order.
    pub attempts: Vec<AttemptRow>,
    /// The plan as JSON. Only [`Store::request`](crate::Store::request) reads it back: a page of 1,000 requests
    /// has no use for 1,000 plans.
    pub plan: Option<String>,
}

impl LedgerRow {
    /// Whether it belongs under `--failed`: it spent error budget. A stream that broke after its 200 did, a
    /// request that was wrong by itself (400, 404) didn't. The column `failed` says the same in SQL.
    pub fn failed(&self) -> bool {
        self.counted == Counted::Bad
    }
}

/// One try at one provider.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRow {
    /// From 1.
    pub n: u32,
    /// Who was tried.
    pub provider: String,
    /// The model sent to it.
    pub model: Option<String>,
    /// Its class, of routing's closed list.
    pub outcome: String,
    /// The provider's HTTP status, if it answered at all.
    pub status: Option<u16>,
    /// Milliseconds from the start of this attempt to its first meaningful byte.
    pub first_token_ms: Option<u64>,
    /// Milliseconds that this attempt took.
    pub total_ms: u64,
    /// Micro-dollars; `None` is unknown.
    pub cost_micros: Option<i64>,
    /// As this provider reported them.
    pub tokens: Tokens,
    /// The provider's id for it, to quote to its support.
    pub provider_request_id: Option<String>,
    /// The provider's own error message. Cut to [`DETAIL_MAX`] characters on the way in, because some providers
    /// quote the request in it.
    pub detail: Option<String>,
}

/// Characters kept of a provider's message.
pub const DETAIL_MAX: usize = 300;

/// Something that happened beside the requests: a switch, a changed config, a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// When. Kept to the microsecond.
    pub at: Timestamp,
    /// A word of the event channel's closed list.
    pub kind: String,
    /// The sentence that people read.
    pub text: String,
    /// Its facts as JSON.
    pub data: Option<String>,
}

/// Somebody whose requests are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Unique.
    pub name: String,
    /// Features it may name; the first is its default.
    pub features: Vec<String>,
    /// [`hash_key`](crate::hash_key) of its local key; `None` until it has one. The key itself is never stored.
    pub key_hash: Option<[u8; 32]>,
    /// Kept to the microsecond.
    pub created_at: Timestamp,
    /// Its newest request, to the second or so.
    pub last_used_at: Option<Timestamp>,
}

/// Which requests to read, newest first. All conditions hold at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestsQuery {
    /// Only those that arrived at or after this.
    pub since: Option<Timestamp>,
    /// Only this tenant's.
    pub tenant: Option<String>,
    /// Only those that [failed](LedgerRow::failed).
    pub failed: bool,
    /// Only those older than the request with this id: [`RequestsPage::next`] of the page before.
    pub before: Option<String>,
    /// At most this many; 1 to [`PAGE_MAX`], anything else is brought into that range.
    pub limit: u32,
    /// Only this book's.
    pub mode: Option<Mode>,
}

/// The longest page.
pub const PAGE_MAX: u32 = 1_000;

impl Default for RequestsQuery {
    fn default() -> Self {
        Self { since: None, tenant: None, failed: false, before: None, limit: 100, mode: None }
    }
}

/// One page, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestsPage {
    /// Without their plans.
    pub requests: Vec<LedgerRow>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// What one tenant spent on one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The tenant.
    pub tenant: String,
    /// The route; `None` for requests that never had one.
    pub route: Option<String>,
    /// Micro-dollars.
    pub micros: i64,
}
