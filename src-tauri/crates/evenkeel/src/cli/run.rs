//! `evenkeel run -- CMD…`: one command with the environment of `evenkeel env`, and no file touched.

use std::{env, ffi::OsString, io, process::Command};

use super::{Done, Stop, context::Context, environment, out, shell::Value};
use crate::{
    app::environment_bypass,
    failure::{Code, Failure},
    files,
};

/// What shells exit with for a command that isn't there.
const NOT_FOUND: u8 = 127;
/// What shells exit with for a command that can't be run.
const NOT_RUNNABLE: u8 = 126;

pub(crate) fn run(context: &Context, command: &[OsString]) -> Result<Done, Stop> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::new(Code::Usage, "run needs a command.")
            .hint("For example: evenkeel run -- claude")
            .into());
    };
    if !environment_bypass() && context.router()?.is_none() {
        // The command would only find a closed port, and say so in words that don't name Evenkeel.
        let hint =
            format!("Start it with: {} serve   (or go past it: BYPASS_ROUTER=true)", context.program());
        return Err(context.not_running().hint(hint).into());
    }
    let environment = environment::build(context, None, false)?;
    for note in &environment.notes {
        out::error_line(note);
    }
    let mut child = Command::new(program);
    child.args(arguments);
    for (name, value) in environment.variables {
        match value {
            Value::Plain(text) => child.env(name, text),
            Value::Of(other) => match env::var_os(other) {
                Some(value) => child.env(name, value),
                None => child.env_remove(name),
            },
            Value::Unset => child.env_remove(name),
        };
    }
    become_child(child).map_err(|error| {
        let name = program.display();
        let (exit, failure) = if error.kind() == io::ErrorKind::NotFound {
            let failure = Failure::new(Code::CommandFailed, format!("There is no command {name}."));
            (NOT_FOUND, failure.hint("Check its name and that it is on PATH."))
        } else {
            let failure = Failure::new(
                Code::CommandFailed,
                format!("{name} can't be started: {}.", files::reason(&error)),
            );
            (NOT_RUNNABLE, failure.hint("Check that it is a program and that you may run it."))
        };
        Stop { exit, ..failure.into() }
    })
}

/// On Unix the child takes this process's place: signals, terminal and exit code are its own.
#[cfg(unix)]
fn become_child(mut child: Command) -> io::Result<Done> {
    Err(std::os::unix::process::CommandExt::exec(&mut child))
}

#[cfg(not(unix))]
fn become_child(mut child: Command) -> io::Result<Done> {
    let status = child.status()?;
    // Windows codes beyond a byte can't be passed on; any of them means that the command failed.
    let exit = status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1));
    Ok(Done::default().exit(exit))
}
