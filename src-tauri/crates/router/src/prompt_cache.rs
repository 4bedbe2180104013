//! Anthropic's prompt cache, where it pays.
//!
//! A marked prefix costs a quarter more to write (twice the price for an hour's) and a tenth to read. So a
//! prompt that comes once must never be marked, and one that comes again and again should: what was seen within
//! the cache's lifetime is taken to come again. Only hashes are remembered, never a prompt.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use bytes::Bytes;
use evenkeel_config::PromptCaching;
use evenkeel_dialect::marks::{self, Lifetime, Prefix};
use parking_lot::Mutex;
use tokio::time::Instant;

/// Prefixes that are remembered; when there are more, those that are due go, and then all.
const MOST: usize = 20_000;

/// What was asked of which provider, and when last.
#[derive(Debug, Default)]
pub(crate) struct PromptCache {
    seen: Mutex<HashMap<u64, Instant>>,
    /// Keyed at random, so that nobody can make two prompts look alike.
    hasher: RandomState,
}

/// Whom the prompt goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct For<'a> {
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    pub(crate) caching: PromptCaching,
    /// The shortest prompt that this model caches, in tokens; `None`: it caches none.
    pub(crate) shortest: Option<u64>,
    pub(crate) bytes_per_token: f64,
    pub(crate) now: Instant,
}

impl PromptCache {
    /// The Messages body with marks where they pay; the same bytes where they don't.
    pub(crate) fn mark(&self, body: &Bytes, of: For<'_>) -> Bytes {
        let (lifetime, lives) = match of.caching {
            PromptCaching::Off => return body.clone(),
            PromptCaching::FiveMinutes => (Lifetime::Minutes5, Duration::from_mins(5)),
            PromptCaching::OneHour => (Lifetime::Hour, Duration::from_hours(1)),
        };
        let (Some(shortest), Some(places)) = (of.shortest, marks::places(body)) else { return body.clone() };
        #[expect(clippy::cast_precision_loss, reason = "a threshold in tokens")]
        let shortest = (shortest as f64 * of.bytes_per_token).ceil();
        #[expect(clippy::cast_precision_loss, reason = "the length of a body that fits into memory")]
        let long = |prefix: &Prefix| prefix.len() as f64 >= shortest;
        let again = |prefix: &Prefix| self.again(self.key(body, prefix, &of), of.now, lives);
        // Every place is looked up, for looking up is also what makes it known to the next request.
        let tools = places.tools.filter(&long).filter(&again);
        let system = places.system.filter(&long).filter(&again);
        let goes_on = places.earlier.as_ref().is_some_and(|earlier| long(earlier) && again(earlier));
        let history = places.history.filter(&long).filter(|history| again(history) || goes_on);
        let prefixes: Vec<&Prefix> = [&tools, &system, &history].into_iter().flatten().collect();
        if prefixes.is_empty() { body.clone() } else { marks::mark(body, &prefixes, lifetime) }
    }

    fn key(&self, body: &Bytes, prefix: &Prefix, of: &For<'_>) -> u64 {
        let parts: Vec<&[u8]> = prefix.parts.iter().map(|part| &body[part.clone()]).collect();
        self.hasher.hash_one((of.provider, of.model, parts))
    }

    /// Whether it was seen within the lifetime; from now on it was.
    fn again(&self, key: u64, now: Instant, lives: Duration) -> bool {
        let mut seen = self.seen.lock();
        if seen.len() >= MOST && !seen.contains_key(&key) {
            seen.retain(|_, last| now.saturating_duration_since(*last) < lives);
            if seen.len() >= MOST {
                seen.clear();
            }
        }
        seen.insert(key, now).is_some_and(|last| now.saturating_duration_since(last) < lives)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(caching: PromptCaching, now: Instant) -> For<'static> {
        For { provider: "p", model: "m", caching, shortest: Some(1_024), bytes_per_token: 4.0, now }
    }

    fn body(system_bytes: usize, messages: &[(&str, &str)]) -> Bytes {
        let messages: Vec<Value> =
            messages.iter().map(|(role, text)| json!({ "role": role, "content": text })).collect();
        let body = json!({ "system": "x".repeat(system_bytes), "messages": messages, "max_tokens": 9 });
        Bytes::from(body.to_string())
    }

    fn marks_in(body: &Bytes) -> usize {
        String::from_utf8_lossy(body).matches("cache_control").count()
    }

    #[test]
    fn a_prompt_that_comes_once_is_never_marked_and_the_second_one_is() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        let of = of(PromptCaching::FiveMinutes, now);
        assert_eq!(cache.mark(&body(8_000, &[("user", "a")]), of), body(8_000, &[("user", "a")]));
        assert_eq!(marks_in(&cache.mark(&body(8_000, &[("user", "b")]), of)), 1);
        let other = For { provider: "q", ..of };
        assert_eq!(
            marks_in(&cache.mark(&body(8_000, &[("user", "b")]), other)),
            0,
            "another provider's cache"
        );
    }

    #[test]
    fn what_is_shorter_than_the_model_caches_is_left_alone() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(
                marks_in(&cache.mark(&body(4_000, &[("user", "a")]), of(PromptCaching::FiveMinutes, now))),
                0
            );
        }
    }

    #[test]
    fn after_its_lifetime_a_prefix_is_new_again() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        let later = now + Duration::from_secs(301);
        cache.mark(&body(8_000, &[("user", "a")]), of(PromptCaching::FiveMinutes, now));
        assert_eq!(
            marks_in(&cache.mark(&body(8_000, &[("user", "b")]), of(PromptCaching::FiveMinutes, later))),
            0
        );
        let hour = of(PromptCaching::OneHour, later + Duration::from_mins(50));
        assert_eq!(marks_in(&cache.mark(&body(8_000, &[("user", "c")]), hour)), 1);
    }

    #[test]
    fn a_conversation_that_goes_on_is_marked_as_it_grows() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        let long = "y".repeat(8_000);
        let of = of(PromptCaching::FiveMinutes, now);
        let first = [("user", long.as_str()), ("assistant", "b"), ("user", "c")];
        let second =
            [("user", long.as_str()), ("assistant", "b"), ("user", "c"), ("assistant", "d"), ("user", "e")];
        assert_eq!(marks_in(&cache.mark(&body(10, &first), of)), 0);
        assert_eq!(marks_in(&cache.mark(&body(10, &second), of)), 1);
    }

    #[test]
    fn off_is_off() {
        let (cache, now) = (PromptCache::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(marks_in(&cache.mark(&body(8_000, &[("user", "a")]), of(PromptCaching::Off, now))), 0);
        }
    }
}
