//! The official SDKs and a browser, as the tests' clients: pinned, and kept out of the repository.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{node, shell};

/// Installs the Python and Node SDKs if what is there isn't what is pinned.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    python(workspace)?;
    node::install(workspace, &folder(workspace))
}

/// What the tests find their clients by.
pub(crate) fn environment(workspace: &Workspace) -> Vec<(&'static str, PathBuf)> {
    let mut variables = vec![
        ("EVENKEEL_TEST_PYTHON", interpreter(workspace)),
        ("EVENKEEL_TEST_NODE_CLIENTS", folder(workspace)),
    ];
    let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    variables.extend(shell::find(&browsers).map(|browser| ("EVENKEEL_TEST_CHROMIUM", browser)));
    variables
}

/// The manifests of both languages.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests/clients")
}

fn environment_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("test-clients/python")
}

fn interpreter(workspace: &Workspace) -> PathBuf {
    let program = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    environment_folder(workspace).join(program)
}

/// A virtual environment that remembers which requirements it was made from.
fn python(workspace: &Workspace) -> Result<()> {
    let requirements = folder(workspace).join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", workspace.shown(&requirements)))?;
    let environment = environment_folder(workspace);
    let made_from = environment.join("made-from.txt");
    if fs::read_to_string(&made_from).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    let python = if cfg!(windows) { "python" } else { "python3" };
    shell::run(shell::command(workspace, python).args(["-m", "venv", "--clear"]).arg(&environment))?;
    shell::run(
        shell::command(workspace, interpreter(workspace))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements),
    )?;
    fs::write(&made_from, wanted).with_context(|| format!("cannot write {}", made_from.display()))
}
