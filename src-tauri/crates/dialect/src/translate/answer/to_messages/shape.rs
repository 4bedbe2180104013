//! The shapes of Anthropic's events and messages, fields in that vendor's order.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::super::counts;

/// One event's data.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerEvent<'a> {
    MessageStart { message: Message<'a> },
    ContentBlockStart { index: usize, content_block: Content<'a> },
    ContentBlockDelta { index: usize, delta: &'a Delta<'a> },
    ContentBlockStop { index: usize },
    MessageDelta { delta: End<'a>, usage: counts::Messages },
    MessageStop {},
}

#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    pub(super) id: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) role: &'a str,
    pub(super) model: &'a str,
    pub(super) content: Vec<Content<'a>>,
    pub(super) stop_reason: Option<&'a str>,
    pub(super) stop_sequence: Option<&'a str>,
    pub(super) usage: counts::Messages,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Content<'a> {
    Text { text: Cow<'a, str> },
    ToolUse { id: Cow<'a, str>, name: &'a str, input: Box<RawValue> },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Delta<'a> {
    TextDelta { text: &'a str },
    InputJsonDelta { partial_json: &'a str },
}

#[derive(Debug, Serialize)]
pub(super) struct End<'a> {
    pub(super) stop_reason: &'a str,
    pub(super) stop_sequence: Option<&'a str>,
}

/// A call's arguments as Anthropic has them: an object instead of its text. What is none (models err, and token
/// limits cut) is handed on as text, in the wrapping that the vendor documents for such input: its API refuses a
/// history in which a call's input is anything else. `null` is how some hosts spell that there are none.
pub(super) fn input(arguments: &str) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Wrapped<'a> {
        #[serde(rename = "INVALID_JSON")]
        text: &'a str,
    }
    let trimmed = arguments.trim_ascii();
    if trimmed.is_empty() || trimmed == "null" {
        return RawValue::from_string("{}".to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned());
    }
    if trimmed.starts_with('{')
        && let Ok(input) = RawValue::from_string(trimmed.to_owned())
    {
        return input;
    }
    serde_json::value::to_raw_value(&Wrapped { text: arguments })
        .unwrap_or_else(|_| RawValue::NULL.to_owned())
}
