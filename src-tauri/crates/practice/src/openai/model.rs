//! What particular models of OpenAI refuse, by their names. A name that is not known refuses nothing.

use http::StatusCode;
use serde_json::Value;

use super::{chat::EFFORTS, field::quoted};
use crate::{
    ask::json::{given, list, string},
    refusal::Refusal,
};

/// A generation of models: by what their names begin with, the narrower name first.
struct Family {
    name: &'static str,
    /// The efforts that it takes.
    efforts: &'static [&'static str],
    /// How hard it reasons if it isn't told.
    default: &'static str,
    /// In chat completions it takes functions only if it doesn't reason.
    tools_without_thinking: bool,
}

const fn family(
    name: &'static str,
    efforts: &'static [&'static str],
    default: &'static str,
    tools_without_thinking: bool,
) -> Family {
    Family { name, efforts, default, tools_without_thinking }
}

const FAMILIES: [Family; 13] = [
    family("gpt-6.2", &["low", "medium", "high", "xhigh"], "medium", true),
    family("gpt-6.1-sol", &["low", "medium", "high", "xhigh"], "medium", true),
    family("gpt-6-astra", &["low", "medium", "high", "xhigh"], "medium", true),
    family("gpt-6", &["none", "low", "medium", "high", "xhigh"], "medium", true),
    family("gpt-5.6", &["none", "low", "medium", "high", "xhigh", "max"], "medium", true),
    family("gpt-5.5", &["none", "low", "medium", "high", "xhigh"], "medium", true),
    family("gpt-5.4", &["none", "low", "medium", "high", "xhigh"], "none", true),
    family("gpt-5.2", &["none", "low", "medium", "high", "xhigh"], "none", false),
    family("gpt-5.1", &["none", "low", "medium", "high"], "none", false),
    family("gpt-5", &["minimal", "low", "medium", "high"], "medium", false),
    family("o4", &["low", "medium", "high"], "medium", false),
    family("o3", &["low", "medium", "high"], "medium", false),
    family("o1", &["low", "medium", "high"], "medium", false),
];

/// The family of a model that reasons; those that only chat have the same numbers in their names.
fn family_of(model: &str) -> Option<&'static Family> {
    let is_of = |family: &&Family| {
        model.strip_prefix(family.name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    FAMILIES.iter().find(is_of).filter(|_| !model.contains("-chat"))
}

/// The vendor's rules for one model in chat completions.
pub(super) fn check_chat(body: &Value) -> Result<(), Refusal> {
    let model = string(body, "model").unwrap_or_default();
    let Some(family) = family_of(model) else { return Ok(()) };
    if model.ends_with("-pro") || model.contains("-codex") {
        let message = "This model is only supported in v1/responses and not in v1/chat/completions.";
        return Err(Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message).param("model"));
    }
    if given(body, "max_tokens").is_some() {
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                       'max_completion_tokens' instead.";
        return Err(Refusal::invalid(message).param("max_tokens").code("unsupported_parameter"));
    }
    if ["o3", "o4"].contains(&family.name) && given(body, "stop").is_some() {
        return Err(parameter("stop"));
    }
    let effort = string(body, "reasoning_effort");
    check_effort(family, effort, "reasoning_effort")?;
    let thinks = effort.unwrap_or(family.default) != "none";
    if family.tools_without_thinking && thinks && !list(body, "tools").is_empty() {
        let message = format!(
            "Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions. To use \
             function tools, use /v1/responses or set reasoning_effort to 'none'."
        );
        return Err(Refusal::invalid(message).param("reasoning_effort"));
    }
    check_sampling(body, thinks)
}

/// The vendor's rules for one model in responses.
pub(super) fn check_responses(body: &Value) -> Result<(), Refusal> {
    let Some(family) = family_of(string(body, "model").unwrap_or_default()) else { return Ok(()) };
    let effort = body.get("reasoning").and_then(|reasoning| string(reasoning, "effort"));
    check_effort(family, effort, "reasoning.effort")?;
    check_sampling(body, effort.unwrap_or(family.default) != "none")
}

