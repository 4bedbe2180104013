//! Stage 5: one target asked once. Sends, watches for the first token, and classifies.
//!
//! Each attempt is built from the client's own body and fresh state; nothing of an earlier attempt can
//! leak into it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use evenkeel_dialect::answer::{self, AnswerProblem};
use evenkeel_dialect::fault::{ProviderError, TOO_LONG};
use evenkeel_dialect::translate::{self, Reply, TranslateError};
use evenkeel_dialect::usage::Usage;
use evenkeel_dialect::{Api, Dialect, envelope};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::Response;
use tokio::time::Instant;

use crate::Router;
use crate::admit::Admitted;
use crate::alarm::{Alarm, TimedOut};
use crate::classify;
use crate::clock::Clock;
use crate::failed::Failed;
use crate::guardrail::Fitted;
use crate::headers;
use crate::outcome::Outcome;
use crate::patience::Patience;
use crate::plan::Plan;
use crate::question::{self, Manner, Marks, Outgoing, Translation};
use crate::reach::{self, Silence};
use crate::redact;
use crate::refusal::Code;
use crate::retry_after;
use crate::secrets::KeyState;
use crate::stream::{Answer, Broke};
use crate::target::Target;

/// The largest error body that is kept; vendors' are a few hundred bytes.
const ERROR_BODY: usize = 256 * 1024;

/// What a provider sent ahead of its body.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) request_id: Option<String>,
}

/// An answer that has begun in earnest.
pub(crate) struct Live {
    pub(crate) head: Head,
    pub(crate) content: Content,
    pub(crate) timing: Timing,
    /// The usage chunk was asked for by us and is hidden from the client again.
    pub(crate) hides_usage: bool,
    /// The provider answers in another dialect than the client's. A plain body is translated already.
    pub(crate) translation: Option<Translation>,
}

/// The answer's body.
pub(crate) enum Content {
    /// An event stream, read up to its first meaningful event.
    Events(Box<Answer>),
    /// A plain body, complete and checked, and the provider's id of it.
    Whole(Bytes, Usage, Option<String>),
}

impl Content {
    /// What the client is told that it gets.
    fn media_type(&self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Events(_) => "text/event-stream; charset=utf-8",
            Self::Whole(..) => "application/json",
        })
    }
}

/// When an attempt began and when it first said something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) began: Instant,
    pub(crate) first_token: Option<Instant>,
}

/// One try.
pub(crate) struct Attempt<'a> {
    pub(crate) router: &'a Arc<Router>,
    pub(crate) admitted: &'a Admitted,
    pub(crate) plan: &'a Plan,
    pub(crate) target: &'a Target,
    /// The request as it may go there.
    pub(crate) fitted: &'a Fitted,
    /// Until when the first meaningful event must have come.
    pub(crate) patience: Patience<'a>,
    pub(crate) manner: Manner,
    pub(crate) marks: Marks<'a>,
    pub(crate) clock: &'a dyn Clock,
}

