//! What one target is asked: the client's own bytes with a few splices, or a translation of them.
//!
//! Built afresh for every attempt, from the client's body and nothing else.

use bytes::Bytes;
use evenkeel_dialect::Api;
use evenkeel_dialect::ask::Splice;
use evenkeel_dialect::translate::{self, Question, Reply, TranslateError, Translated};
use evenkeel_dialect::unsigned;
use http::header::{self, HeaderMap, HeaderValue};
use reqwest::Request;
use tokio::time::Instant;

use crate::admit::Admitted;
use crate::guardrail::Fitted;
use crate::headers;
use crate::learn::Learner;
use crate::prompt_cache::{For, PromptCache};
use crate::target::Target;

/// Bodies above this are translated off the runtime's own threads: a megabyte of images takes milliseconds.
const LARGE: usize = 256 * 1024;

/// A request ready to go, and what was done to it.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) request: Request,
    /// Fields were added that the client didn't send; a host may refuse them.
    pub(crate) spliced: bool,
    /// A limit on the output was put in that the client didn't set; a host may know it by another name.
    pub(crate) limited: bool,
    /// The usage chunk was asked for by us and is hidden from the client again.
    pub(crate) hides_usage: bool,
    pub(crate) translation: Option<Translation>,
}

/// The answer comes in another dialect than the client's.
#[derive(Debug, Clone)]
pub(crate) struct Translation {
    /// What the answer's translation has to know.
    pub(crate) reply: Reply,
    /// Fields of the client's that the provider didn't get.
    pub(crate) dropped: Vec<String>,
}

/// What earlier tries at the same provider have shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Without any splice but the model.
    pub(crate) plain: bool,
    /// Without the thinking in its history.
    pub(crate) without_thinking: bool,
    pub(crate) limit: LimitName,
}

/// How a limit on the output that the client didn't set is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LimitName {
    /// By the name that the model is known to go by.
    #[default]
    Known,
    /// By the other one of the two that Chat Completions has.
    Other,
    /// Not at all: the host takes neither, or not that many.
    None,
}

impl LimitName {
    /// What is tried after a refusal.
    pub(crate) fn next(self, api: Option<Api>) -> Option<Self> {
        match self {
            Self::Known if api == Some(Api::ChatCompletions) => Some(Self::Other),
            Self::Known | Self::Other => Some(Self::None),
            Self::None => None,
        }
    }
}

/// Where a prompt's beginnings are known from, for the provider's own cache.
#[derive(Clone, Copy)]
pub(crate) struct Marks<'a> {
    pub(crate) cache: &'a PromptCache,
    pub(crate) learner: &'a Learner,
    pub(crate) now: Instant,
}

impl Marks<'_> {
    fn on(self, body: &Bytes, target: &Target) -> Bytes {
        let Some(model) = target.model.as_deref().filter(|_| target.api == Some(Api::Messages)) else {
            return body.clone();
        };
        let of = For {
            provider: target.provider(),
            model,
            caching: target.upstream.config.prompt_caching,
            shortest: target.min_cacheable,
            bytes_per_token: self.learner.bytes_per_token(model),
            now: self.now,
        };
        self.cache.mark(body, of)
    }
}

/// Whether a target's dialect has words for the request.
pub(crate) fn can_be_said(admitted: &Admitted, fitted: &Fitted, target: &Target) -> bool {
    let Some((from, to)) = target.translates_from(admitted) else { return true };
    let question = Question {
        from,
        to,
        body: &fitted.body,
        model: target.model.as_deref().unwrap_or(&fitted.ask.model),
        traits: &target.traits,
        stream: fitted.ask.stream || target.watched,
        max_output: fitted.max_output,
    };
    translate::request(&question).is_ok()
}

/// The request as this target gets it.
pub(crate) async fn build(
    admitted: &Admitted,
    fitted: &Fitted,
    target: &Target,
    manner: Manner,
    marks: Marks<'_>,
) -> Result<Outgoing, TranslateError> {
    match target.translates_from(admitted) {
        Some(ways) => translated(admitted, fitted, ways, target, marks).await,
        None => Ok(spliced(admitted, fitted, target, manner, marks)),
    }
}

