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
//! | ids of calls | as they came, up to 40 characters; nine letters and digits for Mistral's models |
//! | images and files in results | in a user message behind the results, told |
//! | a result that failed | its text behind words that say so |
//! | thinking | left out: only the provider that thought it can read it |
//! | refusals | text: few hosts know the field |
//! | documents | PDFs as `file` parts, plain text as text; by address or stored elsewhere: untranslatable |
//! | limit on the output | one of `max_tokens`, `max_completion_tokens`; told if it is above the model's own |
//! | stop texts | the first four, told if there were more |
//! | reasoning | `reasoning_effort`, in a level that the model has; `none` where it can't think beside tools |
//! | a tool that must be called | `tool_choice`; in words, told, for models that can't be forced |
//! | schemas | as the client wrote them; `strict` where OpenAI takes the schema so, see [`exact`] |

use std::borrow::Cow;

use bytes::Bytes;

use super::spelling::{self, Names};
use super::terms::Terms;
use super::{Losses, Question, TranslateError, Translated, instructions, refused};
use crate::Api;
use crate::canon::{Conversation, Tool, ToolChoice};
use crate::translate::{Memory, ToolsInChat};
use crate::wire::chat as wire;

mod exact;
mod format;
mod ids;
mod messages;
mod settings;

/// OpenAI's limit on names, of tools and of schemas.
const LONGEST_NAME: usize = 64;

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
    let Question { from, to: _, body, model, traits, stream, max_output: cap } = *question;

    let mut losses = Losses::of(unmapped)?;
    let terms = Terms::of(from);
    if !tools.is_empty() && traits.tools_in_chat == ToolsInChat::Never {
        let why = format!("the other provider's model `{model}` takes no tools in chat completions");
        return Err(refused("tools", why));
    }
    let names = Names::of(&tools, &turns, tool_choice.as_ref(), LONGEST_NAME);
    let mut messages = messages::write(&turns, &names, terms, question, &mut losses)?;
    let response_format = format::write(&format, question, terms, &mut messages, &mut losses);
    let tool_choice = choice(tool_choice.as_ref(), &tools, &names, question, &mut messages, &mut losses);
    let limit = settings::limit(max_output, cap, traits, terms, &mut losses);
    let sampling = settings::sampling(&sampling, traits, &mut losses);
    let request = wire::Request {
        model,
        messages,
        tool_choice,
        // Several at once is the default, and models that think refuse to be told so.
        parallel_tool_calls: parallel_tools.filter(|parallel| !parallel && !tools.is_empty()),
        tools: tools.iter().map(|tool| offered(tool, &names, from, terms, &mut losses)).collect(),
        response_format,
        max_tokens: limit.filter(|_| !traits.max_completion_tokens),
        max_completion_tokens: limit.filter(|_| traits.max_completion_tokens),
        stop: settings::stop(&stop, terms, &mut losses),
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        reasoning_effort: settings::effort(reasoning, !tools.is_empty(), traits, terms, &mut losses),
        user: user.as_deref().map(|user| spelling::short(user, settings::LONGEST_USER)),
        stream: stream.then_some(true),
        stream_options: stream.then_some(wire::StreamOptions { include_usage: true }),
    };
    let mut written = Vec::with_capacity(body.len() + body.len() / 8);
    serde_json::to_writer(&mut written, &request).map_err(|error| {
        refused(terms.content, format!("it can't be written as chat completions: {error}"))
    })?;
    Ok(Translated {
        body: Bytes::from(written),
        dropped: losses.into_dropped(),
        memory: Memory { renamed_tools: names.into_renamed(), ..Memory::default() },
    })
}

/// A tool of a client of another vendor's may be exact there and not here: OpenAI's rules are stricter.
fn offered<'a>(
    tool: &'a Tool,
    names: &'a Names,
    from: Api,
    terms: &Terms,
    losses: &mut Losses,
) -> wire::Tool<'a> {
    let Tool { name, description, parameters, strict } = tool;
    let mut strict = *strict;
    if from == Api::Messages && strict == Some(true) && !parameters.as_deref().is_some_and(exact::is_exact) {
        losses.tell(terms.strict_tool);
        strict = None;
    }
    wire::Tool {
        r#type: wire::Function::Function,
        function: wire::Offered {
            name: names.sent(name),
            description: description.as_deref(),
            parameters: parameters.as_deref(),
            strict,
        },
    }
}

/// Without tools a choice is refused, and only one that demands a call says anything. A model that can't be
/// forced is asked.
fn choice<'a>(
    choice: Option<&'a ToolChoice>,
    tools: &[Tool],
    names: &'a Names,
    question: &Question<'_>,
    messages: &mut Vec<wire::Message<'a>>,
    losses: &mut Losses,
) -> Option<wire::ToolChoice<'a>> {
    let choice = choice?;
    let demands = matches!(choice, ToolChoice::Required | ToolChoice::Function(_));
    if tools.is_empty() {
        if demands {
            losses.tell("tool_choice");
        }
        return None;
    }
    if demands && !question.traits.forced_tools {
        losses.tell("tool_choice");
        format::instruct(
            messages,
            match choice {
                ToolChoice::Function(name) => Cow::Owned(instructions::this_tool(names.sent(name))),
                _ => Cow::Borrowed(instructions::ANY_TOOL),
            },
        );
        return Some(wire::ToolChoice::Word("auto"));
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
