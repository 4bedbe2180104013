//! Real clients and a browser, as the tests' clients: pinned, and kept out of the repository.
//!
//! The SDKs, frameworks and small command lines are installed for every test run. Aider has an environment of its own,
//! for it names one version of each of its three hundred packages; the coding tools, a gigabyte, are for `--full`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{node, shell};

/// A Python environment, and the files that say what is in it.
struct Environment {
    name: &'static str,
    requirements: &'static str,
    constraints: Option<&'static str>,
}

const CLIENTS: Environment =
    Environment { name: "python", requirements: "requirements.txt", constraints: Some("constraints.txt") };
const AIDER: Environment = Environment { name: "aider", requirements: "aider.txt", constraints: None };

/// The Pythons that aider takes, the usual one first.
const AIDERS_PYTHONS: &[&str] = &["python3", "python3.12", "python3.11", "python3.10"];
const IS_ONE_FOR_AIDER: &str = "import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))";

/// Installs the Python and Node clients if what is there isn't what is pinned.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    let python = if cfg!(windows) { "python" } else { "python3" };
    CLIENTS.prepare(workspace, Path::new(python))?;
    node::install(workspace, &folder(workspace))
}

/// The same for aider; `false` where there is no Python that it takes.
pub(crate) fn prepare_aider(workspace: &Workspace) -> Result<bool> {
    let Some(python) = aiders_python(workspace) else { return Ok(false) };
    AIDER.prepare(workspace, &python)?;
    Ok(true)
}

/// The same for the coding tools.
pub(crate) fn prepare_coding(workspace: &Workspace) -> Result<()> {
    let folder = coding_folder(workspace);
    node::install(workspace, &folder)?;
    // Two of them put the program for this machine in its place after they were installed, which npm may be set, or
    // in newer versions made, not to let them do.
    for script in ["@anthropic-ai/claude-code/install.cjs", "opencode-ai/postinstall.mjs"] {
        shell::run(shell::command(workspace, "node").arg(folder.join("node_modules").join(script)))?;
    }
    Ok(())
}

/// What the tests find their clients by.
pub(crate) fn environment(workspace: &Workspace) -> Vec<(&'static str, PathBuf)> {
    let aider = AIDER.program(workspace, "aider");
    let mut variables = vec![
        ("EVENKEEL_TEST_PYTHON", CLIENTS.program(workspace, "python")),
        ("EVENKEEL_TEST_NODE_CLIENTS", folder(workspace)),
        // Empty where it can't be had, so that its tests can tell that from a run without xtask.
        ("EVENKEEL_TEST_AIDER", if aider.exists() { aider } else { PathBuf::new() }),
        ("EVENKEEL_TEST_CODING", coding_folder(workspace)),
    ];
    let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    variables.extend(shell::find(&browsers).map(|browser| ("EVENKEEL_TEST_CHROMIUM", browser)));
    variables
}

/// The manifests of both languages.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests/clients")
}

fn coding_folder(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("coding")
}

fn aiders_python(workspace: &Workspace) -> Option<PathBuf> {
    let found = AIDERS_PYTHONS.iter().filter_map(|name| shell::find(&[name]));
    let mut taken = found.filter(|python| {
        shell::command(workspace, python)
            .args(["-c", IS_ONE_FOR_AIDER])
            .status()
            .is_ok_and(|status| status.success())
    });
    taken.next()
}

impl Environment {
    fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.target.join("test-clients").join(self.name)
    }

    /// A program in it.
    fn program(&self, workspace: &Workspace, name: &str) -> PathBuf {
        let place = if cfg!(windows) { "Scripts" } else { "bin" };
        self.folder(workspace).join(place).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Makes it anew unless it was made from just these files; it remembers them.
    fn prepare(&self, workspace: &Workspace, python: &Path) -> Result<()> {
        let files =
            [Some(self.requirements), self.constraints].map(|name| Some(folder(workspace).join(name?)));
        let mut wanted = String::new();
        for file in files.iter().flatten() {
            wanted += &fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", workspace.shown(file)))?;
        }
        let made_from = self.folder(workspace).join("made-from.txt");
        if fs::read_to_string(&made_from).is_ok_and(|text| text == wanted) {
            return Ok(());
        }
        let mut make = shell::command(workspace, python);
        shell::run(make.args(["-m", "venv", "--clear"]).arg(self.folder(workspace)))?;
        let mut install = shell::command(workspace, self.program(workspace, "python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for (option, file) in ["--requirement", "--constraint"].iter().zip(&files) {
            if let Some(file) = file {
                install.arg(option).arg(file);
            }
        }
        shell::run(&mut install)?;
        fs::write(&made_from, wanted).with_context(|| format!("cannot write {}", made_from.display()))
    }
}
