//! A router between two scripted providers of the same dialect, `first` and `second`.

use std::sync::Arc;

use evenkeel_router::{BreakerView, SystemClock};
use evenkeel_store::LedgerRow;
use serde_json::Value;

use crate::harness::{self, Answer, Rig};
use crate::raw::{self, Raw, Step};

/// The file: `dialect` as the file names it, `extra` is put before the providers, `each` into both.
pub fn file(dialect: &str, (first, second): (&Raw, &Raw), extra: &str, each: &str) -> String {
    let provider = |name: &str, raw: &Raw| {
        let url = raw.base_url();
        format!(
            "[providers.{name}]\ndialect = \"{dialect}\"\nbase_url = \"{url}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n{each}\n"
        )
    };
    format!("{extra}\n{}{}", provider("first", first), provider("second", second))
}

pub async fn between(dialect: &str, both: (&Raw, &Raw), extra: &str) -> Rig {
    let config = harness::config(&file(dialect, both, extra, ""));
    harness::start(config, false, Arc::new(SystemClock), false).await
}

/// A client of this dialect asks.
pub async fn ask(rig: &Rig, dialect: &str, stream: bool) -> Answer {
    let (path, body): (_, Value) = if dialect == "openai" {
        ("/v1/chat/completions", harness::chat(stream))
    } else {
        ("/v1/messages", harness::message(stream))
    };
    Answer::of(rig.post(path, &body).send().await.expect("an answer")).await
}

/// A whole answer of OpenAI's, in one event stream.
pub fn aye() -> Vec<Step> {
    let text = raw::chunk("{\"role\":\"assistant\",\"content\":\"aye\"}", None);
    vec![raw::stream_head(), Step::Send(text + &raw::chunk("{}", Some("stop")) + "data: [DONE]\n\n")]
}

/// The outcomes of a row's attempts, each with its provider.
pub fn attempts(row: &LedgerRow) -> Vec<String> {
    row.attempts.iter().map(|attempt| format!("{} {}", attempt.provider, attempt.outcome)).collect()
}

/// A provider's breakers that aren't closed.
pub fn breakers(rig: &Rig, name: &str) -> Vec<BreakerView> {
    let snapshot = rig.router.snapshot();
    snapshot.providers.into_iter().find(|provider| provider.name == name).expect("it is configured").breakers
}
