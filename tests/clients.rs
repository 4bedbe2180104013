//! Real clients against the running router: what they make of answers, streams, tools and errors is what users see.
//!
//! Each is run with the primary well and with the primary down, so that the provider of the other dialect answers.
//! The clients' side lies beside this in scripts, which print what their user would see; what is right is said here.
//!
//! - `scene`: a router in practice, and what its ledger has to say afterwards
//! - `script`: starting a script, and reading what it printed step by step
//! - `expect`: what is right, step by step
//! - `sdks`: the vendors' own SDKs, for Python and Node
//! - `frameworks`: `LangChain`, Vercel's AI SDK and the OpenAI Agents SDK
//! - `terminal`: the command lines `llm` and aider
//! - `coding`: Claude Code, Codex, opencode and Continue; only in `cargo xtask test --full`, which installs them
//! - `hang_up`: clients that go away in the middle of a stream

mod coding;
mod expect;
mod frameworks;
mod hang_up;
mod scene;
mod script;
mod sdks;
mod terminal;

pub use script::node;
