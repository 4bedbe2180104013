//! What a request asks for that makes its answer slow to start or unfit for assembling from a stream.

use crate::Api;
use crate::json::{self, Fields, Raw};

/// Audio was asked for, by either of the fields that do so.
pub(super) fn wants_audio(fields: &Fields<'_>) -> bool {
    let mut modalities = fields.items("modalities").unwrap_or_default();
    let listed = modalities.any(|modality| json::text(modality).as_deref() == Some("audio"));
    listed || fields.get("audio").is_some()
}

/// Thinking or a reasoning effort was asked for. Only a hint for a deadline, so every spelling seen in the
/// field counts, and an unknown value counts as asked for.
pub(super) fn wants_reasoning(api: Api, fields: &Fields<'_>) -> bool {
    let thinking = fields
        .object("thinking")
        .is_some_and(|thinking| thinking.text("type").as_deref() != Some("disabled"));
    match api {
        Api::Messages => {
            thinking
                || fields
                    .object("output_config")
                    .is_some_and(|config| config.get("effort").is_some_and(is_effort))
        }
        Api::Embeddings => false,
        Api::Responses => fields.object("reasoning").is_some_and(|reasoning| is_asked_to_reason(&reasoning)),
        Api::ChatCompletions => {
            thinking
                || fields.get("reasoning_effort").is_some_and(is_effort)
                || fields.object("reasoning").is_some_and(|reasoning| is_on(&reasoning))
                || fields.is_true("enable_thinking")
        }
    }
}

/// Thinking was declined in the dialect's own words.
pub(super) fn wants_none(api: Api, fields: &Fields<'_>) -> bool {
    let none = |value: Option<Raw<'_>>| value.and_then(json::text).as_deref() == Some("none");
    match api {
        Api::Messages => fields
            .object("thinking")
            .is_some_and(|thinking| thinking.text("type").as_deref() == Some("disabled")),
        Api::Responses => fields.object("reasoning").is_some_and(|reasoning| none(reasoning.get("effort"))),
        Api::ChatCompletions => {
            none(fields.get("reasoning_effort"))
                || fields.object("reasoning").is_some_and(|reasoning| none(reasoning.get("effort")))
        }
        Api::Embeddings => false,
    }
}

fn is_effort(value: Raw<'_>) -> bool {
    json::text(value).as_deref() != Some("none")
}

/// The Responses API's object. Codex asks for a summary alone: the model then thinks as long as it is used to.
fn is_asked_to_reason(reasoning: &Fields<'_>) -> bool {
    match reasoning.get("effort") {
        Some(effort) => is_effort(effort),
        None => ["summary", "generate_summary"].into_iter().any(|name| reasoning.get(name).is_some()),
    }
}

/// `OpenRouter`'s object: an effort, a budget, or a switch.
fn is_on(reasoning: &Fields<'_>) -> bool {
    reasoning.get("enabled").is_none_or(|enabled| enabled.get() != "false")
        && reasoning.get("effort").is_none_or(is_effort)
}
