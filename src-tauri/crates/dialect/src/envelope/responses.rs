//! The failure of an answer that has begun, as the Responses API tells it.
//!
//! Other dialects send an error; this one sends the answer itself once more, as a failed one. SDKs read it like
//! any other response, so every field that they require is there, though nothing can be said in most of them.
//! The shape is that of OpenAI's reference ("response.failed", "The response object").

use serde::Serialize;

use super::{Begun, Problem, json, openai_type};

pub(super) fn failed(problem: &Problem<'_>, begun: &Begun) -> Vec<u8> {
    let own = || format!("resp_{}", problem.request_id);
    json(&Failed {
        kind: "response.failed",
        sequence_number: begun.next_sequence,
        response: Response {
            id: begun.id.clone().unwrap_or_else(own),
            object: "response",
            created_at: begun.created_at.unwrap_or(0),
            status: "failed",
            error: Error {
                code: problem.code,
                message: problem.message,
                kind: openai_type(problem.status),
                param: problem.param,
            },
            incomplete_details: None,
            instructions: None,
            metadata: Empty {},
            model: begun.model.as_deref().unwrap_or_default(),
            output: [],
            parallel_tool_calls: true,
            temperature: None,
            tool_choice: "auto",
            tools: [],
            top_p: None,
            usage: None,
        },
    })
}

#[derive(Serialize)]
struct Failed<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    sequence_number: u64,
    response: Response<'a>,
}

/// What came of the answer so far stays with the client, so `output` is empty; it is required all the same.
#[derive(Serialize)]
struct Response<'a> {
    id: String,
    object: &'a str,
    created_at: u64,
    status: &'a str,
    error: Error<'a>,
    incomplete_details: Option<()>,
    instructions: Option<()>,
    metadata: Empty,
    model: &'a str,
    output: [(); 0],
    parallel_tool_calls: bool,
    temperature: Option<()>,
    tool_choice: &'a str,
    tools: [(); 0],
    top_p: Option<()>,
    usage: Option<()>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
}

#[derive(Serialize)]
struct Empty {}
