//! A request of one dialect at the other one's path.
//!
//! Refused only on strong evidence: a required field is missing, or there is a field of the other dialect
//! that this path's vendor itself refuses. Anything merely unknown passes, for hosts add fields of their own
//! and vendors new ones every month.

use super::AskError;
use crate::Api;
use crate::json::Fields;

pub(super) fn check(api: Api, fields: &Fields<'_>) -> Result<(), AskError> {
    match api {
        Api::ChatCompletions => chat_completions(fields),
        Api::Responses => responses(fields),
        Api::Messages => messages(fields),
        Api::Embeddings => match fields.get("input") {
            Some(_) => Ok(()),
            None => Err(AskError::missing("input", "a text, or a list of them")),
        },
    }
}

fn chat_completions(fields: &Fields<'_>) -> Result<(), AskError> {
    if fields.get("system").is_some() {
        return Err(AskError::of(
            "system",
            "`system` belongs to Anthropic's Messages API. Send this request to /v1/messages, or put the text \
             into a message with the role \"system\".",
        ));
    }
    if fields.get("messages").is_some() {
        return Ok(());
    }
    if fields.get("input").is_some() {
        return Err(belongs("input", "OpenAI's Responses API", "/v1/responses"));
    }
    if fields.get("prompt").is_some() {
        return Err(belongs("prompt", "OpenAI's older Completions API", "/v1/completions"));
    }
    Err(AskError::missing("messages", "a list of messages"))
}

/// What is asked may also lie at the provider: in a prompt template, or in the conversation so far.
fn responses(fields: &Fields<'_>) -> Result<(), AskError> {
    if let Some(input) = fields.get("input") {
        return if input.get().starts_with(['"', '[']) {
            Ok(())
        } else {
            Err(AskError::must_be("input", "a text or a list of items"))
        };
    }
    if ["prompt", "previous_response_id", "conversation"].into_iter().any(|name| fields.get(name).is_some()) {
        return Ok(());
    }
    if fields.get("messages").is_some() {
        return Err(match fields.get("system").or_else(|| fields.get("stop_sequences")) {
            Some(_) => belongs("messages", "Anthropic's Messages API", "/v1/messages"),
            None => belongs("messages", "OpenAI's Chat Completions API", "/v1/chat/completions"),
        });
    }
    Err(AskError::missing("input", "a text or a list of items"))
}

/// A message with the role "system" is no evidence: newer betas of the Messages API allow it.
fn messages(fields: &Fields<'_>) -> Result<(), AskError> {
    if fields.get("input").is_some() {
        return Err(belongs("input", "OpenAI's Responses API", "/v1/responses"));
    }
    for name in ["max_completion_tokens", "response_format"] {
        if fields.get(name).is_some() {
            return Err(belongs(name, "OpenAI's Chat Completions API", "/v1/chat/completions"));
        }
    }
    if fields.get("messages").is_none() {
        return Err(match fields.get("prompt") {
            Some(_) => belongs("prompt", "Anthropic's older Text Completions API", "/v1/complete"),
            None => AskError::missing("messages", "a list of messages"),
        });
    }
    if fields.get("max_tokens").is_none() {
        return Err(AskError::of(
            "max_tokens",
            "`max_tokens` is missing; the Messages API requires it. If this request was written for OpenAI's \
             Chat Completions API, send it to /v1/chat/completions.",
        ));
    }
    Ok(())
}

fn belongs(name: &str, api: &str, path: &str) -> AskError {
    AskError::of(name, format!("`{name}` belongs to {api}. Send this request to {path}."))
}
