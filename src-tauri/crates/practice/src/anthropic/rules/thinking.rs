//! Anthropic's rules for thinking: what may be asked together with it, and what comes back of it.

use serde_json::Value;

use super::{blocks_of, is};
use crate::{
    ask::json::{given, string},
    provider::Provider,
    refusal::Refusal,
    thinking::Seal,
};

const SHORTEST_BUDGET: u64 = 1024;
const DOCUMENTATION: &str = "https://platform.claude.com/docs/en/build-with-claude/extended-thinking";

pub(super) fn check(provider: &Provider, body: &Value, messages: &[Value]) -> Result<(), Refusal> {
    let asked = given(body, "thinking");
    let kind = asked.and_then(|asked| string(asked, "type"));
    match (asked, kind) {
        (None, _) | (_, Some("disabled" | "between_tools")) => {}
        (Some(_), Some("adaptive")) => check_company(body)?,
        (Some(asked), Some("enabled")) => {
            check_budget(body, asked)?;
            check_company(body)?;
            check_last_answer(messages)?;
        }
        _ => {
            return Err(Refusal::invalid(
                "thinking: Input tag found using 'type' does not match any of the expected tags: 'adaptive', \
                 'between_tools', 'disabled', 'enabled'",
            ));
        }
    }
    check_signatures(provider, messages)
}

fn check_budget(body: &Value, asked: &Value) -> Result<(), Refusal> {
    let Some(budget) = asked.get("budget_tokens").and_then(Value::as_u64) else {
        return Err(Refusal::invalid("thinking.enabled.budget_tokens: Field required"));
    };
    if budget < SHORTEST_BUDGET {
        return Err(Refusal::invalid(format!(
            "thinking.enabled.budget_tokens: Input should be greater than or equal to {SHORTEST_BUDGET}"
        )));
    }
    if body.get("max_tokens").and_then(Value::as_u64).is_some_and(|limit| limit <= budget) {
        return Err(Refusal::invalid(format!(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
             {DOCUMENTATION}#max-tokens-and-context-window-size"
        )));
    }
    Ok(())
}

fn check_company(body: &Value) -> Result<(), Refusal> {
    let number = |field: &str| given(body, field).and_then(Value::as_f64);
    if number("temperature").is_some_and(|temperature| temperature < 1.0) {
        return Err(Refusal::invalid(format!(
            "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. Please consult our \
             documentation at {DOCUMENTATION}"
        )));
    }
    if number("top_p").is_some_and(|top_p| top_p < 0.95) {
        return Err(Refusal::invalid(format!(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. Please consult our \
             documentation at {DOCUMENTATION}"
        )));
    }
    if given(body, "top_k").is_some() {
        return Err(Refusal::invalid(format!(
            "`top_k` must be unset when thinking is enabled. Please consult our documentation at {DOCUMENTATION}"
        )));
    }
    let forced = given(body, "tool_choice").and_then(|choice| string(choice, "type"));
    if matches!(forced, Some("any" | "tool")) {
        return Err(Refusal::invalid("Thinking may not be enabled when tool_choice forces tool use."));
    }
    Ok(())
}

/// A loop of tools goes on in one thought, so the answer that called them must begin with its thinking.
fn check_last_answer(messages: &[Value]) -> Result<(), Refusal> {
    let [.., answer, last] = messages else { return Ok(()) };
    let loops = blocks_of(last).iter().any(|block| is(block, "tool_result"));
    if !loops || string(answer, "role") != Some("assistant") {
        return Ok(());
    }
    let first = blocks_of(answer).first().and_then(|block| string(block, "type")).unwrap_or("text");
    if first == "thinking" || first == "redacted_thinking" {
        return Ok(());
    }
    let at = messages.len() - 2;
    Err(Refusal::invalid(format!(
        "messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When `thinking` \
         is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of \
         `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid \
         this requirement, disable `thinking`. Please consult our documentation at {DOCUMENTATION}"
    )))
}

/// Thinking that comes back is what this provider thought, or it is refused.
fn check_signatures(provider: &Provider, messages: &[Value]) -> Result<(), Refusal> {
    let signer = provider.signer();
    for (at, message) in messages.iter().enumerate() {
        for (index, block) in blocks_of(message).iter().enumerate() {
            let text = |field| block.get(field).and_then(Value::as_str).unwrap_or_default();
            let (field, known) = match string(block, "type") {
                Some("thinking") => {
                    let (signature, shown) = (text("signature"), text("thinking"));
                    ("signature", signer.verifies(Seal::Thinking, signature, shown))
                }
                Some("redacted_thinking") => ("data", signer.verifies(Seal::Redacted, text("data"), "")),
                _ => continue,
            };
            if !known {
                let kind = string(block, "type").unwrap_or_default();
                let message = format!("messages.{at}.content.{index}: Invalid `{field}` in `{kind}` block");
                return Err(Refusal::invalid(message));
            }
        }
    }
    Ok(())
}
