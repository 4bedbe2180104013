//! Messages to turns.

use std::borrow::Cow;

use super::parts;
use super::thread::Thread;
use crate::ask::AskError;
use crate::canon::{Block, Role, ToolCall, Turn};
use crate::json::{self, Fields, Raw};
use crate::translate::request::notes::{Notes, shown};
use crate::translate::request::place::Place;
use crate::translate::request::values;

pub(super) fn read(fields: &Fields<'_>, notes: &mut Notes) -> Result<Vec<Turn>, AskError> {
    let wrong = || AskError::must_be("messages", "a list with at least one message");
    let list = fields.get("messages").filter(|list| list.is_list()).ok_or_else(wrong)?;
    let messages = Place::of("messages");
    let mut thread = Thread::default();
    let mut is_empty = true;
    for message in values::objects(&messages, list, "an object with a `role`")? {
        let (index, fields) = message?;
        is_empty = false;
        Message { fields, at: messages.element(index), notes }.read(&mut thread)?;
    }
    if is_empty {
        return Err(wrong());
    }
    Ok(thread.into_turns())
}

struct Message<'a, 'n> {
    fields: Fields<'a>,
    /// `messages[3]`
    at: Place<'n>,
    notes: &'n mut Notes,
}

impl Message<'_, '_> {
    fn read(mut self, thread: &mut Thread) -> Result<(), AskError> {
        let role = self.fields.text("role").unwrap_or_default();
        match role.as_ref() {
            // `developer` is what OpenAI's reasoning models call the system's messages.
            "system" | "developer" => {
                self.rest(&["role", "content"]);
                let blocks = self.text_only()?;
                thread.push(Role::System, blocks);
            }
            "user" => {
                self.rest(&["role", "content"]);
                let blocks = self.content()?;
                thread.push(Role::User, blocks);
            }
            "assistant" => {
                let blocks = self.assistant()?;
                thread.push(Role::Assistant, blocks);
            }
            "tool" => self.tool(thread)?,
            "function" => self.function(thread)?,
            unknown => {
                let found =
                    if unknown.is_empty() { String::new() } else { format!(", not {}", shown(unknown)) };
                let roles = format!("system, developer, user, assistant or tool{found}");
                return Err(AskError::must_be(self.at.field("role"), &roles));
            }
        }
        Ok(())
    }

    fn rest(&mut self, known: &[&str]) {
        self.notes.unknown(&self.at, &self.fields, known);
    }

    fn content(&mut self) -> Result<Vec<Block>, AskError> {
        let Some(content) = self.fields.get("content") else { return Ok(Vec::new()) };
        parts::read(content, &self.at.field("content"), self.notes)
    }

    /// Instructions don't show images: the other dialect has no place for one there.
    fn text_only(&mut self) -> Result<Vec<Block>, AskError> {
        let blocks = self.content()?;
        if blocks.iter().any(|block| matches!(block, Block::Image(_) | Block::Document { .. })) {
            self.notes.meaning(self.at.field("content"));
        }
        Ok(blocks)
    }

    fn assistant(&mut self) -> Result<Vec<Block>, AskError> {
        const KNOWN: [&str; 11] = [
            "role",
            "content",
            "refusal",
            "tool_calls",
            "function_call",
            "reasoning_content",
            "reasoning",
            "reasoning_details",
            "annotations",
            "parsed",
            "audio",
        ];
        self.rest(&KNOWN);
        // Echoes of an answer that SDKs send back; the provider doesn't read them.
        for echo in ["annotations", "parsed"] {
            if self.fields.get(echo).is_some() {
                self.notes.nothing(self.at.field(echo).anywhere());
            }
        }
        if self.fields.get("audio").is_some() {
            self.notes.meaning(self.at.field("audio"));
        }
        let mut blocks = Vec::new();
        let thinking = self.fields.text("reasoning_content").or_else(|| self.fields.text("reasoning"));
        blocks.extend(thinking.map(|thinking| Block::Thinking(thinking.into_owned())));
        blocks.extend(self.content()?);
        let refusal = self.fields.text("refusal");
        blocks.extend(refusal.map(|refusal| Block::Refusal(refusal.into_owned())));
        self.calls(&mut blocks)?;
        Ok(blocks)
    }

    fn calls(&mut self, blocks: &mut Vec<Block>) -> Result<(), AskError> {
        if let Some(calls) = self.fields.get("tool_calls") {
            let at = self.at.field("tool_calls");
            for call in values::objects(&at, calls, "an object with a `function`")? {
                let (index, call) = call?;
                let at = at.element(index);
                if call.object("custom").is_some() {
                    self.notes.meaning(at.field("custom"));
                    continue;
                }
                // Gemini's signature hangs on the call, and is of no use to anybody else.
                self.notes.unknown(&at, &call, &["index", "id", "type", "function", "extra_content"]);
                let id = call.text("id").unwrap_or_default();
                blocks.push(call_of(id, call.object("function").as_ref(), &at.field("function"))?);
            }
        }
        if let Some(function) = self.fields.object("function_call") {
            let at = self.at.field("function_call");
            blocks.push(call_of(Cow::Borrowed(""), Some(&function), &at)?);
        }
        Ok(())
    }

    fn tool(&mut self, thread: &mut Thread) -> Result<(), AskError> {
        // The name repeats the call's.
        self.rest(&["role", "content", "tool_call_id", "name"]);
        let content = self.content()?;
        let id = self.fields.text("tool_call_id");
        let found = match &id {
            Some(id) => thread.answer(id, content),
            None => thread.answer_next(None, content),
        };
        if found {
            return Ok(());
        }
        let at = self.at.field("tool_call_id");
        Err(match id {
            Some(id) => {
                let id = shown(&id);
                let message = format!(
                    "`{at}` is `{id}`, but no assistant message before it has a tool call with this id. Send the \
                     call with its result."
                );
                AskError::of(at, message)
            }
            None => AskError::missing(at, "the id of the call that is answered here"),
        })
    }

    /// The older form of a result, joined to its call by the function's name.
    fn function(&mut self, thread: &mut Thread) -> Result<(), AskError> {
        self.rest(&["role", "content", "name"]);
        let content = self.content()?;
        let name = self.fields.text("name");
        if thread.answer_next(name.as_deref(), content) {
            return Ok(());
        }
        let what = "the function that the assistant message before it calls";
        Err(AskError::must_be(self.at.field("name"), what))
    }
}

fn call_of(id: Cow<'_, str>, function: Option<&Fields<'_>>, at: &Place<'_>) -> Result<Block, AskError> {
    let name = function.and_then(|function| function.text("name"));
    let name = name.ok_or_else(|| AskError::must_be(at.field("name"), "a non-empty string"))?;
    let arguments =
        function.and_then(|function| function.get("arguments")).map(arguments_of).unwrap_or_default();
    Ok(Block::ToolCall(ToolCall { id: id.into_owned(), name: name.into_owned(), arguments }))
}

/// Arguments are JSON in a string; some hosts' clients send the JSON itself.
fn arguments_of(value: Raw<'_>) -> String {
    json::text(value).unwrap_or_else(|| json::paired(value.get())).into_owned()
}
