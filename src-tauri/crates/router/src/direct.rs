//! Requests that go through untouched: a bypass, and every `/v1` path that isn't an exchange.
//!
//! One attempt, the client's own bytes, the provider's own status and bytes back as they come. All that
//! is done to them is to write them down.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use evenkeel_dialect::fault::ProviderError;
use evenkeel_dialect::sse::Framer;
use evenkeel_dialect::stream::{Reading, StreamReader};
use evenkeel_dialect::{Api, answer};
use futures_util::{Stream, StreamExt, stream};
use http::{Method, StatusCode, header};
use tokio::sync::mpsc;
use tokio::time::timeout_at;

use crate::Router;
use crate::admit::Admitted;
use crate::alarm::Alarm;
use crate::attempt::{Head, Timing, request_id};
use crate::classify;
use crate::endpoint::Endpoint;
use crate::failed::Failed;
use crate::headers;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::redact;
use crate::refusal::{Code, Refusal};
use crate::relay;
use crate::secrets::KeyState;
use crate::settle::Settlement;
use crate::spoken::Spoken;
use crate::target::Target;

/// As much of a body as is kept to read usage or an error from; the rest only passes by.
const OBSERVED: usize = 4 * 1024 * 1024;
/// Chunks that may wait for a slow client before the provider has to.
const AHEAD: usize = 4;
/// The largest error body that is handed on.
const ERROR_BODY: usize = 1024 * 1024;

/// Sends it on.
pub(crate) async fn run(
    router: &Arc<Router>,
    admitted: &Admitted,
    plan: &Plan,
    mut settlement: Settlement,
) -> Result<Response, (Refusal, Settlement)> {
    let Some(target) = plan.targets.first() else {
        return Err((Refusal::new(Code::NoProvider, "No provider takes this request."), settlement));
    };
    let began = router.clock.instant();
    let sent = send(admitted, plan, target).await;
    let response = match sent {
        Ok(response) => response,
        Err((outcome, detail)) => {
            let failed = Failed {
                took_ms: crate::clock::millis(began, router.clock.instant()),
                ..Failed::new(outcome, began, detail.clone())
            };
            if failed.is_doubtful() && router.suspect(plan) {
                // Whose fault it was decides what it counts as; the request itself goes out whatever is known.
                router.reach.verdict(plan.total.at()).await;
            }
            settlement.failed(target, &failed);
            return Err((refusal(outcome, target, &detail), settlement));
        }
    };
    let head = Head {
        status: response.status(),
        headers: target.upstream.towards_client(response.headers()),
        request_id: request_id(response.headers()),
    };
    let timing = Timing { began, first_token: Some(router.clock.instant()) };
    settlement.live(target, timing, head.status.as_u16(), head.request_id.clone(), plan.bypass);
    settlement.sends(admitted);
    let attempts = settlement.attempts();
    let observed = Observed::new(admitted, &head);
    if let Observed::Events(_, _, spoken) = &observed {
        settlement.hears(spoken);
    }
    let mut watcher = Watcher {
        router: Arc::clone(router),
        plan: plan.clone(),
        observed,
        status: head.status.as_u16(),
        settlement: Some(settlement),
    };
    if has_no_body(&admitted.entered.method, head.status) {
        watcher.ended();
        // What a GET would have had; only a HEAD may say so without sending it.
        let length = response.headers().get(header::CONTENT_LENGTH).cloned();
        let mut answer = relay::begin(head, Body::empty(), (plan, target), &admitted.entered.id, attempts);
        if let Some(length) = length.filter(|_| admitted.entered.method == Method::HEAD) {
            answer.headers_mut().insert(header::CONTENT_LENGTH, length);
        }
        return Ok(answer);
    }
    let failed = head.status.is_client_error() || head.status.is_server_error();
    let (client, mut chunks) = mpsc::channel(AHEAD);
    router.tasks.spawn(watcher.run(response.bytes_stream(), client));
    let chunks = stream::poll_fn(move |context| chunks.poll_recv(context));
    let body = if failed {
        Body::from_stream(without_key(target.clone(), chunks))
    } else {
        Body::from_stream(chunks)
    };
    Ok(relay::begin(head, body, (plan, target), &admitted.entered.id, attempts))
}

