//! The dashboard, and the service worker for web apps beside it: installed and built with Node, embedded by the Rust
//! programs.

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
        Ok(time) => !lacks_anything(&folder) && newest(&folder, true)? <= time,
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
/// When `ui/dist` holds only the placeholders that let Rust compile without Node.
pub(crate) fn refuse_placeholder(workspace: &Workspace) -> Result<()> {
    if lacks_anything(&workspace.ui()) {
        bail!(
            "ui/dist holds no dashboard or no service worker, only a placeholder; run `cargo xtask ui` and look at \
             its output"
        );
    }
    Ok(())
}

/// Each placeholder is one line without what a real build can't do without.
fn lacks_anything(ui: &Path) -> bool {
    let lacks = |file: &str, needed: &str| {
        fs::read_to_string(ui.join("dist").join(file)).map_or(true, |text| !text.contains(needed))
    };
    lacks("index.html", "<script") || lacks("offline/evenkeel-sw.js", "indexedDB")
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
