//! A request of the Messages API in the canonical form.
//!
//! What stands in the body and has no place there is kept by name and by what losing it would cost. The
//! choices, made once and deliberately:
//!
//! | field | loss | why |
//! | --- | --- | --- |
//! | `cache_control` anywhere, `betas`, `diagnostics`, `service_tier`, `fallbacks`, `fallback_credit_token`, `user_profile_id`, `workspace_id` | nothing | caching, billing and bookkeeping; a beta that matters has a field of its own |
//! | `thread` with `create` | nothing | the whole history is in the request; the next one falls back to it |
//! | `thread` with `continue` | meaning | the history lives at one provider |
//! | `context_management` | nothing, if it only clears thinking; else told | thinking is never sent across; an uncleared history is only longer |
//! | `inference_geo`, `billing_policy`, `speed` other than `standard` | told | a promise that another provider did not make, though the answer is the same |
//! | `output_config.task_budget` | told | |
//! | `compaction`, `container`, `mcp_servers` | meaning | the provider itself is to do something |
//! | tools with a type other than `custom` | meaning | the provider's own tools, or tools whose schema only it knows |
//! | `citations` asked for | told | the answer comes, without its references |
//! | thinking blocks | nothing | signed; of no use to another provider |
//! | blocks of server tools, unknown blocks | meaning | a piece of the conversation would be missing |
//! | `max_tokens: 0` | meaning | fills one provider's cache and asks for no answer |
//! | a last turn of the assistant's | told | it is sent, but few others continue it |
//! | anything unknown | told | |
//!
//! Places in told names have no numbers (`messages[].content[].citations`), so that a long history does not
//! make a long header.

use super::notes::Notes;
use super::values;
use crate::ask::AskError;
use crate::canon::{Conversation, Loss, Role, Sampling, Turn};
use crate::json::{self, Fields};

mod blocks;
mod controls;
mod media;
mod tools;
mod turns;
mod wire;

use wire::Request;

/// Reads a body. An error is the caller's: no provider would take the request.
pub(super) fn read(fields: &Fields<'_>) -> Result<Conversation, AskError> {
    let mut notes = Notes::default();
    let conversation = request(Request::read(fields), &mut notes)?;
    Ok(Conversation { unmapped: notes.into_unmapped(), ..conversation })
}

fn request(request: Request<'_>, notes: &mut Notes) -> Result<Conversation, AskError> {
    let Request {
        model,
        messages,
        system,
        max_tokens,
        stream,
        stop_sequences,
        temperature,
        top_p,
        top_k,
        tools,
        tool_choice,
        thinking,
        output_config,
        output_format,
        metadata,
        cache_control,
        service_tier,
        context_management,
        betas,
        inference_geo,
        speed,
        thread,
        container,
        mcp_servers,
        compaction,
        fallbacks,
        fallback_credit_token,
        billing_policy,
        diagnostics,
        user_profile_id,
        workspace_id,
        rest,
    } = request;

    for (name, value, loss) in [
        ("cache_control", cache_control, Loss::Nothing),
        ("service_tier", service_tier, Loss::Nothing),
        ("betas", betas, Loss::Nothing),
        ("fallbacks", fallbacks, Loss::Nothing),
        ("fallback_credit_token", fallback_credit_token, Loss::Nothing),
        ("diagnostics", diagnostics, Loss::Nothing),
        ("user_profile_id", user_profile_id, Loss::Nothing),
        ("workspace_id", workspace_id, Loss::Nothing),
        ("inference_geo", inference_geo, Loss::Told),
        ("billing_policy", billing_policy, Loss::Told),
        ("container", container, Loss::Meaning),
        ("mcp_servers", mcp_servers.filter(|servers| servers.get() != "[]"), Loss::Meaning),
        ("compaction", compaction, Loss::Meaning),
    ] {
        notes.note_if(value, name, loss);
    }
    for name in rest {
        notes.told(super::notes::plain(&name));
    }
    controls::context_management(context_management, notes);
    controls::speed(speed, notes);

    let continues = controls::continues_thread(thread, notes);
    let mut turns = turns::Reader::new(notes, continues);
    turns.system(system)?;
    turns.messages(messages)?;
    let (turns, changes) = turns.finish();
    if let Some(last) = turns.iter().rposition(|turn| turn.role != Role::System) {
        prefill(&turns, last, notes);
    }

    let (tool_choice, parallel_tools) = controls::tool_choice(tool_choice, notes);
    let (format, reasoning) = controls::output(output_config, output_format, thinking, notes)?;
    let max_output = max_tokens.map_or(Ok(None), |limit| values::limit("max_tokens", limit))?;
    if max_output == Some(0) {
        notes.meaning("max_tokens");
    }
    Ok(Conversation {
        model: model.and_then(json::text).unwrap_or_default().into_owned(),
        stream: stream.map_or(Ok(false), |stream| values::flag("stream", stream))?,
        turns,
        tools: tools::read(tools, &changes, notes)?,
        tool_choice,
        parallel_tools,
        format,
        max_output,
        stop: stop_sequences.map_or(Ok(Vec::new()), |texts| values::stop_texts("stop_sequences", texts))?,
        sampling: Sampling {
            temperature: temperature.map(|value| values::number("temperature", value)).transpose()?,
            top_p: top_p.map(|value| values::number("top_p", value)).transpose()?,
            top_k: top_k.map_or(Ok(None), |value| values::limit("top_k", value))?,
        },
        reasoning,
        user: controls::user(metadata, notes),
        unmapped: Vec::new(),
    })
}

/// The model is to go on from a beginning of its answer. It is kept as a turn.
fn prefill(turns: &[Turn], last: usize, notes: &mut Notes) {
    if turns[last].role == Role::Assistant {
        notes.told("messages[-1].prefill");
    }
}

#[cfg(test)]
mod tests;