/// An error's body as it came, but for our key: untouched ends where a host quotes it to a client that
/// must not know it. Held until it is whole, for a key may be cut in two; what is larger than any error
/// is let go of as it is cut off.
fn without_key(
    target: Target,
    chunks: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    stream::once(async move {
        let mut chunks = std::pin::pin!(chunks);
        let mut whole = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            let room = ERROR_BODY.saturating_sub(whole.len()).min(chunk.len());
            whole.extend_from_slice(chunk.get(..room).unwrap_or_default());
        }
        Ok(redact::body(&target.upstream.key, whole.freeze()))
    })
}

/// Whether HTTP forbids this answer a body: nobody will read one, so nothing may wait for that.
fn has_no_body(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

async fn send(
    admitted: &Admitted,
    plan: &Plan,
    target: &Target,
) -> Result<reqwest::Response, (Outcome, String)> {
    let upstream = &target.upstream;
    let entered = &admitted.entered;
    if matches!(upstream.key, KeyState::Missing) {
        return Err((Outcome::Credentials, format!("there is no key for {}", target.provider())));
    }
    let client = upstream.client(plan.connect).await.map_err(|error| (Outcome::Connect, error))?;
    let url = upstream.url(entered.dialect, &entered.path, entered.query.as_deref());
    let mut request = reqwest::Request::new(entered.method.clone(), url);
    *request.headers_mut() = headers::towards_provider(&entered.headers);
    upstream.sign(entered.dialect, request.headers_mut());
    if !admitted.body.is_empty() {
        *request.body_mut() = Some(admitted.body.clone().into());
    }
    match timeout_at(plan.total.at(), client.execute(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(classify::transport(&error)),
        Err(_) => Err((Outcome::Deadline, "the request's total time was over".to_owned())),
    }
}

fn refusal(outcome: Outcome, target: &Target, detail: &str) -> Refusal {
    let provider = target.provider();
    match outcome {
        Outcome::Deadline => Refusal::new(
            Code::DeadlineExceeded,
            format!("{provider} did not answer within the route's total time."),
        )
        .for_good(),
        Outcome::FirstTokenTimeout => {
            Refusal::new(Code::FirstTokenTimeout, format!("{provider} did not answer in time: {detail}."))
                .retry_after(1)
        }
        Outcome::Credentials => {
            Refusal::new(Code::ProvidersFailed, format!("{provider} can't be asked: {detail}.")).for_good()
        }
        _ => {
            Refusal::new(Code::Unreachable, format!("{provider} can't be reached: {detail}.")).retry_after(1)
        }
    }
}

/// What is read from the bytes that pass by.
enum Observed {
    /// An event stream of a dialect that we know.
    Events(Box<StreamReader>, Option<Framer>, Spoken),
    /// A plain body, kept up to a bound.
    Body(Option<Api>, Vec<u8>),
}

impl Observed {
    fn new(admitted: &Admitted, head: &Head) -> Self {
        let api = match admitted.entered.endpoint {
            Endpoint::Exchange(api) => Some(api),
            Endpoint::Models | Endpoint::CountTokens | Endpoint::PassThrough | Endpoint::Unknown => None,
        };
        let streams = headers::text(&head.headers, &header::CONTENT_TYPE)
            .is_some_and(|kind| kind.starts_with("text/event-stream"));
        match api {
            Some(api) if streams => {
                Self::Events(Box::new(StreamReader::new(api)), Some(Framer::new(OBSERVED)), Spoken::default())
            }
            api => Self::Body(api, Vec::new()),
        }
    }

    fn saw(&mut self, chunk: &Bytes) {
        match self {
            Self::Body(_, kept) => {
                let room = OBSERVED.saturating_sub(kept.len()).min(chunk.len());
                kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
            }
            Self::Events(reader, framer, spoken) => {
                if let Some(open) = framer {
                    open.push(chunk.clone());
                    loop {
                        match open.next() {
                            Ok(Some(frame)) => {
                                spoken.heard(&frame);
                                let _: Reading = reader.read(&frame);
                            }
                            Ok(None) => break,
                            Err(_) => {
                                // It passes all the same; only its usage stays unknown.
                                *framer = None;
                                break;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Whether the client has everything that it needs.
    fn is_complete(&self) -> bool {
        match self {
            Self::Events(reader, ..) => reader.terminal_seen(),
            Self::Body(..) => false,
        }
    }
}

/// Watches the bytes of one response and settles it when they end.
struct Watcher {
    router: Arc<Router>,
    plan: Plan,
    observed: Observed,
    status: u16,
    settlement: Option<Settlement>,
}

impl Watcher {
    /// In a task of its own, so that deadlines run whether or not the client reads.
    async fn run(
        mut self,
        chunks: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
        client: mpsc::Sender<std::io::Result<Bytes>>,
    ) {
        let mut chunks = std::pin::pin!(chunks);
        let mut alarm = Alarm::default();
        loop {
            let until = self.plan.idle.from(self.router.clock.instant(), self.plan.total);
            let next = tokio::select! {
                biased;
                () = client.closed() => return,
                () = self.router.cut_short.cancelled() => Ok(Some(Err("Evenkeel was stopped".to_owned()))),
                next = alarm.wait(until, chunks.next()) => {
                    next.map(|chunk| chunk.map(|chunk| chunk.map_err(|error| classify::root_cause(&error))))
                }
            };
            let bytes = match next {
                Ok(Some(Ok(chunk))) => {
                    self.saw(&chunk);
                    Ok(chunk)
                }
                Ok(None) => return self.ended(),
                Ok(Some(Err(detail))) => Err(self.broke(detail)),
                Err(_) => Err(self.broke("it fell silent".to_owned())),
            };
            let last = bytes.is_err();
            match timeout_at(self.plan.total.at(), client.send(bytes)).await {
                Ok(Ok(())) if !last => {}
                Ok(_) => return,
                Err(_) => {
                    self.broke("the client did not read its answer within the total time".to_owned());
                    return;
                }
            }
        }
    }

    fn saw(&mut self, chunk: &Bytes) {
        if let Some(settlement) = &mut self.settlement {
            settlement.handed_over();
        }
        self.observed.saw(chunk);
        if self.observed.is_complete() {
            self.ended();
        }
    }

    fn ended(&mut self) {
        let Some(mut settlement) = self.settlement.take() else { return };
        match &self.observed {
            Observed::Events(reader, ..) => {
                settlement.usage(&reader.usage());
                // Its framing may have been beyond us, so an end without a terminal event is no verdict.
                if reader.terminal_seen() || self.status != 200 {
                    self.settle(settlement, &[]);
                } else {
                    settlement.broke(
                        Outcome::BrokenStream,
                        Some("the stream ended before its terminal event".to_owned()),
                    );
                }
            }
            Observed::Body(api, kept) => {
                if let Some(Ok(read)) = api.map(|api| answer::read(api, kept)) {
                    settlement.usage(&read.usage);
                }
                self.settle(settlement, kept);
            }
        }
    }

    fn settle(&self, settlement: Settlement, body: &[u8]) {
        if (200..400).contains(&self.status) {
            settlement.answered(false);
        } else {
            let error = ProviderError::read(settlement.dialect(), self.status, body);
            settlement.passed_on(classify::provider_error(&error), self.status);
        }
    }

    /// Untouched means untouched: the connection breaks for the client as it broke for us.
    fn broke(&mut self, detail: String) -> std::io::Error {
        let error = std::io::Error::other(detail.clone());
        if let Some(settlement) = self.settlement.take() {
            if self.router.cut_short.is_cancelled() {
                settlement.refused(&Refusal::new(Code::ShuttingDown, detail));
            } else {
                settlement.broke(Outcome::BrokenStream, Some(detail));
            }
        }
        error
    }
}
