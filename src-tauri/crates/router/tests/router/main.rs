//! The router on real sockets, between the practice providers and between scripted ones.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod breaker;
mod bypass;
mod bypass_under_load;
mod cancel;
mod crossing;
mod failover;
mod guardrails;
mod harness;
mod outcomes;
mod pair;
mod prompt_caching;
#[path = "../../../../../tests/harness/raw.rs"]
mod raw;
mod recall;
mod recall_always;
mod refusals;
mod slow_start;
mod splices;
mod streams;
mod untouched;
mod weighted;
