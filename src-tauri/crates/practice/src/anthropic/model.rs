//! What particular models of Anthropic refuse, by the version in their names. A name without one refuses nothing.

use serde_json::Value;

use super::rules::For;
use crate::{
    ask::json::{given, string},
    refusal::Refusal,
};

/// Major and minor version: `claude-haiku-4-5-20251001` is 4 and 5.
fn version(model: &str) -> Option<(u32, u32)> {
    let mut parts = model.strip_prefix("claude-")?.split('-').skip_while(|part| number(part).is_none());
    let major = number(parts.next()?)?;
    // What is longer than two digits is a date.
    Some((major, parts.next().and_then(number).unwrap_or(0)))
}

fn number(part: &str) -> Option<u32> {
    (part.len() <= 2).then(|| part.parse().ok())?
}

/// The longest answer of a model.
fn longest(model: &str, version: (u32, u32)) -> u64 {
    match version {
        (..3, _) | (3, ..5) => 4096,
        (3, 5) => 8192,
        (4, ..=1) if model.contains("opus") => 32_000,
        (3, _) | (4, ..=5) => 64_000,
        _ => 128_000,
    }
}

/// The shortest prompt, in tokens, that a model's cache takes.
pub(super) fn min_cacheable(model: &str) -> u64 {
    let small = !model.contains("opus");
    match version(model) {
        Some((5, 0)) if model.contains("sonnet") => 1024,
        Some((5.., _)) => 512,
        Some((4, 7)) => 2048,
        Some((4, 5)) if model.contains("haiku") => 4096,
        Some((4, 5 | 6)) if !small => 4096,
        _ => 1024,
    }
}

/// Whether a model thinks unless it is told not to.
pub(super) fn thinks_unasked(model: &str) -> bool {
    version(model).is_some_and(|version| version >= (5, 0))
}

/// Whether a model keeps the words of its thinking back unless it is asked for them.
pub(super) fn omits_thinking(model: &str) -> bool {
    version(model).is_some_and(|version| version >= (4, 7))
}

/// The vendor's rules for one model.
pub(super) fn check(body: &Value, messages: &[Value], purpose: For) -> Result<(), Refusal> {
    let model = string(body, "model").unwrap_or_default();
    let Some(version) = version(model) else { return Ok(()) };
    if purpose == For::Answering
        && let Some(wanted) = body.get("max_tokens").and_then(Value::as_u64)
        && wanted > longest(model, version)
    {
        let longest = longest(model, version);
        return Err(Refusal::invalid(format!(
            "max_tokens: {wanted} > {longest}, which is the maximum allowed number of output tokens for {model}"
        )));
    }
    check_sampling(body, version)?;
    check_thinking(body, model, version)?;
    let ends_with_answer = messages.last().is_some_and(|last| string(last, "role") == Some("assistant"));
    if ends_with_answer && version >= (4, 6) {
        let message = "This model does not support assistant message prefill. The conversation must end with a user message.";
        return Err(Refusal::invalid(message));
    }
    Ok(())
}

fn check_sampling(body: &Value, version: (u32, u32)) -> Result<(), Refusal> {
    if version >= (4, 7) {
        let set = |field: &&str| given(body, field).is_some_and(|value| value.as_f64() != Some(1.0));
        return match ["temperature", "top_p", "top_k"].into_iter().find(set) {
            Some(field) => Err(Refusal::invalid(format!("`{field}` is deprecated for this model."))),
            None => Ok(()),
        };
    }
    if version >= (4, 1) && given(body, "temperature").is_some() && given(body, "top_p").is_some() {
        let message =
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
        return Err(Refusal::invalid(message));
    }
    Ok(())
}

