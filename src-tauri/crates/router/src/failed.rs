//! An attempt that came to nothing: what is known of it, for the ledger and for what comes next.

use std::time::Duration;

use bytes::Bytes;
use evenkeel_dialect::usage::Usage;
use tokio::time::Instant;

use crate::attempt::{Head, Timing};
use crate::outcome::{Outcome, Retry};

/// An attempt that came to nothing; nothing of it has reached the client.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one failure, not a state")]
pub(crate) struct Failed {
    pub(crate) outcome: Outcome,
    /// What an early error event in a stream would have been by itself; it decides about the retry.
    pub(crate) inner: Option<Outcome>,
    pub(crate) status: Option<u16>,
    /// For the ledger: the provider's words, or the transport's.
    pub(crate) detail: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) request_id: Option<String>,
    /// A page, or the way to one, came where an API should have answered.
    pub(crate) page: bool,
    pub(crate) timing: Timing,
    pub(crate) took_ms: u64,
    pub(crate) usage: Usage,
    /// How much of an answer came, in bytes of text.
    pub(crate) spoken: u64,
    /// The provider's answer, to be passed on as it came if it is about the request itself.
    pub(crate) answer: Option<(Head, Bytes)>,
    /// The request had been changed by one of our splices.
    pub(crate) spliced: bool,
    /// The provider's words name a field that our splices touch.
    pub(crate) names_stream: bool,
    /// A limit on the output was put in that the client didn't set.
    pub(crate) limited: bool,
    /// The provider's words name that field.
    pub(crate) names_limit: bool,
    /// The provider doesn't take the thinking that the history carries, or lacks there.
    pub(crate) names_thinking: bool,
    /// Other attempts at the same provider that have been silent as long.
    pub(crate) alike: u32,
    /// The field that the provider's dialect has no word for.
    pub(crate) field: Option<String>,
}

impl Failed {
    pub(crate) fn new(outcome: Outcome, began: Instant, detail: impl Into<Option<String>>) -> Self {
        Self {
            outcome,
            inner: None,
            status: None,
            detail: detail.into(),
            retry_after: None,
            request_id: None,
            page: false,
            timing: Timing { began, first_token: None },
            took_ms: 0,
            usage: Usage::default(),
            spoken: 0,
            answer: None,
            spliced: false,
            names_stream: false,
            limited: false,
            names_limit: false,
            names_thinking: false,
            alike: 0,
            field: None,
        }
    }

    /// Whether it may be no failure of the provider's at all, but of the network between.
    pub(crate) fn is_doubtful(&self) -> bool {
        let nothing_came = self.status.is_none();
        match self.outcome {
            Outcome::Connect | Outcome::FirstTokenTimeout => nothing_came,
            Outcome::Malformed => self.page,
            _ => false,
        }
    }

    /// The class that decides what comes next.
    pub(crate) fn class(&self) -> Outcome {
        self.inner.unwrap_or(self.outcome)
    }

    /// The failure in a person's words, to stand behind the provider's name.
    pub(crate) fn phrase(&self) -> &'static str {
        // Nothing was sent: the key isn't wrong, there is none.
        let no_key = self.outcome == Outcome::Credentials && self.status.is_none();
        if no_key { "has no key" } else { self.outcome.phrase() }
    }

    pub(crate) fn retry(&self) -> Retry {
        self.class().retry()
    }

    /// Whether a 400 complains about the limit that only we had put there, or about its name.
    pub(crate) fn refuses_our_limit(&self) -> bool {
        self.limited && self.names_limit && self.class() == Outcome::BadRequest
    }

    /// Whether a 400 complains about a field that only we had put there.
    pub(crate) fn refuses_our_splice(&self) -> bool {
        self.spliced && self.names_stream && self.class() == Outcome::BadRequest
    }
}
