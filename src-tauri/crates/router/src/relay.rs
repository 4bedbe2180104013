//! Stage 6: the answer on its way to the client, event by event as it comes, observed and never held.
//!
//! From the first byte on nothing can be failed over. So a stream that breaks is told to the client in
//! its own dialect, and never just stops.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use evenkeel_dialect::stream::Reading;
use evenkeel_dialect::{Api, envelope};
use futures_util::{FutureExt, stream};
use http::{HeaderMap, HeaderValue, header};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::Router;
use crate::attempt::{Content, Head, Live};
use crate::broken::{broken, misread};
use crate::headers;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::recall::{Keep, Pieces};
use crate::redact;
use crate::refusal::{Code, Refusal, SHOULD_RETRY};
use crate::settle::Settlement;
use crate::stream::{Answer, Broke, Piece};
use crate::target::Target;
use crate::wording::Wording;

/// Events that may wait for a slow client before the provider has to.
const AHEAD: usize = 4;
/// After this much silence the client is told that its answer is still under way: proxies and SDKs give up on
/// a connection that says nothing.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A complete body; the request is settled before the client has any of it.
pub(crate) fn whole(
    (plan, target): (&Plan, &Target),
    head: Head,
    body: Bytes,
    id: &str,
    mut settlement: Settlement,
) -> Response {
    let mut response = begin(head, Body::from(body), (plan, target), id, settlement.attempts());
    if let Some(cost) = settlement.cost() {
        headers::put(response.headers_mut(), headers::COST, &dollars(cost));
    }
    settlement.handed_over();
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
    let mut response = begin(head, Body::from(body), (plan, target), id, settlement.attempts());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    settlement.passed_on(outcome, status);
    response
}

/// An event stream that has begun.
pub(crate) fn events(
    router: &Arc<Router>,
    (plan, target): (Plan, &Target),
    (api, keep): (Api, Option<Keep>),
    live: Live,
    id: &str,
    settlement: Settlement,
) -> Response {
    let Live { head, content, hides_usage, translation, timing } = live;
    let answer = match content {
        Content::Events(answer) => answer,
        // `attempt` refuses a plain body where a stream was asked for.
        Content::Whole(body, ..) => return whole((&plan, target), head, body, id, settlement),
    };
    let mut settlement = settlement;
    settlement.handed_over();
    let attempts = settlement.attempts();
    let of = plan.clone();
    let (client, mut pieces) = mpsc::channel(AHEAD);
    let relay = Relay {
        router: Arc::clone(router),
        id: id.to_owned(),
        api,
        plan,
        target: target.clone(),
        answer: Some(answer),
        settlement: Some(settlement),
        hides_usage,
        wording: Wording::new(target.api, translation),
        began: timing.began,
        heard: router.clock.instant(),
        unfinished: false,
        pieces: keep.map(Pieces::new),
        client,
    };
    router.tasks.spawn(relay.run());
    let body =
        stream::poll_fn(move |context| pieces.poll_recv(context).map(|piece| piece.map(Ok::<_, Infallible>)));
    begin(head, Body::from_stream(body), (&of, target), id, attempts)
}

