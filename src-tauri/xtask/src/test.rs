//! Everything that CI runs, from a clean clone: cheap checks first, each under a line that says what it is, and
//! the first failure ends it.

use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{bench, clients, deny, fuzz, node, packages, promtool, shell, tree, ui};

/// How a step that didn't fail ended.
enum Done {
    Passed,
    Skipped(&'static str),
}

struct Step {
    name: &'static str,
    run: fn(&Workspace) -> Result<Done>,
}

/// In the order in which they run. The dashboard comes before Rust, which embeds it.
const STEPS: &[Step] = &[
    Step { name: "toolchain", run: toolchain },
    Step {
        name: "system packages",
        run: |workspace| passed(packages::install_missing(workspace, packages::TEST)),
    },
    Step { name: "promtool", run: |workspace| passed(promtool::prepare(workspace)) },
    Step { name: "cargo fmt", run: |workspace| cargo(workspace, "fmt --all --check") },
    Step { name: "dashboard: npm ci", run: |workspace| passed(node::install(workspace, &workspace.ui())) },
    Step { name: "dashboard: check", run: |workspace| npm(workspace, &["run", "check"]) },
    Step { name: "dashboard: test", run: |workspace| npm(workspace, &["test"]) },
    Step { name: "dashboard: build", run: dashboard },
    Step { name: "evenkeel links no GTK", run: |workspace| passed(tree::check(workspace)) },
    Step { name: "licences and bans", run: licences },
    Step { name: "test clients", run: |workspace| passed(clients::prepare(workspace)) },
    Step { name: "test clients: aider", run: aider },
    Step { name: "clippy", run: clippy },
    Step { name: "build, doc tests", run: doc_tests },
    Step { name: "tests", run: tests },
];

/// What only `--full` does, before all the rest so that the rest finds it done.
const FULL: &[Step] = &[Step { name: "cargo-deny", run: install_deny }];

/// What only `--full` does, after all the rest.
const FULL_TESTS: &[Step] = &[
    Step { name: "coding tools", run: |workspace| passed(clients::prepare_coding(workspace)) },
    Step { name: "coding tools as clients", run: coding },
    Step { name: "soak and second book", run: soak },
    Step { name: "fuzzing", run: |workspace| passed(fuzz::run(workspace)) },
    Step { name: "fault table", run: |workspace| passed(bench::faults(workspace)) },
];

/// The same for every command, so that Cargo compiles each dependency once.
const EVERYTHING: &str = "--locked --workspace --features xtask/bench";

/// The command `test`.
pub(crate) fn test(workspace: &Workspace, full: bool) -> ExitCode {
    let steps: Vec<&Step> =
        if full { FULL.iter().chain(STEPS).chain(FULL_TESTS).collect() } else { STEPS.iter().collect() };
    let mut report = Report { steps: steps.len(), start: Instant::now(), rows: Vec::new() };
    for step in &steps {
        report.announce(step);
        let start = Instant::now();
        let result = (step.run)(workspace);
        let failed = result.is_err();
        report.note(step, result, start.elapsed());
        if failed {
            break;
        }
    }
    report.close()
}

/// The lines around the steps' own output, and the table at the end.
struct Report {
    steps: usize,
    start: Instant,
    rows: Vec<(&'static str, Result<Done>, Duration)>,
}

impl Report {
    fn announce(&self, step: &Step) {
        let (number, steps, so_far) = (self.rows.len() + 1, self.steps, seconds(self.start.elapsed()));
        println!("\n== {number}/{steps} {} (after {so_far})", step.name);
    }

    fn note(&mut self, step: &Step, result: Result<Done>, took: Duration) {
        match &result {
            Ok(Done::Passed) => {}
            Ok(Done::Skipped(why)) => println!("skipped: {why}"),
            Err(error) => eprintln!("\nerror: {error:#}"),
        }
        self.rows.push((step.name, result, took));
    }

