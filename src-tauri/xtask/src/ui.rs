//! The dashboard: installed and built with Node, embedded by the Rust programs.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::node;
use crate::workspace::Workspace;

/// The command `ui`.
pub(crate) fn ui(workspace: &Workspace) -> Result<ExitCode> {
    build(workspace)?;
    println!("The dashboard is in ui/dist.");
    Ok(ExitCode::SUCCESS)
}

/// Builds the dashboard if a source is newer than what was built last.
///
/// # Errors
/// When Node is missing, or npm or the build fails.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let folder = workspace.ui();
    let built = folder.join("dist/index.html");
    let fresh = match built.metadata().and_then(|metadata| metadata.modified()) {
        Ok(time) => !is_placeholder(&built) && newest(&folder, true)? <= time,
        Err(_) => false,
    };
    if fresh {
        return Ok(());
    }
    node::require(workspace)?;
    println!("Building the dashboard");
    node::install(workspace, &folder)?;
    node::npm(workspace, &folder, &["run", "build"])
}

/// # Errors
/// When `ui/dist` holds only the placeholder that lets Rust compile without Node.
pub(crate) fn refuse_placeholder(workspace: &Workspace) -> Result<()> {
    if is_placeholder(&workspace.ui().join("dist/index.html")) {
        bail!("ui/dist holds no dashboard, only a placeholder; run `cargo xtask ui` and look at its output");
    }
    Ok(())
}

/// The placeholder is one line without a script; a real build can't do without one.
fn is_placeholder(index: &Path) -> bool {
    fs::read_to_string(index).map_or(true, |page| !page.contains("<script"))
}

/// When a source last changed. Folders count too, so that a deleted file is noticed; the top one doesn't, for
/// installing and building change it themselves.
fn newest(folder: &Path, top: bool) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if top && (name == "dist" || name == "node_modules") {
            continue;
        }
        let metadata = entry.metadata()?;
        newest = newest.max(metadata.modified()?);
        if metadata.is_dir() {
            newest = newest.max(self::newest(&entry.path(), false)?);
        }
    }
    Ok(newest)
}