/// As the ledger shows it: six decimals.
pub(crate) fn dollars(micros: i64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Only what the route decided by itself tells who serves; a pin, a bypass or the luck of the draw says nothing
/// about it.
pub(crate) fn shows_who_serves(plan: &Plan) -> bool {
    plan.pin.is_none() && !plan.bypass && !plan.drawn
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

/// A stream under way, in a task of its own: its deadlines run whether or not the client reads, and the
/// channel between the two is short, so a slow client slows the provider and not our memory.
struct Relay {
    router: Arc<Router>,
    id: String,
    api: Api,
    plan: Plan,
    target: Target,
    answer: Option<Box<Answer>>,
    settlement: Option<Settlement>,
    hides_usage: bool,
    wording: Wording,
    /// When the attempt began.
    began: Instant,
    /// When the provider last sent something; our own heartbeats don't count.
    heard: Instant,
    /// The last event went out without its blank line, so the next one would be read as part of it.
    unfinished: bool,
    /// What goes into the cache if the stream comes to its end.
    pieces: Option<Pieces>,
    client: mpsc::Sender<Bytes>,
}

/// What the client gets next.
enum Step {
    Bytes(Bytes),
    Last(Bytes),
    Over,
}

impl Relay {
    async fn run(mut self) {
        loop {
            // A panic here would cut the connection without a word, and the client would take the half for
            // a whole; so it becomes an error event.
            let step = match AssertUnwindSafe(self.next()).catch_unwind().await {
                Ok(step) => step,
                Err(_) => Step::Last(self.panicked()),
            };
            let (bytes, last) = match step {
                Step::Bytes(bytes) => (bytes, false),
                Step::Last(bytes) => (bytes, true),
                Step::Over => return,
            };
            match timeout_at(self.plan.total.at(), self.client.send(bytes)).await {
                Ok(Ok(())) if !last => {}
                // The client is gone (dropping the settlement writes that down), or has it all.
                Ok(_) => return,
                Err(_) => {
                    if let Some(settlement) = self.settlement.take() {
                        let detail = "the client did not read its answer within the total time".to_owned();
                        settlement.broke(Outcome::Deadline, Some(detail));
                    }
                    return;
                }
            }
        }
    }

    async fn next(&mut self) -> Step {
        // Counted from the last time that the client was given something.
        let heartbeat = self.router.clock.instant() + HEARTBEAT;
        loop {
            let until = self.plan.idle.from(self.heard, self.plan.total);
            let look_up = if self.unfinished { until } else { until.min(heartbeat) };
            let Some(answer) = &mut self.answer else { return Step::Over };
            let next = tokio::select! {
                biased;
                () = self.client.closed() => return Step::Over,
                () = self.router.cut_short.cancelled() => return Step::Last(self.shutting_down()),
                next = answer.next(look_up) => next,
            };
            if matches!(next, Err(Broke::TimedOut)) && look_up < until {
                return Step::Bytes(heartbeat_of(self.api));
            }
            self.heard = self.router.clock.instant();
            match next {
                Ok(Some(piece)) => {
                    if let Some(step) = self.piece(piece) {
                        return step;
                    }
                }
                Ok(None) => return Step::Last(self.ended()),
                Err(interruption) => return Step::Last(self.interrupted(interruption)),
            }
        }
    }

    /// What the client gets for one event of the provider's.
    fn piece(&mut self, piece: Piece) -> Option<Step> {
        let Piece { frame, reading } = piece;
        if let (Some(settlement), Some(answer)) = (&mut self.settlement, &self.answer) {
            settlement.usage(&answer.usage());
        }
        if self.hides_usage && matches!(reading, Reading::UsageOnly) {
            // Hidden from this client; the next one may ask for it.
            if let Wording::AsItIs(_) = &self.wording {
                self.set_aside(&frame.raw);
            }
            return None;
        }
        let closed = frame.is_closed();
        let bytes = match self.wording.say(frame) {
            Ok(bytes) => bytes,
            Err(error) => return Some(Step::Last(self.interrupted(misread(error)))),
        };
        self.set_aside(&bytes);
        if matches!(reading, Reading::Terminal) {
            self.complete();
            return Some(Step::Last(bytes));
        }
        if bytes.is_empty() {
            return None;
        }
        self.unfinished = !closed && matches!(self.wording, Wording::AsItIs(_));
        Some(Step::Bytes(bytes))
    }

    /// The provider closed the stream without its dialect's last event.
    fn ended(&mut self) -> Bytes {
        let finished = self.answer.as_ref().is_some_and(|answer| answer.finished());
        match self.wording.last_words().filter(|_| finished) {
            Some(bytes) => {
                if self.unfinished {
                    self.set_aside(&Bytes::from_static(b"\n\n"));
                }
                self.set_aside(&bytes);
                self.complete();
                if self.unfinished { [&b"\n\n"[..], &bytes].concat().into() } else { bytes }
            }
            None => {
                self.broke(Outcome::BrokenStream, "the stream ended before its terminal event".to_owned())
            }
        }
    }

    fn interrupted(&mut self, interruption: Broke) -> Bytes {
        let (outcome, detail) = broken(interruption, &self.plan, self.router.clock.instant());
        let detail = redact::text(&self.target.upstream.key, detail);
        self.broke(outcome, detail)
    }

    /// Before the last event is handed over: a client may leave, or ask for its row, as soon as it has it.
    /// Nothing behind the terminal event belongs to the answer, so the client's ends here, whatever the
    /// provider does with its connection.
    fn complete(&mut self) {
        if let Some(settlement) = self.settlement.take() {
            self.note(Outcome::Ok);
            if let Some(pieces) = self.pieces.take() {
                pieces.keep(&self.router, &settlement);
            }
            settlement.answered(shows_who_serves(&self.plan));
        }
        if let Some(answer) = self.answer.take() {
            if let (Wording::AsItIs(_), Some(id)) = (&self.wording, answer.id()) {
                self.router.made_by.remember(id, self.target.provider());
            }
            self.router.tasks.spawn(answer.drain());
        }
    }

    fn set_aside(&mut self, event: &Bytes) {
        self.pieces = self.pieces.take().and_then(|pieces| pieces.with(event));
    }

    /// It ended without a whole answer.
    fn nothing_to_keep(&mut self) {
        if let Some(pieces) = self.pieces.take() {
            pieces.land();
        }
    }

    fn note(&self, outcome: Outcome) {
        self.router.note(&self.plan, &self.target, outcome, self.began);
    }

    fn broke(&mut self, outcome: Outcome, detail: String) -> Bytes {
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
        self.note(outcome);
        self.nothing_to_keep();
        if let Some(settlement) = self.settlement.take() {
            settlement.broke(outcome, Some(detail));
        }
        self.error_event(&Refusal::new(code, message))
    }

    fn shutting_down(&mut self) -> Bytes {
        let refusal = Refusal::new(
            Code::ShuttingDown,
            "Evenkeel was stopped in the middle of this answer. What came so far is incomplete.",
        );
        self.end_by_us(&refusal)
    }

    fn panicked(&mut self) -> Bytes {
        tracing::error!(id = self.id, "panic while relaying a stream");
        self.end_by_us(&Refusal::new(Code::InternalError, internal_message(&self.id)))
    }

    fn end_by_us(&mut self, refusal: &Refusal) -> Bytes {
        self.nothing_to_keep();
        if let Some(settlement) = self.settlement.take() {
            settlement.refused(refusal);
        }
        self.error_event(refusal)
    }

    fn error_event(&self, refusal: &Refusal) -> Bytes {
        let begun = match &self.wording {
            Wording::AsItIs(_) => self.answer.as_ref().map(|answer| answer.begun()).unwrap_or_default(),
            Wording::Translated(translator) => translator.begun(),
        };
        let event = envelope::event_after(self.api, &refusal.problem(&self.id), &begun);
        if self.unfinished { [&b"\n\n"[..], &event].concat().into() } else { event }
    }
}

/// What a client's SDK passes over: Anthropic's has an event for it, OpenAI's take any comment.
fn heartbeat_of(api: Api) -> Bytes {
    Bytes::from_static(match api {
        Api::Messages => b"event: ping\ndata: {\"type\": \"ping\"}\n\n",
        Api::ChatCompletions | Api::Responses | Api::Embeddings => b": keep-alive\n\n",
    })
}

/// What a client reads about a fault of ours.
pub(crate) fn internal_message(id: &str) -> String {
    format!("Evenkeel itself failed on this request. The router goes on; please report the id {id}.")
}
