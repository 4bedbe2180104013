//! `system` and `messages`: who said what.

use std::collections::HashSet;

use super::tools::Changes;
use super::{blocks, wire};
use crate::ask::AskError;
use crate::canon::{Block, Role, Turn};
use crate::json::{self, Fields, Raw};
use crate::translate::request::notes::Notes;
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// Claude Code puts a line of accounting in front of its system prompt. It is not meant for a model, and it
/// changes with every build, which would spoil another provider's prompt cache.
const ACCOUNTING: &str = "x-anthropic-billing-header:";

/// Walks through a conversation, and remembers what later turns depend on.
#[derive(Debug)]
pub(super) struct Reader<'n> {
    pub(super) notes: &'n mut Notes,
    turns: Vec<Turn>,
    /// Ids of the calls so far. `None`: the history is elsewhere, so no result can be called an orphan.
    called: Option<HashSet<String>>,
    /// System turns that the next turn of the user's puts out of sight.
    passing: Vec<usize>,
    pub(super) changes: Changes,
}

impl<'n> Reader<'n> {
    pub(super) fn new(notes: &'n mut Notes, continues_thread: bool) -> Self {
        let called = (!continues_thread).then(HashSet::new);
        Self { notes, turns: Vec::new(), called, passing: Vec::new(), changes: Changes::default() }
    }

    /// The turns with something in them, and the tools that came and went.
    pub(super) fn finish(mut self) -> (Vec<Turn>, Changes) {
        self.turns.retain(|turn| !turn.blocks.is_empty());
        (self.turns, self.changes)
    }

    pub(super) fn system(&mut self, system: Option<Raw<'_>>) -> Result<(), AskError> {
        let Some(system) = system else { return Ok(()) };
        let mut blocks = self.content(&Place::of("system"), Role::System, system)?;
        blocks.retain(|block| !matches!(block, Block::Text(text) if text.starts_with(ACCOUNTING)));
        self.turns.push(Turn { role: Role::System, blocks });
        Ok(())
    }

    pub(super) fn messages(&mut self, messages: Option<Raw<'_>>) -> Result<(), AskError> {
        let at = Place::of("messages");
        let messages = messages.ok_or_else(|| AskError::missing(at, "a list of messages"))?;
        for message in values::objects(&at, messages, "an object with a `role`")? {
            let (n, message) = message?;
            self.message(&at.element(n), &message)?;
        }
        Ok(())
    }

    fn message(&mut self, at: &Place<'_>, fields: &Fields<'_>) -> Result<(), AskError> {
        let wire::Message { role, content, clear_at, output_config, rest } = wire::Message::read(fields);
        for name in rest {
            self.notes.unknown_field(at, &name);
        }
        if output_config.is_some() {
            self.notes.told(at.field("output_config").anywhere());
        }
        let role = match role.and_then(json::text).as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("system" | "developer") => Role::System,
            _ => return Err(AskError::must_be(at.field("role"), "user, assistant or system")),
        };
        let blocks = match content {
            Some(content) => self.content(&at.field("content"), role, content)?,
            None => Vec::new(),
        };
        if role == Role::User {
            for passed in self.passing.drain(..) {
                self.turns[passed].blocks.clear();
            }
        }
        if role == Role::System && clear_at.and_then(json::text).as_deref() == Some("next_user_message") {
            self.passing.push(self.turns.len());
        }
        self.turns.push(Turn { role, blocks });
        Ok(())
    }

    fn content(&mut self, at: &Place<'_>, role: Role, content: Raw<'_>) -> Result<Vec<Block>, AskError> {
        if let Some(text) = json::text(content) {
            return Ok(if text.is_empty() { Vec::new() } else { vec![Block::Text(text.into_owned())] });
        }
        let mut read = Vec::new();
        if !content.is_list() {
            return Err(AskError::must_be(at, "a string or a list of blocks"));
        }
        for block in values::objects(at, content, "an object with a `type`")? {
            let (n, block) = block?;
            blocks::read(self, &at.element(n), role, &block, &mut read)?;
        }
        Ok(read)
    }

    pub(super) fn call(&mut self, id: &str) {
        if let Some(called) = &mut self.called {
            called.insert(id.to_owned());
        }
    }

    /// Whether a result belongs to a call before it.
    pub(super) fn was_called(&self, id: &str) -> bool {
        self.called.as_ref().is_none_or(|called| called.contains(id))
    }
}
