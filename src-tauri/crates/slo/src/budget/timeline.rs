//! What was changed, beside what failed: most bad hours begin with somebody's change.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::BadRequest;

/// How long after a change its failures are counted.
const AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What kind of change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "ChangeKind.ts")]
pub enum ChangeKind {
    /// The configuration was saved and came into force.
    ConfigSaved,
    /// A provider's key was set, replaced or removed.
    KeyChanged,
    /// The bypass switch was turned.
    Bypass,
    /// A drill began or ended.
    Drill,
    /// Another version of Evenkeel started.
    Version,
}

/// A change; nobody has to declare one, they are noted as they happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When it came into force.
    pub at: Timestamp,
    /// What kind.
    pub kind: ChangeKind,
    /// In words.
    pub text: String,
}

/// A change with what failed after it. That is no proof that the change did it, and no entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The change.
    pub change: Change,
    /// Bad requests in the hour from then on.
    pub bad_within_an_hour: u64,
}

/// The changes, newest first, each with what failed in the hour from it on. Any order will do for both.
pub fn annotate(changes: &[Change], bad: &[BadRequest]) -> Vec<Annotation> {
    let mut times: Vec<Timestamp> = bad.iter().map(|request| request.at).collect();
    times.sort_unstable();
    let before = |moment: Timestamp| times.partition_point(|&at| at < moment);
    let mut annotations: Vec<Annotation> = changes
        .iter()
        .map(|change| {
            let end = change.at.saturating_add(AFTER).unwrap_or(Timestamp::MAX);
            let within = before(end).saturating_sub(before(change.at));
            Annotation { change: change.clone(), bad_within_an_hour: within as u64 }
        })
        .collect();
    annotations.sort_by_key(|annotation| std::cmp::Reverse(annotation.change.at));
    annotations
}
