//! Turns to messages.
//!
//! The results of an assistant's calls have to follow it at once, one message each, whatever else the turns
//! behind it say. So turns are written in groups: an assistant's, and everything up to the next assistant's.

use std::borrow::Cow;
use std::collections::HashMap;

use super::ids::Ids;
use crate::canon::{Block, Role, ToolCall, ToolResult, Turn};
use crate::translate::request::spelling::Names;
use crate::translate::request::terms::Terms;
use crate::translate::request::{Losses, Question, TranslateError, untranslatable};
use crate::wire::chat::{Called, Content, Function, Message, Part, ToolCall as Call};

mod files;

/// Between the texts of one turn.
const GAP: &str = "\n\n";

pub(super) fn write<'a>(
    turns: &'a [Turn],
    names: &'a Names,
    terms: &'static Terms,
    question: &'a Question<'_>,
    losses: &mut Losses,
) -> Result<Vec<Message<'a>>, TranslateError> {
    let messages = Vec::with_capacity(turns.len());
    let ids = Ids::of(question.model);
    let mut writer = Writer { messages, names, ids, terms, question, losses };
    for group in turns.chunk_by(|_, next| next.role != Role::Assistant) {
        match group.split_first() {
            Some((said, behind)) if said.role == Role::Assistant => {
                writer.assistant(said)?;
                writer.behind(behind)?;
            }
            _ => writer.behind(group)?,
        }
    }
    Ok(writer.messages)
}

struct Writer<'a, 'l> {
    messages: Vec<Message<'a>>,
    names: &'a Names,
    ids: Ids,
    terms: &'static Terms,
    question: &'a Question<'a>,
    losses: &'l mut Losses,
}