fn check_thinking(body: &Value, model: &str, version: (u32, u32)) -> Result<(), Refusal> {
    match given(body, "thinking").and_then(|thinking| string(thinking, "type")) {
        Some("enabled") if version >= (4, 7) => {
            return Err(Refusal::invalid(
                "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \
                 \"output_config.effort\" to control thinking behavior.",
            ));
        }
        Some("adaptive") if version < (4, 6) => {
            return Err(Refusal::invalid("adaptive thinking is not supported on this model"));
        }
        _ => {}
    }
    // The newest ones can't be kept from thinking, and who thinks can't be forced.
    let forced = given(body, "tool_choice").and_then(|choice| string(choice, "type"));
    if version >= (5, 1) && !model.contains("haiku") && matches!(forced, Some("any" | "tool")) {
        return Err(Refusal::invalid("Thinking may not be enabled when tool_choice forces tool use."));
    }
    let knows_effort = version >= (4, 6) || (version == (4, 5) && model.contains("opus"));
    if !knows_effort && body.pointer("/output_config/effort").is_some_and(|effort| !effort.is_null()) {
        return Err(Refusal::invalid("This model does not support the effort parameter."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_is_read_from_every_form_of_name() {
        let versions = [
            ("claude-haiku-4-5-20251001", Some((4, 5))),
            ("claude-opus-4-20250514", Some((4, 0))),
            ("claude-3-7-sonnet-latest", Some((3, 7))),
            ("claude-sonnet-5", Some((5, 0))),
            ("claude-fable-5-2", Some((5, 2))),
            ("claude-mythos-preview", None),
            ("claude-practice", None),
            ("gpt-5-mini", None),
        ];
        for (model, expected) in versions {
            assert_eq!(version(model), expected, "{model}");
        }
    }

    #[test]
    fn a_model_refuses_what_its_vendor_says_it_does() {
        let told = |model: &str, more: Value, role: &str| {
            let mut body = json!({ "model": model, "max_tokens": 100 });
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            let messages = [json!({ "role": role, "content": "x" })];
            check(&body, &messages, For::Answering).err().map(|refusal| refusal.message)
        };
        let refused = [
            ("claude-haiku-4-5", json!({ "max_tokens": 64_001 }), "max_tokens: 64001 > 64000"),
            ("claude-haiku-4-5", json!({ "temperature": 0.5, "top_p": 0.5 }), "cannot both"),
            ("claude-haiku-4-5", json!({ "thinking": { "type": "adaptive" } }), "adaptive"),
            ("claude-haiku-4-5", json!({ "output_config": { "effort": "low" } }), "effort"),
            ("claude-opus-4-7", json!({ "temperature": 0.5 }), "`temperature` is deprecated"),
            ("claude-sonnet-5", json!({ "top_k": 5 }), "`top_k` is deprecated"),
            ("claude-opus-5-5", json!({ "thinking": { "type": "enabled" } }), "thinking.type.adaptive"),
            ("claude-sonnet-5-5", json!({ "tool_choice": { "type": "any" } }), "forces tool use"),
            ("claude-opus-4-1", json!({ "max_tokens": 32_001 }), "> 32000"),
            ("claude-3-5-haiku-latest", json!({ "max_tokens": 8193 }), "> 8192"),
        ];
        for (model, more, expected) in refused {
            let message = told(model, more.clone(), "user").unwrap_or_default();
            assert!(message.contains(expected), "{model} {more}: {message}");
        }
        assert!(told("claude-sonnet-4-6", json!({}), "assistant").unwrap().contains("prefill"));
        for model in ["claude-haiku-4-5", "claude-practice", "gpt-5"] {
            assert_eq!(told(model, json!({ "temperature": 0.5 }), "assistant"), None, "{model}");
        }
        let any = json!({ "tool_choice": { "type": "any" } });
        assert_eq!(told("claude-haiku-5-5", any, "user"), None);
        assert_eq!(told("claude-opus-4-8", json!({ "temperature": 1.0 }), "user"), None);
        assert_eq!(told("claude-opus-4-5", json!({ "output_config": { "effort": "low" } }), "user"), None);
    }

    #[test]
    fn what_a_cache_takes_depends_on_the_model() {
        let shortest = [
            ("claude-haiku-5-5", 512),
            ("claude-sonnet-5", 1024),
            ("claude-opus-4-8", 1024),
            ("claude-opus-4-7", 2048),
            ("claude-opus-4-6", 4096),
            ("claude-haiku-4-5-20251001", 4096),
            ("claude-sonnet-4-5", 1024),
            ("claude-practice", 1024),
        ];
        for (model, expected) in shortest {
            assert_eq!(min_cacheable(model), expected, "{model}");
        }
    }
}
