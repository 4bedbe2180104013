//! The Responses API written: its events in their order, or a whole response.
//!
//! Every event has a `sequence_number`, every item is announced, filled and repeated whole, and the last event
//! carries the complete response: clients build on any of these, Codex on finished items, the SDKs' helpers on
//! deltas by place, most on `response.completed` alone.

use bytes::Bytes;

use super::{counts, ids, output};
use crate::canon::{Answer, Event, Finish, FinishReason};
use crate::envelope::Begun;
use crate::translate::Reply;
use crate::usage::Usage;

mod echo;
mod event;
mod item;

use echo::{Echo, Outcome, Response};
use event::{AboutItem, AboutResponse, Detail, Teller, next};
use item::{Item, Names, Part, PartKind, Status};

/// Writes one answer's events.
#[derive(Debug)]
pub(super) struct Stream {
    id: String,
    model: String,
    created: i64,
    names: Names,
    echo: Echo,
    sequence: u64,
    items: Vec<Item>,
    /// The item that text or thinking goes on in.
    open: Option<usize>,
    /// The item of each call.
    calls: Vec<usize>,
    /// Calls that can be closed, by their items. That waits for the next item: how the last one ended is only
    /// known at the end.
    over: Vec<usize>,
    usage: Usage,
    finish: FinishReason,
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            id: reply.id.clone(),
            model: reply.model.clone(),
            created: reply.created,
            names: Names::of(reply),
            echo: Echo::of(&reply.request),
            sequence: 0,
            items: Vec::new(),
            open: None,
            calls: Vec::new(),
            over: Vec::new(),
            usage: Usage::default(),
            finish: FinishReason::default(),
        }
    }

    pub(super) fn write(&mut self, event: Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { id, model } => {
                self.id = ids::answer("resp_", id.as_deref(), &self.id);
                self.model = model.unwrap_or_else(|| std::mem::take(&mut self.model));
                self.tell("response.created", None, out);
                self.tell("response.in_progress", None, out);
            }
            Event::Text(text) => self.say(PartKind::Text, &text, out),
            Event::Refusal(text) => self.say(PartKind::Refusal, &text, out),
            Event::Thinking(text) => self.think(&text, out),
            Event::CallStart { ordinal: _, id, name } => {
                let at = self.add(self.names.call(self.items.len(), id, name), out);
                self.calls.push(at);
            }
            Event::CallArguments { ordinal, fragment } => {
                if let Some(at) = self.calls.get(ordinal).copied() {
                    self.arguments(at, &fragment, out);
                }
            }
            Event::CallEnd { ordinal } => self.over.extend(self.calls.get(ordinal)),
            Event::Usage(usage) => self.usage = usage,
            Event::Finish(finish) => self.finish = finish.reason,
            Event::End => self.end(out),
        }
    }

    /// How far the response has come, for the event that tells of its failure.
    pub(super) fn begun(&self) -> Begun {
        Begun {
            id: Some(self.id.clone()),
            model: Some(self.model.clone()),
            created_at: u64::try_from(self.created).ok(),
            next_sequence: self.sequence,
        }
    }

    /// An event about the whole response.
    fn tell(&mut self, kind: &str, outcome: Option<Outcome>, out: &mut Vec<u8>) {
        let response = Response {
            id: &self.id,
            created_at: self.created,
            model: &self.model,
            output: &self.items,
            usage: outcome.and_then(|_| counts::Responses::of(self.usage)),
            ..Response::new(outcome, &self.echo)
        };
        let sequence_number = next(&mut self.sequence);
        output::event(out, kind, &AboutResponse { kind, sequence_number, response });
    }

    /// An event about one item.
    fn tell_item(&mut self, kind: &str, at: usize, out: &mut Vec<u8>) {
        let Some(item) = self.items.get(at) else { return };
        let sequence_number = next(&mut self.sequence);
        output::event(out, kind, &AboutItem { kind, sequence_number, output_index: at, item });
    }

    /// Announces an item; whatever can be over is over then.
    fn add(&mut self, item: Item, out: &mut Vec<u8>) -> usize {
        let over = self.open.take().into_iter().chain(std::mem::take(&mut self.over));
        for at in over {
            self.close(at, Status::Completed, out);
        }
        let at = self.items.len();
        self.items.push(item);
        self.tell_item("response.output_item.added", at, out);
        at
    }

    fn say(&mut self, kind: PartKind, more: &str, out: &mut Vec<u8>) {
        let at = match self.open {
            Some(at) if matches!(self.items.get(at), Some(Item::Message { .. })) => at,
            _ => self.add(self.names.message(self.items.len()), out),
        };
        self.open = Some(at);
        let Some(Item::Message { id, content, .. }) = self.items.get_mut(at) else { return };
        let mut within = Teller { sequence: &mut self.sequence, item_id: id, output_index: at, out };
        if !content.last().is_some_and(|part| part.is(kind)) {
            if let (Some(last), Some(index)) = (content.last(), content.len().checked_sub(1)) {
                within.part_done(index, last);
            }
            content.push(Part::new(kind, String::new()));
            if let Some(part) = content.last() {
                let content_index = content.len() - 1;
                within.tell("response.content_part.added", Detail::Part { content_index, part });
            }
        }
        let content_index = content.len() - 1;
        if let Some(part) = content.last_mut() {
            part.text_mut().push_str(more);
        }
        match kind {
            PartKind::Text => {
                let detail = Detail::Text { content_index, delta: more, logprobs: [] };
                within.tell("response.output_text.delta", detail);
            }
            PartKind::Refusal => {
                within.tell("response.refusal.delta", Detail::Refusal { content_index, delta: more });
            }
        }
    }

    fn think(&mut self, more: &str, out: &mut Vec<u8>) {
        let at = match self.open {
            Some(at) if matches!(self.items.get(at), Some(Item::Reasoning { .. })) => at,
            _ => self.add(self.names.reasoning(self.items.len()), out),
        };
        self.open = Some(at);
        let Some(Item::Reasoning { id, summary }) = self.items.get_mut(at) else { return };
        let mut within = Teller { sequence: &mut self.sequence, item_id: id, output_index: at, out };
        if summary.is_empty() {
            let part = Part::SummaryText { text: String::new() };
            let detail = Detail::SummaryPart { summary_index: 0, part: &part };
            within.tell("response.reasoning_summary_part.added", detail);
            summary.push(part);
        }
        for part in summary.iter_mut() {
            part.text_mut().push_str(more);
        }
        let detail = Detail::Summary { summary_index: 0, delta: more };
        within.tell("response.reasoning_summary_text.delta", detail);
    }

    fn arguments(&mut self, at: usize, fragment: &str, out: &mut Vec<u8>) {
        let id = match self.items.get_mut(at) {
            Some(Item::FunctionCall { id, arguments, .. }) => {
                arguments.push_str(fragment);
                id
            }
            // Its text can be told when the JSON around it is whole.
            Some(Item::CustomToolCall { arguments, .. }) => return arguments.push_str(fragment),
            _ => return,
        };
        let mut within = Teller { sequence: &mut self.sequence, item_id: id, output_index: at, out };
        within.tell("response.function_call_arguments.delta", Detail::Arguments { delta: fragment });
    }

    /// Says once more, whole, what an item holds.
    fn close(&mut self, at: usize, status: Status, out: &mut Vec<u8>) {
        // Clients parse the arguments, and an empty text is no JSON.
        if matches!(self.items.get(at), Some(Item::FunctionCall { arguments, .. }) if arguments.is_empty()) {
            self.arguments(at, "{}", out);
        }
        let Some(item) = self.items.get_mut(at) else { return };
        item.fill();
        item.set_status(status);
        let item = &*item;
        let mut within = Teller { sequence: &mut self.sequence, item_id: item.id(), output_index: at, out };
        match item {
            Item::Reasoning { summary, .. } => {
                if let Some(part) = summary.first() {
                    let detail = Detail::SummaryDone { summary_index: 0, text: part.text() };
                    within.tell("response.reasoning_summary_text.done", detail);
                    let detail = Detail::SummaryPart { summary_index: 0, part };
                    within.tell("response.reasoning_summary_part.done", detail);
                }
            }
            Item::Message { content, .. } => {
                if let (Some(last), Some(index)) = (content.last(), content.len().checked_sub(1)) {
                    within.part_done(index, last);
                }
            }
            Item::CustomToolCall { input, .. } => {
                if !input.is_empty() {
                    within.tell("response.custom_tool_call_input.delta", Detail::Arguments { delta: input });
                }
                within.tell("response.custom_tool_call_input.done", Detail::InputDone { input });
            }
            Item::FunctionCall { name, arguments, .. } => {
                let detail = Detail::ArgumentsDone { name, arguments };
                within.tell("response.function_call_arguments.done", detail);
            }
        }
        self.tell_item("response.output_item.done", at, out);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let outcome = Outcome::of(self.finish, &self.items);
        let last = self.items.len().checked_sub(1);
        let mut rest: Vec<usize> = self.open.take().into_iter().collect();
        rest.append(&mut self.over);
        rest.sort_unstable();
        for at in rest {
            let status = if Some(at) == last { outcome.status() } else { Status::Completed };
            self.close(at, status, out);
        }
        let kind = match outcome {
            Outcome::Completed => "response.completed",
            Outcome::CutOff | Outcome::Filtered => "response.incomplete",
        };
        self.tell(kind, Some(outcome), out);
    }
}

/// The body of a whole answer.
pub(super) fn whole(reply: &Reply, answer: &Answer) -> Bytes {
    let Answer { id, model, blocks, finish, usage } = answer;
    let Finish { reason, stop_sequence: _ } = finish;
    let mut items = Names::of(reply).items(blocks);
    let outcome = Outcome::of(*reason, &items);
    let last = items.len().saturating_sub(1);
    for (at, item) in items.iter_mut().enumerate() {
        item.set_status(if at == last { outcome.status() } else { Status::Completed });
    }
    output::body(&Response {
        id: &ids::answer("resp_", id.as_deref(), &reply.id),
        created_at: reply.created,
        model: model.as_deref().unwrap_or(&reply.model),
        output: &items,
        usage: counts::Responses::of(*usage),
        ..Response::new(Some(outcome), &Echo::of(&reply.request))
    })
}
