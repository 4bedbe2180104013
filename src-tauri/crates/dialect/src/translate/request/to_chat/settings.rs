//! The plain settings: the limit, stop texts, sampling.

use super::terms::Terms;
use crate::canon::Sampling;
use crate::translate::ModelTraits;
use crate::translate::request::Losses;

/// OpenAI refuses a longer `user`, and Claude Code's is longer.
pub(super) const LONGEST_USER: usize = 64;

/// OpenAI takes no more stop texts.
const MOST_STOPS: usize = 4;

/// What the client allows, as far as the model goes.
pub(super) fn limit(
    asked: Option<u64>,
    traits: &ModelTraits,
    terms: Terms,
    losses: &mut Losses,
) -> Option<u64> {
    let asked = asked?;
    let most = traits.max_output.unwrap_or(u64::MAX);
    if asked > most {
        losses.tell(terms.limit);
    }
    Some(asked.min(most))
}

pub(super) fn stop<'a>(texts: &'a [String], terms: Terms, losses: &mut Losses) -> &'a [String] {
    match texts.split_at_checked(MOST_STOPS) {
        Some((first, rest)) if !rest.is_empty() => {
            losses.tell(terms.stop);
            first
        }
        _ => texts,
    }
}

/// What is left of the client's wishes. One that says what happens anyway isn't worth a word.
pub(super) fn sampling(asked: &Sampling, traits: &ModelTraits, losses: &mut Losses) -> Sampling {
    const NEUTRAL: f64 = 1.0;
    let Sampling { temperature, top_p, top_k } = asked;
    if top_k.is_some() {
        losses.tell("top_k");
    }
    let mut drop = |name: &str, value: Option<f64>| {
        if value.is_some_and(|value| (value - NEUTRAL).abs() > f64::EPSILON) {
            losses.tell(name);
        }
        None
    };
    if !traits.sampling {
        return Sampling {
            temperature: drop("temperature", *temperature),
            top_p: drop("top_p", *top_p),
            top_k: None,
        };
    }
    let both = traits.one_of_temperature_and_top_p && temperature.is_some();
    let top_p = if both { drop("top_p", *top_p) } else { *top_p };
    Sampling { temperature: *temperature, top_p, top_k: None }
}
