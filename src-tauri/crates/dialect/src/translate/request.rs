//! A request through the canonical form: one reader and one writer, chosen by the two dialects.

use std::fmt::Display;

use super::{Question, TranslateError, Translated};
use crate::Api;
use crate::ask::body_fields;
use crate::canon::{Loss, Unmapped};

mod effort;
mod from_chat;
mod from_messages;
mod from_responses;
mod instructions;
mod media;
mod notes;
mod place;
mod spelling;
mod terms;
mod to_chat;
mod to_messages;
mod values;

pub(super) fn translate(question: &Question<'_>) -> Result<Translated, TranslateError> {
    let fields = body_fields(question.body)?;
    let (conversation, tools) = match question.from {
        Api::ChatCompletions => (from_chat::read(&fields)?, Vec::new()),
        Api::Messages => (from_messages::read(&fields)?, Vec::new()),
        Api::Responses => from_responses::read(&fields)?,
        Api::Embeddings => return Err(untranslatable("input")),
    };
    let mut translated = match question.to {
        Api::ChatCompletions => to_chat::write(conversation, question),
        Api::Messages => to_messages::write(conversation, question),
        Api::Responses | Api::Embeddings => Err(refused(
            "model",
            "nothing is translated into this API; its hosts are asked for chat completions",
        )),
    }?;
    translated.memory.tools = tools;
    Ok(translated)
}

/// What a translation leaves out, as the client is told.
#[derive(Debug, Default)]
struct Losses(Vec<String>);

impl Losses {
    /// Refuses what would change the meaning, and remembers what is worth a word.
    fn of(unmapped: Vec<Unmapped>) -> Result<Self, TranslateError> {
        let mut losses = Self::default();
        for Unmapped { field, loss } in unmapped {
            match loss {
                Loss::Nothing => {}
                Loss::Told => losses.tell(&field),
                Loss::Meaning => return Err(untranslatable(&field)),
            }
        }
        Ok(losses)
    }

    fn tell(&mut self, field: &str) {
        if !self.0.iter().any(|known| known == field) {
            self.0.push(field.to_owned());
        }
    }

    fn into_dropped(self) -> Vec<String> {
        self.0
    }
}

fn untranslatable(field: &str) -> TranslateError {
    TranslateError::Untranslatable {
        field: field.to_owned(),
        message: format!(
            "`{field}` can't be said in the other provider's dialect, and the answer would not be what was asked \
             for without it. Leave it out, or pin the request to a provider that speaks your dialect."
        ),
    }
}

/// The request can't go to the other provider for this field; `why` names the fix.
fn refused(field: &str, why: impl Display) -> TranslateError {
    TranslateError::Untranslatable { field: field.to_owned(), message: format!("`{field}`: {why}.") }
}
