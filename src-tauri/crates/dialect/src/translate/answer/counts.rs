//! Token counts as each dialect's clients expect them.
//!
//! The other way round than `crate::usage` reads them: OpenAI's prompt includes what was cached, Anthropic's
//! input doesn't. A count that a client's types demand and no provider told is 0.

use serde::Serialize;

use crate::usage::Usage;

/// `usage` of Chat Completions.
#[derive(Debug, Serialize)]
pub(super) struct Chat {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: Cached,
    completion_tokens_details: Reasoned,
}

/// `usage` of Responses.
#[derive(Debug, Serialize)]
pub(super) struct Responses {
    input_tokens: u64,
    input_tokens_details: Cached,
    output_tokens: u64,
    output_tokens_details: Reasoned,
    total_tokens: u64,
}

#[derive(Debug, Serialize)]
struct Cached {
    cached_tokens: u64,
    cache_write_tokens: u64,
}

#[derive(Debug, Serialize)]
struct Reasoned {
    reasoning_tokens: u64,
}

/// `usage` of Messages.
#[derive(Debug, Serialize)]
pub(super) struct Messages {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<Thought>,
}

#[derive(Debug, Serialize)]
struct Thought {
    thinking_tokens: u64,
}

impl Chat {
    /// `None` if the provider told nothing at all: both vendors' types allow for that.
    pub(super) fn of(usage: Usage) -> Option<Self> {
        let (prompt_tokens, completion_tokens, total_tokens) = totals(usage)?;
        Some(Self {
            prompt_tokens,
            completion_tokens,
            total_tokens,
            prompt_tokens_details: Cached::of(usage),
            completion_tokens_details: Reasoned::of(usage),
        })
    }
}

impl Responses {
    /// `None` if the provider told nothing at all.
    pub(super) fn of(usage: Usage) -> Option<Self> {
        let (input_tokens, output_tokens, total_tokens) = totals(usage)?;
        Some(Self {
            input_tokens,
            input_tokens_details: Cached::of(usage),
            output_tokens,
            output_tokens_details: Reasoned::of(usage),
            total_tokens,
        })
    }
}

impl Messages {
    /// Anthropic's clients demand counts in every message and have no word for unknown ones.
    pub(super) fn of(usage: Usage) -> Self {
        let Usage { input, output, cached, cache_write, cache_write_1h: _, reasoning, searches: _ } = usage;
        Self {
            input_tokens: input.unwrap_or(0),
            cache_creation_input_tokens: cache_write.unwrap_or(0),
            cache_read_input_tokens: cached.unwrap_or(0),
            output_tokens: output.unwrap_or(0),
            output_tokens_details: reasoning.map(|thinking_tokens| Thought { thinking_tokens }),
        }
    }
}

impl Cached {
    fn of(usage: Usage) -> Self {
        Self { cached_tokens: usage.cached.unwrap_or(0), cache_write_tokens: usage.cache_write.unwrap_or(0) }
    }
}

impl Reasoned {
    fn of(usage: Usage) -> Self {
        Self { reasoning_tokens: usage.reasoning.unwrap_or(0) }
    }
}

/// The whole prompt, the whole answer, and both.
fn totals(usage: Usage) -> Option<(u64, u64, u64)> {
    if usage.is_empty() {
        return None;
    }
    let Usage { input, output, cached, cache_write, cache_write_1h: _, reasoning: _, searches: _ } = usage;
    let prompt = [input, cached, cache_write].into_iter().flatten().fold(0, u64::saturating_add);
    let output = output.unwrap_or(0);
    Some((prompt, output, prompt.saturating_add(output)))
}
