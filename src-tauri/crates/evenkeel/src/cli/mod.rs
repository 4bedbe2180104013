//! The command line: one file a command.
//!
//! A command is a function from its arguments to [`Done`], what it wants printed and its exit code, or
//! to a [`Stop`], which says in one or two lines what to do. Only `out` writes to the terminal, and
//! only `serve` speaks before it is done. A running router is reached over its admin API (`client`);
//! where none runs, commands that only read open the data folder read-only.

mod alerts;
mod args;
mod bare;
mod budget;
mod bypass;
mod cache;
mod check;
mod client;
mod completions;
mod config;
mod connect;
mod context;
mod dashboard;
mod environment;
mod key;
mod out;
mod practice;
mod requests;
mod run;
mod serve;
mod shell;
mod slo;
mod status;
mod tenant;
pub(crate) mod words;

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};

use args::{Args, Command};
use context::Context;
pub(crate) use environment::exports;
pub(crate) use shell::of_paths as program;

use crate::{
    admin::types::ApiError,
    failure::{Code, Failure},
};

/// What a command leaves behind when it worked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// For standard output, with its own line ends.
    pub(crate) text: String,
    /// Remarks for standard error that must not mix with the text.
    pub(crate) notes: Vec<String>,
    /// 0 unless the command has something to say by it.
    pub(crate) exit: u8,
}

impl Done {
    /// Text for standard output; a missing last line end is added.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self { text, ..Self::default() }
    }

    /// A document for machines.
    pub(crate) fn json(document: &impl serde::Serialize) -> Result<Self, Stop> {
        serde_json::to_string_pretty(document)
            .map(Self::text)
            .map_err(|error| Stop::from(Failure::internal("write its answer as JSON", &error)))
    }

    pub(crate) fn exit(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) error: ApiError,
    pub(crate) exit: u8,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        let exit = if failure.code == Code::Usage { 2 } else { 1 };
        Self { error: failure.body(), exit }
    }
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self { error, exit: 1 }
    }
}

/// The whole program.
pub fn main() -> ExitCode {
    match Args::try_parse() {
        Ok(args) => {
            let json = args.json;
            finish(dispatch(args), json)
        }
        Err(error) => mistyped(&error),
    }
}

fn dispatch(args: Args) -> Result<Done, Stop> {
    let context = Context::new(&args)?;
    match args.command {
        None => bare::run(&context),
        Some(Command::Serve(serve)) => serve::run(&context, &serve),
        Some(Command::Status) => status::run(&context),
        Some(Command::Check { offline }) => check::run(&context, offline),
        Some(Command::Key(key)) => key::run(&context, &key),
        Some(Command::Tenant(tenant)) => tenant::run(&context, &tenant),
        Some(Command::Env(env)) => environment::run(&context, &env),
        Some(Command::Run { command }) => run::run(&context, &command),
        Some(Command::Connect(connect)) => connect::run(&context, &connect),
        Some(Command::Disconnect(disconnect)) => connect::undo(&context, &disconnect),
        Some(Command::Requests(requests)) => requests::run(&context, &requests),
        Some(Command::Slo(slo)) => slo::run(&context, &slo),
        Some(Command::Budget(budget)) => budget::run(&context, &budget),
        Some(Command::Alerts(alerts)) => alerts::run(&context, &alerts),
        Some(Command::Bypass { position }) => bypass::run(&context, position),
        Some(Command::Cache(cache)) => cache::run(&context, &cache),
        Some(Command::Practice(practice)) => practice::run(&context, &practice),
        Some(Command::Config(config)) => config::run(&context, config),
        Some(Command::Dashboard { open }) => dashboard::run(&context, open),
        Some(Command::Completions { shell }) => Ok(completions::run(shell)),
    }
}

/// For the few commands that wait for something: one thread is enough.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal("start", &error))
}

fn finish(result: Result<Done, Stop>, json: bool) -> ExitCode {
    match result {
        Ok(done) => {
            for note in &done.notes {
                out::error_line(note);
            }
            out::text(&done.text);
            ExitCode::from(done.exit)
        }
        Err(stop) => {
            out::error(&stop.error, json);
            ExitCode::from(stop.exit)
        }
    }
}

/// clap's own answer, or with `--json` the same as an error document. The arguments could not be read,
/// so `--json` is looked for in the raw ones.
fn mistyped(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            out::text(&error.render().to_string());
            ExitCode::SUCCESS
        }
        _ => {
            let json = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json");
            let text = error.render().to_string();
            let (message, hint) = words::of_a_usage_error(&text);
            if json {
                out::error(&Failure::new(Code::Usage, message).hint(hint).body(), true);
            } else if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
                out::error_line(text.trim_end());
            } else {
                out::error_line(&message);
                out::error_line(&hint);
            }
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests;