fn spliced(
    admitted: &Admitted,
    fitted: &Fitted,
    target: &Target,
    manner: Manner,
    marks: Marks<'_>,
) -> Outgoing {
    let Manner { plain, without_thinking, limit } = manner;
    let ask = &fitted.ask;
    let streams = ask.stream || target.watched;
    let tells_usage_only_if_asked = target.api == Some(Api::ChatCompletions);
    let splice = Splice {
        model: target.model.as_deref(),
        stream: (target.watched && !plain).then_some(true),
        include_usage: streams && !plain && tells_usage_only_if_asked && !ask.include_usage,
        max_output: fitted.max_output.filter(|_| ask.max_output.is_some() || limit != LimitName::None),
        newer_limit: target.traits.max_completion_tokens != (limit == LimitName::Other),
    };
    let mut body = ask.splice(&fitted.body, &splice);
    if target.api == Some(Api::Responses) {
        // What a translated answer made up, this provider has never heard of.
        body = ask.without_our_reasoning(&body);
    }
    if without_thinking {
        body = target.api.and_then(|api| unsigned::without(api, &body)).unwrap_or(body);
    }
    let unmarked = body.len();
    if !plain {
        body = marks.on(&body, target);
    }
    let spliced = splice.stream.is_some() || splice.include_usage || body.len() != unmarked;
    let request = own(admitted, target, body);
    let limited = splice.max_output.is_some() && ask.max_output.is_none();
    Outgoing { request, spliced, limited, hides_usage: splice.include_usage, translation: None }
}

/// A request of the client's own dialect: its path, its query, its headers.
fn own(admitted: &Admitted, target: &Target, body: Bytes) -> Request {
    let entered = &admitted.entered;
    let Target { upstream, dialect, .. } = target;
    let url = upstream.url(*dialect, &entered.path, entered.query.as_deref());
    let mut request = Request::new(entered.method.clone(), url);
    *request.headers_mut() = headers::towards_provider(&entered.headers);
    upstream.sign(*dialect, request.headers_mut());
    if !body.is_empty() {
        *request.body_mut() = Some(body.into());
    }
    request
}

async fn translated(
    admitted: &Admitted,
    fitted: &Fitted,
    (from, to): (Api, Api),
    target: &Target,
    marks: Marks<'_>,
) -> Result<Outgoing, TranslateError> {
    let entered = &admitted.entered;
    let ask = &fitted.ask;
    let model = target.model.clone().unwrap_or_else(|| ask.model.clone());
    let stream = ask.stream || target.watched;
    let traits = target.traits.clone();
    let whole = fitted.body.clone();
    let asked_for = model.clone();
    let cap = fitted.max_output;
    let work = move || {
        translate::request(&Question {
            from,
            to,
            body: &whole,
            model: &asked_for,
            traits: &traits,
            stream,
            max_output: cap,
        })
    };
    let Translated { body, dropped, memory } = if fitted.body.len() > LARGE {
        let panicked = |_| TranslateError::Untranslatable {
            field: "body".to_owned(),
            message: "Evenkeel itself failed to translate this request.".to_owned(),
        };
        tokio::task::spawn_blocking(work).await.map_err(panicked)??
    } else {
        work()?
    };
    let reply = Reply {
        from: to,
        to: from,
        id: entered.id.clone(),
        model,
        created: entered.at.as_second(),
        include_usage: ask.include_usage,
        memory,
        request: admitted.body.clone(),
    };
    let upstream = &target.upstream;
    let url = upstream.url(target.dialect, to.path(), None);
    let mut request = Request::new(http::Method::POST, url);
    let mut crossing: HeaderMap = headers::towards_other_dialect(&entered.headers);
    crossing.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if target.dialect == evenkeel_dialect::Dialect::Anthropic {
        crossing.insert(headers::ANTHROPIC_VERSION, HeaderValue::from_static("2023-06-01"));
    }
    *request.headers_mut() = crossing;
    upstream.sign(target.dialect, request.headers_mut());
    *request.body_mut() = Some(marks.on(&body, target).into());
    let translation = Some(Translation { reply, dropped });
    Ok(Outgoing { request, spliced: false, limited: false, hides_usage: false, translation })
}
