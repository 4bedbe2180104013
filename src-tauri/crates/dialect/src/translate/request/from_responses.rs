//! A request of OpenAI's Responses API to the canonical form.
//!
//! Read field by field: whatever has no line here is an unknown field, and the client is told that it was left
//! out. The conversation itself is a flat list of items, see [`input`]; what may be called is a list of tools
//! of a dozen kinds, see [`tools`].

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::ask::AskError;
use crate::canon::{Block, Conversation, Format, Loss, Reasoning, Role, ToolChoice, Turn, Unmapped};
use crate::json::{self, Fields};
use crate::translate::ToolOrigin;

mod content;
mod input;
mod tools;

use input::Input;
use tools::Tools;

/// The request, and its tools that must get their own names back in the answer.
pub(super) fn read(body: &[u8]) -> Result<(Conversation, Vec<ToolOrigin>), AskError> {
    let text =
        std::str::from_utf8(body).map_err(|_| AskError::body("The body is not JSON: it is not UTF-8."))?;
    let fields = Fields::parse(text)
        .map_err(|error| AskError::body(format!("The body is no JSON object: {error}.")))?;
    let mut request = Request::default();
    for (name, value) in fields.iter().filter(|(_, value)| value.get() != "null") {
        request.field(name, value)?;
    }
    request.finish(&fields)
}

#[derive(Default)]
struct Request<'a> {
    conversation: Conversation,
    losses: Vec<Unmapped>,
    tools: Tools,
    /// A part of the conversation lies at a provider, so calls may be missing here.
    elsewhere: bool,
    instructions: Option<Cow<'a, str>>,
    tool_choice: Option<&'a RawValue>,
}

