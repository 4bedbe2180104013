//! What it is called when an answer breaks off: the outcome, and a sentence for the ledger.

use evenkeel_dialect::fold::FoldError;
use tokio::time::Instant;

use crate::outcome::Outcome;
use crate::plan::{self, Plan};
use crate::stream::Broke;

/// What the fold could not take, in the stream's own terms.
pub(crate) fn misread(error: FoldError) -> Broke {
    match error {
        FoldError::Failed(error) => Broke::Error(error),
        FoldError::Unfinished | FoldError::Malformed(_) => Broke::Malformed(error.to_string()),
    }
}

/// What an interruption after the first token is called.
pub(crate) fn broken(broke: Broke, plan: &Plan, now: Instant) -> (Outcome, String) {
    match broke {
        Broke::TimedOut if plan::is_over(plan, now) => {
            (Outcome::Deadline, "the request's total time was over".to_owned())
        }
        Broke::TimedOut => (Outcome::BrokenStream, "the stream fell silent".to_owned()),
        Broke::Gone(detail) | Broke::Malformed(detail) => (Outcome::BrokenStream, detail),
        Broke::Error(error) => {
            let said = error.short_message().unwrap_or_else(|| "no message".to_owned());
            (Outcome::BrokenStream, format!("the provider reported an error: {said}"))
        }
    }
}
