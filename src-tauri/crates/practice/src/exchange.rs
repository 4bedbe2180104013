//! One request on its way to a response: read, meet the fault in force, be answered in its dialect.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use crate::{
    Dialect, Fault, anthropic,
    body::{self, Body, Dropped, Flow},
    endpoint, openai,
    provider::Provider,
    refusal::Refusal,
};

/// The largest body read. More than the router lets through, so that the router's limit is the one met.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A request that was read to its end.
#[derive(Clone, Copy)]
pub(crate) struct Received<'a> {
    pub(crate) method: &'a Method,
    /// Without a query, and without a slash at its end.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// A good answer, ready to be sent at the provider's pace.
pub(crate) struct Answer {
    pub(crate) content: Content,
    /// Decides the natural delay to the first token.
    pub(crate) fingerprint: u64,
}

/// In which form an answer is sent.
pub(crate) enum Content {
    /// One JSON document that took as long as so many pieces would have taken.
    Document { body: Value, pieces: usize },
    /// Server-sent events, of which the first `preamble` come before the first token.
    Events { events: Vec<Bytes>, preamble: usize },
}

impl Answer {
    /// A document that no model had to write.
    pub(crate) const fn document(body: Value) -> Self {
        Self { content: Content::Document { body, pieces: 0 }, fingerprint: 0 }
    }
}

/// A stream in which an error comes up half-way, after the first token.
pub(crate) fn failing(mut events: Vec<Bytes>, preamble: usize, error: Bytes) -> Vec<Bytes> {
    events.truncate((events.len() / 2).max(preamble + 1));
    events.push(error);
    events
}

/// What the headers of a response are made from.
pub(crate) struct Meta {
    pub(crate) request_id: String,
    /// From the arrival to the first token.
    pub(crate) processing: Duration,
    /// What a client that was turned away is told to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// Answers one request, or drops the connection.
pub(crate) async fn answer(
    provider: &Provider,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let arrived = Instant::now();
    let fault = provider.fault();
    if fault == Fault::Refuse {
        return Err(Dropped);
    }
    let (head, body) = request.into_parts();
    let path = head.uri.path().trim_end_matches('/');
    // Programs look whether a host is there at all before they ask it for anything.
    let probe = path.is_empty() && (head.method == Method::HEAD || head.method == Method::GET);
    if !probe {
        provider.count_request();
    }
    let dialect = endpoint::dialect_of(provider, path, &head.headers);
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large(dialect)),
        // The client went away in the middle of its own request.
        Err(_) => return Err(Dropped),
    };
    if fault == Fault::Hang {
        hang(provider).await;
        return Err(Dropped);
    }

    let outcome = match failure(provider, fault, dialect) {
        Some(refusal) => Err(refusal),
        None => body.and_then(|body| {
            let received = Received { method: &head.method, path, headers: &head.headers, body: &body };
            match dialect {
                Dialect::OpenAi => openai::dispatch(provider, received),
                Dialect::Anthropic => anthropic::dispatch(provider, received),
            }
        }),
    };
    let request_id = provider.new_id("req_");
    match outcome {
        Ok(answer) => Ok(send(provider, answer, fault, dialect, request_id, arrived).await),
        Err(refusal) => Ok(refuse(&refusal, dialect, request_id, arrived)),
    }
}

fn failure(provider: &Provider, fault: Fault, dialect: Dialect) -> Option<Refusal> {
    match fault {
        Fault::Flaky(probability) if !provider.draws_failure(probability) => None,
        fault => Refusal::of_fault(fault, dialect, provider.name()),
    }
}

/// Waits until the fault is another one. hyper drops this wait when the client goes.
async fn hang(provider: &Provider) {
    let mut fault = provider.watch_fault();
    // An error means that the provider itself is gone: the end of the connection either way.
    drop(fault.wait_for(|now| *now != Fault::Hang).await);
}

fn too_large(dialect: Dialect) -> Refusal {
    let kind = match dialect {
        Dialect::OpenAi => "invalid_request_error",
        Dialect::Anthropic => "request_too_large",
    };
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, kind, "Request exceeds the maximum size of 64 MiB")
}

/// Sends a good answer: at its pace, or as the fault in force disfigures it.
async fn send(
    provider: &Provider,
    answer: Answer,
    fault: Fault,
    dialect: Dialect,
    request_id: String,
    arrived: Instant,
) -> Response<Body> {
    let pace = provider.pace();
    let first = match fault {
        Fault::Slow(duration) => duration,
        _ => pace.first_token(answer.fingerprint),
    };
    let meta = Meta { request_id, processing: arrived.elapsed() + first, retry_after: None };
    let flow = |parts, preamble, first, piece| Flow {
        parts,
        preamble,
        first,
        piece,
        break_after: fault.break_after(),
        fault: provider.watch_fault(),
    };
    match answer.content {
        Content::Events { events, preamble } => {
            let events = if fault == Fault::Garbage { garbled_stream(&events) } else { events };
            let body = flow(events, preamble, first, pace.piece()).into_body();
            respond(StatusCode::OK, dialect, &meta, "text/event-stream; charset=utf-8", None, body)
        }
        Content::Document { body: document, pieces } => {
            let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
            let wait = first + pace.piece() * pieces;
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let bytes = Bytes::from(document.to_string());
            let half = bytes.len() / 2;
            let (length, body) = match fault {
                Fault::Garbage => (half, body::whole(bytes.slice(..half))),
                Fault::BreakStream(chunks) => {
                    let parts = vec![bytes.slice(..half), bytes.slice(half..)];
                    let mut flow = flow(parts, 0, Duration::ZERO, Duration::ZERO);
                    flow.break_after = Some(chunks.min(1));
                    (bytes.len(), flow.into_body())
                }
                _ => (bytes.len(), body::whole(bytes)),
            };
            respond(StatusCode::OK, dialect, &meta, "application/json", Some(length), body)
        }
    }
}

/// A stream whose first event breaks off in its data, and that then ends without saying so.
fn garbled_stream(events: &[Bytes]) -> Vec<Bytes> {
    let first = events.first().map(Bytes::as_ref).unwrap_or_default();
    let mut garbled = first[..first.len() / 2].to_vec();
    garbled.extend_from_slice(b"\n\n");
    vec![garbled.into()]
}

fn refuse(refusal: &Refusal, dialect: Dialect, request_id: String, arrived: Instant) -> Response<Body> {
    let body = Bytes::from(refusal.body(dialect, &request_id).to_string());
    let meta = Meta { request_id, processing: arrived.elapsed(), retry_after: refusal.retry_after };
    let length = Some(body.len());
    respond(refusal.status, dialect, &meta, "application/json", length, body::whole(body))
}

fn respond(
    status: StatusCode,
    dialect: Dialect,
    meta: &Meta,
    content_type: &'static str,
    length: Option<usize>,
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    } else {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    match dialect {
        Dialect::OpenAi => openai::headers(meta, headers),
        Dialect::Anthropic => anthropic::headers(meta, headers),
    }
    response
}
