//! Messages to turns.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::notes::{Notes, shown};
use super::thread::Thread;
use super::{invalid, parts};
use crate::ask::AskError;
use crate::canon::{Block, Loss, Role, ToolCall, Turn};
use crate::json::{self, Fields};

/// Where all messages stand, for what is told of them.
const MESSAGES: &str = "messages[]";

pub(super) fn read(fields: &Fields<'_>, notes: &mut Notes) -> Result<Vec<Turn>, AskError> {
    let wrong = || invalid("messages", "`messages` must be a list with at least one message.");
    let list =
        fields.get("messages").and_then(json::items).filter(|list| !list.is_empty()).ok_or_else(wrong)?;
    let mut thread = Thread::default();
    for (index, message) in list.into_iter().enumerate() {
        let place = format!("messages[{index}]");
        let fields = Fields::of(message)
            .ok_or_else(|| invalid(&place, format!("`{place}` must be an object with a `role`.")))?;
        Message { fields, place, notes }.read(&mut thread)?;
    }
    Ok(thread.into_turns())
}

struct Message<'a, 'n> {
    fields: Fields<'a>,
    /// `messages[3]`
    place: String,
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
                let place = self.at("role");
                let found = shown(unknown);
                let message =
                    format!("`{place}` is `{found}`; it must be system, developer, user, assistant or tool.");
                return Err(invalid(&place, message));
            }
        }
        Ok(())
    }

    fn at(&self, field: &str) -> String {
        format!("{}.{field}", self.place)
    }

    fn rest(&mut self, known: &[&str]) {
        self.notes.rest(MESSAGES, &self.fields, known);
    }

    fn content(&mut self) -> Result<Vec<Block>, AskError> {
        let Some(content) = self.fields.get("content") else { return Ok(Vec::new()) };
        parts::read(content, &self.at("content"), self.notes)
    }

    /// The content of somebody who doesn't show images: the other dialect has no place for one there.
    fn text_only(&mut self) -> Result<Vec<Block>, AskError> {
        let blocks = self.content()?;
        if blocks.iter().any(|block| matches!(block, Block::Image(_) | Block::Document { .. })) {
            let place = self.at("content");
            self.notes.meaning(&place);
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
                self.notes.add(&format!("{MESSAGES}.{echo}"), Loss::Nothing);
            }
        }
        if self.fields.get("audio").is_some() {
            let place = self.at("audio");
            self.notes.meaning(&place);
        }
        let mut blocks = Vec::new();
        let thinking = self.fields.text("reasoning_content").or_else(|| self.fields.text("reasoning"));
        blocks.extend(thinking.map(|thinking| Block::Thinking(thinking.into_owned())));
        blocks.extend(self.text_only()?);
        let refusal = self.fields.text("refusal");
        blocks.extend(refusal.map(|refusal| Block::Refusal(refusal.into_owned())));
        self.calls(&mut blocks)?;
        Ok(blocks)
    }

    fn calls(&mut self, blocks: &mut Vec<Block>) -> Result<(), AskError> {
        let place = self.at("tool_calls");
        if let Some(calls) = self.fields.get("tool_calls") {
            let calls = json::items(calls)
                .ok_or_else(|| invalid(&place, format!("`{place}` must be a list of tool calls.")))?;
            for (index, call) in calls.into_iter().enumerate() {
                let place = format!("{place}[{index}]");
                let call = Fields::of(call).ok_or_else(|| {
                    invalid(&place, format!("`{place}` must be an object with a `function`."))
                })?;
                if call.object("custom").is_some() {
                    self.notes.meaning(&format!("{place}.custom"));
                    continue;
                }
                let id = call.text("id").unwrap_or_default();
                let function = call.object("function");
                let place = format!("{place}.function");
                blocks.push(call_of(id, function.as_ref(), &place)?);
            }
        }
        if let Some(function) = self.fields.object("function_call") {
            blocks.push(call_of(Cow::Borrowed(""), Some(&function), &self.at("function_call"))?);
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
        let place = self.at("tool_call_id");
        Err(match id {
            Some(id) => {
                let id = shown(&id);
                let message = format!(
                    "`{place}` is `{id}`, but no assistant message before it has a tool call with this id. \
                     Send the call with its result."
                );
                invalid(&place, message)
            }
            None => {
                invalid(&place, format!("`{place}` is missing; it must be the id of the call answered here."))
            }
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
        let place = self.at("name");
        let message = format!(
            "`{place}` must be the function that the assistant message before it calls. Send the call with its result."
        );
        Err(invalid(&place, message))
    }
}

fn call_of(id: Cow<'_, str>, function: Option<&Fields<'_>>, place: &str) -> Result<Block, AskError> {
    let name = function.and_then(|function| function.text("name")).ok_or_else(|| {
        let place = format!("{place}.name");
        invalid(&place, format!("`{place}` must be a non-empty string."))
    })?;
    let arguments =
        function.and_then(|function| function.get("arguments")).map(arguments_of).unwrap_or_default();
    Ok(Block::ToolCall(ToolCall {
        id: id.into_owned(),
        name: name.into_owned(),
        arguments: arguments.into_owned(),
    }))
}

/// Arguments are JSON in a string; some hosts' clients send the JSON itself.
fn arguments_of(value: &RawValue) -> Cow<'_, str> {
    json::text(value).unwrap_or(Cow::Borrowed(value.get()))
}
