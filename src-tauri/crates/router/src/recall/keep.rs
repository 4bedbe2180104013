//! An answer from a provider, on its way into the cache.
//!
//! What is kept is what the client was given, in the client's own dialect. A stream's events are only set aside
//! here; putting them together, compressing and sealing is the business of the cache's thread.

use std::sync::Arc;

use bytes::Bytes;
use evenkeel_cache::{Answered, Cache, Draft, Prompt};
use evenkeel_dialect::Api;

use super::Flight;
use crate::Router;
use crate::settle::Settlement;

/// The most of a stream that is set aside; a longer answer is not kept.
const MOST: usize = 4 * 1024 * 1024;

/// What it takes to keep one answer.
pub(crate) struct Keep {
    pub(super) cache: Arc<Cache>,
    pub(super) prompt: Prompt,
    pub(super) api: Api,
    pub(super) flight: Option<Flight>,
}

impl Keep {
    /// Keeps a complete answer. One that was given up something for to save money is not what was asked for, and isn't
    /// kept; whoever asks again may be luckier. Nor is one kept that met a limit on the output which the client never
    /// set: without that limit, tomorrow, the same question has a longer answer.
    pub(crate) fn keep(self, router: &Router, answer: Answered, settlement: &Settlement) {
        let less = settlement.is_degraded() || settlement.is_capped() && is_cut(self.api, &answer);
        let Some((provider, model)) = settlement.answering().filter(|_| !less) else {
            return self.land();
        };
        let Self { cache, prompt, api, flight } = self;
        cache.put(Draft {
            prompt,
            answer_api: api,
            answer,
            provider,
            model,
            usage: settlement.used(),
            cost_micros: settlement.answer_cost(),
            at: router.clock.now(),
        });
        // Those who wait look it up, so it has to be there before they are told.
        if let Some(flight) = flight {
            router.tasks.spawn(async move {
                cache.flush().await;
                flight.land();
            });
        }
    }

    /// Nothing comes into the cache; those who wait have to ask for themselves.
    pub(crate) fn land(self) {
        if let Some(flight) = self.flight {
            flight.land();
        }
    }
}

/// Whether an answer says that it met a limit on its length. The words are looked for and not read, for within a text
/// of the model's they would stand with a backslash before each quotation mark.
fn is_cut(api: Api, answer: &Answered) -> bool {
    let word = match api {
        Api::ChatCompletions => "\"length\"",
        Api::Messages => "\"max_tokens\"",
        Api::Responses => "\"incomplete\"",
        Api::Embeddings => return false,
    };
    let says = |bytes: &Bytes| std::str::from_utf8(bytes).is_ok_and(|text| text.contains(word));
    match answer {
        Answered::Whole(body) => says(body),
        Answered::Stream(events) => events.iter().any(says),
    }
}

/// A stream's events, set aside until it is complete.
pub(crate) struct Pieces {
    keep: Keep,
    events: Vec<Bytes>,
    size: usize,
}

impl Pieces {
    pub(crate) fn new(keep: Keep) -> Self {
        Self { keep, events: Vec::new(), size: 0 }
    }

    /// The next event; `None` once there is too much of it.
    pub(crate) fn with(mut self, event: &Bytes) -> Option<Self> {
        self.size += event.len();
        if self.size > MOST {
            self.land();
            return None;
        }
        self.events.push(event.clone());
        Some(self)
    }

    /// The stream broke off, or has too much to it.
    pub(crate) fn land(self) {
        self.keep.land();
    }

    /// The stream is complete.
    pub(crate) fn keep(self, router: &Router, settlement: &Settlement) {
        self.keep.keep(router, Answered::Stream(self.events), settlement);
    }
}
