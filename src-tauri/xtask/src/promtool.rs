//! Prometheus's own judge of alert rules, which the tests hold the alerts against.
//!
//! It comes with Debian's server package. That is unpacked, not installed: installing it would start a server on
//! this machine, for good.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{packages, shell};

/// What the test finds it by.
pub(crate) const VARIABLE: &str = "EVENKEEL_TEST_PROMTOOL";

/// Where promtool is: on PATH, or where [`prepare`] puts it.
pub(crate) fn find(workspace: &Workspace) -> Option<PathBuf> {
    let own = own(workspace);
    shell::find(&["promtool"]).or_else(|| own.is_file().then_some(own))
}

/// Fetches it where apt can, unless it is there. Elsewhere the test that needs it says so.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    if !cfg!(target_os = "linux") || find(workspace).is_some() {
        return Ok(());
    }
    if shell::find(&["apt-get"]).is_none() {
        println!("There is no apt-get here. Put Prometheus's promtool on PATH, or its test fails below.");
        return Ok(());
    }
    let own = own(workspace);
    let bin = own.parent().context("promtool lies in a folder")?;
    let folder = workspace.target.join("tools/prometheus");
    fs::create_dir_all(bin)?;
    fs::create_dir_all(&folder)?;
    let mut download = shell::command(workspace, "apt-get");
    download.args(["download", "-qq", "prometheus"]).current_dir(&folder);
    // On a new machine apt knows no packages yet.
    if shell::run(&mut download).is_err() {
        packages::update(workspace)?;
        shell::run(&mut download)?;
    }
    let package = fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get downloaded no package")?;
    shell::run(shell::command(workspace, "dpkg-deb").arg("--extract").arg(package).arg(&folder))?;
    fs::rename(folder.join("usr/bin/promtool"), &own).context("the package holds no promtool")?;
    fs::remove_dir_all(folder)?;
    Ok(())
}

fn own(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools/bin/promtool")
}
