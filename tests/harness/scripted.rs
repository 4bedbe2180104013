//! A provider whose answer is in the model's name: `fails-3` fails, whoever asks and whichever way. So the one who
//! asks knows beforehand what has to come of it, and counts it by a book of their own. What follows the dash is
//! anything: a breaker guards one model, so another number is one that nothing is known about.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::raw::{Raw, Seen, Step, plain, stream_head};
use super::wording::Wording;

/// What a whole answer costs at a dollar a million in and two out.
pub const MICROS: i64 = 25;
/// How long a slow one takes.
pub const SLOW: Duration = Duration::from_millis(1_300);

/// Words before a stream breaks or waits.
const FIRST_WORDS: usize = 3;

/// Starts one. Of the two, only the first answers `down-…` with errors and breaks `breaks-…` off.
pub async fn start(first: bool) -> Raw {
    let met = Mutex::new(HashSet::new());
    Raw::answering(move |seen| {
        let asked = Asked::of(seen);
        // Told apart by what is asked, for the second try is the same request.
        let again = !met.lock().unwrap_or_else(PoisonError::into_inner).insert(asked.question.clone());
        match asked.kind.as_str() {
            "fails" => asked.refusal(503, "server_error"),
            "down" if first => asked.refusal(503, "server_error"),
            "stumbles" if !again => asked.refusal(500, "server_error"),
            "limited" => asked.refusal(429, "rate_limit_error"),
            "revoked" => asked.refusal(401, "authentication_error"),
            "wrong" => asked.refusal(400, "invalid_request_error"),
            "breaks" if first && asked.stream => asked.begun(Step::Reset),
            "snaps" if asked.stream => asked.begun(Step::Reset),
            "waits" => asked.begun(Step::Hang),
            "mute" => vec![Step::Hang],
            "slow" => [vec![Step::Pause(SLOW)], asked.good()].concat(),
            _ => asked.good(),
        }
    })
    .await
}

/// Two of them as `[providers]`, for every model, and the route over both.
pub fn pair(first: &Raw, second: &Raw) -> String {
    format!(
        "[providers.first]\ndialect = \"openai\"\nbase_url = \"{}/v1\"\nkey = \"none\"\nmodels = [\"*\"]\n\
         [providers.second]\ndialect = \"anthropic\"\nbase_url = \"{}\"\nkey = \"none\"\nmodels = [\"*\"]\n\
         [[routes]]\nname = \"default\"\nprimary = {{ provider = \"first\" }}\n\
         secondary = {{ provider = \"second\" }}\nfirst_token_timeout = \"20s\"\n",
        first.base_url(),
        second.base_url()
    )
}

/// A price for a model, in dollars a million tokens.
pub fn price(model: &str, input: f64, output: f64) -> String {
    format!("[prices.\"{model}\"]\ninput = {input:?}\noutput = {output:?}\n")
}

struct Asked {
    kind: String,
    question: String,
    stream: bool,
    wording: Wording,
}

impl Asked {
    fn of(seen: &Seen) -> Self {
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let model = body["model"].as_str().unwrap_or_default();
        Self {
            kind: model.split('-').next().unwrap_or_default().to_owned(),
            question: body["messages"].to_string(),
            stream: body["stream"] == true,
            wording: Wording::of(seen),
        }
    }

    fn good(&self) -> Vec<Step> {
        if self.stream {
            return vec![stream_head(), Step::Send(self.wording.stream())];
        }
        plain(200, "application/json", &self.wording.body().to_string())
    }

    /// A stream that begins, and then this.
    fn begun(&self, then: Step) -> Vec<Step> {
        vec![stream_head(), Step::Send(self.wording.begun(FIRST_WORDS)), then]
    }

    fn refusal(&self, status: u16, kind: &str) -> Vec<Step> {
        plain(status, "application/json", &self.wording.error(kind, "As scripted.").to_string())
    }
}
