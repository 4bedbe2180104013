//! The canonical form as a request of the Messages API.
//!
//! What the API insists on, and what is done about it:
//!
//! | rule | here |
//! | --- | --- |
//! | roles alternate, the first and the last message are the user's | neighbours are merged; a short message of ours is put at either end where one is missing |
//! | no empty message, no blank text | dropped |
//! | every call has its result in the next message, first in it, in call order | results are moved there; a call without one gets a result that says so |
//! | ids and names from a small alphabet, ids used once | respelt, names told back through [`Memory::renamed_tools`] |
//! | arguments are an object | nothing becomes `{}`, anything else `{"_raw_arguments": "…"}` |
//! | system turns stand before the conversation | later ones become text of the user's, marked, in their place |
//! | `max_tokens` is required | the client's, else the model's own limit, else 8192 |
//! | a history with calls needs `tools` | the tools called are listed, and may not be called |
//!
//! The structured output, thinking and sampling rules stand in their modules. Thinking in the history is left
//! out: it is signed by whoever thought it, and a signature can't be made up.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::spelling::Names;
use super::terms::Terms;
use super::{Losses, Question, TranslateError, Translated, refused};
use crate::canon::{Conversation, Format};
use crate::translate::Memory;
use crate::wire::messages as wire;

mod format;
mod history;
mod ids;
mod input_schema;
mod media;
mod sampling;
mod schema;
mod thinking;
mod tools;

use schema::Grammar;

/// Letters a tool's name may have.
const LONGEST_NAME: usize = 128;

/// What every part of the writing looks at.
#[derive(Debug)]
struct Context<'q> {
    question: &'q Question<'q>,
    terms: &'static Terms,
    losses: Losses,
    names: Names,
    /// Lines of ours that go behind the client's own system prompt.
    instructions: Vec<String>,
}

impl Context<'_> {
    /// Tells which rules of a schema are only asked for.
    fn tell_moved(&mut self, schema: &str, keywords: &BTreeSet<String>) {
        for keyword in keywords {
            self.losses.tell(&format!("{schema}.{keyword}"));
        }
    }
}

pub(super) fn write(
    conversation: Conversation,
    question: &Question<'_>,
) -> Result<Translated, TranslateError> {
    let Conversation {
        model: _,
        stream: _,
        turns,
        tools: offered,
        tool_choice,
        parallel_tools,
        format: wanted,
        max_output,
        stop,
        sampling: drawn,
        reasoning,
        user,
        unmapped,
    } = conversation;
    let mut context = Context {
        question,
        terms: Terms::of(question.from),
        losses: Losses::of(unmapped)?,
        names: Names::of(&offered, &turns, tool_choice.as_ref(), LONGEST_NAME),
        instructions: Vec::new(),
    };
    let history = history::write(turns, &mut context)?;

    let mut grammar = Grammar::default();
    let may_make_up_a_tool = offered.is_empty() && history.called.is_empty();
    let shape = match wanted {
        Format::Text => format::Shape::default(),
        wanted => format::plan(wanted, may_make_up_a_tool, &mut grammar, &mut context),
    };
    let mut listed = tools::write(offered, &mut grammar, &mut context);
    let mut choice = tools::choose(tool_choice, parallel_tools, !listed.is_empty(), &mut context);
    if listed.is_empty() && !history.called.is_empty() {
        listed = tools::known_from(history.called);
        choice = Some(wire::ToolChoice::None);
    }
    let answer_tool = shape.tool.as_ref().map(|tool| tool.name.clone());
    if let Some(tool) = shape.tool {
        choice = Some(wire::ToolChoice::Tool { name: tool.name.clone(), disable_parallel_tool_use: true });
        listed.push(tool);
    }

    let obstacle = if choice.as_ref().is_some_and(wire::ToolChoice::is_forced) {
        thinking::Obstacle::ForcedTool
    } else if history.ends_with_results {
        thinking::Obstacle::MiddleOfTurn
    } else {
        thinking::Obstacle::None
    };
    let thought = thinking::plan(reasoning, max_output, obstacle, &mut context);
    let drawn = sampling::plan(&drawn, thought.thinking.is_some(), &mut context);
    let stop_sequences = sampling::stop(stop, &mut context);
    let metadata = sampling::metadata(user, &mut context);
    let request = wire::Request {
        model: question.model,
        max_tokens: thought.max_tokens,
        system: system(history.system, context.instructions),
        messages: history.messages,
        tools: listed,
        tool_choice: choice,
        thinking: thought.thinking,
        output_config: wire::OutputConfig::of(thought.effort, shape.native),
        temperature: drawn.temperature,
        top_p: drawn.top_p,
        top_k: drawn.top_k,
        stop_sequences,
        metadata,
        stream: question.stream,
    };
    let mut body = Vec::with_capacity(question.body.len() + question.body.len() / 8);
    serde_json::to_writer(&mut body, &request)
        .map_err(|error| refused(context.terms.content, format!("it can't be written as JSON: {error}")))?;
    Ok(Translated {
        body: Bytes::from(body),
        dropped: context.losses.into_dropped(),
        memory: Memory { renamed_tools: context.names.into_renamed(), answer_tool, tools: Vec::new() },
    })
}

/// A string if it is one text, else one block a text, in order.
fn system(texts: Vec<String>, instructions: Vec<String>) -> Option<wire::Content> {
    let parts = texts.into_iter().chain(instructions).map(|text| wire::Part::Text { text });
    wire::Content::of(parts.collect())
}

#[cfg(test)]
mod tests;
