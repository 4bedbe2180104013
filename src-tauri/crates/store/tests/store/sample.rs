//! Rows for the tests of the public interface.

use std::sync::LazyLock;

use evenkeel_slo::{Counted, tally::Basis};
use evenkeel_store::{AttemptRow, LedgerRow, Mode, Promise, Tenant, Tokens};
use jiff::Timestamp;

/// Second `n` of a time that is the same for one run and too young to be pruned.
pub(crate) fn second(n: i64) -> Timestamp {
    static ZERO: LazyLock<i64> = LazyLock::new(|| Timestamp::now().as_second() - 3 * 24 * 3600);
    Timestamp::from_second(*ZERO + n).unwrap()
}

/// An answered request with one attempt.
pub(crate) fn row(id: &str, at: Timestamp) -> LedgerRow {
    LedgerRow {
        id: id.to_owned(),
        at,
        mode: Mode::Real,
        tenant: "local".into(),
        feature: None,
        route: Some("default".into()),
        dialect: "anthropic".into(),
        endpoint: "/v1/messages".into(),
        stream: true,
        prompt_version: None,
        model_asked: Some("claude-haiku-4-5".into()),
        model: Some("claude-haiku-4-5".into()),
        provider: Some("anthropic".into()),
        served_by: Some("secondary".into()),
        status: 200,
        outcome: "ok".into(),
        counted: Counted::Good,
        cause: None,
        first_token_ms: Some(512),
        total_ms: 2_204,
        tokens: Tokens { input: Some(120), output: Some(30), ..Tokens::default() },
        cost_micros: Some(270),
        saved_micros: None,
        cache: "miss".into(),
        degraded: None,
        attempts: vec![attempt(1)],
        plan: None,
    }
}

/// A try that was answered.
pub(crate) fn attempt(n: u32) -> AttemptRow {
    AttemptRow {
        n,
        provider: "anthropic".into(),
        model: Some("claude-haiku-4-5".into()),
        outcome: "ok".into(),
        status: Some(200),
        first_token_ms: Some(500),
        total_ms: 2_200,
        cost_micros: Some(270),
        tokens: Tokens::default(),
        provider_request_id: Some("req_011".into()),
        detail: None,
    }
}

/// What is promised where nobody said otherwise.
pub(crate) fn everything() -> Promise {
    Promise {
        name: "Everything".into(),
        tenant: None,
        feature: None,
        basis: Basis::FirstByte,
        target_ms: 2_500,
    }
}

/// Without a key.
pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant {
        name: name.to_owned(),
        features: vec!["support-bot".into(), "search".into()],
        key_hash: None,
        created_at: second(0),
        last_used_at: None,
    }
}
