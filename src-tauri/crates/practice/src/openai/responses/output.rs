//! A response as a document, and the items it consists of.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::read::Request;
use crate::{
    ask::json::given,
    provider::Provider,
    reply::{End, Reply},
    thinking::Seal,
};

/// A response whose ids are fixed, so that the stream and the document tell of the same items.
pub(super) struct Outcome<'a> {
    pub(super) id: String,
    pub(super) provider: &'a Provider,
    pub(super) request: &'a Request,
    pub(super) items: Vec<Item>,
    created: i64,
    reply: &'a Reply,
}

/// One item of the output.
pub(super) enum Item {
    Reasoning { id: String, summary: Option<String>, encrypted: Option<String> },
    Message { id: String, text: String },
    Refusal { id: String, refusal: String },
    Call { id: String, call: String, name: String, arguments: String },
}

impl<'a> Outcome<'a> {
    pub(super) fn new(provider: &'a Provider, request: &'a Request, reply: &'a Reply) -> Self {
        let mut items = Vec::new();
        if let Some(thought) = &reply.thought {
            items.push(Item::Reasoning {
                id: provider.new_id("rs_"),
                summary: request.summarises.then(|| thought.text.clone()),
                encrypted: request
                    .encrypts
                    .then(|| provider.signer().sign(Seal::Reasoning, &thought.text, "")),
            });
        }
        if let Some(refusal) = &reply.refusal {
            items.push(Item::Refusal { id: provider.new_id("msg_"), refusal: refusal.clone() });
        } else if !reply.text.is_empty() {
            items.push(Item::Message { id: provider.new_id("msg_"), text: reply.text.clone() });
        }
        items.extend(reply.calls.iter().map(|call| Item::Call {
            id: provider.new_id("fc_"),
            call: provider.new_id("call_"),
            name: call.tool.clone(),
            arguments: call.arguments.clone(),
        }));
        let created = Timestamp::now().as_second();
        Self { id: provider.new_id("resp_"), provider, request, items, created, reply }
    }

    /// The whole response.
    pub(super) fn document(&self) -> Value {
        let (status, reason) = self.status();
        let mut document = self.shell(status);
        document["incomplete_details"] = reason.map_or(Value::Null, |reason| json!({ "reason": reason }));
        document["output"] = self.output().into();
        document["usage"] = self.usage();
        if status == "completed" {
            document["completed_at"] = json!(self.created);
        }
        document
    }

    /// The items, each complete.
    pub(super) fn output(&self) -> Vec<Value> {
        self.items.iter().map(|item| item.whole(self.item_status(item))).collect()
    }

    /// What is known of a response before it has any output.
    pub(super) fn shell(&self, status: &str) -> Value {
        let body = &self.request.body;
        let or = |field: &str, default: Value| given(body, field).cloned().unwrap_or(default);
        let reasoning = body.get("reasoning").unwrap_or(&Value::Null);
        let format = body.pointer("/text/format").cloned().unwrap_or_else(|| json!({ "type": "text" }));
        let verbosity = body.pointer("/text/verbosity").cloned().unwrap_or_else(|| json!("medium"));
        json!({
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": false,
            "error": null,
            "incomplete_details": null,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "max_tool_calls": body.get("max_tool_calls"),
            "model": self.request.ask.model,
            "output": [],
            "parallel_tool_calls": or("parallel_tool_calls", json!(true)),
            "previous_response_id": body.get("previous_response_id"),
            "prompt_cache_key": body.get("prompt_cache_key"),
            "reasoning": { "effort": reasoning.get("effort"), "summary": reasoning.get("summary") },
            "safety_identifier": body.get("safety_identifier"),
            "service_tier": "default",
            "store": self.request.stores,
            "temperature": or("temperature", json!(1.0)),
            "text": { "format": format, "verbosity": verbosity },
            "tool_choice": or("tool_choice", json!("auto")),
            "tools": or("tools", json!([])),
            "top_logprobs": 0,
            "top_p": or("top_p", json!(1.0)),
            "truncation": or("truncation", json!("disabled")),
            "usage": null,
            "user": body.get("user"),
            "metadata": or("metadata", json!({})),
        })
    }

    /// How it ended, and why if it ended too early.
    pub(super) fn status(&self) -> (&'static str, Option<&'static str>) {
        match self.reply.end {
            End::Complete | End::Stop(_) | End::Calls | End::Refused => ("completed", None),
            End::Length => ("incomplete", Some("max_output_tokens")),
            End::Filtered => ("incomplete", Some("content_filter")),
        }
    }

    /// Only the last item can have been cut.
    pub(super) fn item_status(&self, item: &Item) -> &'static str {
        let last = self.items.last().is_some_and(|last| std::ptr::eq(last, item));
        if last { self.status().0 } else { "completed" }
    }

    fn usage(&self) -> Value {
        let input = self.request.ask.input;
        let output = self.reply.output_tokens;
        json!({
            "input_tokens": input.tokens,
            "input_tokens_details": { "cached_tokens": input.read, "cache_write_tokens": 0 },
            "output_tokens": output,
            "output_tokens_details": { "reasoning_tokens": self.reply.thinking_tokens() },
            "total_tokens": input.tokens + output,
        })
    }
}

impl Item {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Reasoning { id, .. }
            | Self::Message { id, .. }
            | Self::Refusal { id, .. }
            | Self::Call { id, .. } => id,
        }
    }

    /// The item complete.
    pub(super) fn whole(&self, status: &str) -> Value {
        match self {
            Self::Reasoning { id, summary, encrypted } => {
                let summary = summary.as_ref().map(|text| json!({ "type": "summary_text", "text": text }));
                reasoning(id, &summary.into_iter().collect(), encrypted.as_deref())
            }
            Self::Message { id, text } => message(id, status, &json!([output_text(text)])),
            Self::Refusal { id, refusal } => message(id, status, &json!([refused(refusal)])),
            Self::Call { id, call, name, arguments } => function_call(id, status, call, name, arguments),
        }
    }

    /// The item as it is announced.
    pub(super) fn begun(&self) -> Value {
        match self {
            Self::Reasoning { id, encrypted, .. } => reasoning(id, &json!([]), encrypted.as_deref()),
            Self::Message { id, .. } | Self::Refusal { id, .. } => message(id, "in_progress", &json!([])),
            Self::Call { id, call, name, .. } => function_call(id, "in_progress", call, name, ""),
        }
    }
}

pub(super) fn output_text(text: &str) -> Value {
    json!({ "type": "output_text", "annotations": [], "logprobs": [], "text": text })
}

pub(super) fn refused(refusal: &str) -> Value {
    json!({ "type": "refusal", "refusal": refusal })
}

fn message(id: &str, status: &str, content: &Value) -> Value {
    json!({ "id": id, "type": "message", "status": status, "content": content, "role": "assistant" })
}

fn function_call(id: &str, status: &str, call: &str, name: &str, arguments: &str) -> Value {
    json!({
        "id": id,
        "type": "function_call",
        "status": status,
        "arguments": arguments,
        "call_id": call,
        "name": name,
    })
}

fn reasoning(id: &str, summary: &Value, encrypted: Option<&str>) -> Value {
    let mut item = json!({ "id": id, "type": "reasoning", "summary": summary });
    if let Some(encrypted) = encrypted {
        item["encrypted_content"] = json!(encrypted);
    }
    item
}
