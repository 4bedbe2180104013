//! The prompt caches of both vendors, as far as usage shows them. Only hashes of prompts are kept.
//!
//! A prompt is cut into segments (the tools, the instructions, each message or block), and a prefix is known
//! again by the hash over its segments. What OpenAI does by itself, Anthropic does only where it was marked.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{ask::count, random};

/// OpenAI caches no shorter prefix. At Anthropic that depends on the model.
const SHORTEST: u64 = 1024;
/// OpenAI counts what is cached in steps.
const STEP: u64 = 128;
/// How long OpenAI remembers without being told: "five to ten minutes".
const AUTOMATIC: Duration = Duration::from_mins(10);
/// Prefixes remembered at most; the oldest go first.
const MOST: usize = 4096;

/// The tokens of a request, and what of them was cached. `read`, `written` and the rest add up to `tokens`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) tokens: u64,
    pub(crate) read: u64,
    pub(crate) written_5m: u64,
    pub(crate) written_1h: u64,
}

impl Input {
    pub(crate) const fn written(&self) -> u64 {
        self.written_5m + self.written_1h
    }

    /// What neither came from the cache nor went into it.
    pub(crate) const fn fresh(&self) -> u64 {
        self.tokens - self.read - self.written()
    }
}

/// For how long a client wants a prefix to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ttl {
    FiveMinutes,
    Hour,
}

impl Ttl {
    const fn duration(self) -> Duration {
        match self {
            Self::FiveMinutes => Duration::from_mins(5),
            Self::Hour => Duration::from_hours(1),
        }
    }
}

/// A piece of a prompt, in the order in which the vendor reads it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    hash: u64,
    bytes: usize,
    pub(crate) mark: Option<Ttl>,
}

impl Segment {
    /// A segment whose text counts.
    pub(crate) fn of(value: &Value) -> Self {
        Self { hash: hash_of(value), bytes: count::text_bytes(value), mark: None }
    }

    /// A segment that counts as it is written, for a schema is text too.
    pub(crate) fn verbatim(value: &Value) -> Self {
        let mark = value.get(MARK).map_or(0, |mark| mark.to_string().len() + MARK.len() + "\"\":,".len());
        Self { hash: hash_of(value), bytes: value.to_string().len() - mark, mark: None }
    }

    pub(crate) fn marked(self, mark: Option<Ttl>) -> Self {
        Self { mark, ..self }
    }
}

/// The mark itself, which moves from turn to turn: the block that had it is still the same block.
const MARK: &str = "cache_control";

fn hash_of(value: &Value) -> u64 {
    match value.as_object() {
        Some(fields) => fields
            .iter()
            .filter(|(name, _)| *name != MARK)
            .fold(0, |hash, (name, value)| mixed(hash, random::hash(name.as_bytes()), whole(value))),
        None => whole(value),
    }
}

fn whole(value: &Value) -> u64 {
    match value {
        Value::String(text) => random::hash(text.as_bytes()),
        Value::Array(items) => items.iter().fold(1, |hash, item| mixed(hash, 0, whole(item))),
        Value::Object(fields) => fields
            .iter()
            .fold(2, |hash, (name, value)| mixed(hash, random::hash(name.as_bytes()), whole(value))),
        other => random::hash(other.to_string().as_bytes()),
    }
}

fn mixed(hash: u64, name: u64, value: u64) -> u64 {
    random::draw(random::draw(hash, name), value)
}

/// All tokens of a prompt.
pub(crate) fn tokens(segments: &[Segment]) -> u64 {
    count::tokens(segments.iter().map(|segment| segment.bytes).sum()).max(1)
}

/// One provider's cache.
#[derive(Debug, Default)]
pub(crate) struct PromptCache {
    until: HashMap<u64, Instant>,
    order: VecDeque<u64>,
}

impl PromptCache {
    /// OpenAI's way: the longest prefix seen before is read, and everything is remembered.
    pub(crate) fn automatic(&mut self, model: &str, segments: &[Segment], now: Instant) -> Input {
        let prefixes = prefixes(model, segments);
        let long = || prefixes.iter().filter(|prefix| prefix.tokens >= SHORTEST);
        let known = long().rfind(|prefix| self.knows(prefix.hash, now));
        let read = known.map_or(0, |prefix| prefix.tokens / STEP * STEP);
        for prefix in long() {
            self.remember(prefix.hash, now + AUTOMATIC);
        }
        Input { tokens: tokens(segments), read, ..Input::default() }
    }

    /// Anthropic's way: nothing without a mark; the longest known prefix before the last mark is read, and
    /// what lies between it and each mark behind it is written.
    pub(crate) fn marked(&mut self, model: &str, segments: &[Segment], shortest: u64, now: Instant) -> Input {
        let mut input = Input { tokens: tokens(segments), ..Input::default() };
        let prefixes = prefixes(model, segments);
        let Some(last) = prefixes.iter().rposition(|prefix| prefix.mark.is_some()) else { return input };
        let prefixes = &prefixes[..=last];
        let known = prefixes.iter().rfind(|prefix| self.knows(prefix.hash, now));
        input.read = known.map_or(0, |prefix| prefix.tokens);
        let mut covered = input.read;
        for prefix in prefixes.iter().filter(|prefix| prefix.tokens >= shortest) {
            let Some(ttl) = prefix.mark else { continue };
            self.remember(prefix.hash, now + ttl.duration());
            let new = prefix.tokens.saturating_sub(covered);
            match ttl {
                Ttl::FiveMinutes => input.written_5m += new,
                Ttl::Hour => input.written_1h += new,
            }
            covered = covered.max(prefix.tokens);
        }
        input
    }

    fn knows(&self, hash: u64, now: Instant) -> bool {
        self.until.get(&hash).is_some_and(|until| *until > now)
    }

    fn remember(&mut self, hash: u64, until: Instant) {
        let known = self.until.entry(hash).or_insert_with(|| {
            self.order.push_back(hash);
            until
        });
        *known = (*known).max(until);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.until.remove(&oldest);
        }
    }
}

struct Prefix {
    hash: u64,
    tokens: u64,
    mark: Option<Ttl>,
}

fn prefixes(model: &str, segments: &[Segment]) -> Vec<Prefix> {
    let mut hash = random::hash(model.as_bytes());
    let mut bytes = 0;
    let next = |segment: &Segment| {
        hash = random::draw(hash, segment.hash);
        bytes += segment.bytes;
        Prefix { hash, tokens: count::tokens(bytes), mark: segment.mark }
    };
    segments.iter().map(next).collect()
}

#[cfg(test)]
mod tests;
