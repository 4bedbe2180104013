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

#[cfg(feature = "bench")]
mod client;
#[cfg(feature = "bench")]
mod figures;
#[cfg(feature = "bench")]
pub(crate) mod load;
#[cfg(feature = "bench")]
mod provider;
#[cfg(feature = "bench")]
mod subject;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{shell, ui};

/// The command `bench`: builds what is measured and the load generator, both optimised, and starts the latter.
///
/// The generator is behind a feature, so that `cargo xtask run` doesn't wait for an HTTP client to compile.
pub(crate) fn bench(workspace: &Workspace, arguments: &[OsString]) -> Result<ExitCode> {
    ui::build(workspace)?;
    shell::run(shell::cargo(workspace).args(["build", "--release", "--package", "evenkeel"]))?;
    shell::become_command(
        shell::cargo(workspace)
            .args(["run", "--quiet", "--release", "--package", "xtask", "--features", "bench", "--"])
            .arg("bench-load")
            .args(arguments),
    )
}
