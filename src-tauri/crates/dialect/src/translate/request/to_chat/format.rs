//! The form of the answer.

use std::borrow::Cow;

use super::exact::is_exact;
use super::{LONGEST_NAME, spelling};
use crate::Api;
use crate::canon::Format;
use crate::translate::request::terms::Terms;
use crate::translate::request::{Losses, Question, instructions};
use crate::wire::chat::{JsonSchema, Message, ResponseFormat};

/// Schemas have names here, and elsewhere have none.
const DEFAULT_NAME: &str = "answer";

/// `response_format`. A model that knows no schemas is asked for any JSON and shown the schema, which is told.
pub(super) fn write<'a>(
    format: &'a Format,
    question: &Question<'_>,
    terms: &Terms,
    messages: &mut Vec<Message<'a>>,
    losses: &mut Losses,
) -> Option<ResponseFormat<'a>> {
    match format {
        Format::Text => None,
        Format::JsonObject => Some(ResponseFormat::JsonObject),
        Format::JsonSchema { schema, description, .. } if !question.traits.structured_output => {
            losses.tell(terms.format);
            instruct(messages, Cow::Owned(instructions::json_schema(description.as_deref(), schema)));
            Some(ResponseFormat::JsonObject)
        }
        Format::JsonSchema { name, description, schema, strict } => {
            let strict = match question.from {
                // There it always matches, without a word for it.
                Api::Messages if is_exact(schema) => Some(true),
                Api::Messages => {
                    losses.tell(terms.format);
                    None
                }
                _ => *strict,
            };
            let name =
                name.as_deref().map_or(DEFAULT_NAME.to_owned(), |name| spelling::letters(name, LONGEST_NAME));
            let json_schema = JsonSchema { name, description: description.as_deref(), schema, strict };
            Some(ResponseFormat::JsonSchema { json_schema })
        }
    }
}

/// Puts words of ours behind the instructions at the start: many hosts' models take instructions only there.
pub(super) fn instruct<'a>(messages: &mut Vec<Message<'a>>, words: Cow<'a, str>) {
    let leading = messages.iter().take_while(|message| matches!(message, Message::System { .. })).count();
    match messages.get_mut(..leading).and_then(<[_]>::last_mut) {
        Some(Message::System { content }) => *content = Cow::Owned(format!("{content}\n\n{words}")),
        _ => messages.insert(0, Message::System { content: words }),
    }
}
