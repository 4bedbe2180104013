//! Which answers are worth keeping: those that the same question may be answered with once more.

use crate::Api;
use crate::answer::{self, AnswerProblem};
use crate::json::Fields;

/// Why an answer isn't kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// An error, a web page, half a body, or another API's answer.
    #[error(transparent)]
    NotAnAnswer(#[from] AnswerProblem),
    /// It doesn't say that it is over: broken off, or still to come.
    #[error("`{field}` doesn't say that the answer was finished")]
    Unfinished {
        /// The field that should say so.
        field: &'static str,
    },
    /// A filter cut it or put a notice in its place. The filter's verdict is about one moment, and is no answer.
    #[error("a content filter ended the answer (`{reason}`)")]
    Filtered {
        /// The vendor's word.
        reason: String,
    },
    /// The provider broke off for reasons of its own.
    #[error("the provider broke off its answer (`{reason}`)")]
    BrokenOff {
        /// The vendor's word.
        reason: String,
    },
    /// The provider's own tools are still at work; the client is to ask on.
    #[error("the answer is only a pause (`{reason}`)")]
    Paused {
        /// The vendor's word.
        reason: String,
    },
}

/// Proof that a body is a complete and successful answer of `api`.
///
/// An answer that met the client's own limit on its length is one: the limit belongs to the question. So is one
/// in which the model declines in its own words. What a filter cut is none, nor what paused, failed or goes on.
pub fn worth_keeping(api: Api, body: &[u8]) -> Result<(), NotKept> {
    answer::read(api, body)?;
    let text = std::str::from_utf8(body).map_err(|_| AnswerProblem::NotJson)?;
    let fields = Fields::parse(super::trimmed(text)).map_err(|_| AnswerProblem::NotJson)?;
    is_finished(api, &fields).map_err(|field| NotKept::Unfinished { field })?;
    match api {
        Api::ChatCompletions => {
            let choices = fields.items("choices").unwrap_or_default();
            choices.objects().try_for_each(|choice| judge(choice.text("finish_reason").as_deref()))
        }
        Api::Messages => judge(fields.text("stop_reason").as_deref()),
        Api::Responses => incomplete(&fields),
        Api::Embeddings => Ok(()),
    }
}

/// Both vendors' words, and those of other hosts.
fn judge(reason: Option<&str>) -> Result<(), NotKept> {
    let reason = reason.unwrap_or_default().to_ascii_lowercase();
    match reason.as_str() {
        "content_filter" | "safety" | "refusal" => Err(NotKept::Filtered { reason }),
        "error" | "insufficient_system_resource" => Err(NotKept::BrokenOff { reason }),
        "pause_turn" | "compaction" => Err(NotKept::Paused { reason }),
        // The model was done, calls tools, or met a limit; and whatever comes next year.
        _ => Ok(()),
    }
}

/// A response that isn't complete says why.
fn incomplete(body: &Fields<'_>) -> Result<(), NotKept> {
    if body.text("status").as_deref() != Some("incomplete") {
        return Ok(());
    }
    let reason =
        body.object("incomplete_details").and_then(|details| Some(details.text("reason")?.into_owned()));
    match reason.as_deref() {
        Some("max_output_tokens" | "max_tokens") => Ok(()),
        Some("content_filter") => Err(NotKept::Filtered { reason: "content_filter".to_owned() }),
        _ => Err(NotKept::BrokenOff { reason: reason.unwrap_or_else(|| "incomplete".to_owned()) }),
    }
}

/// The answer says why it stopped, or that it did; else the field that doesn't.
pub(super) fn is_finished(api: Api, body: &Fields<'_>) -> Result<(), &'static str> {
    let (finished, field) = match api {
        Api::ChatCompletions => {
            let mut choices = body.items("choices").unwrap_or_default().objects();
            (choices.all(|choice| choice.has_text("finish_reason")), "choices[].finish_reason")
        }
        Api::Messages => (body.has_text("stop_reason"), "stop_reason"),
        Api::Responses => {
            let status = body.text("status");
            (matches!(status.as_deref(), Some("completed" | "incomplete")), "status")
        }
        Api::Embeddings => (true, "data"),
    };
    if finished { Ok(()) } else { Err(field) }
}
