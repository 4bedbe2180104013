//! What an alert asks to be told: facts only, for words are made where they are shown.

use serde::{Deserialize, Serialize};

use crate::alerts::{Kind, Measured, Promise};

/// What a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A promise began to be broken.
    Fired,
    /// It is broken again, soon after it was well: the same incident.
    Again,
    /// It is still broken, and nobody has acknowledged that.
    Still,
    /// It is kept again.
    Resolved,
}

impl About {
    /// Whether somebody is wanted. Good news is not a page: silent, and not counted against the hour.
    pub fn urgent(self) -> bool {
        self != About::Resolved
    }
}

/// One thing to tell, with all that is needed to put it into words, now or after a night in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// `alert:scope:incident:seq`. A crash between sending and saving can make the same page twice, and an outbox
    /// that takes each key once then tells it once.
    pub key: String,
    /// Which alert.
    pub kind: Kind,
    /// The incident, for the actions of a notification: a stale click changes nothing.
    pub incident: u64,
    /// The page's number within the incident, from 1.
    pub seq: u32,
    /// What it is about.
    pub about: About,
    /// When it was raised, in milliseconds since 1970, however late it is delivered.
    pub at_ms: i64,
    /// Since when the promise has been broken, likewise.
    pub since_ms: i64,
    /// The drill that it belongs to.
    pub drill: Option<String>,
    /// Whether it is about the practice providers.
    pub practice: bool,
    /// What was promised.
    pub promise: Promise,
    /// What was measured.
    pub measured: Measured,
}
