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

use serde_json::value::RawValue;

use crate::ask::AskError;
use crate::canon::{Conversation, Role, Turn};
use crate::json::{self, Fields};

mod blocks;
mod controls;
mod media;
mod notes;
pub(super) mod raw;
mod tools;
mod turns;
mod wire;

use notes::Notes;
use wire::Request;

/// Reads a body. An error is the caller's: no provider would take the request.
pub(super) fn read(body: &[u8]) -> Result<Conversation, AskError> {
    let text = std::str::from_utf8(body).map_err(|_| invalid(None, "The body is not UTF-8."))?;
    let text = raw::paired(text);
    let fields = Fields::parse(&text)
        .map_err(|error| invalid(None, format!("The body must be a JSON object: {error}.")))?;
    let mut notes = Notes::default();
    let conversation = request(Request::read(&fields), &mut notes)?;
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

    for (name, value) in [
        ("cache_control", cache_control),
        ("service_tier", service_tier),
        ("betas", betas),
        ("fallbacks", fallbacks),
        ("fallback_credit_token", fallback_credit_token),
        ("diagnostics", diagnostics),
        ("user_profile_id", user_profile_id),
        ("workspace_id", workspace_id),
    ] {
        notes.nothing_if(value, name);
    }
    for (name, value) in [("inference_geo", inference_geo), ("billing_policy", billing_policy)] {
        notes.told_if(value, name);
    }
    for (name, value) in [("container", container), ("mcp_servers", mcp_servers), ("compaction", compaction)]
    {
        notes.meaning_if(value.filter(|value| value.get() != "[]"), name);
    }
    notes.rest("", &rest);
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
    let max_output = max_tokens.and_then(json::count);
    if max_output == Some(0) {
        notes.meaning("max_tokens");
    }
    Ok(Conversation {
        model: model.and_then(json::text).unwrap_or_default().into_owned(),
        stream: stream.is_some_and(|stream| stream.get() == "true"),
        turns,
        tools: tools::read(tools, &changes, notes)?,
        tool_choice,
        parallel_tools,
        format,
        max_output,
        stop: stop_sequences.map(texts).unwrap_or_default(),
        sampling: crate::canon::Sampling {
            temperature: temperature.and_then(raw::number),
            top_p: top_p.and_then(raw::number),
            top_k: top_k.and_then(json::count),
        },
        reasoning,
        user: controls::user(metadata, notes),
        unmapped: Vec::new(),
    })
}

/// The model is to go on from a beginning of its answer. It is kept as a turn.
fn prefill(turns: &[Turn], last: usize, notes: &mut Notes) {
    if turns[last].role == Role::Assistant {
        notes.told("messages[-1] (prefill)");
    }
}

/// The strings of a list; a single string counts as a list of one.
fn texts(value: &RawValue) -> Vec<String> {
    match json::items(value) {
        Some(items) => items.into_iter().filter_map(json::text).map(Into::into).collect(),
        None => json::text(value).map(Into::into).into_iter().collect(),
    }
}

/// The objects of a list. If it isn't one, the error says which element is to blame.
fn objects<'a>(
    at: impl std::fmt::Display,
    value: &'a RawValue,
    expected: &str,
) -> Result<Vec<Fields<'a>>, AskError> {
    if let Some(objects) = raw::objects(value) {
        return Ok(objects);
    }
    let wrong = json::items(value)
        .ok_or_else(|| invalid(Some(at.to_string()), format!("`{at}` must be {expected}.")))?
        .iter()
        .position(|item| Fields::of(item).is_none())
        .unwrap_or_default();
    let at = format!("{at}[{wrong}]");
    Err(invalid(Some(at.clone()), format!("`{at}` must be an object.")))
}

fn invalid(param: Option<String>, message: impl Into<String>) -> AskError {
    AskError { param, message: message.into() }
}

#[cfg(test)]
mod tests;
