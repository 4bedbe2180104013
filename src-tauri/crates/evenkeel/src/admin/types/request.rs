//! The request ledger: what was asked, what was tried, what the client saw.

use evenkeel_store as store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Usd;

/// One page of the ledger, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "RequestsPage.ts")]
pub struct RequestsPage {
    /// The rows.
    pub requests: Vec<RequestRow>,
    /// The `before` of the next page; `null` at the end.
    pub next: Option<String>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "RequestRow.ts")]
pub struct RequestRow {
    /// Its id, as in `x-evenkeel-id`.
    pub id: String,
    /// When it arrived.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// `real`, `practice` or `drill`.
    #[ts(type = "\"real\" | \"practice\" | \"drill\"")]
    pub mode: String,
    /// Whose key it carried.
    pub tenant: String,
    /// Its feature tag.
    pub feature: Option<String>,
    /// The route that matched.
    pub route: Option<String>,
    /// The client's dialect.
    pub dialect: String,
    /// The path.
    pub endpoint: String,
    /// Whether the client asked for a stream.
    pub stream: bool,
    /// The caller's prompt version.
    pub prompt_version: Option<String>,
    /// The model that the client named.
    pub model_asked: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The provider that answered.
    pub provider: Option<String>,
    /// `primary`, `secondary`, `cache` or `bypass`.
    pub served_by: Option<String>,
    /// The HTTP status that the client saw.
    pub status: u16,
    /// How it ended, as one of the ledger's outcomes.
    pub outcome: String,
    /// `good`, `bad` or `no`: what it means for the success promise.
    #[ts(type = "\"good\" | \"bad\" | \"no\"")]
    pub counted: String,
    /// Who or what a bad one is put down to.
    pub cause: Option<String>,
    /// Milliseconds to the first token.
    pub first_token_ms: Option<u64>,
    /// Milliseconds to the last byte.
    pub total_ms: u64,
    /// Tokens as the provider reported them.
    pub tokens: TokenCounts,
    /// Its cost.
    pub cost_usd: Option<Usd>,
    /// What the cache saved.
    pub saved_usd: Option<Usd>,
    /// `hit`, `stale`, `miss` or `off`.
    pub cache: String,
    /// What was given up to stay within a limit.
    pub degraded: Option<String>,
    /// The tries, in order.
    pub attempts: Vec<AttemptRow>,
}

/// One request with the plan that was made for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "RequestDetail.ts")]
pub struct RequestDetail {
    /// The row as in the list.
    #[serde(flatten)]
    pub row: RequestRow,
    /// The plan: route, targets, models, deadlines.
    #[ts(type = "unknown")]
    pub plan: Option<serde_json::Value>,
}

/// Tokens, counted so that nothing is in two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "TokenCounts.ts")]
pub struct TokenCounts {
    /// Sent and neither read from nor written to the provider's cache.
    pub input: Option<u64>,
    /// Answered, reasoning included.
    pub output: Option<u64>,
    /// Read from the provider's cache.
    pub cached: Option<u64>,
    /// Written to the provider's cache.
    pub cache_write: Option<u64>,
    /// The part of `output` that was reasoning.
    pub reasoning: Option<u64>,
}

/// One try at one provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "AttemptRow.ts")]
pub struct AttemptRow {
    /// From 1.
    pub n: u32,
    /// Who was asked.
    pub provider: String,
    /// For which model.
    pub model: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// The provider's HTTP status.
    pub status: Option<u16>,
    /// Milliseconds to its first token.
    pub first_token_ms: Option<u64>,
    /// Milliseconds it took.
    pub total_ms: u64,
    /// Its cost.
    pub cost_usd: Option<Usd>,
    /// The id to quote to the provider.
    pub provider_request_id: Option<String>,
    /// The provider's own message, shortened.
    #[serde(default)]
    pub detail: Option<String>,
}

impl From<store::Tokens> for TokenCounts {
    fn from(tokens: store::Tokens) -> Self {
        let store::Tokens { input, output, cached, cache_write, reasoning } = tokens;
        Self { input, output, cached, cache_write, reasoning }
    }
}

impl From<&store::AttemptRow> for AttemptRow {
    fn from(row: &store::AttemptRow) -> Self {
        Self {
            n: row.n,
            provider: row.provider.clone(),
            model: row.model.clone(),
            outcome: row.outcome.clone(),
            status: row.status,
            first_token_ms: row.first_token_ms,
            total_ms: row.total_ms,
            cost_usd: row.cost_micros.map(Usd),
            provider_request_id: row.provider_request_id.clone(),
            detail: row.detail.clone(),
        }
    }
}

impl From<&store::LedgerRow> for RequestRow {
    fn from(row: &store::LedgerRow) -> Self {
        Self {
            id: row.id.clone(),
            at: row.at,
            mode: row.mode.as_str().to_owned(),
            tenant: row.tenant.clone(),
            feature: row.feature.clone(),
            route: row.route.clone(),
            dialect: row.dialect.clone(),
            endpoint: row.endpoint.clone(),
            stream: row.stream,
            prompt_version: row.prompt_version.clone(),
            model_asked: row.model_asked.clone(),
            model: row.model.clone(),
            provider: row.provider.clone(),
            served_by: row.served_by.clone(),
            status: row.status,
            outcome: row.outcome.clone(),
            counted: row.counted.as_str().to_owned(),
            cause: row.cause.as_ref().map(|cause| cause.as_str().to_owned()),
            first_token_ms: row.first_token_ms,
            total_ms: row.total_ms,
            tokens: row.tokens.into(),
            cost_usd: row.cost_micros.map(Usd),
            saved_usd: row.saved_micros.map(Usd),
            cache: row.cache.clone(),
            degraded: row.degraded.clone(),
            attempts: row.attempts.iter().map(AttemptRow::from).collect(),
        }
    }
}

impl From<&store::LedgerRow> for RequestDetail {
    fn from(row: &store::LedgerRow) -> Self {
        let plan = row.plan.as_deref().and_then(|plan| serde_json::from_str(plan).ok());
        Self { row: row.into(), plan }
    }
}

impl From<store::RequestsPage> for RequestsPage {
    fn from(page: store::RequestsPage) -> Self {
        Self { requests: page.requests.iter().map(RequestRow::from).collect(), next: page.next }
    }
}

/// The answer to `POST /api/test`: what one small request of our own came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "TestRequest.ts")]
pub struct TestRequest {
    /// Whether it was answered.
    pub ok: bool,
    /// The HTTP status that a tool would have seen.
    pub status: u16,
    /// Its id; its row in the ledger has the same.
    pub request: Option<String>,
    /// The provider that answered.
    pub provider: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// `primary`, `secondary`, `cache` or `bypass`.
    pub served_by: Option<String>,
    /// How many tries it took.
    pub attempts: Option<u32>,
    /// Milliseconds until the whole answer was there.
    pub ms: u64,
    /// Its cost, if the model's price is known.
    pub cost_usd: Option<f64>,
    /// Why it wasn't answered.
    pub error: Option<String>,
}
