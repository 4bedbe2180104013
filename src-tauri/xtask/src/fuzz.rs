//! Fuzzing of the wire formats, one target after the other. Its corpus is replayed by an ordinary test; looking
//! for new inputs takes time that only `--full` has.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell;
use crate::workspace::Workspace;

/// Each target with the folder of its seeds.
const TARGETS: &[(&str, &str)] = &[
    ("sse", "sse"),
    ("ask", "requests"),
    ("key", "requests"),
    ("translate_request", "requests"),
    ("stream_chat", "streams_chat"),
    ("stream_messages", "streams_messages"),
    ("stream_responses", "streams_responses"),
    ("translate_answer", "answers"),
    ("replay", "answers"),
];

/// How long each is looked for, in seconds; `EVENKEEL_FUZZ_SECONDS` makes it another time.
const SECONDS: u64 = 600;

/// Runs every target. A finding ends it, and lies in `fuzz/artifacts` of the crate.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let seconds = match env::var("EVENKEEL_FUZZ_SECONDS") {
        Ok(text) => text.parse().context("EVENKEEL_FUZZ_SECONDS must be a whole number")?,
        Err(_) => SECONDS,
    };
    let program = match find(workspace) {
        Some(program) => program,
        None => install(workspace)?,
    };
    let dialect = workspace.root.join("src-tauri/crates/dialect");
    for (target, seeds) in TARGETS {
        println!("fuzzing {target} for {seconds} s");
        // New inputs are kept out of the repository: a finding is added to the seeds by hand, once it is mended.
        let work = workspace.target.join("fuzz").join(target);
        std::fs::create_dir_all(&work).with_context(|| format!("{} can't be made", work.display()))?;
        let mut command = shell::command(workspace, &program);
        command.current_dir(&dialect).args(["run", "--sanitizer", "none", target]).arg(&work);
        command.arg(format!("fuzz/corpus/{seeds}")).arg("--");
        shell::run(command.args([format!("-max_total_time={seconds}"), "-max_len=4096".to_owned()]))?;
    }
    Ok(())
}

fn find(workspace: &Workspace) -> Option<PathBuf> {
    let own = own(workspace);
    shell::find(&["cargo-fuzz"]).or_else(|| own.is_file().then_some(own))
}

fn install(workspace: &Workspace) -> Result<PathBuf> {
    let root = workspace.target.join("tools");
    shell::run(shell::cargo(workspace).args(["install", "--locked", "cargo-fuzz", "--root"]).arg(root))?;
    Ok(own(workspace))
}

fn own(workspace: &Workspace) -> PathBuf {
    let name = format!("cargo-fuzz{}", env::consts::EXE_SUFFIX);
    workspace.target.join("tools").join("bin").join(name)
}