    fn close(self) -> ExitCode {
        println!("\n{:<24} {:<8} {:>10}", "step", "result", "time");
        let (mut passed, mut failed) = (0, 0);
        for (name, result, took) in &self.rows {
            let word = match result {
                Ok(Done::Passed) => "passed",
                Ok(Done::Skipped(_)) => "skipped",
                Err(_) => "FAILED",
            };
            passed += usize::from(word == "passed");
            failed += usize::from(word == "FAILED");
            println!("{name:<24} {word:<8} {:>10}", seconds(*took));
        }
        println!("{:<24} {:<8} {:>10}", "all", "", seconds(self.start.elapsed()));
        // Steps that were never reached count as skipped, so that the three add up.
        println!("\nSteps: {passed} passed, {failed} failed, {} skipped", self.steps - passed - failed);
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn passed(result: Result<()>) -> Result<Done> {
    result.map(|()| Done::Passed)
}

fn cargo(workspace: &Workspace, arguments: &str) -> Result<Done> {
    passed(shell::run(shell::cargo(workspace).args(arguments.split(' '))))
}

fn npm(workspace: &Workspace, arguments: &[&str]) -> Result<Done> {
    passed(node::npm(workspace, &workspace.ui(), arguments))
}

fn toolchain(workspace: &Workspace) -> Result<Done> {
    node::require(workspace)?;
    for tool in ["fmt", "clippy"] {
        shell::read(shell::cargo(workspace).args([tool, "--version"]))
            .context("install both with `rustup component add rustfmt clippy`, then run this again")?;
    }
    Ok(Done::Passed)
}

fn dashboard(workspace: &Workspace) -> Result<Done> {
    npm(workspace, &["run", "build"])?;
    passed(ui::refuse_placeholder(workspace))
}

/// Clippy compiles every dependency's metadata beside the code that the tests need; measured, that costs less
/// than the oddity of compiling the tests with clippy's driver would.
fn clippy(workspace: &Workspace) -> Result<Done> {
    let arguments = [EVERYTHING, "--all-targets", "--", "--deny", "warnings"].join(" ");
    cargo(workspace, &format!("clippy {arguments}"))
}

fn doc_tests(workspace: &Workspace) -> Result<Done> {
    cargo(workspace, &format!("test {EVERYTHING} --doc --quiet"))
}

fn aider(workspace: &Workspace) -> Result<Done> {
    if clients::prepare_aider(workspace)? {
        return Ok(Done::Passed);
    }
    Ok(Done::Skipped("aider takes Python 3.10 to 3.12, and none of them is on PATH; its tests do nothing"))
}

/// Their tests are marked `#[ignore]`, so that nothing else runs them.
fn coding(workspace: &Workspace) -> Result<Done> {
    let mut command = shell::cargo(workspace);
    command.envs(clients::environment(workspace));
    if shell::succeeds("cargo nextest --version") {
        command.args(["nextest", "run", "--run-ignored", "only", "-E", "test(/^clients::coding::/)"]);
        return passed(shell::run(command.args(EVERYTHING.split(' '))));
    }
    command.args(["test", "--no-fail-fast", "--test", "e2e"]).args(EVERYTHING.split(' '));
    passed(shell::run(command.args(["--", "--ignored", "clients::coding::"])))
}

/// Not with nextest, whose profile ends whatever takes more than two minutes.
fn soak(workspace: &Workspace) -> Result<Done> {
    cargo(workspace, &format!("test {EVERYTHING} --test e2e -- soak:: promises:: --ignored --nocapture"))
}

fn licences(workspace: &Workspace) -> Result<Done> {
    match deny::find(workspace) {
        Some(program) => passed(deny::check(workspace, program)),
        None => Ok(Done::Skipped("cargo-deny is not installed; `cargo xtask test --full` installs it")),
    }
}

fn install_deny(workspace: &Workspace) -> Result<Done> {
    if deny::find(workspace).is_none() {
        deny::install(workspace)?;
    }
    Ok(Done::Passed)
}

fn tests(workspace: &Workspace) -> Result<Done> {
    let mut command = shell::cargo(workspace);
    command.envs(clients::environment(workspace));
    command.envs(promtool::find(workspace).map(|program| (promtool::VARIABLE, program)));
    if shell::succeeds("cargo nextest --version") {
        let profile = if env::var_os("CI").is_some() { "ci" } else { "default" };
        command.args(["nextest", "run", "--profile", profile]);
    } else {
        command.args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    passed(shell::run(command.args(EVERYTHING.split(' '))))
}
