//! How hard to think, in words that a model knows.
//!
//! Models differ in the levels that they take and answer 400 to the others. Where a model's own are known, the
//! asked one is taken, or the next lower one, or else the lowest.
//!
//! | asked for | level |
//! | --- | --- |
//! | a level that the model has | the same |
//! | a level that it doesn't have | the next lower one that is any thinking, told; the lowest, where none is lower, told if it is far off |
//! | a word that nobody here knows | the model's own default, told |
//! | a budget below [`MEDIUM`] tokens, below [`HIGH`] tokens, a larger one | `low`, `medium`, `high`, or the next lower one |
//! | as the model sees fit | its own default |
//! | not at all | `none`; the lowest, told, where the model has no such level |

use crate::canon::Reasoning;

/// All levels that have a name, lowest first.
const LEVELS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
/// From this budget on it is `medium`. Anthropic's least budget is 1024, and Claude Code's "think" 4000.
const MEDIUM: u64 = 4096;
/// From this budget on it is `high`. Claude Code's "think hard" is 10,000, its "ultrathink" 31,999.
const HIGH: u64 = 16384;

/// The level to ask for (`None`: the model's own default), and whether it is what was asked for. `levels` are
/// the model's.
pub(super) fn level(asked: &Reasoning, levels: &[&str]) -> (Option<String>, bool) {
    let word = match asked {
        Reasoning::Adaptive => return (None, true),
        Reasoning::Off => "none",
        Reasoning::Budget(..MEDIUM) => "low",
        Reasoning::Budget(MEDIUM..HIGH) => "medium",
        Reasoning::Budget(HIGH..) => "high",
        Reasoning::Effort(word) => word.as_str(),
    };
    if levels.contains(&word) {
        return (Some(word.to_owned()), true);
    }
    let rank = |word: &str| LEVELS.iter().position(|level| *level == word);
    let Some(wanted) = rank(word) else { return (None, false) };
    // Not to think at all is no lower degree of thinking.
    let degrees =
        || levels.iter().filter_map(|level| Some((rank(level)?, *level))).filter(|(rank, _)| *rank > 0);
    let lower = degrees().filter(|(rank, _)| *rank <= wanted).max();
    let Some((_, level)) = lower.or_else(|| degrees().min()) else { return (None, false) };
    // A little instead of hardly any is no loss.
    let fine = word == "minimal" && level == "low";
    (Some(level.to_owned()), fine)
}

/// `none` and an empty budget are other words for off.
pub(super) fn spelt_out(reasoning: Reasoning) -> Reasoning {
    match reasoning {
        Reasoning::Effort(word) if word.eq_ignore_ascii_case("none") => Reasoning::Off,
        Reasoning::Effort(word) => Reasoning::Effort(word.to_ascii_lowercase()),
        Reasoning::Budget(0) => Reasoning::Off,
        other => other,
    }
}
