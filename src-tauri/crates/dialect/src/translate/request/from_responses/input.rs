//! The items of a conversation to its turns.
//!
//! Items are a flat list: each message, each call and each result stands alone. The other dialects want what
//! the model said and called in one go in one turn, and the results of its calls, in the calls' order, directly
//! behind it. So results are kept with the turn that called, wherever in the list they stand.
//!
//! What becomes of items that only OpenAI has:
//! - reasoning: left out. It is sealed for the model that thought it.
//! - calls of tools that the client ran (`local_shell_call`, `shell_call`, `apply_patch_call`): calls and results.
//! - calls at an MCP server: a call and its result, for the answers that follow speak of it.
//! - other tools that OpenAI ran (web search, file search, code): left out; what they found is in the answers
//!   that follow. An image that was made is worth a word.
//! - tools that are declared or found on the way: tools like any other.
//! - items that are only named, and compacted conversations: lie at one provider or are sealed for it, and the
//!   conversation is not the same one without them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Request, content};
use crate::ask::{AskError, OUR_REASONING};
use crate::canon::{Block, Role, ToolCall, ToolResult, Turn};
use crate::json::{self, Fields, Raw};
use crate::translate::ToolOrigin;
use crate::translate::request::notes::plain;
use crate::translate::request::place::Place;

/// What calls and their outputs consist of.
const OF_CALLS: [&str; 11] = [
    "type",
    "id",
    "call_id",
    "name",
    "namespace",
    "arguments",
    "input",
    "output",
    "status",
    "caller",
    "created_by",
];

/// The conversation so far.
#[derive(Default)]
pub(super) struct Input {
    turns: Vec<Said>,
    /// Where each call stands, by its id; of two with one id the later counts.
    calls: HashMap<String, Call>,
    /// The first result whose call is missing.
    orphan: Option<AskError>,
}

/// A turn, and the results of the calls in it.
struct Said {
    turn: Turn,
    calls: usize,
    results: Vec<(usize, ToolResult)>,
}

struct Call {
    turn: usize,
    /// Counts the calls of one turn.
    ordinal: usize,
    /// Where its result is, among those of the turn.
    result: Option<usize>,
}

impl Input {
    /// Takes the next item.
    pub(super) fn add(
        &mut self,
        request: &mut Request<'_>,
        at: &Place<'_>,
        item: &Fields<'_>,
    ) -> Result<(), AskError> {
        let kind = item.text("type");
        let kind = match kind.as_deref() {
            Some(kind) => kind,
            None if item.get("role").is_some() => "message",
            None => "item_reference",
        };
        if kind.starts_with("function_call") || kind.starts_with("custom_tool_call") {
            request.notes.unknown(at, item, &OF_CALLS);
        }
        match kind {
            "message" => self.message(request, at, item)?,
            "function_call" => {
                let arguments = item.get("arguments").map(as_text).unwrap_or_default();
                self.call(id_of(at, item)?, named(request, at, item)?, arguments);
            }
            "custom_tool_call" => {
                let input = item.text("input").unwrap_or_default();
                self.call(id_of(at, item)?, named(request, at, item)?, ToolOrigin::arguments_of(&input));
            }
            "function_call_output" | "custom_tool_call_output" => {
                let content = output(request, &at.field("output"), item.get("output"))?;
                self.result(request, at, item, content);
            }
            "local_shell_call" | "shell_call" | "apply_patch_call" => {
                let action = item.get("action").or_else(|| item.get("operation"));
                let arguments = action.map(|action| action.get().to_owned()).unwrap_or_default();
                self.call(id_of(at, item)?, kind.trim_end_matches("_call").to_owned(), arguments);
            }
            "local_shell_call_output" | "shell_call_output" | "apply_patch_call_output" => {
                let content = item.get("output").map(as_text).filter(|text| !text.is_empty());
                self.result(request, at, item, content.map(Block::Text).into_iter().collect());
            }
            "mcp_call" => {
                let id = id_of(at, item)?;
                let name = item.text("name");
                let name = name.ok_or_else(|| AskError::missing(at.field("name"), "the tool's name"))?;
                let name = request.tools.name(item.text("server_label").as_deref(), &name);
                self.call(id.clone(), name, item.get("arguments").map(as_text).unwrap_or_default());
                let output =
                    item.get("output").or_else(|| item.get("error")).map(as_text).unwrap_or_default();
                self.put(&id, vec![Block::Text(output)]);
            }
            "additional_tools" | "tool_search_output" => {
                if let Some(tools) = item.get("tools") {
                    request.tools.declare(&at.field("tools"), tools, &mut request.notes)?;
                }
            }
            "configuration_update" => configuration_update(request, at, item)?,
            "reasoning"
            | "web_search_call"
            | "file_search_call"
            | "code_interpreter_call"
            | "mcp_list_tools"
            | "tool_search_call"
            | "program"
            | "program_output" => {
                request.notes.nothing(at.field(kind).anywhere());
            }
            "image_generation_call" => request.notes.told(at.field(kind).anywhere()),
            "item_reference" if item.text("id").is_some_and(|id| id.starts_with(OUR_REASONING)) => {}
            // `item_reference`, `compaction`, `computer_call`, and whatever comes next year.
            _ => {
                request.elsewhere = true;
                request.notes.meaning(at.field(&plain(kind)));
            }
        }
        Ok(())
    }

