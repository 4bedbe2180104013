//! Rows for tests.

use std::sync::LazyLock;

use evenkeel_slo::Counted;
use jiff::{SignedDuration, Timestamp};

use crate::rows::{AttemptRow, EventRow, LedgerRow, Mode, Tokens};

/// Second `n` of a time that is the same for one run and too young to be pruned.
pub(crate) fn second(n: i64) -> Timestamp {
    static ZERO: LazyLock<i64> = LazyLock::new(|| days_ago(3).as_second());
    Timestamp::from_second(*ZERO + n).unwrap()
}

/// So long before now.
pub(crate) fn days_ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
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
        dialect: "openai".into(),
        endpoint: "/v1/chat/completions".into(),
        stream: false,
        prompt_version: None,
        model_asked: Some("gpt-5-mini".into()),
        model: Some("gpt-5-mini".into()),
        provider: Some("openai".into()),
        served_by: Some("primary".into()),
        status: 200,
        outcome: "ok".into(),
        counted: Counted::Good,
        cause: None,
        first_token_ms: Some(412),
        total_ms: 1_204,
        tokens: Tokens { input: Some(120), output: Some(30), ..Tokens::default() },
        cost_micros: Some(270),
        saved_micros: None,
        cache: "miss".into(),
        degraded: None,
        attempts: vec![AttemptRow {
            n: 1,
            provider: "openai".into(),
            model: Some("gpt-5-mini".into()),
            outcome: "ok".into(),
            status: Some(200),
            first_token_ms: Some(410),
            total_ms: 1_200,
            cost_micros: Some(270),
            tokens: Tokens { input: Some(120), output: Some(30), ..Tokens::default() },
            provider_request_id: Some("req_1".into()),
            detail: None,
        }],
        plan: None,
    }
}

/// One that every provider failed.
pub(crate) fn failed(id: &str, at: Timestamp) -> LedgerRow {
    LedgerRow { status: 502, outcome: "server_error".into(), counted: Counted::Bad, ..row(id, at) }
}

pub(crate) fn event(text: &str, at: Timestamp) -> EventRow {
    EventRow { at, kind: "switched".into(), text: text.to_owned(), data: None }
}
