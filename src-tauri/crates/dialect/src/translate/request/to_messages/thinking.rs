//! How long to think, and how many tokens the answer may have: thinking counts towards both.
//!
//! | asked for | budget (`budget_tokens`) |
//! | --- | --- |
//! | `minimal`, `low`, `medium` | 1,024, 2,048, 8,192 |
//! | `high`, `xhigh`, `max` | 16,384, 32,768, 65,536 |
//! | as the model sees fit | 8,192 |
//! | a budget | as asked |
//! | another word | 8,192, told |
//! | not at all | none |
//!
//! What the client allows for the answer includes the thinking, there as here, so no budget goes above it: half
//! of it at most is thought away for a word, and where too little is left, there is no thinking, told.
//!
//! Models that are told by a level get it in `output_config.effort`, see [`effort`]; of those whose levels aren't
//! known the usual four are. Not to think at all is told where it can't be had: newer models always think.
//!
//! Thinking is left off, and that is told, while a tool must be called. So is thinking by a budget in the middle
//! of a turn whose calls came from another provider: there the API wants to see the signed thinking that led to
//! them. Thinking as the model sees fit may begin anywhere.
//!
//! Source: <https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking>, "Validation changes".

use super::Context;
use crate::canon::Reasoning;
use crate::translate::Thinking;
use crate::translate::request::effort;
use crate::wire::messages::Thinking as Wire;

/// `max_tokens` where neither the client nor the model's traits say anything.
const DEFAULT_OUTPUT: u64 = 8192;
/// The API refuses less.
const SMALLEST_BUDGET: u64 = 1024;
/// The levels that every model has which takes levels at all.
const USUAL_LEVELS: [&str; 4] = ["low", "medium", "high", "max"];
/// The budget where no amount was asked for.
const USUAL_BUDGET: u64 = 8192;

#[derive(Debug)]
pub(super) struct Thought {
    pub(super) thinking: Option<Wire>,
    pub(super) effort: Option<String>,
    pub(super) max_tokens: u64,
}

/// What in the rest of the request makes the API refuse thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    None,
    /// A tool must be called.
    ForcedTool,
    /// It ends with the results of calls, and the thinking before those isn't there.
    MiddleOfTurn,
}

pub(super) fn plan(
    reasoning: Option<Reasoning>,
    max_output: Option<u64>,
    obstacle: Obstacle,
    context: &mut Context<'_>,
) -> Thought {
    let traits = context.question.traits;
    let most = traits.max_output.unwrap_or(u64::MAX).max(1);
    if max_output.is_some_and(|asked| asked > most) {
        context.losses.tell(context.terms.limit);
    }
    let most = context.question.max_output.map_or(most, |cap| most.min(cap.max(1)));
    let wanted = max_output.or(traits.max_output).unwrap_or(DEFAULT_OUTPUT).clamp(1, most);
    let mut thought = Thought { thinking: None, effort: None, max_tokens: wanted };
    let Some(reasoning) = reasoning.map(effort::spelt_out) else { return thought };
    let mut told = false;
    match traits.thinking {
        // As it sees fit may be not at all.
        Thinking::None => told = matches!(reasoning, Reasoning::Effort(_) | Reasoning::Budget(_)),
        Thinking::Budget if reasoning == Reasoning::Off => {}
        Thinking::Budget => {
            let (budget, known) = budget(&reasoning);
            let exactly = matches!(reasoning, Reasoning::Budget(_));
            let fitted = (obstacle == Obstacle::None).then(|| fit(budget, exactly, wanted)).flatten();
            told = !known || fitted.is_none();
            thought.thinking = fitted.map(|budget_tokens| Wire::Enabled { budget_tokens });
        }
        Thinking::Effort => {
            let known: Vec<&str> = traits.efforts.iter().map(String::as_str).collect();
            let levels = if known.is_empty() { &USUAL_LEVELS[..] } else { &known };
            let (effort, known) = effort::level(&reasoning, levels);
            thought.effort = effort;
            told = !known;
            if reasoning != Reasoning::Off {
                let hampered = obstacle == Obstacle::ForcedTool;
                told |= hampered;
                // Newer models keep their thinking to themselves unless told otherwise, and then nothing comes
                // from them for as long as they think.
                thought.thinking = (!hampered).then_some(Wire::Adaptive { display: "summarized" });
            }
        }
    }
    if told {
        context.losses.tell(context.terms.reasoning);
    }
    thought
}

/// The budget, and whether it is what was asked for.
fn budget(reasoning: &Reasoning) -> (u64, bool) {
    let Reasoning::Effort(word) = reasoning else {
        let budget = if let Reasoning::Budget(budget) = reasoning { *budget } else { USUAL_BUDGET };
        return (budget.max(SMALLEST_BUDGET), true);
    };
    match word.as_str() {
        "minimal" => (1024, true),
        "low" => (2048, true),
        "medium" => (8192, true),
        "high" => (16_384, true),
        "xhigh" => (32_768, true),
        "max" => (65_536, true),
        _ => (USUAL_BUDGET, false),
    }
}

/// The budget within `limit`, which it must stay below. One that was asked for in tokens is kept if it can be;
/// else answer and thinking share what there is.
fn fit(budget: u64, exactly: bool, limit: u64) -> Option<u64> {
    if exactly && budget < limit {
        return Some(budget);
    }
    let budget = budget.min(limit / 2).max(SMALLEST_BUDGET);
    (budget < limit).then_some(budget)
}
