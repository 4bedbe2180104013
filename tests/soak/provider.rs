//! A provider that fails three times in ten, the same way in every run, and gives every answer an id of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::harness::raw::{Raw, Seen, Step, plain_with, stream_head_with};
use crate::harness::wording::Wording;

/// A prompt whose answer stops after the first word, until the client is gone.
pub const IMPATIENT: &str = "Say one word and wait";

/// Words before a stream breaks.
const BEFORE_THE_BREAK: usize = 3;

/// Starts one; `name` goes into the ids of its answers.
pub async fn start(name: &'static str) -> Raw {
    let asked = AtomicU64::new(0);
    Raw::answering(move |seen| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let answer = Answer { id: format!("{name}-{number}"), wording: Wording::of(seen) };
        let dice = dice(number.wrapping_add(name.len() as u64 * 1_000_003));
        if dice % 10 < 3 { answer.fault(dice / 10 % 12) } else { answer.good(seen) }
    })
    .await
}

/// Evenly spread, and the same for the same number (`SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>).
fn dice(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

struct Answer {
    id: String,
    wording: Wording,
}

impl Answer {
    /// What passes by itself; nothing that puts the key or the account in doubt.
    fn fault(&self, kind: u64) -> Vec<Step> {
        match kind {
            0 | 1 => self.refusal(503, "", "server_error", "Temporarily unavailable."),
            2 | 3 => self.refusal(500, "", "server_error", "The server had an error."),
            4 => self.refusal(529, "", "overloaded_error", "Overloaded"),
            5 => self.refusal(429, "retry-after: 1\r\n", "rate_limit_error", "Rate limit reached."),
            6 => self.plain(200, "", "application/json", "{\"id\":\"broken"),
            7 => self.plain(200, "", "text/html", "<!doctype html><p>Please sign in."),
            8 => self.stream(format!("data: {}\n\n", self.wording.error("server_error", "Oh no.")), None),
            9 => vec![Step::Reset],
            10 if self.wording.anthropic => vec![Step::Hang],
            10 => self.stream(self.wording.begun(0), Some(Step::Hang)),
            _ => self.stream(self.wording.begun(BEFORE_THE_BREAK), Some(Step::Reset)),
        }
    }

    fn good(&self, seen: &Seen) -> Vec<Step> {
        if String::from_utf8_lossy(&seen.body).contains(IMPATIENT) {
            return self.stream(self.wording.begun(1), Some(Step::Hang));
        }
        self.stream(self.wording.stream(), None)
    }

    /// A stream that begins, and then this.
    fn stream(&self, begun: String, then: Option<Step>) -> Vec<Step> {
        [stream_head_with(&self.id_header()), Step::Send(begun)].into_iter().chain(then).collect()
    }

    fn refusal(&self, status: u16, more: &str, kind: &str, message: &str) -> Vec<Step> {
        self.plain(status, more, "application/json", &self.wording.error(kind, message).to_string())
    }

    fn plain(&self, status: u16, more: &str, content_type: &str, body: &str) -> Vec<Step> {
        plain_with(status, content_type, &(self.id_header() + more), body)
    }

    /// The vendors' names for the id of an answer.
    fn id_header(&self) -> String {
        format!("{}: {}\r\n", if self.wording.anthropic { "request-id" } else { "x-request-id" }, self.id)
    }
}
