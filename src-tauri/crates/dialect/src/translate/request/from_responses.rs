//! A request of OpenAI's Responses API to the canonical form.
//!
//! Read field by field: whatever has no line here is an unknown field, and the client is told that it was left
//! out. The conversation itself is a flat list of items, see [`input`]; what may be called is a list of tools
//! of a dozen kinds, see [`tools`].

use std::borrow::Cow;

use super::notes::Notes;
use super::place::Place;
use super::values;
use crate::ask::AskError;
use crate::canon::{Block, Conversation, Format, Reasoning, Role, ToolChoice, Turn};
use crate::json::{self, Fields, Raw};
use crate::translate::ToolOrigin;

mod content;
mod input;
mod tools;

use input::Input;
use tools::Tools;

/// The request, and its tools that must get their own names back in the answer.
pub(super) fn read(fields: &Fields<'_>) -> Result<(Conversation, Vec<ToolOrigin>), AskError> {
    let mut request = Request::default();
    for (name, value) in fields.present() {
        request.field(name, value)?;
    }
    request.finish(fields)
}

#[derive(Default)]
struct Request<'a> {
    conversation: Conversation,
    notes: Notes,
    tools: Tools,
    /// A part of the conversation lies at a provider, so calls may be missing here.
    elsewhere: bool,
    instructions: Option<Cow<'a, str>>,
    tool_choice: Option<Raw<'a>>,
}

impl<'a> Request<'a> {
    fn field(&mut self, name: &str, value: Raw<'a>) -> Result<(), AskError> {
        match name {
            "model" => self.conversation.model = values::text(name, value)?.into_owned(),
            "stream" => self.conversation.stream = value.is_true(),
            "instructions" => self.instructions = Some(values::text(name, value)?),
            "tools" => self.tools.declare(&Place::of(name), value, &mut self.notes)?,
            "tool_choice" => self.tool_choice = Some(value),
            "parallel_tool_calls" => self.conversation.parallel_tools = Some(values::flag(name, value)?),
            "max_output_tokens" => self.conversation.max_output = values::limit(name, value)?,
            "temperature" => self.conversation.sampling.temperature = Some(values::number(name, value)?),
            "top_p" => self.conversation.sampling.top_p = Some(values::number(name, value)?),
            "text" => self.text(&values::object(name, value, "an object")?, &Place::of(name))?,
            "reasoning" => self.reasoning(&values::object(name, value, "an object")?),
            // The newer name of `user`, which it replaces.
            "safety_identifier" => self.conversation.user = Some(values::text(name, value)?.into_owned()),
            "user" => {
                let user = values::text(name, value)?;
                self.conversation.user.get_or_insert_with(|| user.into_owned());
            }
            "previous_response_id" | "conversation" | "prompt" => {
                self.elsewhere = true;
                self.notes.meaning(name);
            }
            // An answer to be fetched later, and a request that wants none.
            "background" if value.is_true() => self.notes.meaning(name),
            "generate" if value.get() == "false" => self.notes.meaning(name),
            "include" => {
                let mut wanted = json::items(value).unwrap_or_default();
                if wanted.any(|wanted| wanted.get().contains("logprobs")) {
                    self.notes.told(name);
                }
            }
            "top_logprobs" if value.get() == "0" => {}
            // Bookkeeping, caching, billing, the shape of the stream, and what happens when the context is full:
            // the answer is the same answer without them. `max_tool_calls` limits tools that OpenAI runs.
            // `input` is read at the end, when the tools are known.
            "input"
            | "store"
            | "metadata"
            | "client_metadata"
            | "prompt_cache_key"
            | "prompt_cache_options"
            | "prompt_cache_retention"
            | "service_tier"
            | "stream_options"
            | "truncation"
            | "background"
            | "background_options"
            | "generate"
            | "max_tool_calls"
            | "access_programs"
            | "image" => {}
            _ => self.notes.told(super::notes::plain(name)),
        }
        Ok(())
    }

    /// `text`: the answer's form.
    fn text(&mut self, fields: &Fields<'_>, at: &Place<'_>) -> Result<(), AskError> {
        self.notes.unknown(at, fields, &["format"]);
        let Some(format) = fields.get("format") else { return Ok(()) };
        let at = at.field("format");
        let format = values::object(at, format, "an object with a `type`")?;
        match format.text("type").as_deref() {
            Some("text") => self.conversation.format = Format::Text,
            Some("json_object") => self.conversation.format = Format::JsonObject,
            Some("json_schema") => self.conversation.format = json_schema(&format, &at)?,
            _ => self.notes.meaning(at),
        }
        Ok(())
    }

    fn reasoning(&mut self, fields: &Fields<'_>) {
        for (name, value) in fields.present() {
            match (name, json::text(value).as_deref()) {
                ("effort", Some("none")) => self.conversation.reasoning = Some(Reasoning::Off),
                ("effort", Some(effort)) => {
                    self.conversation.reasoning = Some(Reasoning::Effort(effort.to_owned()));
                }
                // How thinking is shown, and which of it is kept: nothing that changes what is thought.
                ("summary" | "generate_summary" | "context", _) | ("mode", Some("standard")) => {}
                _ => self.notes.unknown_field(&Place::of("reasoning"), name),
            }
        }
    }

    fn finish(mut self, fields: &Fields<'a>) -> Result<(Conversation, Vec<ToolOrigin>), AskError> {
        let instructions = self.instructions.take().filter(|text| !text.is_empty());
        let mut turns: Vec<Turn> = instructions
            .map(|text| Turn { role: Role::System, blocks: vec![Block::Text(text.into_owned())] })
            .into_iter()
            .collect();
        match fields.get("input") {
            Some(input) if json::literal(input).is_some() => {
                let blocks = vec![Block::Text(values::text("input", input)?.into_owned())];
                turns.push(Turn { role: Role::User, blocks });
            }
            Some(input) if !input.is_list() => {
                return Err(AskError::must_be("input", "a text or a list of items"));
            }
            Some(input) => {
                let at = Place::of("input");
                let mut conversation = Input::default();
                for item in values::objects(&at, input, "an object with a `type`")? {
                    let (index, item) = item?;
                    conversation.add(&mut self, &at.element(index), &item)?;
                }
                turns.extend(conversation.finish(self.elsewhere)?);
            }
            None if self.elsewhere => {}
            None => return Err(AskError::missing("input", "a text or a list of items")),
        }
        self.conversation.turns = turns;
        if let Some(choice) = self.tool_choice {
            self.conversation.tool_choice = self.tools.choose(choice, &mut self.notes);
        }
        let (tools, origins) = self.tools.finish(&mut self.notes);
        if tools.is_empty() {
            // Every tool was left out, or none was offered: nothing to choose among, and vendors refuse a choice.
            if self.conversation.tool_choice == Some(ToolChoice::Required) {
                self.notes.meaning("tool_choice");
            }
            self.conversation.tool_choice = None;
            self.conversation.parallel_tools = None;
        }
        self.conversation.tools = tools;
        self.conversation.unmapped = self.notes.into_unmapped();
        Ok((self.conversation, origins))
    }
}

fn json_schema(format: &Fields<'_>, at: &Place<'_>) -> Result<Format, AskError> {
    Ok(Format::JsonSchema {
        name: format.text("name").map(Cow::into_owned),
        description: format.text("description").map(Cow::into_owned),
        schema: values::schema(at.field("schema"), format.get("schema"))?,
        strict: format.get("strict").map(Raw::is_true),
    })
}

#[cfg(test)]
mod tests;
