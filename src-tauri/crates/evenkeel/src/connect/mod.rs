//! Tools' own settings, pointed at the router and put back again.
//!
//! `run --` needs none of this. Connecting is for tools that are started from a menu, or all day long. What people fear
//! about it is losing what they had, so: only our own keys are set, in the user's own text; the difference is shown
//! first; what stood there is kept by key, and given back only where our value still stands; a file is replaced in one
//! piece or not at all.
//!
//! - `adapters`: the tools, one file each
//! - `text`: settings as JSON, TOML, YAML and shell lines, changed in one place
//! - `change`: from a plan to a text and back, without touching a file
//! - `journal`: what was changed, and what a crash left half-way
//! - `desk`: files read, compared and replaced
//! - `diff`, `surroundings`: what is shown; what a tool's place depends on

pub(crate) mod adapters;
mod change;
mod desk;
pub(crate) mod diff;
mod journal;
pub(crate) mod surroundings;
mod text;

pub(crate) use adapters::Target;
pub(crate) use desk::{Desk, Prepared};

use crate::failure::{Code, Failure};

/// Calls of its models with a key of one's own leave from its makers' servers, which can't reach this machine.
const CURSOR: &str = "cursor";
const CURSOR_WHY: &str =
    "Cursor sends requests from its own servers, which can't reach an address on this machine.";

/// The tool of this name, or why there is none.
pub(crate) fn tool(name: &str) -> Result<&'static dyn adapters::Adapter, Failure> {
    if name == CURSOR {
        return Err(Failure::new(Code::ToolUnsupported, CURSOR_WHY)
            .hint("In its terminal, other tools can be connected as anywhere else."));
    }
    adapters::named(name).ok_or_else(|| {
        let all: Vec<_> = adapters::ALL.iter().map(|adapter| adapter.id()).collect();
        Failure::new(Code::UnknownTool, format!("{name} can't be connected."))
            .hint(format!("Those that can: {}. Anything else: evenkeel run -- COMMAND", all.join(", ")))
    })
}

#[cfg(test)]
mod tests;
