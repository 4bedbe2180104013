//! The canonical form to a Chat Completions request.
//!
//! Written for the many hosts of this dialect, not for OpenAI alone: text is a string wherever it is only
//! text, instructions have the role `system` and never `developer`, and fields that say a default are left
//! out, for there is always a host that refuses what it doesn't know.
//!
//! | canonical form | written as |
//! | --- | --- |
//! | texts of one turn | one string, a blank line between them; parts only beside images and files |
//! | calls and results | `tool_calls`, then one `tool` message a result, in the order of the calls |
//! | images and files in results | in a user message behind the results, told |
//! | a result that failed | its text behind words that say so |
//! | thinking | left out: only the provider that thought it can read it |
//! | refusals | text: few hosts know the field |
//! | documents | PDFs as `file` parts, plain text as text; by address or stored elsewhere: untranslatable |
//! | limit on the output | one of `max_tokens`, `max_completion_tokens`; told if it is above the model's own |
//! | stop texts | the first four, told if there were more |
//! | reasoning | `reasoning_effort`, see [`effort`] |
//! | schemas | as the client wrote them |

use bytes::Bytes;

use super::{Losses, Question, TranslateError, Translated};
use crate::canon::{Conversation, Tool, ToolChoice};
use crate::translate::Memory;
use crate::wire::chat as wire;

mod effort;
mod format;
mod messages;
mod names;
mod settings;
mod shorten;
mod terms;

use names::Names;
use terms::Terms;

/// Writes a body for `question.model`.
pub(super) fn write(
    conversation: Conversation,
    question: &Question<'_>,
) -> Result<Translated, TranslateError> {
    // The target has its own name for the model, and whether to stream is the router's choice.
    let Conversation {
        model: _,
        stream: _,
        turns,
        tools,
        tool_choice,
        parallel_tools,
        format,
        max_output,
        stop,
        sampling,
        reasoning,
        user,
        unmapped,
    } = conversation;
    let Question { from, to: _, body: _, model, traits, stream } = *question;

    let mut losses = Losses::of(unmapped)?;
    let terms = Terms::of(from);
    let names = Names::of(&tools, &turns, tool_choice.as_ref());
    let mut messages = messages::write(&turns, &names, terms, question, &mut losses)?;
    let response_format = format::write(&format, traits, terms, &mut messages, &mut losses);
    let limit = settings::limit(max_output, traits, terms, &mut losses);
    let sampling = settings::sampling(&sampling, traits, &mut losses);
    let request = wire::Request {
        model,
        messages,
        tool_choice: choice(tool_choice.as_ref(), &tools, &names, &mut losses),
        // Several at once is the default, and models that think refuse to be told so.
        parallel_tool_calls: parallel_tools.filter(|parallel| !parallel && !tools.is_empty()),
        tools: tools.iter().map(|tool| offered(tool, &names)).collect(),
        response_format,
        max_tokens: limit.filter(|_| !traits.max_completion_tokens),
        max_completion_tokens: limit.filter(|_| traits.max_completion_tokens),
        stop: settings::stop(&stop, terms, &mut losses),
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        reasoning_effort: effort::write(reasoning.as_ref(), traits.thinking, terms, &mut losses),
        user: user.as_deref().map(|user| shorten::to(user, settings::LONGEST_USER)),
        stream: stream.then_some(true),
        stream_options: stream.then_some(wire::StreamOptions { include_usage: true }),
    };
    let body = serde_json::to_vec(&request).map_err(|error| TranslateError::Untranslatable {
        field: "messages".to_owned(),
        message: format!("The request can't be written as chat completions: {error}."),
    })?;
    Ok(Translated {
        body: Bytes::from(body),
        dropped: losses.into_dropped(),
        memory: Memory { renamed_tools: names.into_renamed(), ..Memory::default() },
    })
}

fn offered<'a>(tool: &'a Tool, names: &'a Names) -> wire::Tool<'a> {
    let Tool { name, description, parameters, strict } = tool;
    wire::Tool {
        r#type: wire::Function::Function,
        function: wire::Offered {
            name: names.sent(name),
            description: description.as_deref(),
            parameters: parameters.as_deref(),
            strict: *strict,
        },
    }
}

/// Without tools a choice is refused, and only one that demands a call says anything.
fn choice<'a>(
    choice: Option<&'a ToolChoice>,
    tools: &[Tool],
    names: &'a Names,
    losses: &mut Losses,
) -> Option<wire::ToolChoice<'a>> {
    let choice = choice?;
    if tools.is_empty() {
        if matches!(choice, ToolChoice::Required | ToolChoice::Function(_)) {
            losses.tell("tool_choice");
        }
        return None;
    }
    Some(match choice {
        ToolChoice::Auto => wire::ToolChoice::Word("auto"),
        ToolChoice::Required => wire::ToolChoice::Word("required"),
        ToolChoice::None => wire::ToolChoice::Word("none"),
        ToolChoice::Function(name) => wire::ToolChoice::Named {
            r#type: wire::Function::Function,
            function: wire::Named { name: names.sent(name) },
        },
    })
}

#[cfg(test)]
mod tests;
