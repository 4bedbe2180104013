//! Starting other programs, and how their failure reads.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// A command that starts at the top level.
///
/// `cargo run` describes the xtask package to us in `CARGO_PKG_…` and `CARGO_MANIFEST_…`. Handed on, they would
/// change the environment that build scripts watch (ring's does), and half the tree would compile again each
/// time somebody changes between `cargo build` and `cargo xtask`.
pub(crate) fn command(workspace: &Workspace, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(&workspace.root);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The Cargo that started us, so that `cargo +toolchain xtask` stays on that toolchain.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    command(workspace, env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end, its output going straight to the terminal.
///
/// # Errors
/// When it can't be started or doesn't exit with 0; the message is its command line.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", line(command)))?;
    check(command, status)
}

/// Runs a command and hands back what it wrote to standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{}`", line(command)))?;
    check(command, output.status)?;
    String::from_utf8(output.stdout).with_context(|| format!("`{}` did not print text", line(command)))
}

/// Whether a command line succeeds; a program that isn't there is a plain no.
pub(crate) fn succeeds(command_line: &str) -> bool {
    let mut words = command_line.split_whitespace();
    words.next().is_some_and(|program| {
        Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

/// The first of these programs that is on PATH.
pub(crate) fn find(programs: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    programs.iter().find_map(|program| {
        env::split_paths(&path)
            .map(|folder| folder.join(format!("{program}{}", env::consts::EXE_SUFFIX)))
            .find(|file| file.is_file())
    })
}

/// Becomes the command: signals and the exit code are then its own. Where that isn't possible it waits and
/// passes the exit code on.
pub(crate) fn become_command(command: &mut Command) -> Result<ExitCode> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let error = command.exec();
        Err(error).with_context(|| format!("cannot start `{}`", line(command)))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().with_context(|| format!("cannot start `{}`", line(command)))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Ok(ExitCode::from(code))
    }
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    match status.code() {
        Some(code) => bail!("`{}` failed with exit code {code}", line(command)),
        None => bail!("`{}` was ended by a signal", line(command)),
    }
}

/// The command as somebody would type it, the program without its folder.
fn line(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned();
    command.get_args().fold(name, |text, argument| text + " " + &argument.to_string_lossy())
}
