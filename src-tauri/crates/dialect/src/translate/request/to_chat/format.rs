//! The form of the answer.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::terms::Terms;
use super::{names, shorten};
use crate::canon::Format;
use crate::translate::ModelTraits;
use crate::translate::request::Losses;
use crate::wire::chat::{JsonSchema, Message, ResponseFormat};

/// Schemas have names here, and elsewhere have none.
const DEFAULT_NAME: &str = "answer";

/// `response_format`. A model that knows no schemas is asked for any JSON and shown the schema, which is told.
pub(super) fn write<'a>(
    format: &'a Format,
    traits: &ModelTraits,
    terms: Terms,
    messages: &mut Vec<Message<'a>>,
    losses: &mut Losses,
) -> Option<ResponseFormat<'a>> {
    match format {
        Format::Text => None,
        Format::JsonObject => Some(ResponseFormat::JsonObject),
        Format::JsonSchema { schema, .. } if !traits.structured_output => {
            losses.tell(terms.format);
            instruct(messages, schema);
            Some(ResponseFormat::JsonObject)
        }
        Format::JsonSchema { name, description, schema, strict } => {
            let json_schema = JsonSchema {
                name: name.as_deref().map_or(Cow::Borrowed(DEFAULT_NAME), spelt),
                description: description.as_deref(),
                schema,
                strict: *strict,
            };
            Some(ResponseFormat::JsonSchema { json_schema })
        }
    }
}

/// A schema's name is bound by the same rules as a tool's.
fn spelt(name: &str) -> Cow<'_, str> {
    let plain = names::plain(name);
    match shorten::to(&plain, names::LONGEST) {
        Cow::Owned(short) => Cow::Owned(short),
        Cow::Borrowed(_) => plain,
    }
}

/// Puts the schema behind the instructions at the start: many hosts' models take instructions only there.
fn instruct(messages: &mut Vec<Message<'_>>, schema: &RawValue) {
    let words = format!(
        "Answer with one JSON object that matches this JSON Schema, and with nothing around it:\n{}",
        schema.get()
    );
    let leading = messages.iter().take_while(|message| matches!(message, Message::System { .. })).count();
    match messages.get_mut(..leading).and_then(<[_]>::last_mut) {
        Some(Message::System { content }) => *content = Cow::Owned(format!("{content}\n\n{words}")),
        _ => messages.insert(0, Message::System { content: Cow::Owned(words) }),
    }
}
