//! The router on real sockets, between the practice providers and between scripted ones.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bypass;
mod cancel;
mod crossing;
mod failover;
mod guardrails;
mod harness;
#[path = "../../../../../tests/harness/raw.rs"]
mod raw;
mod refusals;
mod splices;
mod streams;
mod untouched;