impl<'a> Writer<'a, '_> {
    fn assistant(&mut self, turn: &'a Turn) -> Result<(), TranslateError> {
        let (mut texts, mut calls) = (Vec::new(), Vec::new());
        for block in &turn.blocks {
            match block {
                // A refusal's words are the answer; the field for them is OpenAI's own.
                Block::Text(text) | Block::Refusal(text) => texts.push(Cow::Borrowed(text.as_str())),
                Block::ToolCall(call) => calls.push(self.call(call)),
                Block::Thinking(_) => {}
                // Nobody takes pictures by the assistant.
                Block::Image(_) | Block::Document { .. } => self.losses.tell(self.terms.image),
                Block::ToolResult(_) => return Err(self.misplaced()),
            }
        }
        let text = joined(texts);
        if text.is_none() && calls.is_empty() {
            return Ok(());
        }
        // Calls that no result has followed yet and more of the assistant's: one message, for results can
        // only stand behind one.
        if let Some(Message::Assistant { content, tool_calls }) = self.messages.last_mut()
            && !tool_calls.is_empty()
        {
            *content = joined(content.take().into_iter().chain(text));
            tool_calls.extend(calls);
            return Ok(());
        }
        self.messages.push(Message::Assistant { content: text, tool_calls: calls });
        Ok(())
    }

    fn call(&self, call: &'a ToolCall) -> Call<'a> {
        let ToolCall { id, name, arguments } = call;
        // Nothing is no JSON; what is broken stays as the model wrote it, for it is text here.
        let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
        Call {
            id: self.ids.sent(id),
            r#type: Function::Function,
            function: Called { name: self.names.sent(name), arguments },
        }
    }

    /// Everything between two turns of the assistant: its results first, then the rest in its order.
    fn behind(&mut self, turns: &'a [Turn]) -> Result<(), TranslateError> {
        let mut attachments = self.results(turns)?;
        for turn in turns {
            match turn.role {
                Role::System => self.system(turn)?,
                Role::User | Role::Assistant => self.user(turn, &mut attachments)?,
            }
        }
        self.say(attachments);
        Ok(())
    }

    fn system(&mut self, turn: &'a Turn) -> Result<(), TranslateError> {
        let mut texts = Vec::new();
        for block in &turn.blocks {
            match block {
                Block::Text(text) | Block::Refusal(text) => texts.push(Cow::Borrowed(text.as_str())),
                Block::Thinking(_) => {}
                Block::Image(_) | Block::Document { .. } | Block::ToolCall(_) | Block::ToolResult(_) => {
                    return Err(self.misplaced());
                }
            }
        }
        if let Some(content) = joined(texts) {
            self.messages.push(Message::System { content });
        }
        Ok(())
    }

    /// What the user says; the results among it are written already, and what hung on them comes first.
    fn user(&mut self, turn: &'a Turn, attachments: &mut Vec<Part<'a>>) -> Result<(), TranslateError> {
        let mut parts = Vec::new();
        for block in &turn.blocks {
            match block {
                Block::Text(text) | Block::Refusal(text) => parts.extend(text_part(text)),
                Block::Image(source) => parts.push(self.image(source)?),
                Block::Document { source, name } => parts.push(self.document(source, name.as_deref())?),
                Block::ToolResult(_) | Block::Thinking(_) => {}
                Block::ToolCall(_) => return Err(self.misplaced()),
            }
        }
        if !parts.is_empty() {
            parts.splice(..0, attachments.drain(..));
            self.say(parts);
        }
        Ok(())
    }

    /// A message of the user's; a string if it is nothing but text, which every host reads.
    fn say(&mut self, parts: Vec<Part<'a>>) {
        if parts.is_empty() {
            return;
        }
        let content = if parts.iter().all(|part| matches!(part, Part::Text { .. })) {
            let texts = parts.into_iter().filter_map(|part| match part {
                Part::Text { text } => Some(text),
                Part::ImageUrl { .. } | Part::File { .. } => None,
            });
            Content::Text(joined(texts).unwrap_or_default())
        } else {
            Content::Parts(parts)
        };
        self.messages.push(Message::User { content });
    }

    /// One message a result, in the order of the calls. Hands back what can't stand in them.
    fn results(&mut self, turns: &'a [Turn]) -> Result<Vec<Part<'a>>, TranslateError> {
        let mut results: Vec<&ToolResult> = Vec::new();
        for block in turns.iter().flat_map(|turn| &turn.blocks) {
            if let Block::ToolResult(result) = block {
                results.push(result);
            }
        }
        if results.len() > 1
            && let Some(Message::Assistant { content: _, tool_calls }) = self.messages.last()
        {
            let order: HashMap<Cow<'_, str>, usize> =
                tool_calls.iter().enumerate().map(|(place, call)| (call.id.clone(), place)).collect();
            results
                .sort_by_key(|result| order.get(&self.ids.sent(&result.id)).copied().unwrap_or(usize::MAX));
        }
        let mut attachments = Vec::new();
        for result in results {
            self.result(result, &mut attachments)?;
        }
        Ok(attachments)
    }

    fn result(
        &mut self,
        result: &'a ToolResult,
        attachments: &mut Vec<Part<'a>>,
    ) -> Result<(), TranslateError> {
        let ToolResult { id, content, is_error } = result;
        let id = self.ids.sent(id);
        let (mut texts, mut attached) = (Vec::new(), Vec::new());
        for block in content {
            match block {
                Block::Text(text) | Block::Refusal(text) => texts.push(Cow::Borrowed(text.as_str())),
                Block::Image(source) => attached.push(self.image(source)?),
                Block::Document { source, name } => match self.document(source, name.as_deref())? {
                    Part::Text { text } => texts.push(text),
                    part => attached.push(part),
                },
                Block::Thinking(_) => {}
                Block::ToolCall(_) | Block::ToolResult(_) => return Err(self.misplaced()),
            }
        }
        let mut text = joined(texts);
        if !attached.is_empty() {
            self.losses.tell(self.terms.attachment);
            text = text.or(Some(Cow::Borrowed("The result is in the next message.")));
            attachments.push(Part::Text { text: Cow::Owned(format!("From the result of tool call {id}:")) });
            attachments.append(&mut attached);
        }
        if *is_error {
            text = Some(match text {
                Some(text) => Cow::Owned(format!("The tool call failed: {text}")),
                None => Cow::Borrowed("The tool call failed."),
            });
        }
        self.messages.push(Message::Tool { tool_call_id: id, content: text.unwrap_or_default() });
        Ok(())
    }

    /// Something where this dialect has no place for it.
    fn misplaced(&self) -> TranslateError {
        untranslatable(self.terms.content)
    }
}

/// The texts that say something, with a blank line between them.
fn joined<'a>(texts: impl IntoIterator<Item = Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let mut whole: Option<Cow<'a, str>> = None;
    for text in texts {
        match &mut whole {
            _ if text.is_empty() => {}
            None => whole = Some(text),
            Some(whole) => {
                let whole = whole.to_mut();
                whole.push_str(GAP);
                whole.push_str(&text);
            }
        }
    }
    whole
}

fn text_part(text: &str) -> Option<Part<'_>> {
    (!text.is_empty()).then_some(Part::Text { text: Cow::Borrowed(text) })
}