impl Attempt<'_> {
    /// Asks, and waits for the first meaningful event.
    pub(crate) async fn run(&self) -> Result<Live, Failed> {
        let waits = self.target.upstream.silent.waits(self.clock.instant());
        self.asked().await.map_err(|failed| {
            let key = &self.target.upstream.key;
            let timed_out = failed.outcome == Outcome::FirstTokenTimeout;
            Failed {
                alike: if timed_out { waits.alike(self.clock.instant()) } else { 0 },
                detail: failed.detail.map(|detail| redact::text(key, detail)),
                answer: failed.answer.map(|(head, body)| (head, redact::body(key, body))),
                ..failed
            }
        })
    }

    async fn asked(&self) -> Result<Live, Failed> {
        let began = self.clock.instant();
        if matches!(self.target.upstream.key, KeyState::Missing) {
            let detail = format!("no key for {}", self.target.provider());
            return Err(Failed::new(Outcome::Credentials, began, detail));
        }
        let client = self
            .target
            .upstream
            .client(self.plan.connect)
            .await
            .map_err(|error| Failed::new(Outcome::Connect, began, error))?;
        let outgoing =
            question::build(self.admitted, self.fitted, self.target, self.manner, self.marks).await;
        let Outgoing { request, spliced, limited, hides_usage, translation } =
            outgoing.map_err(|error| self.not_asked(error, began))?;
        let mut alarm = Alarm::default();
        let waiting = (&mut alarm, &self.patience);
        let sign = self.router.hear(self.plan, &self.target.upstream, waiting, client.execute(request));
        let response = match sign.await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let (outcome, detail) = classify::transport(&error);
                return Err(Failed::new(outcome, began, detail));
            }
            Err(Silence::TimedOut) => return Err(Failed::new(self.timed_out(), began, None)),
            Err(Silence::Away) => {
                let detail = "nobody can be reached at the moment".to_owned();
                return Err(Failed::new(Outcome::Connect, began, detail));
            }
        };
        let page = reach::is_html(response.headers()) || response.status().is_redirection();
        let mut head = self.head(&response);
        let reply = translation.as_ref().map(|translation| &translation.reply);
        let answered = self.answered((response, alarm), began, &head, reply).await;
        match answered {
            Ok(content) => {
                if let Some(translation) = &translation {
                    headers::from_other_dialect(&mut head.headers);
                    headers::tell_dropped(&mut head.headers, &translation.dropped);
                    head.headers.insert(header::CONTENT_TYPE, content.media_type());
                }
                let timing = Timing { began, first_token: Some(self.clock.instant()) };
                Ok(Live { head, content, timing, hides_usage, translation })
            }
            Err(failed) => Err(Failed { page, spliced, limited, ..self.with_head(failed, head) }),
        }
    }

    async fn answered(
        &self,
        (response, mut alarm): (Response, Alarm),
        began: Instant,
        head: &Head,
        reply: Option<&Reply>,
    ) -> Result<Content, Failed> {
        let Some(api) = self.target.api else {
            return Err(Failed::new(Outcome::Malformed, began, "not an exchange".to_owned()));
        };
        if !response.status().is_success() {
            return Err(self.error_status(api, (response, alarm), began).await);
        }
        let wants_stream = self.admitted.ask.as_ref().is_some_and(|ask| ask.stream);
        if is_event_stream(&head.headers) {
            let mut answer = Box::new(Answer::new(api, response, Alarm::default()));
            let first = self.patience.within(&mut alarm, answer.first_token(self.patience.at_last())).await;
            return match first.unwrap_or(Err(Broke::TimedOut)) {
                Ok(()) => Ok(Content::Events(answer)),
                Err(broke) => {
                    let (usage, spoken) = (answer.usage(), answer.spoken().bytes());
                    Err(Failed { usage, spoken, ..self.broke(broke, began) })
                }
            };
        }
        let body = match self.read_all((response, alarm), usize::MAX).await {
            Ok(body) => body,
            Err(broke) => return Err(self.broke(broke, began)),
        };
        match answer::read(api, &body) {
            Ok(_) if wants_stream => Err(Failed::new(
                Outcome::Malformed,
                began,
                "a plain body where a stream was asked for".to_owned(),
            )),
            Ok(answer) => match reply.map(|reply| translate::answer(reply, &body)) {
                None => Ok(Content::Whole(body, answer.usage, answer.id)),
                Some(Ok(body)) => Ok(Content::Whole(body, answer.usage, None)),
                Some(Err(error)) => Err(Failed::new(Outcome::Malformed, began, error.to_string())),
            },
            Err(problem) => Err(Failed::new(Outcome::Malformed, began, describe(&problem))),
        }
    }

    /// Nothing was sent: the request is wrong by itself, or this provider's dialect can't say it.
    fn not_asked(&self, error: TranslateError, began: Instant) -> Failed {
        match error {
            TranslateError::Invalid(error) => {
                let problem = envelope::Problem {
                    status: 400,
                    code: Code::InvalidRequest.as_str(),
                    message: &error.message,
                    param: error.param.as_deref(),
                    request_id: &self.admitted.entered.id,
                };
                let body = envelope::body(self.admitted.entered.dialect, &problem);
                Failed {
                    answer: Some((bare_head(StatusCode::BAD_REQUEST), body.into())),
                    ..Failed::new(Outcome::BadRequest, began, Code::InvalidRequest.as_str().to_owned())
                }
            }
            TranslateError::Untranslatable { field, message } => {
                Failed { field: Some(field), ..Failed::new(Outcome::Untranslatable, began, message) }
            }
        }
    }

    async fn error_status(&self, api: Api, (response, alarm): (Response, Alarm), began: Instant) -> Failed {
        let status = response.status().as_u16();
        // A body that doesn't come tells nothing more; the status is enough to classify by.
        let body = self.read_all((response, alarm), ERROR_BODY).await.unwrap_or_default();
        let error = ProviderError::read(api.dialect(), status, &body);
        let outcome = classify::provider_error(&error);
        let mut failed = Self::told(outcome, began, &error);
        if matches!(outcome, Outcome::BadRequest | Outcome::Unserved) {
            failed.answer = Some((bare_head(StatusCode::OK), self.in_envelope(&error, body)));
        }
        failed
    }

    /// A failure in the provider's words, as far as they may be kept: a complaint about the request may
    /// quote it, and neither ledger nor log ever hold a prompt.
    fn told(class: Outcome, began: Instant, error: &ProviderError) -> Failed {
        let said = error.short_message();
        let names_stream = said.as_deref().is_some_and(names_a_splice);
        let names_thinking = class == Outcome::BadRequest && said.as_deref().is_some_and(names_thinking);
        let names_limit = said.as_deref().is_some_and(names_a_limit);
        let code = || error.code.clone().or_else(|| error.kind.clone());
        let detail = if class == Outcome::BadRequest { code() } else { said };
        Failed { names_stream, names_limit, names_thinking, ..Failed::new(class, began, detail) }
    }

    /// The provider's refusal in the envelope of the client's dialect: its own bytes where they are one, else
    /// its words in one, for neither the other vendor's envelope nor a gateway's page of HTML helps an SDK.
    fn in_envelope(&self, error: &ProviderError, body: Bytes) -> Bytes {
        let own = self.target.dialect == self.admitted.entered.dialect;
        let is_one = own
            && serde_json::from_slice::<serde_json::Value>(&body).is_ok_and(|body| body["error"].is_object());
        if is_one {
            return body;
        }
        let mut code = error.code.as_deref().or(error.kind.as_deref()).unwrap_or("invalid_request");
        let said = error.message.as_deref().unwrap_or("The provider refused the request without a word.");
        let mut message = Cow::Borrowed(said);
        if error.is_too_long() {
            // Tools for OpenAI's models look at the code, tools for Anthropic's at these words: there is no code.
            const WORDS: &str = "prompt is too long";
            code = TOO_LONG;
            if self.admitted.entered.dialect == Dialect::Anthropic && !said.to_lowercase().contains(WORDS) {
                message = Cow::Owned(format!("{WORDS}: {said}"));
            }
        }
        let problem = envelope::Problem {
            status: error.status,
            code,
            message: &message,
            param: None,
            request_id: &self.admitted.entered.id,
        };
        envelope::body(self.admitted.entered.dialect, &problem).into()
    }

    async fn read_all(&self, (response, mut alarm): (Response, Alarm), cap: usize) -> Result<Bytes, Broke> {
        let mut chunks = response.bytes_stream();
        let mut whole = BytesMut::new();
        loop {
            match self.patience.within(&mut alarm, chunks.next()).await {
                Err(TimedOut) => return Err(Broke::TimedOut),
                Ok(None) => return Ok(whole.freeze()),
                Ok(Some(Err(error))) => return Err(Broke::Gone(classify::root_cause(&error))),
                Ok(Some(Ok(chunk))) => {
                    let room = cap.saturating_sub(whole.len()).min(chunk.len());
                    whole.extend_from_slice(chunk.get(..room).unwrap_or_default());
                    if room < chunk.len() {
                        return Ok(whole.freeze());
                    }
                }
            }
        }
    }

    /// What an interruption before the first token is called.
    fn broke(&self, broke: Broke, began: Instant) -> Failed {
        match broke {
            Broke::TimedOut => Failed::new(self.timed_out(), began, None),
            Broke::Gone(detail) | Broke::Malformed(detail) => Failed::new(Outcome::Malformed, began, detail),
            Broke::Error(error) => {
                let inner = classify::provider_error(&error);
                let mut failed = Self::told(inner, began, &error);
                failed.outcome = Outcome::StreamErrorEarly;
                failed.inner = Some(inner);
                if inner == Outcome::BadRequest {
                    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
                    failed.answer = Some((bare_head(status), self.in_envelope(&error, Bytes::new())));
                }
                failed
            }
        }
    }

    fn timed_out(&self) -> Outcome {
        if crate::plan::is_over(self.plan, self.clock.instant()) {
            Outcome::Deadline
        } else {
            Outcome::FirstTokenTimeout
        }
    }

    fn head(&self, response: &Response) -> Head {
        Head {
            status: response.status(),
            headers: self.target.upstream.towards_client(response.headers()),
            request_id: request_id(response.headers()),
        }
    }

    fn with_head(&self, mut failed: Failed, head: Head) -> Failed {
        failed.status = Some(head.status.as_u16());
        failed.retry_after = retry_after::read(&head.headers, self.clock.now());
        failed.request_id.clone_from(&head.request_id);
        failed.answer = failed.answer.map(|(own, body)| {
            // An error told inside of a 200 keeps the status that the vendor gives that error.
            let status = if head.status.is_success() { own.status } else { head.status };
            (Head { status, ..head }, body)
        });
        failed
    }
}

