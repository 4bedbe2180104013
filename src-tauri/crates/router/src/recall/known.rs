//! An answer from the cache, on its way to a client.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use evenkeel_cache::Stored;
use evenkeel_dialect::Api;
use evenkeel_dialect::replay::{self, ReplayError};
use evenkeel_dialect::translate::{self, Memory, ModelTraits, Question, Reply};
use http::{HeaderValue, header};

use crate::guardrail::Degradation;
use crate::headers;
use crate::relay::dollars;
use crate::settle::Settlement;

/// Answers over this size are told anew on a thread of their own.
const LARGE: usize = 256 * 1024;

/// In which form the client wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) api: Api,
    pub(crate) stream: bool,
    /// At the end of a stream of OpenAI's.
    pub(crate) usage: bool,
}

/// A stored answer, in the client's own words.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) stored: Stored,
    pub(crate) age: Duration,
    /// Older than `fresh_for`.
    pub(crate) stale: bool,
    form: Form,
    body: Bytes,
}

/// Why the cache answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It may always, or nobody else could.
    Served,
    /// Asking a provider would have been over a limit.
    OverBudget,
}

impl Known {
    /// An error says that what is stored can't be said in this form, so that it is of no use to this client.
    pub(crate) async fn told(
        stored: Stored,
        (form, request): (Form, &Bytes),
        (age, stale): (Duration, bool),
    ) -> Result<Self, ReplayError> {
        let (text, request) = (stored.body.clone(), request.clone());
        let mut reply = replay::reply(stored.api, &text, form.api);
        reply.include_usage = form.usage;
        reply.created = stored.at.as_second();
        let tell = move || {
            if reply.from != reply.to {
                reply.memory = memory(&reply, &request);
                reply.request = request;
            }
            if form.stream { replay::stream_for(&reply, &text) } else { replay::body_for(&reply, &text) }
        };
        let body = if stored.body.len() < LARGE {
            tell()?
        } else {
            match tokio::task::spawn_blocking(tell).await {
                Ok(told) => told?,
                // A panic stays that request's own, as everywhere.
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        };
        Ok(Self { stored, age, stale, form, body })
    }

    /// The word for header and ledger.
    pub(crate) fn word(&self) -> &'static str {
        if self.stale { "stale" } else { "hit" }
    }

    /// The response; settled before the client has any of it.
    pub(crate) fn answer(self, id: &str, mut settlement: Settlement, why: Why) -> Response {
        settlement.recalled(&self, why);
        let mut response = Response::new(Body::from(self.body.clone()));
        let out = response.headers_mut();
        if self.form.stream {
            let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
            out.insert(header::CONTENT_TYPE, kind);
            out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        } else {
            out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(cost) = settlement.cost() {
                headers::put(out, headers::COST, &dollars(cost));
            }
        }
        headers::put(out, headers::ID, id);
        headers::put(out, headers::SERVED_BY, "cache");
        headers::put(out, headers::PROVIDER, &self.stored.provider);
        headers::put(out, headers::MODEL, &self.stored.model);
        headers::put(out, headers::ATTEMPTS, &settlement.attempts().to_string());
        headers::put(out, headers::CACHE, self.word());
        headers::put(out, headers::AGE, &self.age.as_secs().to_string());
        if why == Why::OverBudget {
            headers::tell_degraded(out, &[Degradation::Cached]);
        }
        settlement.handed_over();
        settlement.answered(false);
        response
    }
}

/// How this client knows its tools, where its dialect has other forms for them than the answer's. Found by
/// translating its request as if it went where the answer came from.
fn memory(reply: &Reply, request: &Bytes) -> Memory {
    let question = Question {
        from: reply.to,
        to: reply.from,
        body: request,
        model: &reply.model,
        traits: &ModelTraits::default(),
        stream: false,
        max_output: None,
    };
    // A request that can't be said there was answered there all the same, so it needs no such forms.
    translate::request(&question).map(|translated| translated.memory).unwrap_or_default()
}
