//! Two simulated AI providers that run inside the program and fail on request.
//!
//! They exist so that a newcomer sees a failover in the first minute, so that a drill can be rehearsed
//! without a real key, and so that the project's own tests talk to something that behaves like a vendor on
//! a real socket. They speak the vendors' wire formats as the official SDKs accept them, and refuse what the
//! vendors refuse; the text is deterministic. Of a prompt nothing but a hash is kept once it is answered,
//! unless [`ProviderOptions::responses`] makes a provider keep conversations as that API demands.
//!
//! By default `practice-a` speaks OpenAI's dialect only and `practice-b` Anthropic's, so that a failover between
//! them proves a translation. What an answer says depends on what was asked and not on the dialect in which it
//! was asked: the same conversation in both dialects gets the same words. A prompt steers the answer with plain
//! words (the name of a tool calls it) and with cues such as `[practice:refuse]`; see `ask::cues`.
//!
//! From the outside in:
//!
//! - [`Options`] say which providers there are and what they speak;
//! - [`Practice`] starts them, hands out their addresses and sets their faults;
//! - `fault` names what can go wrong, and reads it from what a person typed;
//! - `door` owns a provider's port: open, or shut so that connections are refused;
//! - `connection` runs HTTP/1.1 on one socket, in a way that lets it be dropped in the middle of a body;
//! - `exchange` takes one request through the fault in force to a response; `endpoint` knows whose path it is;
//!   `body` paces, breaks or spoils what is sent;
//! - `ask` and `reply` are the conversation without a dialect: what was asked for, what is answered;
//! - `openai` and `anthropic` are the two dialects, each with its reading, its rules, its shapes and its
//!   headers; `models` and `refusal` hold what exists in both shapes;
//! - `cache` counts what a vendor's prompt cache would have held, `thinking` signs what was thought,
//!   `media` counts the bytes of pictures and documents;
//! - `sample` invents values that fit a JSON schema, `random` is the only source of variety,
//!   `tasks` is the only place that spawns.
//!
//! The vendors' shapes are written out here on purpose, without the types of `evenkeel-dialect`: a mistake
//! in those would otherwise be answered by the same mistake, and every test would pass.

mod anthropic;
mod ask;
mod body;
mod cache;
mod connection;
mod door;
mod endpoint;
mod exchange;
mod fault;
mod media;
mod models;
mod openai;
mod options;
mod practice;
mod provider;
mod random;
mod refusal;
mod reply;
mod sample;
mod tasks;
mod thinking;

pub use evenkeel_dialect::Dialect;
pub use fault::{Fault, FaultError};
pub use options::{Options, PRACTICE_A, PRACTICE_B, Pace, ProviderOptions, Rules};
pub use practice::{Practice, Status, UnknownProvider};
pub use reply::words::practice_text;
