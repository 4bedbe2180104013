//! A client's script: started with the router's address and the steps to take, it prints a line of JSON for each.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::scene::Scene;
use crate::harness::finish;

/// What a step has to have shown; `by` is the provider that has to have answered.
pub type Expect = fn(seen: &Value, by: &str) -> Result<(), String>;

/// A script in the folder of the clients.
#[derive(Clone, Copy, Debug)]
pub enum Script {
    Python(&'static str),
    Node(&'static str),
}

impl Script {
    pub fn command(self) -> Command {
        match self {
            Self::Python(script) => {
                let mut command = Command::new(needed("EVENKEEL_TEST_PYTHON"));
                command.arg(folder().join(script));
                command
            }
            Self::Node(script) => node(script),
        }
    }
}

impl Scene {
    /// Takes the steps one after the other in one process, and fails with everything that was wrong with them.
    pub async fn play(&self, script: Script, steps: &[(&str, Expect)]) {
        let mut command = script.command();
        self.home.clean(&mut command);
        self.finish(command, script, steps).await;
    }

    /// The same under `evenkeel run`, for steps that take address and key from there.
    pub async fn play_under_run(&self, script: Script, steps: &[(&str, Expect)]) {
        let plain = script.command();
        let mut command = self.run(Path::new(plain.get_program()));
        command.args(plain.get_args());
        self.finish(command, script, steps).await;
    }

    async fn finish(&self, mut command: Command, script: Script, steps: &[(&str, Expect)]) {
        command.args([self.server.url(""), self.server.key.clone()]).args(steps.iter().map(|(name, _)| name));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let ran = finish(command).await;
        let lines = ran.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let seen: HashMap<String, Value> =
            lines.filter_map(|line| Some((line["step"].as_str()?.to_owned(), line))).collect();
        let mut wrong = String::new();
        for (name, expect) in steps {
            let verdict = match seen.get(*name) {
                None => Err("was not reached".to_owned()),
                Some(line) if line["ok"] == true => {
                    expect(line, self.by()).map_err(|why| format!("{why}: {line}"))
                }
                Some(line) => Err(format!("{} ({})", line["error"].as_str().unwrap_or("?"), line["at"])),
            };
            if let Err(why) = verdict {
                let _ = writeln!(wrong, "  {name}: {why}");
            }
        }
        let said = if seen.len() < steps.len() { ran.stderr } else { String::new() };
        assert!(wrong.is_empty(), "{script:?} with {} answering:\n{wrong}{said}", self.by());
    }
}

/// Where the scripts lie.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/clients")
        .canonicalize()
        .expect("the scripts are there")
}

/// A tool that the tests need and that only `cargo xtask test` provides.
pub fn needed(variable: &str) -> PathBuf {
    let Some(path) = std::env::var_os(variable) else {
        panic!(
            "{variable} is not set: run `cargo xtask test`, which installs the test clients and names them"
        );
    };
    PathBuf::from(path)
}

/// A script for Node. Node finds packages from where the script lies, so another folder's packages need a copy there.
pub fn node(script: &str) -> Command {
    let packages = needed("EVENKEEL_TEST_NODE_CLIENTS");
    let here = folder();
    let mut command = Command::new("node");
    if packages.canonicalize().is_ok_and(|packages| packages == here) {
        command.arg(here.join(script));
        return command;
    }
    for file in [script, "steps.mjs"] {
        std::fs::copy(here.join(file), packages.join(file)).expect("the clients' folder can be written");
    }
    command.arg(packages.join(script));
    command
}
