//! A Chat Completions request to the canonical form.
//!
//! Read from slices of the body, not into structs: clients send halves of surrogate pairs, numbers as strings
//! and fields of a dozen hosts, and every field that is met has to be accounted for. Each list of known fields
//! stands next to the code that reads them; what is on none of them is told to the client as dropped.
//!
//! | fields | what becomes of them |
//! | --- | --- |
//! | `model`, `messages`, `stream`, `tools`, `functions`, `tool_choice`, `function_call`, `parallel_tool_calls`, `response_format`, `stop`, `temperature`, `top_p`, `top_k` | said in the canonical form |
//! | `max_completion_tokens`, `max_tokens` | the first one counts if both are there: it is the newer one, and includes hidden reasoning as the canonical limit does |
//! | `reasoning_effort`, `reasoning`, `thinking`, `enable_thinking`, `thinking_budget` | one wish, see [`reasoning`] |
//! | `safety_identifier`, `user` | the first one counts if both are there: it is what OpenAI replaces `user` with |
//! | `store`, `metadata`, `prompt_cache_key`, `prompt_cache_retention`, `cache_control`, `service_tier`, `stream_options`, `prediction` | nothing is lost: bookkeeping, caching, speed and price, not what is answered |
//! | `logprobs`, `top_logprobs`, `seed`, `presence_penalty`, `frequency_penalty`, `logit_bias`, `verbosity`, `reasoning.exclude` | told, unless the value says what happens without it anyway (`0`, `false`, `{}`, `medium`) |
//! | `n` above 1, `audio`, `modalities` beyond text, `web_search_options`, `search_parameters`, `plugins`, grammars of any host (`guided_json`, `grammar`, …), custom and hosted tools, audio, video and stored files in messages | the meaning: without them another question would be answered |
//! | everything else | told |
//!
//! In messages, thinking (`reasoning_content`) is read and dropped by every writer; echoes of an answer
//! (`annotations`, `parsed`) lose nothing; the name of a participant is told.

use super::notes::Notes;
use super::values;
use crate::ask::AskError;
use crate::canon::{Conversation, Sampling};
use crate::json::Fields;

mod fate;
mod messages;
mod parts;
mod reasoning;
mod settings;
mod thread;
mod tools;

/// Reads a body. Refuses only what no provider could answer; doubtful values of fields that merely shape the
/// answer are the provider's to judge.
pub(super) fn read(fields: &Fields<'_>) -> Result<Conversation, AskError> {
    let model = fields.text("model").ok_or_else(|| AskError::must_be("model", "a non-empty string"))?;
    let mut notes = Notes::default();
    fate::note(fields, &mut notes);
    let turns = messages::read(fields, &mut notes)?;
    let tools::Offer { tools, choice } = tools::read(fields, &mut notes)?;
    let flag = |name| fields.get(name).map(|value| values::flag(name, value)).transpose();
    let number = |name| fields.get(name).map(|value| values::number(name, value)).transpose();
    Ok(Conversation {
        model: model.into_owned(),
        stream: flag("stream")?.unwrap_or(false),
        turns,
        tools,
        tool_choice: choice,
        parallel_tools: flag("parallel_tool_calls")?,
        format: settings::format(fields, &mut notes)?,
        max_output: settings::max_output(fields, &mut notes)?,
        stop: fields.get("stop").map_or(Ok(Vec::new()), |value| values::stop_texts("stop", value))?,
        sampling: Sampling {
            temperature: number("temperature")?,
            top_p: number("top_p")?,
            // Hosts that take it turn it off with 0 or -1.
            top_k: settings::limit(fields, "top_k")?.filter(|most| *most > 0),
        },
        reasoning: reasoning::read(fields, &mut notes)?,
        user: fields.text("safety_identifier").or_else(|| fields.text("user")).map(Into::into),
        unmapped: notes.into_unmapped(),
    })
}

#[cfg(test)]
mod tests;
