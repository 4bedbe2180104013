//! Stage 6: the answer on its way to the client, event by event as it comes, observed and never held.
//!
//! From the first byte on nothing can be failed over. So a stream that breaks is told to the client in
//! its own dialect, and never just stops.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use evenkeel_dialect::stream::Reading;
use evenkeel_dialect::{Api, envelope};
use futures_util::{FutureExt, stream};
use http::HeaderMap;

use crate::Router;
use crate::attempt::{Content, Head, Live};
use crate::failover::broken;
use crate::headers;
use crate::outcome::Outcome;
use crate::plan::{Plan, Target};
use crate::redact;
use crate::refusal::{Code, Refusal};
use crate::settle::Settlement;
use crate::stream::Answer;

/// A complete body; the request is settled before the client has any of it.
pub(crate) fn whole(
    (plan, target): (&Plan, &Target),
    head: Head,
    body: Bytes,
    id: &str,
    settlement: Settlement,
) -> Response {
    let response = begin(head, Body::from(body), (plan, target), id, settlement.attempts());
    settlement.answered(shows_who_serves(plan));
    response
}

/// The provider's own refusal of the request.
pub(crate) fn as_it_came(
    (plan, target): (&Plan, &Target),
    outcome: Outcome,
    head: Head,
    body: Bytes,
    id: &str,
    settlement: Settlement,
) -> Response {
    let status = head.status.as_u16();
    let response = begin(head, Body::from(body), (plan, target), id, settlement.attempts());
    settlement.passed_on(outcome, status);
    response
}

/// An event stream that has begun.
pub(crate) fn events(
    router: &Arc<Router>,
    (plan, target): (Plan, &Target),
    api: Api,
    live: Live,
    id: &str,
    settlement: Settlement,
) -> Response {
    let Live { head, content, hides_usage, .. } = live;
    let answer = match content {
        Content::Events(answer) => answer,
        // `attempt` refuses a plain body where a stream was asked for.
        Content::Whole(body, _) => return whole((&plan, target), head, body, id, settlement),
    };
    let attempts = settlement.attempts();
    let of = plan.clone();
    let relay = Relay {
        router: Arc::clone(router),
        id: id.to_owned(),
        api,
        plan,
        target: target.clone(),
        answer,
        settlement: Some(settlement),
        hides_usage,
        unfinished: false,
    };
    let body = Body::from_stream(stream::unfold(Some(relay), step));
    begin(head, body, (&of, target), id, attempts)
}

/// Only what the route decided by itself tells who serves; a pin or a bypass says nothing about it.
pub(crate) fn shows_who_serves(plan: &Plan) -> bool {
    plan.pin.is_none() && !plan.bypass
}

/// The provider's status and headers with ours beside them.
pub(crate) fn begin(
    head: Head,
    body: Body,
    (plan, target): (&Plan, &Target),
    id: &str,
    attempts: usize,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    ours(response.headers_mut(), plan, target, id, attempts);
    response
}

fn ours(out: &mut HeaderMap, plan: &Plan, target: &Target, id: &str, attempts: usize) {
    headers::put(out, headers::ID, id);
    headers::put(out, headers::SERVED_BY, if plan.bypass { "bypass" } else { target.role.as_str() });
    headers::put(out, headers::PROVIDER, target.provider());
    if let Some(model) = &target.model {
        headers::put(out, headers::MODEL, model);
    }
    headers::put(out, headers::ATTEMPTS, &attempts.to_string());
    headers::put(out, headers::CACHE, plan.cache.as_str());
}

/// A stream under way. Dropping it drops the provider's connection with it, and settles.
struct Relay {
    router: Arc<Router>,
    id: String,
    api: Api,
    plan: Plan,
    target: Target,
    answer: Box<Answer>,
    settlement: Option<Settlement>,
    hides_usage: bool,
    /// The last event went out without its blank line, so the next one would be read as part of it.
    unfinished: bool,
}

/// One step of the body; `None` as the state means that the last bytes are out.
async fn step(relay: Option<Relay>) -> Option<(Result<Bytes, Infallible>, Option<Relay>)> {
    let mut relay = relay?;
    // A panic here would cut the connection without a word, and the client would take the half for a
    // whole; so it becomes an error event.
    let (bytes, goes_on) = match AssertUnwindSafe(relay.next()).catch_unwind().await {
        Ok(step) => step?,
        Err(_) => (relay.panicked(), false),
    };
    Some((Ok(bytes), goes_on.then_some(relay)))
}

impl Relay {
    /// The next bytes for the client, and whether more may follow.
    async fn next(&mut self) -> Option<(Bytes, bool)> {
        loop {
            let until = self.plan.idle.from(self.router.clock.instant(), self.plan.total);
            match self.answer.next(until).await {
                Ok(Some(piece)) => {
                    if let Some(settlement) = &mut self.settlement {
                        settlement.usage(&self.answer.usage());
                    }
                    if matches!(piece.reading, Reading::Terminal) {
                        self.complete();
                    }
                    if self.hides_usage && matches!(piece.reading, Reading::UsageOnly) {
                        continue;
                    }
                    self.unfinished = !piece.frame.is_closed();
                    return Some((piece.frame.raw, true));
                }
                Ok(None) if self.answer.is_complete() => {
                    self.complete();
                    return None;
                }
                Ok(None) => {
                    let detail = "the stream ended before its terminal event".to_owned();
                    return Some(self.broke(Outcome::BrokenStream, detail));
                }
                // After the terminal event the client has its whole answer, whatever the connection does.
                Err(_) if self.settlement.is_none() => return None,
                Err(interruption) => {
                    let (outcome, detail) = broken(interruption, &self.plan, self.router.clock.instant());
                    let detail = redact::text(&self.target.upstream.key, detail);
                    return Some(self.broke(outcome, detail));
                }
            }
        }
    }

    /// Before the last event is handed over: a client may leave, or ask for its row, as soon as it has it.
    fn complete(&mut self) {
        if let Some(settlement) = self.settlement.take() {
            settlement.answered(shows_who_serves(&self.plan));
        }
    }

    fn broke(&mut self, outcome: Outcome, detail: String) -> (Bytes, bool) {
        tracing::info!(id = self.id, outcome = outcome.as_str(), detail, "stream broke");
        let (code, message) = match outcome {
            Outcome::Deadline => (
                Code::DeadlineExceeded,
                "The route's total time was over in the middle of this answer.".to_owned(),
            ),
            _ => (
                Code::ProvidersFailed,
                format!("The provider's stream broke off: {detail}. What came so far is incomplete."),
            ),
        };
        if let Some(settlement) = self.settlement.take() {
            settlement.broke(outcome, Some(detail));
        }
        (self.error_event(&Refusal::new(code, message)), false)
    }

    fn panicked(&mut self) -> Bytes {
        tracing::error!(id = self.id, "panic while relaying a stream");
        let refusal = Refusal::new(Code::InternalError, internal_message(&self.id));
        if let Some(settlement) = self.settlement.take() {
            settlement.refused(&refusal);
        }
        self.error_event(&refusal)
    }

    fn error_event(&self, refusal: &Refusal) -> Bytes {
        let event = envelope::event(self.api, &refusal.problem(&self.id));
        if self.unfinished { [&b"\n\n"[..], &event].concat().into() } else { event }
    }
}

/// What a client reads about a fault of ours.
pub(crate) fn internal_message(id: &str) -> String {
    format!("Evenkeel itself failed on this request. The router goes on; please report the id {id}.")
}
