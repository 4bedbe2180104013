//! Turns to messages: system first, roles alternating, every call with its result.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::value::RawValue;

use super::ids::Ids;
use super::{Context, TranslateError, media};
use crate::ask::AskError;
use crate::canon::{Block, Json, Role, ToolCall, ToolResult, Turn};
use crate::json;
use crate::wire::messages::{Content, Message, Part, Role as Sender};

/// Stands first where the assistant would.
const OPENING: &str = "(The assistant speaks first.)";
/// Stands alone where there are only instructions.
const ONLY_SYSTEM: &str = "(Go ahead.)";
/// Stands last where the assistant would; newer models refuse to go on with their own last turn.
const CLOSING: &str = "(Go on.)";
/// Stands for a result that the client never sent.
const NO_RESULT: &str = "(No result.)";

/// The conversation as it is sent.
#[derive(Debug)]
pub(super) struct History {
    pub(super) system: Vec<String>,
    pub(super) messages: Vec<Message>,
    /// The tools called in it, by the names that are sent, each once.
    pub(super) called: Vec<String>,
    /// The model is in the middle of its turn: it called tools, and here is what they gave.
    pub(super) ends_with_results: bool,
}

pub(super) fn write(turns: Vec<Turn>, context: &mut Context<'_>) -> Result<History, TranslateError> {
    let mut drafts = Drafts::default();
    for turn in turns {
        for block in turn.blocks {
            drafts.add(turn.role, block, context)?;
        }
    }
    Ok(drafts.finish())
}

/// A message in the making. Neighbours never have one role.
#[derive(Debug)]
struct Draft {
    sender: Sender,
    parts: Vec<Part>,
    /// The calls in it, by their numbers.
    calls: Vec<usize>,
}

/// A call and what became of it.
#[derive(Debug)]
struct Call {
    id: String,
    result: Option<(Vec<Part>, bool)>,
}

/// Calls under one id of the client's that wait for their results.
#[derive(Debug)]
struct Waiting {
    /// The message that they stand in.
    draft: usize,
    calls: VecDeque<usize>,
    answered: Option<usize>,
}

#[derive(Debug, Default)]
struct Drafts {
    system: Vec<String>,
    messages: Vec<Draft>,
    calls: Vec<Call>,
    waiting: HashMap<String, Waiting>,
    ids: Ids,
    called: Vec<String>,
    known: HashSet<String>,
}

impl Drafts {
    fn add(&mut self, role: Role, block: Block, context: &mut Context<'_>) -> Result<(), TranslateError> {
        let sender = if role == Role::Assistant { Sender::Assistant } else { Sender::User };
        match block {
            Block::Text(text) | Block::Refusal(text) => self.text(role, text),
            // Signed by another provider, or not at all.
            Block::Thinking(_) => {}
            Block::ToolCall(call) => self.call(call, context),
            Block::ToolResult(result) => self.result(result, context)?,
            Block::Image(_) | Block::Document { .. } if sender == Sender::Assistant => {
                // The API has no pictures by the assistant.
                context.losses.tell(context.terms.image);
            }
            Block::Image(source) => {
                let image = media::image(source, context)?;
                self.push(sender, image);
            }
            Block::Document { source, name } => {
                let document = media::document(source, name, context)?;
                self.push(sender, document);
            }
        }
        Ok(())
    }

    fn text(&mut self, role: Role, text: String) {
        if text.trim().is_empty() {
            return;
        }
        match role {
            Role::System if self.messages.is_empty() => self.system.push(text),
            Role::System => {
                let text = format!("<system_message>\n{text}\n</system_message>");
                self.push(Sender::User, Part::Text { text });
            }
            Role::User => self.push(Sender::User, Part::Text { text }),
            Role::Assistant => self.push(Sender::Assistant, Part::Text { text }),
        }
    }

    fn push(&mut self, sender: Sender, part: Part) {
        self.draft(sender).parts.push(part);
    }

    /// The last message if it is this sender's, else a new one.
    fn draft(&mut self, sender: Sender) -> &mut Draft {
        if self.messages.last().is_none_or(|last| last.sender != sender) {
            self.messages.push(Draft { sender, parts: Vec::new(), calls: Vec::new() });
        }
        let last = self.messages.len() - 1;
        &mut self.messages[last]
    }

