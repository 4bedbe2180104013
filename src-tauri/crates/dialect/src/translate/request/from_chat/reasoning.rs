//! How long the model is to think, in the five spellings of the field.
//!
//! OpenAI's `reasoning_effort`; `OpenRouter`'s `reasoning` object; the `thinking` object of several hosts;
//! Qwen's `enable_thinking` with `thinking_budget`. Clients send more than one of them at once, so what they
//! say is put together: an explicit *off* wins, then a level, then a budget, then a mere *on*.

use super::settings::limit;
use crate::ask::AskError;
use crate::canon::Reasoning;
use crate::json::Fields;
use crate::translate::request::notes::Notes;
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// What all spellings together say.
#[derive(Debug, Default)]
struct Wish {
    off: bool,
    on: bool,
    level: Option<String>,
    budget: Option<u64>,
}

pub(super) fn read(fields: &Fields<'_>, notes: &mut Notes) -> Result<Option<Reasoning>, AskError> {
    let mut wish = Wish::default();
    if let Some(effort) = fields.get("reasoning_effort") {
        values::text("reasoning_effort", effort)?;
    }
    wish.effort(fields, "reasoning_effort");
    if let Some(reasoning) = object(fields, "reasoning", notes) {
        notes.unknown(&Place::of("reasoning"), &reasoning, &["effort", "max_tokens", "enabled", "exclude"]);
        if reasoning.is_true("exclude") {
            notes.told("reasoning.exclude");
        }
        wish.switch(flag(&reasoning, "enabled")?);
        wish.effort(&reasoning, "effort");
        wish.tokens(&reasoning, "max_tokens")?;
    }
    if let Some(thinking) = object(fields, "thinking", notes) {
        notes.unknown(&Place::of("thinking"), &thinking, &["type", "budget_tokens"]);
        wish.switch(thinking.text("type").map(|kind| kind != "disabled"));
        wish.tokens(&thinking, "budget_tokens")?;
    }
    wish.switch(flag(fields, "enable_thinking")?);
    wish.tokens(fields, "thinking_budget")?;
    Ok(wish.said())
}

/// A field that should be an object; told if it is something else.
fn object<'a>(fields: &Fields<'a>, name: &str, notes: &mut Notes) -> Option<Fields<'a>> {
    let object = fields.object(name);
    if object.is_none() && fields.get(name).is_some() {
        notes.told(name);
    }
    object
}

impl Wish {
    fn effort(&mut self, fields: &Fields<'_>, name: &str) {
        match fields.text(name) {
            Some(level) if level == "none" => self.off = true,
            // The first spelling read is OpenAI's own.
            Some(level) => _ = self.level.get_or_insert_with(|| level.into_owned()),
            None => {}
        }
    }

    fn switch(&mut self, on: Option<bool>) {
        match on {
            Some(true) => self.on = true,
            Some(false) => self.off = true,
            None => {}
        }
    }

    /// A budget: none of it is *off*, and below zero it is the model's to choose.
    fn tokens(&mut self, fields: &Fields<'_>, name: &str) -> Result<(), AskError> {
        match limit(fields, name)? {
            Some(0) => self.off = true,
            Some(budget) => self.budget = self.budget.or(Some(budget)),
            None => self.on |= fields.get(name).is_some(),
        }
        Ok(())
    }

    fn said(self) -> Option<Reasoning> {
        let Self { off, on, level, budget } = self;
        if off {
            return Some(Reasoning::Off);
        }
        level
            .map(Reasoning::Effort)
            .or(budget.map(Reasoning::Budget))
            .or_else(|| on.then_some(Reasoning::Adaptive))
    }
}

/// A switch that may be there.
fn flag(fields: &Fields<'_>, name: &str) -> Result<Option<bool>, AskError> {
    fields.get(name).map(|value| values::flag(name, value)).transpose()
}
