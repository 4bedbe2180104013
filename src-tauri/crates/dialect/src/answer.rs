//! Proof that a body with a 2xx status is a complete answer of its dialect.
//!
//! Gateways, captive portals and broken hosts send pages, error envelopes and half answers with status 200.
//! Such a body must count as a failure of that provider, before the client has seen any of it.

use crate::fault::ProviderError;
use crate::json::{Fields, Raw};
use crate::stream::error_in;
use crate::stream::responses::failure;
use crate::usage::Usage;
use crate::{Api, Dialect};

/// What the ledger wants to know of a whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Token counts.
    pub usage: Usage,
    /// The model that the provider says it used.
    pub model: Option<String>,
    /// The provider's id of the answer.
    pub id: Option<String>,
}

/// A 2xx body that is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// Broken, cut off, or something else altogether.
    #[error("the body is not JSON")]
    NotJson,
    /// A web page: a proxy's error, a captive portal.
    #[error("the body is an HTML page")]
    Html,
    /// An error that came with the status of an answer.
    #[error("the provider reported an error with a status of success")]
    ErrorEnvelope(ProviderError),
    /// Not a byte.
    #[error("the body is empty")]
    Empty,
    /// JSON, but not what this dialect answers.
    #[error("the body is not an answer of this dialect: {0}")]
    NotThisDialect(String),
}

/// Reads the body of a 2xx answer to a request that did not stream.
pub fn read(api: Api, body: &[u8]) -> Result<Answer, AnswerProblem> {
    let text = std::str::from_utf8(body).map_err(|_| AnswerProblem::NotJson)?;
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    match text.as_bytes().first() {
        None => return Err(AnswerProblem::Empty),
        Some(b'<') => return Err(AnswerProblem::Html),
        Some(_) => {}
    }
    let value = Raw::parse(text).ok_or(AnswerProblem::NotJson)?;
    let fields =
        Fields::of(value).ok_or_else(|| AnswerProblem::NotThisDialect("it is no object".to_owned()))?;
    // A response carries its error in itself, beside the status that says so.
    if api == Api::Responses && fields.text("status").as_deref() == Some("failed") {
        return Err(AnswerProblem::ErrorEnvelope(failure(Some(&fields))));
    }
    if let Some(error) = error_in(api.dialect(), None, &fields, value) {
        return Err(AnswerProblem::ErrorEnvelope(error));
    }
    match api {
        Api::ChatCompletions => chat_completion(&fields)?,
        Api::Responses => response(&fields)?,
        Api::Messages => message(&fields)?,
        Api::Embeddings => vectors(&fields)?,
    }
    let owned = |name| fields.text(name).map(std::borrow::Cow::into_owned);
    let usage = fields.get("usage").map(|usage| Usage::of(api.dialect(), usage));
    Ok(Answer { usage: usage.unwrap_or_default(), model: owned("model"), id: owned("id") })
}

fn chat_completion(body: &Fields<'_>) -> Result<(), AnswerProblem> {
    let choices = body.items("choices").ok_or_else(|| wrong("`choices` is missing"))?;
    if choices.is_empty() {
        return Err(wrong("`choices` is empty"));
    }
    for choice in choices {
        let choice = Fields::of(choice).ok_or_else(|| wrong("a choice is no object"))?;
        // OpenRouter reports a model's failure within the choice.
        if let Some(error) = choice.get("error").filter(|error| error.is_object()) {
            return Err(AnswerProblem::ErrorEnvelope(ProviderError::in_band(Dialect::OpenAi, error)));
        }
        if choice.object("message").is_none() {
            return Err(wrong("a choice has no message"));
        }
    }
    Ok(())
}

fn message(body: &Fields<'_>) -> Result<(), AnswerProblem> {
    if body.text("type").as_deref() != Some("message") {
        return Err(wrong("its type is not \"message\""));
    }
    // An empty list is an answer: the model had nothing to add.
    match body.items("content") {
        Some(_) => Ok(()),
        None => Err(wrong("`content` is no list")),
    }
}

/// An incomplete response met a limit or a filter, and is an answer. One that is still to come is an answer
/// only to a request that wanted it later.
fn response(body: &Fields<'_>) -> Result<(), AnswerProblem> {
    if body.text("object").is_some_and(|object| object != "response") {
        return Err(wrong("its object is not \"response\""));
    }
    if body.items("output").is_none() {
        return Err(wrong("`output` is no list"));
    }
    match body.text("status").as_deref() {
        Some("cancelled") => Err(wrong("it was cancelled")),
        Some("queued" | "in_progress") if !body.is_true("background") => Err(wrong("it is not finished")),
        _ => Ok(()),
    }
}

fn vectors(body: &Fields<'_>) -> Result<(), AnswerProblem> {
    match body.items("data") {
        Some(vectors) if !vectors.is_empty() => Ok(()),
        _ => Err(wrong("`data` has no vectors")),
    }
}

fn wrong(what: &str) -> AnswerProblem {
    AnswerProblem::NotThisDialect(what.to_owned())
}

#[cfg(test)]
mod tests;
