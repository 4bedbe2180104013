//! A finished request as roll-ups see it: whose it was, when it ended, what it counts.
//!
//! Made from the row on its way in, or read back from the ledger by whoever comes later; both must say the same, for
//! a promise that is filled in afterwards has to agree with one that was there.

use evenkeel_slo::{
    Cause,
    tally::{Asked, Request, Used},
};
use jiff::Timestamp;
use rusqlite::Row;

use crate::{
    error::StoreError,
    ledger::{count, word},
    rows::{LedgerRow, Mode},
    span,
};

/// Tries that were never sent: no provider failed in them.
const NOT_SENT: [&str; 2] = ["untranslatable", "over_budget"];

/// Its columns. The last one counts the tries that were sent.
pub(crate) const COLUMNS: &str =
    "seq, at_us, mode, tenant, feature, provider, served_by, counted, cause, status,
    stream, first_token_ms, total_ms, cost_micros, saved_micros, tokens_input, tokens_output, tokens_cached,
    tokens_cache_write, tokens_reasoning,
    (SELECT count(*) FROM attempts WHERE request = seq
     AND attempts.outcome NOT IN ('untranslatable', 'over_budget')) AS sent";

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) mode: Mode,
    pub(crate) tenant: String,
    pub(crate) feature: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) class: &'static str,
    /// Microseconds since 1970.
    pub(crate) ended_us: i64,
    pub(crate) request: Request,
}

impl LedgerRow {
    /// What of it figures need. The same rules as in the roll-ups, for whoever follows requests as they end.
    pub fn measured(&self) -> Request {
        let sent = self.attempts.iter().filter(|attempt| !NOT_SENT.contains(&attempt.outcome.as_str()));
        Request {
            counted: self.counted,
            cause: self.cause,
            status: self.status,
            stream: self.stream,
            cached: self.served_by.as_deref() == Some(CACHE),
            asked: asked(i64::try_from(sent.count()).unwrap_or(i64::MAX)),
            first_token_ms: self.first_token_ms,
            total_ms: self.total_ms,
            cost_micros: self.cost_micros,
            saved_micros: self.saved_micros.unwrap_or_default(),
            tokens: Used {
                input: self.tokens.input.unwrap_or_default(),
                output: self.tokens.output.unwrap_or_default(),
                cached: self.tokens.cached.unwrap_or_default(),
                cache_write: self.tokens.cache_write.unwrap_or_default(),
                reasoning: self.tokens.reasoning.unwrap_or_default(),
            },
        }
    }

    /// When its last byte was out: the moment that decides which minute counts it.
    pub fn ended(&self) -> Timestamp {
        span::from_micros(ended_us(self.at.as_microsecond(), self.total_ms))
    }

    pub(crate) fn finished(&self) -> Finished {
        Finished {
            mode: self.mode,
            tenant: self.tenant.clone(),
            feature: self.feature.clone(),
            provider: self.provider.clone(),
            class: class(self.served_by.as_deref()),
            ended_us: ended_us(self.at.as_microsecond(), self.total_ms),
            request: self.measured(),
        }
    }
}

impl Finished {
    /// Out of [`COLUMNS`].
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let served_by: Option<String> = row.get("served_by")?;
        let cause: Option<String> = row.get("cause")?;
        let total_ms = count(row, "total_ms")?.unwrap_or_default();
        let tokens = |column| Ok::<_, StoreError>(count(row, column)?.unwrap_or_default());
        Ok(Self {
            mode: word(row, "mode")?,
            tenant: row.get("tenant")?,
            feature: row.get("feature")?,
            provider: row.get("provider")?,
            class: class(served_by.as_deref()),
            ended_us: ended_us(row.get("at_us")?, total_ms),
            request: Request {
                counted: word(row, "counted")?,
                cause: cause.map(|cause| cause.parse().unwrap_or(Cause::Unknown)),
                status: row.get("status")?,
                stream: row.get("stream")?,
                cached: served_by.as_deref() == Some(CACHE),
                asked: asked(row.get::<_, i64>("sent")?),
                first_token_ms: count(row, "first_token_ms")?,
                total_ms,
                cost_micros: row.get("cost_micros")?,
                saved_micros: row.get::<_, Option<i64>>("saved_micros")?.unwrap_or_default(),
                tokens: Used {
                    input: tokens("tokens_input")?,
                    output: tokens("tokens_output")?,
                    cached: tokens("tokens_cached")?,
                    cache_write: tokens("tokens_cache_write")?,
                    reasoning: tokens("tokens_reasoning")?,
                },
            },
        })
    }

    /// Seconds since 1970.
    pub(crate) fn ended_s(&self) -> i64 {
        self.ended_us.div_euclid(1_000_000)
    }
}

const CACHE: &str = "cache";

fn class(served_by: Option<&str>) -> &'static str {
    match served_by {
        None => "none",
        Some(CACHE) => CACHE,
        Some("bypass") => "bypass",
        Some(_) => "served",
    }
}

fn asked(tries: i64) -> Asked {
    match tries {
        0 => Asked::Nobody,
        1 => Asked::Once,
        _ => Asked::Again,
    }
}

/// Brought into what a time can be, for a clock or a duration may be nonsense.
pub(crate) fn ended_us(at_us: i64, total_ms: u64) -> i64 {
    let took = i64::try_from(total_ms).unwrap_or(i64::MAX).saturating_mul(1_000);
    at_us.saturating_add(took).clamp(Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond())
}
