//! The body of a whole answer.

use bytes::Bytes;
use serde::Serialize;

use super::super::{counts, ids, output};
use super::{Spelling, word};
use crate::canon::{Answer, Block, Finish, ToolCall};
use crate::translate::Reply;

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'a str,
    created: i64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: Option<counts::Chat>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u64,
    message: Message<'a>,
    logprobs: (),
    finish_reason: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    content: Option<String>,
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<Function<'a>>,
    /// There are none, and OpenAI's own bodies say so.
    annotations: [(); 0],
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// The body of a whole answer.
pub(in super::super) fn whole(reply: &Reply, answer: &Answer) -> Bytes {
    let Answer { id, model, blocks, finish, usage } = answer;
    let Finish { reason, stop_sequence: _ } = finish;
    let spelling = Spelling::of(&reply.request);
    let finish_reason = word(*reason, spelling);
    output::body(&Completion {
        id: &ids::answer("chatcmpl-", id.as_deref(), &reply.id),
        object: "chat.completion",
        created: reply.created,
        model: model.as_deref().unwrap_or(&reply.model),
        choices: [Choice { index: 0, message: message(blocks, spelling), logprobs: (), finish_reason }],
        usage: counts::Chat::of(*usage),
    })
}

fn message(blocks: &[Block], spelling: Spelling) -> Message<'_> {
    let (mut content, mut refusal, mut thinking) = (None, None, None);
    let mut calls = Vec::new();
    for block in blocks {
        let (text, more) = match block {
            Block::Text(text) => (&mut content, text),
            Block::Refusal(text) => (&mut refusal, text),
            Block::Thinking(text) => (&mut thinking, text),
            Block::ToolCall(ToolCall { id, name, arguments }) => {
                let arguments = if arguments.is_empty() { "{}" } else { arguments };
                calls.push(Call { id, kind: "function", function: Function { name, arguments } });
                continue;
            }
            // A model says none of these.
            Block::Image(_) | Block::Document { .. } | Block::ToolResult(_) => continue,
        };
        text.get_or_insert_with(String::new).push_str(more);
    }
    // An answer of nothing is an empty text; only what says otherwise has none.
    let content = content.or_else(|| (calls.is_empty() && refusal.is_none()).then(String::new));
    let (tool_calls, function_call) = match spelling {
        Spelling::ToolCalls => (calls, None),
        Spelling::FunctionCall => (Vec::new(), calls.into_iter().next().map(|call| call.function)),
    };
    Message {
        role: "assistant",
        content,
        refusal,
        reasoning_content: thinking,
        tool_calls,
        function_call,
        annotations: [],
    }
}
