//! The fields of the body that have no place in the canonical form, and what losing each would cost.

use crate::canon::Loss;
use crate::json::{self, Fields, Raw};
use crate::translate::request::notes::{Notes, plain};

/// Accounts for every field that nothing else reads.
pub(super) fn note(fields: &Fields<'_>, notes: &mut Notes) {
    for (name, value) in fields.present() {
        if let Some(loss) = loss(name, value) {
            notes.note(plain(name), loss);
        }
    }
}

/// `None`: read elsewhere.
fn loss(name: &str, value: Raw<'_>) -> Option<Loss> {
    let unless = |harmless: bool, loss: Loss| if harmless { Loss::Nothing } else { loss };
    Some(match name {
        "model"
        | "messages"
        | "stream"
        | "tools"
        | "functions"
        | "tool_choice"
        | "function_call"
        | "parallel_tool_calls"
        | "response_format"
        | "max_completion_tokens"
        | "max_tokens"
        | "stop"
        | "temperature"
        | "top_p"
        | "top_k"
        | "reasoning_effort"
        | "reasoning"
        | "thinking"
        | "enable_thinking"
        | "thinking_budget"
        | "safety_identifier"
        | "user" => return None,

        // The answer is the same without them.
        "store"
        | "metadata"
        | "prompt_cache_key"
        | "prompt_cache_retention"
        | "cache_control"
        | "service_tier"
        | "stream_options"
        | "prediction" => Loss::Nothing,

        // Another question would be answered without them: several answers, sounds, what the web says, text
        // that fits a grammar of the host's.
        "n" => unless(json::number(value).is_some_and(|n| n <= 1.0), Loss::Meaning),
        "modalities" => unless(is_text_only(value), Loss::Meaning),
        "plugins" => unless(value.get() == "[]", Loss::Meaning),
        "audio" | "web_search_options" | "search_parameters" | "guided_json" | "guided_regex"
        | "guided_choice" | "guided_grammar" | "structured_outputs" | "grammar" | "json_schema" | "regex"
        | "ebnf" => Loss::Meaning,

        // Worth a word, unless the value asks for what happens anyway.
        "logprobs" => unless(value.get() == "false", Loss::Told),
        "top_logprobs" | "presence_penalty" | "frequency_penalty" => {
            unless(json::number(value) == Some(0.0), Loss::Told)
        }
        "logit_bias" => unless(Fields::of(value).is_some_and(|bias| bias.is_empty()), Loss::Told),
        "verbosity" => unless(json::text(value).as_deref() == Some("medium"), Loss::Told),
        _ => Loss::Told,
    })
}

fn is_text_only(modalities: Raw<'_>) -> bool {
    json::items(modalities)
        .is_some_and(|mut listed| listed.all(|one| json::text(one).as_deref() == Some("text")))
}
