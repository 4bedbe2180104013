//! How long to think, as `reasoning_effort`.
//!
//! Models differ in the levels that they know and answer 400 to the others: `none` and `minimal` are each
//! refused by most, `xhigh` and `max` are known to few. `low`, `medium` and `high` are known to nearly every
//! model that takes the field, so only they are written, and the client is told where it asked for something
//! else: a little more or less thought is better than no answer.
//!
//! | asked for | written | told |
//! | --- | --- | --- |
//! | `low`, `medium`, `high` | the same | no |
//! | off | nothing: `none` is a 400 where it isn't known, and nothing here says where it is | yes |
//! | `minimal` | `low` | yes |
//! | `xhigh`, `max` | `high` | yes |
//! | a level that nobody here knows | nothing: the model's own default | yes |
//! | a budget below [`MEDIUM`] tokens | `low` | no |
//! | a budget below [`HIGH`] tokens | `medium` | no |
//! | a larger budget | `high` | no |
//! | as the model sees fit | nothing: that is the default | no |
//!
//! Models without levels get nothing: told, unless nothing was what the client asked for.

use super::terms::Terms;
use crate::canon::Reasoning;
use crate::translate::Thinking;
use crate::translate::request::Losses;

/// From this budget on it is `medium`. Anthropic's least budget is 1024, and Claude Code's "think" 4000.
const MEDIUM: u64 = 4096;

/// From this budget on it is `high`. Claude Code's "think hard" is 10,000, its "ultrathink" 31,999.
const HIGH: u64 = 16384;

pub(super) fn write(
    asked: Option<&Reasoning>,
    thinking: Thinking,
    terms: Terms,
    losses: &mut Losses,
) -> Option<&'static str> {
    let asked = asked?;
    let (level, exact) = match asked {
        Reasoning::Off => (None, false),
        Reasoning::Effort(level) => level_of(level),
        Reasoning::Budget(tokens) => (Some(level_for(*tokens)), true),
        Reasoning::Adaptive => (None, true),
    };
    match thinking {
        Thinking::Effort => {
            if !exact {
                losses.tell(terms.reasoning);
            }
            level
        }
        Thinking::None | Thinking::Budget => {
            if matches!(asked, Reasoning::Effort(_) | Reasoning::Budget(_)) {
                losses.tell(terms.reasoning);
            }
            None
        }
    }
}

/// The nearest level that is sure to be known, and whether it is the one asked for.
fn level_of(level: &str) -> (Option<&'static str>, bool) {
    match level {
        "low" => (Some("low"), true),
        "medium" => (Some("medium"), true),
        "high" => (Some("high"), true),
        "minimal" => (Some("low"), false),
        "xhigh" | "max" => (Some("high"), false),
        _ => (None, false),
    }
}

fn level_for(tokens: u64) -> &'static str {
    match tokens {
        ..MEDIUM => "low",
        MEDIUM..HIGH => "medium",
        HIGH.. => "high",
    }
}
