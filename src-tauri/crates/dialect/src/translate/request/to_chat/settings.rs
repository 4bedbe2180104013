//! The plain settings: the limit, stop texts, sampling, how hard to think.

use crate::canon::{Reasoning, Sampling};
use crate::translate::request::terms::Terms;
use crate::translate::request::{Losses, effort};
use crate::translate::{ModelTraits, Thinking, ToolsInChat};

/// Levels that nearly every model knows which takes any.
const USUAL_LEVELS: [&str; 3] = ["low", "medium", "high"];

/// OpenAI refuses a longer `user`, and Claude Code's is longer.
pub(super) const LONGEST_USER: usize = 64;

/// OpenAI takes no more stop texts.
const MOST_STOPS: usize = 4;

/// What the client allows, as far as the model goes, and no more than the `cap`.
pub(super) fn limit(
    asked: Option<u64>,
    cap: Option<u64>,
    traits: &ModelTraits,
    terms: &Terms,
    losses: &mut Losses,
) -> Option<u64> {
    let most = traits.max_output.unwrap_or(u64::MAX);
    if asked.is_some_and(|asked| asked > most) {
        losses.tell(terms.limit);
    }
    let limit = match (asked, cap) {
        (Some(asked), Some(cap)) => Some(asked.min(cap)),
        (asked, cap) => asked.or(cap),
    };
    limit.map(|limit| limit.min(most))
}

pub(super) fn stop<'a>(texts: &'a [String], terms: &Terms, losses: &mut Losses) -> &'a [String] {
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

/// `reasoning_effort`. Models without levels get none: told, unless none was what the client asked for. Some
/// take tools only while they don't think.
pub(super) fn effort(
    asked: Option<Reasoning>,
    has_tools: bool,
    traits: &ModelTraits,
    terms: &Terms,
    losses: &mut Losses,
) -> Option<String> {
    let asked = asked.map(effort::spelt_out);
    let wanted = matches!(asked, Some(Reasoning::Effort(_) | Reasoning::Budget(_)));
    if has_tools && traits.tools_in_chat == ToolsInChat::WithoutThinking {
        if wanted {
            losses.tell(terms.reasoning);
        }
        return Some("none".to_owned());
    }
    let asked = asked?;
    if traits.thinking != Thinking::Effort {
        if wanted {
            losses.tell(terms.reasoning);
        }
        return None;
    }
    let known: Vec<&str> = traits.efforts.iter().map(String::as_str).collect();
    let (level, exact) = effort::level(&asked, if known.is_empty() { &USUAL_LEVELS } else { &known });
    if !exact {
        losses.tell(terms.reasoning);
    }
    level
}