fn check_effort(family: &Family, effort: Option<&str>, path: &str) -> Result<(), Refusal> {
    match effort {
        Some(effort) if EFFORTS.contains(&effort) && !family.efforts.contains(&effort) => {
            let supported = quoted(family.efforts);
            let message = format!(
                "Unsupported value: '{path}' does not support '{effort}' with this model. Supported values are: \
                 {supported}."
            );
            Err(Refusal::invalid(message).param(path).code("unsupported_value"))
        }
        // What no model knows is refused with the list of all.
        _ => Ok(()),
    }
}

/// A model that thinks draws its tokens in its own way.
fn check_sampling(body: &Value, thinks: bool) -> Result<(), Refusal> {
    if !thinks {
        return Ok(());
    }
    for field in ["temperature", "top_p"] {
        let Some(value) = given(body, field) else { continue };
        if value.as_f64() != Some(1.0) {
            let message = format!(
                "Unsupported value: '{field}' does not support {value} with this model. Only the default (1) value \
                 is supported."
            );
            return Err(Refusal::invalid(message).param(field).code("unsupported_value"));
        }
    }
    let refused = ["presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias"];
    match refused.into_iter().find(|field| is_set(body, field)) {
        Some(field) => Err(parameter(field)),
        None => Ok(()),
    }
}

/// Whether a field says more than that it is not used.
fn is_set(body: &Value, field: &str) -> bool {
    match given(body, field) {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(value) => value.as_f64() != Some(0.0),
    }
}

fn parameter(field: &str) -> Refusal {
    Refusal::invalid(format!("Unsupported parameter: '{field}' is not supported with this model."))
        .param(field)
        .code("unsupported_parameter")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_model_refuses_what_its_vendor_says_it_does() {
        let told = |more: Value| {
            let mut body = json!({ "model": "gpt-5-mini" });
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            check_chat(&body).err().and_then(|refusal| refusal.param)
        };
        assert_eq!(told(json!({ "max_tokens": 5 })).as_deref(), Some("max_tokens"));
        assert_eq!(told(json!({ "temperature": 0.2 })).as_deref(), Some("temperature"));
        assert_eq!(told(json!({ "logprobs": true })).as_deref(), Some("logprobs"));
        assert_eq!(told(json!({ "model": "o4-mini", "stop": ["x"] })).as_deref(), Some("stop"));
        assert_eq!(told(json!({ "reasoning_effort": "xhigh" })).as_deref(), Some("reasoning_effort"));
        assert_eq!(told(json!({ "model": "gpt-5.2-pro" })).as_deref(), Some("model"));
        let tools = json!([{ "type": "function" }]);
        let with_tools = |model: &str| json!({ "model": model, "tools": tools });
        assert_eq!(told(with_tools("gpt-5.6-luna")).as_deref(), Some("reasoning_effort"));
        let fine = [
            json!({ "max_completion_tokens": 5, "temperature": 1, "presence_penalty": 0, "logprobs": false }),
            json!({ "temperature": 0.2, "model": "gpt-4.1" }),
            json!({ "temperature": 0.2, "model": "gpt-5-chat-latest", "max_tokens": 5 }),
            json!({ "temperature": 0.2, "model": "gpt-5.2" }),
            json!({ "temperature": 0.2, "model": "gpt-5.2", "reasoning_effort": "none" }),
            json!({ "temperature": 0.2, "model": "gpt-500", "max_tokens": 5 }),
            json!({ "temperature": 0.2, "model": "gpt-practice" }),
            json!({ "model": "gpt-5.6-luna", "reasoning_effort": "none", "tools": tools }),
            with_tools("gpt-5.4-mini"),
            with_tools("gpt-5-mini"),
            json!({ "reasoning_effort": "extreme" }),
        ];
        for body in fine {
            assert_eq!(told(body.clone()), None, "{body}");
        }
        let thinking = json!({ "temperature": 0.2, "model": "gpt-5.2", "reasoning_effort": "low" });
        assert_eq!(told(thinking).as_deref(), Some("temperature"));
    }
}
