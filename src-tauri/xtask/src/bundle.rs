//! Packages for people who don't build from source.

use std::process::ExitCode;

use anyhow::{Result, bail};

/// The command `bundle`. It says no until the desktop app is one that somebody should install.
///
/// # Errors
/// Always, for now.
pub(crate) fn bundle() -> Result<ExitCode> {
    bail!("packages come with the desktop app, which is not finished; `cargo xtask run` starts the router")
}
