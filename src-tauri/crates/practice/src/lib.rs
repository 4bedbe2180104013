//! Two simulated AI providers that run inside the program and fail on request.
//!
//! They exist so that a newcomer sees a failover in the first minute, so that a drill can be rehearsed
//! without a real key, and so that the project's own tests talk to something that behaves like a vendor on
//! a real socket. They speak the vendors' wire formats as the official SDKs accept them; the text is
//! deterministic, and nothing of a prompt is kept once it is answered.
//!
//! From the outside in:
//!
//! - [`Practice`] starts the providers, hands out their addresses and sets their faults;
//! - `fault` names what can go wrong, and reads it from what a person typed;
//! - `door` owns a provider's port: open, or shut so that connections are refused;
//! - `connection` runs HTTP/1.1 on one socket, in a way that lets it be dropped in the middle of a body;
//! - `exchange` takes one request through the fault in force to a response; `body` paces, breaks or spoils it;
//! - `ask` and `reply` are the conversation without a dialect: what was asked for, what is answered;
//! - `openai` and `anthropic` are the two dialects, each with its validation, its shapes and its headers;
//!   `models` and `refusal` hold what exists in both shapes;
//! - `sample` invents arguments that fit a JSON schema, `random` is the only source of variety,
//!   `tasks` is the only place that spawns.
//!
//! The vendors' shapes are written out here on purpose, without the types of `evenkeel-dialect`: a mistake
//! in those would otherwise be answered by the same mistake, and every test would pass.

mod anthropic;
mod ask;
mod body;
mod connection;
mod door;
mod exchange;
mod fault;
mod models;
mod openai;
mod practice;
mod provider;
mod random;
mod refusal;
mod reply;
mod sample;
mod tasks;

pub use evenkeel_dialect::Dialect;
pub use fault::{Fault, FaultError};
pub use practice::{Options, PRACTICE_A, PRACTICE_B, Pace, Practice, Status, UnknownProvider};
pub use reply::practice_text;
