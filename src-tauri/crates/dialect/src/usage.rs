//! Token counts in one convention.
//!
//! The vendors count oppositely. OpenAI's `prompt_tokens` **includes** what came from the cache, Anthropic's
//! `input_tokens` **excludes** both what was read from the cache and what was written to it. Priced in the
//! wrong convention a cached prompt costs several times too much or nothing, so a [`Usage`] is always
//! exclusive, and only this module knows the vendors' fields.

use serde_json::value::RawValue;

use crate::Dialect;
use crate::json::{Fields, Raw};

/// Tokens of one exchange. Exclusive: `input`, `cached` and `cache_write` add up to the whole prompt.
/// `None`: the provider did not say, which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Prompt tokens at full price: neither read from nor written to the cache.
    pub input: Option<u64>,
    /// Tokens of the answer, hidden reasoning included.
    pub output: Option<u64>,
    /// Prompt tokens read from the provider's cache.
    pub cached: Option<u64>,
    /// Prompt tokens written to the provider's cache.
    pub cache_write: Option<u64>,
    /// The part of `cache_write` that is kept for an hour, which costs more.
    pub cache_write_1h: Option<u64>,
    /// The part of `output` that was hidden reasoning.
    pub reasoning: Option<u64>,
    /// Web searches that the provider ran, which have a price of their own. Only Anthropic counts them here.
    pub searches: Option<u64>,
}

impl Usage {
    /// Reads a `usage` object; nothing in it is required.
    pub fn read(dialect: Dialect, usage: &RawValue) -> Self {
        Self::of(dialect, usage.into())
    }

    pub(crate) fn of(dialect: Dialect, usage: Raw<'_>) -> Self {
        let Some(fields) = Fields::of(usage) else { return Self::default() };
        match dialect {
            Dialect::OpenAi => openai(&fields),
            Dialect::Anthropic => anthropic(&fields),
        }
    }

    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a later report of the same exchange into account, field by field: counts on a stream are
    /// cumulative, so the later one replaces the earlier and is never added. A later zero is a host that
    /// fills in what it doesn't know; it does not undo a count. But a host that tells of the cache knows how much
    /// of the prompt is left beside it: nothing, perhaps.
    pub fn update(&mut self, later: Self) {
        let tells_of_cache = [later.cached, later.cache_write].into_iter().flatten().any(|count| count > 0);
        if tells_of_cache && later.input == Some(0) {
            self.input = None;
        }
        let newer = |now: &mut Option<u64>, then: Option<u64>| {
            if then.is_some_and(|count| count > 0) || now.is_none() {
                *now = then;
            }
        };
        newer(&mut self.input, later.input);
        newer(&mut self.output, later.output);
        newer(&mut self.cached, later.cached);
        newer(&mut self.cache_write, later.cache_write);
        newer(&mut self.cache_write_1h, later.cache_write_1h);
        newer(&mut self.reasoning, later.reasoning);
        newer(&mut self.searches, later.searches);
        self.reasoning = part_of(self.reasoning, self.output);
    }
}

/// `prompt_tokens` is the whole prompt. `input_tokens` is what the same host calls it in its newer APIs.
fn openai(usage: &Fields<'_>) -> Usage {
    let prompt = usage.count("prompt_tokens").or_else(|| usage.count("input_tokens"));
    let details = usage.object("prompt_tokens_details").or_else(|| usage.object("input_tokens_details"));
    let detail = |name| details.as_ref().and_then(|details| details.count(name));
    // DeepSeek reports its cache beside the prompt instead of within the details.
    let cached = part_of(detail("cached_tokens").or_else(|| usage.count("prompt_cache_hit_tokens")), prompt);
    let rest = prompt.map(|prompt| prompt.saturating_sub(cached.unwrap_or(0)));
    let cache_write = part_of(detail("cache_write_tokens"), rest);

    let completion = usage.count("completion_tokens").or_else(|| usage.count("output_tokens"));
    let reasoning = ["completion_tokens_details", "output_tokens_details"]
        .into_iter()
        .find_map(|name| usage.object(name)?.count("reasoning_tokens"));
    // What the host's own total has that is neither prompt nor completion.
    let beside = usage.count("total_tokens").zip(completion).map_or(0, |(total, completion)| {
        total.saturating_sub(prompt.unwrap_or(0).saturating_add(completion))
    });
    // Some hosts leave reasoning out of `completion_tokens`, and Gemini doesn't even name it: its total gives it
    // away. As much as came from the cache is none: there are hosts that leave the cache out of the prompt.
    let unnamed = reasoning.is_none() && prompt.is_some() && Some(beside) != cached;
    let apart = if unnamed || reasoning == Some(beside) { beside } else { 0 };
    let reasoning = reasoning.or((apart > 0).then_some(apart));
    let output = completion.map(|completion| completion.saturating_add(apart));

    Usage {
        input: rest.map(|rest| rest.saturating_sub(cache_write.unwrap_or(0))),
        output,
        cached,
        cache_write,
        cache_write_1h: None,
        reasoning: part_of(reasoning, output),
        searches: None,
    }
}

/// `input_tokens` is the prompt without the cache; cache writes are one number or split by lifetime.
fn anthropic(usage: &Fields<'_>) -> Usage {
    let writes = usage.object("cache_creation");
    let write = |name| writes.as_ref().and_then(|writes| writes.count(name));
    let (short, long) = (write("ephemeral_5m_input_tokens"), write("ephemeral_1h_input_tokens"));
    let by_lifetime =
        || (short.is_some() || long.is_some()).then(|| short.unwrap_or(0).saturating_add(long.unwrap_or(0)));
    let cache_write = usage.count("cache_creation_input_tokens").or_else(by_lifetime);
    let output = usage.count("output_tokens");
    let reasoning = usage
        .object("output_tokens_details")
        .and_then(|details| details.count("thinking_tokens").or_else(|| details.count("reasoning_tokens")));
    Usage {
        input: usage.count("input_tokens"),
        output,
        cached: usage.count("cache_read_input_tokens"),
        cache_write,
        cache_write_1h: part_of(long, cache_write),
        reasoning: part_of(reasoning, output),
        searches: usage.object("server_tool_use").and_then(|tools| tools.count("web_search_requests")),
    }
}

/// A part never exceeds its whole, whatever the host says; without a whole it stands as it is.
fn part_of(part: Option<u64>, whole: Option<u64>) -> Option<u64> {
    match (part, whole) {
        (Some(part), Some(whole)) => Some(part.min(whole)),
        (part, _) => part,
    }
}

#[cfg(test)]
mod tests;
