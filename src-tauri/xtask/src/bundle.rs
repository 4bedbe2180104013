//! Packages for people who don't build from source: a deb and an rpm, with both programs in them.
//!
//! Tauri's own tool makes them from tauri.conf.json. It comes from npm into the target folder, in the version
//! that belongs to the Tauri we build with; the packages' contents are looked at before they are called done.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{node, packages, shell, ui};

/// Of the same minor version as the crate `tauri`.
const TOOL: &str = "@tauri-apps/cli@2.12.5";
/// What every package must bring, as paths from the root.
const CONTENTS: &[&str] = &[
    "usr/bin/evenkeel",
    "usr/bin/evenkeel-desktop",
    "usr/share/applications/Evenkeel.desktop",
    "usr/share/icons/hicolor/128x128/apps/evenkeel-desktop.png",
    "usr/share/icons/hicolor/scalable/apps/evenkeel-desktop.svg",
    "usr/share/doc/evenkeel/LICENSE-MIT",
];

/// The command `bundle`.
///
/// # Errors
/// When something can't be built, or a package lacks what it should hold.
pub(crate) fn bundle(workspace: &Workspace) -> Result<ExitCode> {
    if !cfg!(target_os = "linux") {
        bail!("this makes the deb and the rpm, on Linux; CI makes the packages of the other systems");
    }
    packages::install_missing(workspace, packages::RUN)?;
    packages::install_missing(workspace, packages::DESKTOP)?;
    ui::build(workspace)?;
    ui::refuse_placeholder(workspace)?;
    build(workspace)?;
    let folder = workspace.target.join("release/bundle");
    // A package of an earlier version must not pass for one of this run.
    for kind in ["deb", "rpm"] {
        let old = folder.join(kind);
        if old.exists() {
            fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}", workspace.shown(&old)))?;
        }
    }
    pack(workspace)?;
    let deb = made(&folder, "deb")?;
    let rpm = made(&folder, "rpm")?;
    look_into(workspace, &deb)?;
    for package in [&deb, &rpm] {
        let megabytes = fs::metadata(package)?.len().div_ceil(1_000_000);
        println!("{} ({megabytes} MB)", workspace.shown(package));
    }
    Ok(ExitCode::SUCCESS)
}

/// Both programs in one go, so that they share what they depend on.
fn build(workspace: &Workspace) -> Result<()> {
    let mut build = shell::cargo(workspace);
    build.args(["build", "--locked", "--release", "--package", "evenkeel", "--package", "evenkeel-desktop"]);
    // Tauri's word for "not under development"; its own tool would set it too.
    shell::run(build.args(["--features", "tauri/custom-protocol"]))
}

#[expect(
    clippy::unnecessary_debug_formatting,
    reason = "it quotes a path as JSON does, and spares a dependency"
)]
fn pack(workspace: &Workspace) -> Result<()> {
    node::require(workspace)?;
    let tools = workspace.target.join("tools");
    fs::create_dir_all(&tools).with_context(|| format!("cannot make {}", workspace.shown(&tools)))?;
    let tool = tools.join("node_modules/.bin/tauri");
    let wanted = TOOL.rsplit('@').next().unwrap_or_default();
    let version = tool.is_file().then(|| shell::read(shell::command(workspace, &tool).arg("--version")));
    if !version.is_some_and(|version| version.is_ok_and(|version| version.trim().ends_with(wanted))) {
        let prefix = tools.to_string_lossy().into_owned();
        node::npm(
            workspace,
            &tools,
            &["install", "--prefix", &prefix, "--no-save", "--no-audit", "--no-fund", TOOL],
        )?;
    }
    let program = workspace.program("evenkeel", true);
    // The second program lies wherever Cargo was told to build, which no file in the repository can know.
    let files = format!(r#"{{ "files": {{ "/usr/bin/evenkeel": {program:?} }} }}"#);
    let changes = format!(r#"{{ "bundle": {{ "linux": {{ "deb": {files}, "rpm": {files} }} }} }}"#);
    let mut pack = shell::command(workspace, &tool);
    pack.args(["bundle", "--bundles", "deb,rpm", "--config", &changes]);
    shell::run(&mut pack)
}

/// The one package of its kind.
fn made(folder: &Path, kind: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder.join(kind)).with_context(|| format!("no {kind} was made"))?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.is_file() && path.extension().is_some_and(|extension| extension == kind))
        .with_context(|| format!("no {kind} was made"))
}

/// Where dpkg is at hand, what the package would install.
fn look_into(workspace: &Workspace, deb: &Path) -> Result<()> {
    if shell::find(&["dpkg-deb"]).is_none() {
        return Ok(());
    }
    let contents = shell::read(shell::command(workspace, "dpkg-deb").arg("--contents").arg(deb))?;
    for file in CONTENTS {
        let there = contents.lines().any(|line| line.ends_with(file));
        ensure!(there, "{} lacks /{file}:\n{contents}", workspace.shown(deb));
    }
    let needs = shell::read(shell::command(workspace, "dpkg-deb").arg("--field").arg(deb).arg("Depends"))?;
    // The packager adds it by what it reads in manifests, and our tray never loads it.
    ensure!(!needs.contains("appindicator"), "{} needs {needs}", workspace.shown(deb));
    Ok(())
}
