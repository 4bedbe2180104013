//! Licences, banned crates and sources, by cargo-deny with `.deny.toml`.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell;
use crate::workspace::Workspace;

/// Where cargo-deny is: on PATH, or where [`install`] puts it.
pub(crate) fn find(workspace: &Workspace) -> Option<PathBuf> {
    let own = own(workspace);
    shell::find(&["cargo-deny"]).or_else(|| own.is_file().then_some(own))
}

/// Compiles cargo-deny into the target folder, which takes minutes the first time.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let root = tools(workspace);
    shell::run(shell::cargo(workspace).args(["install", "--locked", "cargo-deny", "--root"]).arg(root))
}

/// Known vulnerabilities are left out: their database needs the network of the day, and a new entry would fail
/// a change that has nothing to do with it. CI asks for them in a job of its own.
pub(crate) fn check(workspace: &Workspace, program: PathBuf) -> Result<()> {
    shell::run(shell::command(workspace, program).args(["check", "licenses", "bans", "sources"]))
}

fn tools(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}

fn own(workspace: &Workspace) -> PathBuf {
    tools(workspace).join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX))
}
