//! From a fresh clone to a running router, on the desktop where there is one.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{packages, shell, ui};

/// What to start.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Build with optimisations
    #[arg(long)]
    release: bool,
    /// Start `evenkeel serve` even where there is a display
    #[arg(long)]
    headless: bool,
    /// Arguments for `evenkeel serve`, after `--`; they mean `--headless`
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

/// Installs what is missing, builds, and becomes `evenkeel-desktop` or, without a display, `evenkeel serve`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    // Whoever may not install packages may still have everything that matters, so this alone stops nothing.
    if let Err(error) = packages::install_missing(workspace, packages::RUN) {
        eprintln!("Going on without: {error:#}");
    }
    ui::build(workspace)?;
    ui::refuse_placeholder(workspace)?;
    let desktop =
        !options.headless && options.arguments.is_empty() && has_display() && can_build_it(workspace);
    let mut build = shell::cargo(workspace);
    build.args(["build", "--package", "evenkeel"]);
    if desktop {
        build.args(["--package", "evenkeel-desktop"]);
    }
    if options.release {
        build.arg("--release");
    }
    shell::run(&mut build)?;
    if desktop {
        println!("Starting evenkeel-desktop; Ctrl-C or Quit in its tray ends it.");
        let program = workspace.program("evenkeel-desktop", options.release);
        return shell::become_command(&mut shell::command(workspace, program));
    }
    let program = workspace.program("evenkeel", options.release);
    shell::become_command(shell::command(workspace, program).arg("serve").args(&options.arguments))
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("WAYLAND_DISPLAY") || set("DISPLAY")
}

/// The window needs a webview's headers, and where those can't be had the router is better than nothing.
fn can_build_it(workspace: &Workspace) -> bool {
    match packages::install_missing(workspace, packages::DESKTOP) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("Going on without the desktop app: {error:#}");
            false
        }
    }
}
