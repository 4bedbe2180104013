//! Chat Completions written: `chat.completion.chunk`s with `[DONE]` behind them, or a `chat.completion`.
//!
//! Thinking is shown as `reasoning_content`, which is no field of OpenAI's but what other hosts and most
//! clients call it. A client that asked with `functions`, the older spelling of `tools`, is answered in it: it
//! knows of one call only, which has no id.

use serde::Serialize;

use super::{counts, ids, output};
use crate::canon::{Event, FinishReason};
use crate::json::Fields;
use crate::translate::Reply;
use crate::usage::Usage;

mod whole;

pub(super) use whole::whole;

/// What every chunk of one answer repeats, and what the last ones will say.
#[derive(Debug)]
pub(super) struct Stream {
    /// Kept until the provider has said what it calls the answer.
    reply: Head,
    include_usage: bool,
    spelling: Spelling,
    /// What every chunk begins with.
    before: Vec<u8>,
    /// The first chunk was written.
    started: bool,
    usage: Usage,
    finish: FinishReason,
    /// Per call: no arguments came yet.
    bare: Vec<bool>,
}

/// How the client spells calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    ToolCalls,
    FunctionCall,
}

#[derive(Debug)]
struct Head {
    id: String,
    model: String,
    created: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Delta<'a> {
    Content(&'a str),
    ReasoningContent(&'a str),
    Refusal(&'a str),
    ToolCalls([CallDelta<'a>; 1]),
    FunctionCall(FunctionDelta<'a>),
}

#[derive(Serialize)]
struct CallDelta<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    function: FunctionDelta<'a>,
}

#[derive(Serialize)]
struct FunctionDelta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

const NOT_FINISHED: &[u8] = b",\"logprobs\":null,\"finish_reason\":null}]";

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        let head = Head { id: reply.id.clone(), model: reply.model.clone(), created: reply.created };
        Self {
            reply: head,
            include_usage: reply.include_usage,
            spelling: Spelling::of(&reply.request),
            before: Vec::new(),
            started: false,
            usage: Usage::default(),
            finish: FinishReason::default(),
            bare: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { id, model } => return self.head(id.as_deref(), model.as_deref()),
            Event::Usage(usage) => {
                self.usage = *usage;
                return;
            }
            _ => self.role(matches!(event, Event::CallStart { .. }), out),
        }
        match event {
            Event::Text(text) => self.delta(&Delta::Content(text), out),
            Event::Thinking(text) => self.delta(&Delta::ReasoningContent(text), out),
            Event::Refusal(text) => self.delta(&Delta::Refusal(text), out),
            Event::CallStart { ordinal, id, name } => {
                self.bare.push(true);
                self.call(*ordinal, Some(id), FunctionDelta { name: Some(name), arguments: "" }, out);
            }
            Event::CallArguments { ordinal, fragment } => self.arguments(*ordinal, fragment, out),
            // Clients parse the arguments, and an empty text is no JSON.
            Event::CallEnd { ordinal } => {
                if self.bare.get(*ordinal) == Some(&true) {
                    self.arguments(*ordinal, "{}", out);
                }
            }
            Event::Finish(finish) => self.finish = finish.reason,
            Event::End => self.end(out),
            Event::Start { .. } | Event::Usage(_) => {}
        }
    }

    /// The first chunk, which comes with what is said first: if that is a call, there is no text.
    fn role(&mut self, calls: bool, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let delta = if calls {
            &br#"{"role":"assistant","content":null,"refusal":null}"#[..]
        } else {
            br#"{"role":"assistant","content":"","refusal":null}"#
        };
        self.open(out);
        out.extend_from_slice(delta);
        self.close(NOT_FINISHED, out);
    }

    fn head(&mut self, id: Option<&str>, model: Option<&str>) {
        #[derive(Serialize)]
        struct Common<'a> {
            id: &'a str,
            object: &'a str,
            created: i64,
            model: &'a str,
        }
        let Head { id: own_id, model: own_model, created } = &self.reply;
        let id = ids::answer("chatcmpl-", id, own_id);
        let model = model.unwrap_or(own_model);
        output::json(
            &mut self.before,
            &Common { id: &id, object: "chat.completion.chunk", created: *created, model },
        );
        // The object goes on.
        self.before.pop();
    }

    fn arguments(&mut self, ordinal: usize, fragment: &str, out: &mut Vec<u8>) {
        if let Some(bare) = self.bare.get_mut(ordinal) {
            *bare = false;
        }
        self.call(ordinal, None, FunctionDelta { name: None, arguments: fragment }, out);
    }

    /// A piece of a call; the first one has its id.
    fn call(&self, index: usize, id: Option<&str>, function: FunctionDelta<'_>, out: &mut Vec<u8>) {
        match self.spelling {
            Spelling::ToolCalls => {
                let kind = id.map(|_| "function");
                self.delta(&Delta::ToolCalls([CallDelta { index, id, kind, function }]), out);
            }
            Spelling::FunctionCall if index == 0 => self.delta(&Delta::FunctionCall(function), out),
            Spelling::FunctionCall => {}
        }
    }

    fn delta(&self, delta: &Delta<'_>, out: &mut Vec<u8>) {
        self.open(out);
        output::json(out, delta);
        self.close(NOT_FINISHED, out);
    }

    fn open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&self.before);
        out.extend_from_slice(b",\"choices\":[{\"index\":0,\"delta\":");
    }

    fn close(&self, choice: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(choice);
        // Once asked for, it is a field of every chunk.
        if self.include_usage {
            out.extend_from_slice(b",\"usage\":null");
        }
        out.extend_from_slice(b"}\n\n");
    }

    fn end(&self, out: &mut Vec<u8>) {
        self.open(out);
        out.extend_from_slice(b"{},\"logprobs\":null,\"finish_reason\":\"");
        out.extend_from_slice(word(self.finish, self.spelling).as_bytes());
        self.close(b"\"}]", out);
        if let Some(counts) = counts::Chat::of(self.usage).filter(|_| self.include_usage) {
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(&self.before);
            out.extend_from_slice(b",\"choices\":[],\"usage\":");
            output::json(out, &counts);
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

impl Spelling {
    fn of(request: &[u8]) -> Self {
        let request = std::str::from_utf8(request).unwrap_or_default().trim_start_matches('\u{feff}').trim();
        // Hardly anybody does; looking for the word costs less than reading every request once more.
        let asked = || {
            Fields::parse(request)
                .is_ok_and(|asked| asked.get("functions").is_some() && asked.get("tools").is_none())
        };
        if request.contains("\"functions\"") && asked() { Self::FunctionCall } else { Self::ToolCalls }
    }
}

fn word(reason: FinishReason, spelling: Spelling) -> &'static str {
    match (reason, spelling) {
        (FinishReason::Stop, _) => "stop",
        (FinishReason::Length, _) => "length",
        (FinishReason::ToolCalls, Spelling::ToolCalls) => "tool_calls",
        (FinishReason::ToolCalls, Spelling::FunctionCall) => "function_call",
        (FinishReason::Refusal, _) => "content_filter",
    }
}
