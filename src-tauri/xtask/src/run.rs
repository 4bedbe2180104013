//! From a fresh clone to a running router.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{packages, shell, ui};

/// Installs what is missing, builds, and becomes `evenkeel serve`.
pub(crate) fn run(workspace: &Workspace, release: bool, arguments: &[OsString]) -> Result<ExitCode> {
    // Whoever may not install packages may still have everything that matters, so this alone stops nothing.
    if let Err(error) = packages::install_missing(workspace, packages::RUN) {
        eprintln!("Going on without: {error:#}");
    }
    ui::build(workspace)?;
    ui::refuse_placeholder(workspace)?;
    let mut build = shell::cargo(workspace);
    build.args(["build", "--package", "evenkeel"]);
    if release {
        build.arg("--release");
    }
    shell::run(&mut build)?;
    shell::become_command(
        shell::command(workspace, workspace.program("evenkeel", release)).arg("serve").args(arguments),
    )
}