fn bare_head(status: StatusCode) -> Head {
    Head { status, headers: HeaderMap::new(), request_id: None }
}

/// Whether a complaint is about a field that our splices touch. Whole words: a tool of the client's may be
/// called `stream_logs`.
fn names_a_splice(said: &str) -> bool {
    said.to_ascii_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').any(
        |word| matches!(word, "stream" | "streaming" | "stream_options" | "include_usage" | "cache_control"),
    )
}

/// Whether a complaint is about the limit on the output.
fn names_a_limit(said: &str) -> bool {
    ["max_tokens", "max_completion_tokens", "max_output_tokens"].iter().any(|name| said.contains(name))
}

/// A complaint about the thinking in the history. Of Anthropic about what it didn't sign, and about a turn that it
/// didn't think in: "Invalid `signature` in `thinking` block", "Expected `thinking` or `redacted_thinking`, but
/// found `tool_use`"; hosts of its models leave the backticks out. Of others about a field that they don't know:
/// "property `reasoning_content` is unsupported". Who wants thinking back that is missing says so, and is not asked
/// with even less of it.
fn names_thinking(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let anthropic =
        says(&["thinking"]) && (says(&["signature"]) || says(&["expected"]) && says(&["redacted_thinking"]));
    let others = says(&["reasoning"])
        && says(&[
            "unsupported",
            "not supported",
            "unknown",
            "unrecognized",
            "not allowed",
            "not permitted",
            "unexpected",
        ]);
    anthropic || others
}

/// The provider's own id for a request, under either vendor's name for it.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    const NAMES: [HeaderName; 2] =
        [HeaderName::from_static("x-request-id"), HeaderName::from_static("request-id")];
    NAMES.iter().find_map(|name| headers::text(headers, name)).map(str::to_owned)
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers::text(headers, &header::CONTENT_TYPE)
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/event-stream"))
}

fn describe(problem: &AnswerProblem) -> String {
    match problem {
        AnswerProblem::ErrorEnvelope(error) => {
            error.short_message().unwrap_or_else(|| "an error under status 200".to_owned())
        }
        other => other.to_string(),
    }
}
