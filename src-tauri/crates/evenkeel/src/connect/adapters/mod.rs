//! The tools, one file each: where a tool keeps its settings, and which of them are ours to set.

mod aider;
mod claude_code;
mod cline;
mod codex;
mod continue_dev;
mod opencode;
mod shell_profile;
mod zed;

use std::{net::SocketAddr, path::PathBuf};

use serde_json::Value;

use super::{
    surroundings::Surroundings,
    text::{Format, Place},
};

/// What a tool is pointed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Where the router listens, as it is reached from here.
    pub(crate) address: SocketAddr,
    /// The key of the tenant `local`.
    pub(crate) key: String,
    /// How a line of a shell calls this program.
    pub(crate) program: String,
}

impl Target {
    /// The base URL for clients that add `/chat/completions` or `/messages` to it.
    pub(crate) fn with_version(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The base URL for clients that add `/v1/…` to it.
    pub(crate) fn plain(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// One setting of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edit {
    pub(crate) place: Place,
    /// What is to stand there; `None`: nothing.
    pub(crate) value: Option<Value>,
    /// A value that is there stays: it only has to be there.
    pub(crate) only_if_absent: bool,
    /// It means nothing without the others: the tool may change it, and it goes when they go.
    pub(crate) companion: bool,
}

impl Edit {
    fn set(path: &[&str], value: impl Into<Value>) -> Self {
        Self { place: Place::at(path), value: Some(value.into()), only_if_absent: false, companion: false }
    }

    fn default(path: &[&str], value: impl Into<Value>) -> Self {
        Self { only_if_absent: true, ..Self::set(path, value) }
    }

    fn companion(path: &[&str], value: impl Into<Value>) -> Self {
        Self { companion: true, ..Self::default(path, value) }
    }

    fn absent(path: &[&str]) -> Self {
        Self { value: None, ..Self::set(path, Value::Null) }
    }

    fn entry(path: &[&str], value: impl Into<Value>) -> Self {
        Self { place: Place::entry_of(path), ..Self::set(path, value) }
    }
}

/// What connecting a tool means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) file: PathBuf,
    pub(crate) format: Format,
    pub(crate) edits: Vec<Edit>,
    /// What its owner has to know or do besides.
    pub(crate) notes: Vec<String>,
}

/// A tool that can be connected.
pub(crate) trait Adapter: Sync {
    /// What is typed for it.
    fn id(&self) -> &'static str;
    /// What it is called.
    fn name(&self) -> &'static str;
    /// The programs it is started by.
    fn programs(&self) -> &'static [&'static str];
    /// The folder or file that shows that it was started once.
    fn trace(&self, around: &Surroundings) -> PathBuf;
    /// The file of its settings.
    fn file(&self, around: &Surroundings) -> PathBuf;
    /// What to set in it, or why that would do harm.
    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String>;

    /// Whether it is installed, as far as can be seen.
    fn is_found(&self, around: &Surroundings) -> bool {
        self.trace(around).exists() || self.programs().iter().any(|program| around.has_program(program))
    }
}

/// All of them, in the order in which they are listed.
pub(crate) const ALL: [&dyn Adapter; 8] = [
    &claude_code::ClaudeCode,
    &codex::Codex,
    &aider::Aider,
    &continue_dev::Continue,
    &opencode::Opencode,
    &cline::Cline,
    &zed::Zed,
    &shell_profile::Shell,
];

/// The tool of this name.
pub(crate) fn named(name: &str) -> Option<&'static dyn Adapter> {
    // What the program is called is as good a name as ours.
    let name = match name {
        "claude" => "claude-code",
        "cn" => "continue",
        other => other,
    };
    ALL.into_iter().find(|adapter| adapter.id() == name)
}
