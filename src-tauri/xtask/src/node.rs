//! Node, which builds the dashboard and runs two of the test clients.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::shell;
use crate::workspace::Workspace;

/// The oldest Node that the dashboard's build tool supports.
const OLDEST: (u32, u32) = (20, 19);
const HOW: &str = "get it from https://nodejs.org/en/download or your system's packages, then run this again";

/// # Errors
/// When Node or npm is missing or too old; the message says how to get it.
pub(crate) fn require(workspace: &Workspace) -> Result<()> {
    let (major, minor) = OLDEST;
    if shell::find(&["node"]).is_none() {
        bail!("the dashboard needs Node.js {major}.{minor} or newer, which is not installed: {HOW}");
    }
    let answer = shell::read(shell::command(workspace, "node").arg("--version"))?;
    let found = version(&answer).with_context(|| format!("`node --version` printed {answer:?}"))?;
    if found < OLDEST {
        bail!("the dashboard needs Node.js {major}.{minor} or newer, and this is {}: {HOW}", answer.trim());
    }
    if shell::find(&[NPM]).is_none() {
        bail!("Node.js is here but npm is not: install the package `npm` beside it, then run this again");
    }
    Ok(())
}

// npm is a script on Windows, and scripts have to be named in full there.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Runs npm in `folder`.
pub(crate) fn npm(workspace: &Workspace, folder: &Path, arguments: &[&str]) -> Result<()> {
    shell::run(shell::command(workspace, NPM).current_dir(folder).args(arguments))
        .with_context(|| format!("in {}", workspace.shown(folder)))
}

/// Installs exactly what the lock file names, unless that has been done since the lock last changed.
pub(crate) fn install(workspace: &Workspace, folder: &Path) -> Result<()> {
    let installed = changed(&folder.join("node_modules/.package-lock.json"));
    let wanted = changed(&folder.join("package-lock.json")).max(changed(&folder.join("package.json")));
    if wanted.is_none() {
        bail!("{} has no package.json", workspace.shown(folder));
    }
    if installed >= wanted {
        return Ok(());
    }
    npm(workspace, folder, &["ci", "--no-audit", "--no-fund"])
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

/// Major and minor of `v20.19.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, version};

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("v20.19.2\n"), Some((20, 19)));
        assert!(version("v9.11.2").unwrap() < OLDEST);
        assert!(version("v20.9.0").unwrap() < OLDEST);
        assert!(version("v22.0.0").unwrap() >= OLDEST);
        assert_eq!(version("node: not found"), None);
    }
}
