//! What the router adds to a request, on this machine, now.
//!
//! Direct and routed requests go to the same provider in one run, in turns of a second, so that whatever else the
//! machine does meets both alike. What is compared is their percentiles, and nothing leaves this machine.
//!
//! - [`load`]: the command behind it, and the order of things.
//! - [`subject`]: the release build that is measured.
//! - [`provider`]: answers both ways at once, with bytes made beforehand.
//! - [`client`]: keep-alive connections, and the two clocks of a request.
//! - [`figures`]: percentiles, and how they are shown.
//! - [`faults`]: a table of its own: what clients see while a provider misbehaves.
//! - [`alerts`]: two more: how often the alerts page for nothing, and how soon for something.

#[cfg(feature = "bench")]
pub(crate) mod alerts;
#[cfg(feature = "bench")]
mod client;
#[cfg(feature = "bench")]
pub(crate) mod faults;
#[cfg(feature = "bench")]
mod figures;
#[cfg(feature = "bench")]
pub(crate) mod load;
#[cfg(feature = "bench")]
mod provider;
#[cfg(feature = "bench")]
mod subject;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;
use crate::{shell, ui};

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum What {
    /// What clients see while a provider misbehaves: the table of docs/reliability.md (try `faults --help`)
    #[command(disable_help_flag = true)]
    Faults {
        /// Names of rows, and options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// False pages and minutes to the page, in simulated months: the tables of docs/slo.md (try `alerts --help`)
    #[command(disable_help_flag = true)]
    Alerts {
        /// Options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// How long figures over 10,000,000 requests take, and how large they are: the table of docs/data.md
    Rollups {
        /// Leave the database in this new folder, to be looked at
        folder: Option<PathBuf>,
    },
    /// How long look-ups in 100,000 kept answers take, and how well the cap is kept: the table of docs/data.md
    Cache,
}

/// The command `bench`: builds what is measured and the load generator, both optimised, and starts the latter.
///
/// The generator is behind a feature, so that `cargo xtask run` doesn't wait for an HTTP client to compile.
pub(crate) fn bench(workspace: &Workspace, what: Option<&What>, arguments: &[OsString]) -> Result<ExitCode> {
    if let Some(What::Rollups { folder }) = what {
        return shell::become_command(&mut roll_ups(workspace, folder.as_deref()));
    }
    if let Some(What::Cache) = what {
        return shell::become_command(&mut cache(workspace));
    }
    // Simulated, so no router has to be built for them.
    if let Some(What::Alerts { arguments }) = what {
        return shell::become_command(&mut generator(workspace, "bench-alerts", arguments));
    }
    build(workspace)?;
    shell::become_command(&mut match what {
        Some(What::Faults { arguments }) => generator(workspace, "bench-faults", arguments),
        _ => generator(workspace, "bench-load", arguments),
    })
}

/// The fault table as one step of many.
///
/// # Errors
/// When a goal is missed.
pub(crate) fn faults(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    shell::run(&mut generator(workspace, "bench-faults", &[]))
}

fn build(workspace: &Workspace) -> Result<()> {
    ui::build(workspace)?;
    shell::run(shell::cargo(workspace).args(["build", "--release", "--package", "evenkeel"]))
}

/// An example of the store's own, so that this crate needn't link a database.
fn roll_ups(workspace: &Workspace, folder: Option<&Path>) -> Command {
    let mut cargo = shell::cargo(workspace);
    cargo.args(["run", "--quiet", "--release", "--package", "evenkeel-store", "--example", "rollups", "--"]);
    cargo.args(folder);
    cargo
}

/// As with the roll-ups.
fn cache(workspace: &Workspace) -> Command {
    let mut cargo = shell::cargo(workspace);
    cargo.args(["run", "--quiet", "--release", "--package", "evenkeel-cache", "--example", "cache"]);
    cargo
}

fn generator(workspace: &Workspace, command: &str, arguments: &[OsString]) -> Command {
    let mut cargo = shell::cargo(workspace);
    cargo
        .args(["run", "--quiet", "--release", "--package", "xtask", "--features", "bench", "--"])
        .arg(command)
        .args(arguments);
    cargo
}