    fn call(&mut self, call: ToolCall, context: &mut Context<'_>) {
        let ToolCall { id, name, arguments } = call;
        let name = context.names.sent(&name).to_owned();
        if !self.known.contains(&name) {
            self.known.insert(name.clone());
            self.called.push(name.clone());
        }
        let sent = self.ids.next(&id);
        let number = self.calls.len();
        self.calls.push(Call { id: sent.clone(), result: None });
        let draft = self.draft(Sender::Assistant);
        draft.calls.push(number);
        draft.parts.push(Part::ToolUse { id: sent, name, input: input(&arguments) });
        let draft = self.messages.len() - 1;
        let waiting = self.waiting.entry(id).or_insert_with(|| Waiting {
            draft,
            calls: VecDeque::new(),
            answered: None,
        });
        if waiting.draft != draft {
            // The same id in an earlier message: whoever answers now means this one.
            *waiting = Waiting { draft, calls: VecDeque::new(), answered: None };
        }
        waiting.calls.push_back(number);
    }

    fn result(&mut self, result: ToolResult, context: &mut Context<'_>) -> Result<(), TranslateError> {
        let ToolResult { id, content, is_error } = result;
        let parts = contents(content, context)?;
        let Some(waiting) = self.waiting.get_mut(&id) else { return Err(orphan(&id).into()) };
        let next = waiting.calls.pop_front();
        waiting.answered = next.or(waiting.answered);
        let draft = waiting.draft;
        if let Some(call) = waiting.answered.and_then(|number| self.calls.get_mut(number)) {
            // A second result of one call goes on where the first one ended: each call may have only one.
            let (known, failed) = call.result.get_or_insert_default();
            known.extend(parts);
            *failed |= is_error;
        }
        if draft + 1 == self.messages.len() {
            self.draft(Sender::User);
        }
        Ok(())
    }

    fn finish(mut self) -> History {
        if self.messages.last().is_some_and(|last| last.sender == Sender::Assistant) {
            let closing = (self.messages.last().is_some_and(|last| last.calls.is_empty()))
                .then(|| Part::Text { text: CLOSING.to_owned() });
            self.draft(Sender::User).parts.extend(closing);
        }
        let mut messages = Vec::with_capacity(self.messages.len() + 1);
        if self.messages.first().is_none_or(|first| first.sender == Sender::Assistant) {
            let text = if self.messages.is_empty() { ONLY_SYSTEM } else { OPENING };
            messages.push(Message { role: Sender::User, content: Content::Text(text.to_owned()) });
        }
        let mut due: Vec<usize> = Vec::new();
        let mut ends_with_results = false;
        for Draft { sender, parts, calls } in self.messages {
            ends_with_results = !due.is_empty();
            let mut whole = Vec::with_capacity(due.len() + parts.len());
            for number in std::mem::replace(&mut due, calls) {
                whole.extend(self.calls.get_mut(number).map(Call::answer));
            }
            whole.extend(parts);
            if let Some(content) = Content::of(whole) {
                messages.push(Message { role: sender, content });
            }
        }
        History { system: self.system, messages, called: self.called, ends_with_results }
    }
}

impl Call {
    fn answer(&mut self) -> Part {
        let (mut parts, is_error) = self.result.take().unwrap_or_else(|| (vec![said(NO_RESULT)], true));
        if parts.is_empty() && is_error {
            // The API wants to know what went wrong.
            parts.push(said("(The tool failed without a message.)"));
        }
        let content = Content::of(parts);
        Part::ToolResult { tool_use_id: std::mem::take(&mut self.id), content, is_error }
    }
}

fn said(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

/// What a result consists of; images stay images.
fn contents(blocks: Vec<Block>, context: &mut Context<'_>) -> Result<Vec<Part>, TranslateError> {
    let mut parts = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block {
            Block::Text(text) | Block::Refusal(text) if !text.trim().is_empty() => {
                parts.push(Part::Text { text });
            }
            Block::Image(source) => parts.push(media::image(source, context)?),
            Block::Document { source, name } => parts.push(media::document(source, name, context)?),
            Block::Text(_)
            | Block::Refusal(_)
            | Block::Thinking(_)
            | Block::ToolCall(_)
            | Block::ToolResult(_) => {}
        }
    }
    Ok(parts)
}

/// The arguments as an object, which is all that the API takes.
fn input(arguments: &str) -> Json {
    let text = arguments.trim();
    if text.is_empty() || text == "null" {
        return empty_object();
    }
    let object = text.starts_with('{').then(|| RawValue::from_string(json::paired(text).into_owned()).ok());
    object.flatten().unwrap_or_else(|| {
        let wrapped = format!("{{\"_raw_arguments\":{}}}", json::quoted(arguments));
        RawValue::from_string(wrapped).unwrap_or_else(|_| empty_object())
    })
}

fn empty_object() -> Json {
    RawValue::from_string("{}".to_owned()).unwrap_or_default()
}

fn orphan(id: &str) -> AskError {
    let message = format!(
        "There is a tool result for the call {}, but no such call stands before it. Send the assistant's message \
         with that call first.",
        json::quoted(id)
    );
    AskError::of("messages", message)
}
