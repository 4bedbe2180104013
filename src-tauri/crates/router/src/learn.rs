//! Bytes per token, learnt per model from what providers report.
//!
//! How many bytes make a token depends on the model and on the work (code, German, JSON), and both stay the
//! same for a founder's product from day to day. So the last requests tell more than any table.

use std::collections::HashMap;

use evenkeel_dialect::estimate::{BYTES_PER_TOKEN, Weight};
use parking_lot::RwLock;

/// How much of what is known a new report leaves standing: after twenty reports of another kind of work the
/// old kind has an eighth of a say.
const KEEPS: f64 = 0.9;
/// Nothing that any tokeniser does lies outside; a host that miscounts shall not spoil a limit.
const SANE: std::ops::RangeInclusive<f64> = 1.0..=12.0;
/// Clients name models freely, so the number of those that are remembered is bounded.
const MOST: usize = 512;
/// Shorter prompts are mostly the vendor's own wrapping.
const SHORTEST_BYTES: u64 = 200;

/// Decaying sums, so that a long prompt says more than a short one.
#[derive(Debug, Clone, Copy)]
struct Seen {
    bytes: f64,
    tokens: f64,
}

/// What was learnt, by model.
#[derive(Debug, Default)]
pub(crate) struct Learner(RwLock<HashMap<String, Seen>>);

impl Learner {
    /// Estimated input tokens of a body.
    pub(crate) fn tokens(&self, model: &str, weight: &Weight) -> u64 {
        weight.tokens(self.bytes_per_token(model))
    }

    /// What is known of a model; the careful default where that is nothing.
    pub(crate) fn bytes_per_token(&self, model: &str) -> f64 {
        self.0.read().get(model).map_or(BYTES_PER_TOKEN, |seen| seen.bytes / seen.tokens)
    }

    /// A provider reported how many tokens a body was.
    #[expect(clippy::cast_precision_loss, reason = "lengths of bodies that fit into memory")]
    pub(crate) fn learn(&self, model: &str, weight: &Weight, prompt_tokens: u64) {
        let text_tokens = prompt_tokens.saturating_sub(weight.media_tokens());
        if weight.text_bytes < SHORTEST_BYTES || text_tokens == 0 {
            return;
        }
        let (bytes, tokens) = (weight.text_bytes as f64, text_tokens as f64);
        if !SANE.contains(&(bytes / tokens)) {
            return;
        }
        let mut all = self.0.write();
        if all.len() >= MOST && !all.contains_key(model) {
            return;
        }
        let seen = all.entry(model.to_owned()).or_insert(Seen { bytes: 0.0, tokens: 0.0 });
        seen.bytes = seen.bytes * KEEPS + bytes;
        seen.tokens = seen.tokens * KEEPS + tokens;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: u64) -> Weight {
        Weight { text_bytes: bytes, ..Weight::default() }
    }

    #[test]
    fn after_twenty_requests_the_estimate_is_within_a_tenth() {
        let learner = Learner::default();
        // A tokeniser at 4.4 bytes a token, give or take a tenth from prompt to prompt.
        for n in 0..20_u64 {
            let bytes = 2_000 + n * 377 % 5_000;
            let wobble = [100, 95, 108, 92, 103][usize::try_from(n % 5).expect("small")];
            learner.learn("m", &text(bytes), bytes * 10 * wobble / 4_400);
        }
        let estimate = learner.tokens("m", &text(44_000));
        assert!((9_000..=11_000).contains(&estimate), "{estimate}");
        assert!(learner.tokens("another", &text(44_000)) > 14_000, "what is unknown is counted too high");
    }

    #[test]
    fn another_kind_of_work_is_learnt_within_twenty_requests() {
        let learner = Learner::default();
        for _ in 0..100 {
            learner.learn("m", &text(4_000), 1_000);
        }
        for _ in 0..20 {
            learner.learn("m", &text(4_000), 2_000);
        }
        let estimate = learner.tokens("m", &text(20_000));
        assert!((9_000..=10_100).contains(&estimate), "{estimate}");
    }

    #[test]
    fn a_host_that_miscounts_teaches_nothing() {
        let learner = Learner::default();
        for tokens in [0, 1, 1_000_000] {
            learner.learn("m", &text(4_000), tokens);
        }
        assert!((learner.bytes_per_token("m") - BYTES_PER_TOKEN).abs() < f64::EPSILON);
    }

    #[test]
    fn images_are_not_taken_for_text() {
        let learner = Learner::default();
        let weight = Weight { text_bytes: 4_000, images: 2, document_bytes: 0 };
        learner.learn("m", &weight, 1_000 + weight.media_tokens());
        assert!((learner.bytes_per_token("m") - 4.0).abs() < 0.01);
    }
}