impl<'a> Request<'a> {
    fn field(&mut self, name: &str, value: &'a RawValue) -> Result<(), AskError> {
        match name {
            "model" => self.conversation.model = text(name, value)?.into_owned(),
            "stream" => self.conversation.stream = value.get() == "true",
            "instructions" => self.instructions = Some(text(name, value)?),
            "tools" => self.tools.declare(name, value, &mut self.losses)?,
            "tool_choice" => self.tool_choice = Some(value),
            "parallel_tool_calls" => self.conversation.parallel_tools = Some(flag(name, value)?),
            "max_output_tokens" => self.conversation.max_output = Some(count(name, value)?),
            "temperature" => self.conversation.sampling.temperature = Some(number(name, value)?),
            "top_p" => self.conversation.sampling.top_p = Some(number(name, value)?),
            "text" => self.text(&object(name, value)?, "text")?,
            "reasoning" => self.reasoning(&object(name, value)?),
            // The newer name of `user`, which it replaces.
            "safety_identifier" => self.conversation.user = Some(text(name, value)?.into_owned()),
            "user" => {
                let user = text(name, value)?;
                self.conversation.user.get_or_insert_with(|| user.into_owned());
            }
            "previous_response_id" | "conversation" | "prompt" => {
                self.elsewhere = true;
                self.lose(name, Loss::Meaning);
            }
            // An answer to be fetched later, and a request that wants none.
            "background" if value.get() == "true" => self.lose(name, Loss::Meaning),
            "generate" if value.get() == "false" => self.lose(name, Loss::Meaning),
            "include" => {
                let wanted = json::items(value).unwrap_or_default();
                if wanted.into_iter().any(|wanted| wanted.get().contains("logprobs")) {
                    self.lose(name, Loss::Told);
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
            _ => self.lose(name, Loss::Told),
        }
        Ok(())
    }

    /// `text`: the answer's form.
    fn text(&mut self, fields: &Fields<'_>, at: &str) -> Result<(), AskError> {
        for (name, value) in fields.iter().filter(|(_, value)| value.get() != "null") {
            let at = format!("{at}.{name}");
            match name {
                "format" => {
                    let format = object(&at, value)?;
                    match format.text("type").as_deref() {
                        Some("text") => self.conversation.format = Format::Text,
                        Some("json_object") => self.conversation.format = Format::JsonObject,
                        Some("json_schema") => self.conversation.format = json_schema(&format, &at)?,
                        _ => self.lose(&at, Loss::Meaning),
                    }
                }
                _ => self.lose(&at, Loss::Told),
            }
        }
        Ok(())
    }

    fn reasoning(&mut self, fields: &Fields<'_>) {
        for (name, value) in fields.iter().filter(|(_, value)| value.get() != "null") {
            match (name, json::text(value).as_deref()) {
                ("effort", Some("none")) => self.conversation.reasoning = Some(Reasoning::Off),
                ("effort", Some(effort)) => {
                    self.conversation.reasoning = Some(Reasoning::Effort(effort.to_owned()));
                }
                // How thinking is shown, and which of it is kept: nothing that changes what is thought.
                ("summary" | "generate_summary" | "context", _) | ("mode", Some("standard")) => {}
                _ => self.lose(&format!("reasoning.{name}"), Loss::Told),
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
                let blocks = vec![Block::Text(text("input", input)?.into_owned())];
                turns.push(Turn { role: Role::User, blocks });
            }
            Some(input) => {
                let items = json::items(input)
                    .ok_or_else(|| AskError::of("input", "`input` must be a text or a list of items."))?;
                let mut conversation = Input::default();
                for (index, item) in items.into_iter().enumerate() {
                    conversation.add(&mut self, index, item)?;
                }
                turns.extend(conversation.finish(self.elsewhere)?);
            }
            None if self.elsewhere => {}
            None => {
                return Err(AskError::of(
                    "input",
                    "`input` is missing; it must be a text or a list of items.",
                ));
            }
        }
        self.conversation.turns = turns;
        if let Some(choice) = self.tool_choice {
            self.conversation.tool_choice = self.tools.choose(choice, &mut self.losses);
        }
        let (tools, origins) = self.tools.finish();
        if tools.is_empty() {
            // Every tool was left out, or none was offered: nothing to choose among, and vendors refuse a choice.
            if self.conversation.tool_choice == Some(ToolChoice::Required) {
                lose(&mut self.losses, "tool_choice", Loss::Meaning);
            }
            self.conversation.tool_choice = None;
            self.conversation.parallel_tools = None;
        }
        self.conversation.tools = tools;
        self.conversation.unmapped = self.losses;
        Ok((self.conversation, origins))
    }

    fn lose(&mut self, field: &str, loss: Loss) {
        lose(&mut self.losses, field, loss);
    }
}

fn lose(losses: &mut Vec<Unmapped>, field: impl Into<String>, loss: Loss) {
    losses.push(Unmapped { field: field.into(), loss });
}

fn json_schema(format: &Fields<'_>, at: &str) -> Result<Format, AskError> {
    let schema = format.get("schema").filter(|schema| schema.get().starts_with('{'));
    let at_schema = format!("{at}.schema");
    let schema = schema.ok_or_else(|| {
        AskError::of(&at_schema, format!("`{at_schema}` is missing; it must be a JSON Schema, an object."))
    })?;
    Ok(Format::JsonSchema {
        name: format.text("name").map(Cow::into_owned),
        description: format.text("description").map(Cow::into_owned),
        schema: schema.to_owned(),
        strict: format.get("strict").map(|strict| strict.get() == "true"),
    })
}

fn text<'a>(name: &str, value: &'a RawValue) -> Result<Cow<'a, str>, AskError> {
    json::text(value).ok_or_else(|| AskError::of(name, format!("`{name}` must be a text.")))
}

fn object<'a>(name: &str, value: &'a RawValue) -> Result<Fields<'a>, AskError> {
    Fields::of(value).ok_or_else(|| AskError::of(name, format!("`{name}` must be an object.")))
}

fn flag(name: &str, value: &RawValue) -> Result<bool, AskError> {
    match value.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(AskError::of(name, format!("`{name}` must be true or false."))),
    }
}

fn count(name: &str, value: &RawValue) -> Result<u64, AskError> {
    json::count(value).ok_or_else(|| AskError::of(name, format!("`{name}` must be a whole number.")))
}

fn number(name: &str, value: &RawValue) -> Result<f64, AskError> {
    let written = json::literal(value).unwrap_or(value.get()).trim();
    let number = written.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| AskError::of(name, format!("`{name}` must be a number.")))
}

#[cfg(test)]
mod tests;
