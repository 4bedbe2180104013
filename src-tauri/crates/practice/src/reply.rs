//! What is answered, without its dialect: a function of the provider's name and the request, and of nothing else.

pub(crate) mod calls;
pub(crate) mod pieces;
mod recital;
pub(crate) mod words;

use crate::{
    ask::{
        Ask, Thinking,
        count::{bytes, tokens},
    },
    random,
    sample::sample,
};

/// An answer before it has a shape.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) thought: Option<Thought>,
    /// The answer's words, or what is said before tools are called; may be empty.
    pub(crate) text: String,
    pub(crate) calls: Vec<Call>,
    /// The words with which it declines; empty if it declines without a word.
    pub(crate) refusal: Option<String>,
    pub(crate) end: End,
    /// All of them, those of the thinking included.
    pub(crate) output_tokens: u64,
}

/// What was thought before the answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Thought {
    pub(crate) text: String,
    pub(crate) tokens: u64,
    pub(crate) way: Thinking,
}

/// A tool to be called, its arguments as JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) tool: String,
    pub(crate) arguments: String,
}

/// Why an answer ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    #[default]
    Complete,
    /// The length that the client allowed was reached.
    Length,
    /// This stop sequence of the client came up.
    Stop(String),
    Calls,
    /// It declined.
    Refused,
    /// A filter cut it.
    Filtered,
}

impl Reply {
    /// Answers a request.
    pub(crate) fn to(ask: &Ask, provider: &str) -> Self {
        let thought = ask.thinking.map(|way| think(way, ask, provider));
        let spent = thought.as_ref().map_or(0, |thought| thought.tokens);
        let room = ask.limit.map(|limit| limit.saturating_sub(spent));
        let answer = Self::said(ask, provider, room);
        let output_tokens = spent + answer.output_tokens;
        Self { thought, output_tokens, ..answer }
    }

    /// The answer itself, in so many tokens at most.
    fn said(ask: &Ask, provider: &str, room: Option<u64>) -> Self {
        let cues = ask.cues();
        if cues.refuse_silently {
            return Self { refusal: Some(String::new()), end: End::Refused, ..Self::default() };
        }
        if cues.refuse {
            let refusal = words::refusal(provider);
            let output_tokens = tokens(refusal.len());
            return Self { refusal: Some(refusal), end: End::Refused, output_tokens, ..Self::default() };
        }
        let tools = calls::wanted(ask);
        if tools.is_empty() {
            let mut reply = Self::worded(free_text(ask, provider), ask, room);
            if cues.filter {
                reply.text.truncate(reply.text.floor_char_boundary(reply.text.len() / 2));
                reply.end = End::Filtered;
                reply.output_tokens = tokens(reply.text.len());
            }
            return reply;
        }
        let mut reply = Self::default();
        if cues.preamble {
            reply = Self::worded(words::preamble(provider, &tools), ask, room);
            if reply.end != End::Complete {
                return reply;
            }
        }
        reply.calls = tools
            .into_iter()
            .map(|tool| Call { tool: tool.name.clone(), arguments: sample(&tool.schema).to_string() })
            .collect();
        reply.end = End::Calls;
        reply.cut_calls(room.map(|room| room.saturating_sub(reply.output_tokens)));
        reply.output_tokens += tokens(reply.calls.iter().map(Call::bytes).sum());
        reply
    }

    /// A text as far as stop sequences and the limit let it.
    fn worded(mut text: String, ask: &Ask, room: Option<u64>) -> Self {
        let mut end = End::Complete;
        // A recital names the stop sequences, and would be cut by the first of them.
        let stops: &[String] = if ask.cues().recite { &[] } else { &ask.stops };
        let stop = stops.iter().filter_map(|stop| Some((text.find(stop.as_str())?, stop))).min();
        if let Some((at, stop)) = stop {
            end = End::Stop(stop.clone());
            text.truncate(at);
        }
        if let Some(room) = room.filter(|room| tokens(text.len()) > *room) {
            end = End::Length;
            text.truncate(text.floor_char_boundary(bytes(room)));
        }
        let output_tokens = tokens(text.len());
        Self { text, end, output_tokens, ..Self::default() }
    }

    /// Breaks off where the limit is reached, in the middle of a call's arguments.
    fn cut_calls(&mut self, room: Option<u64>) {
        let Some(mut left) = room.map(bytes) else { return };
        let mut whole = 0;
        for call in &mut self.calls {
            if call.bytes() > left {
                self.end = End::Length;
                let arguments = left.saturating_sub(call.tool.len());
                call.arguments.truncate(call.arguments.floor_char_boundary(arguments));
                whole += usize::from(left > call.tool.len());
                break;
            }
            left -= call.bytes();
            whole += 1;
        }
        self.calls.truncate(whole);
    }

    /// How many tokens of the output were thinking.
    pub(crate) fn thinking_tokens(&self) -> u64 {
        self.thought.as_ref().map_or(0, |thought| thought.tokens)
    }
}

impl Call {
    fn bytes(&self) -> usize {
        self.tool.len() + self.arguments.len()
    }
}

/// What the delays of an answer depend on: the same prompt always takes the same time.
pub(crate) fn fingerprint(ask: &Ask) -> u64 {
    random::hash(ask.text().as_bytes())
}

fn think(way: Thinking, ask: &Ask, provider: &str) -> Thought {
    let text = words::thinking(provider, ask.text());
    let tokens = match way {
        Thinking::Hidden { tokens } => tokens,
        Thinking::Shown | Thinking::Omitted | Thinking::Redacted => tokens(text.len()),
    };
    Thought { text, tokens: ask.limit.map_or(tokens, |limit| limit.min(tokens)), way }
}

fn free_text(ask: &Ask, provider: &str) -> String {
    if let Some(schema) = &ask.shape {
        return sample(schema).to_string();
    }
    if ask.cues().recite {
        return recital::of(ask);
    }
    let results = ask.results();
    let mut text = if results.is_empty() {
        words::practice_text(provider, ask.text())
    } else {
        words::after_tools(provider, &results)
    };
    text.push_str(&words::received(&ask.attachments()));
    text
}

#[cfg(test)]
mod tests;