    fn message(
        &mut self,
        request: &mut Request<'_>,
        at: &Place<'_>,
        item: &Fields<'_>,
    ) -> Result<(), AskError> {
        request.notes.unknown(at, item, &["type", "role", "content", "id", "status", "phase"]);
        let role = item.text("role");
        let role = match role.as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("system" | "developer") => Role::System,
            _ => return Err(AskError::must_be(at.field("role"), "user, assistant, system or developer")),
        };
        let blocks = content::blocks(item.get("content"), &at.field("content"), &mut request.notes)?;
        if blocks.is_empty() {
            return Ok(());
        }
        if role == Role::Assistant {
            self.assistant().turn.blocks.extend(blocks);
        } else {
            self.turns.push(Said { turn: Turn { role, blocks }, calls: 0, results: Vec::new() });
        }
        Ok(())
    }

    /// The model's turn that goes on: whatever it said since somebody else did, or since results came back.
    fn assistant(&mut self) -> &mut Said {
        let goes_on = self
            .turns
            .last()
            .is_some_and(|said| said.turn.role == Role::Assistant && said.results.is_empty());
        if !goes_on {
            let turn = Turn { role: Role::Assistant, blocks: Vec::new() };
            self.turns.push(Said { turn, calls: 0, results: Vec::new() });
        }
        let last = self.turns.len() - 1;
        &mut self.turns[last]
    }

    fn call(&mut self, id: String, name: String, arguments: String) {
        let said = self.assistant();
        let ordinal = said.calls;
        said.calls += 1;
        said.turn.blocks.push(Block::ToolCall(ToolCall { id: id.clone(), name, arguments }));
        self.calls.insert(id, Call { turn: self.turns.len() - 1, ordinal, result: None });
    }

    fn result(&mut self, request: &Request<'_>, at: &Place<'_>, item: &Fields<'_>, content: Vec<Block>) {
        let id = id_of(at, item).ok();
        if let Some(id) = id.as_ref().filter(|id| self.calls.contains_key(*id)) {
            return self.put(id, content);
        }
        // A result may name its tool instead of following a call: Codex hands tasks over so.
        let Some(name) = item.text("name") else {
            self.orphan.get_or_insert_with(|| orphan(at, id.as_deref()));
            return;
        };
        let id = id.unwrap_or_else(|| format!("call_{}", self.turns.len()));
        let name = request.tools.name(item.text("namespace").as_deref(), &name);
        self.call(id.clone(), name, String::new());
        self.put(&id, content);
    }

    /// Vendors take one result for each call, so a second one goes on the first.
    fn put(&mut self, id: &str, content: Vec<Block>) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let Some(said) = self.turns.get_mut(call.turn) else { return };
        if let Some((_, known)) = call.result.and_then(|place| said.results.get_mut(place)) {
            known.content.extend(content);
            return;
        }
        call.result = Some(said.results.len());
        said.results.push((call.ordinal, ToolResult { id: id.to_owned(), content, is_error: false }));
    }

    /// The turns, results behind their calls. `elsewhere`: a part of the conversation lies at a provider, so that
    /// a missing call is no mistake.
    pub(super) fn finish(self, elsewhere: bool) -> Result<Vec<Turn>, AskError> {
        if let Some(orphan) = self.orphan.filter(|_| !elsewhere) {
            return Err(orphan);
        }
        let mut turns = Vec::with_capacity(self.turns.len());
        for Said { turn, calls: _, mut results } in self.turns {
            turns.push(turn);
            if !results.is_empty() {
                results.sort_by_key(|(ordinal, _)| *ordinal);
                let blocks = results.into_iter().map(|(_, result)| Block::ToolResult(result)).collect();
                turns.push(Turn { role: Role::User, blocks });
            }
        }
        Ok(turns)
    }
}

/// The name under which the function that is called is sent on.
fn named(request: &Request<'_>, at: &Place<'_>, item: &Fields<'_>) -> Result<String, AskError> {
    let name = item.text("name");
    let name = name.ok_or_else(|| AskError::missing(at.field("name"), "the function's name"))?;
    Ok(request.tools.name(item.text("namespace").as_deref(), &name))
}

/// A call's id, in a call and in its output. Items of older tools have it in their own.
fn id_of(at: &Place<'_>, item: &Fields<'_>) -> Result<String, AskError> {
    let id = item.text("call_id").or_else(|| item.text("id"));
    id.map(Cow::into_owned).ok_or_else(|| AskError::missing(at.field("call_id"), "the call's id"))
}

/// A text, or JSON that somebody forgot to make a text.
fn as_text(value: Raw<'_>) -> String {
    json::text(value).map_or_else(|| value.get().to_owned(), Cow::into_owned)
}

/// A tool's output: text, a list of parts, or JSON that somebody forgot to make a text.
fn output(
    request: &mut Request<'_>,
    at: &Place<'_>,
    output: Option<Raw<'_>>,
) -> Result<Vec<Block>, AskError> {
    match output {
        Some(output) if !output.get().starts_with(['"', '[']) => {
            Ok(vec![Block::Text(output.get().to_owned())])
        }
        output => content::blocks(output, at, &mut request.notes),
    }
}

/// Effort and form of the answer, changed on the way: the last word counts.
fn configuration_update(
    request: &mut Request<'_>,
    at: &Place<'_>,
    item: &Fields<'_>,
) -> Result<(), AskError> {
    if let Some(reasoning) = item.object("reasoning") {
        request.reasoning(&reasoning);
    }
    match item.object("text") {
        Some(text) => request.text(&text, &at.field("text")),
        None => Ok(()),
    }
}

fn orphan(at: &Place<'_>, id: Option<&str>) -> AskError {
    let at_id = at.field("call_id");
    let Some(id) = id else {
        return AskError::missing(at_id, "the id of the call that this is the output of");
    };
    let message = format!(
        "`{at}` is the output of the call \"{id}\", and no such call stands before it. Send the call as well, or \
         leave its output out."
    );
    AskError::of(at_id, message)
}
