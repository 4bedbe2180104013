//! The log: one line for each thing that happened, to standard error and to `logs/evenkeel.log`.
//!
//! Requests must never wait for a disk or for a terminal somebody paused, so lines go through a bounded
//! queue to a thread that owns the file or the terminal; what doesn't fit is counted and said.

mod rotate;
mod sink;

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

pub use rotate::Rotating;
use sink::Sink;

use crate::{
    failure::{Code, Failure},
    files,
    paths::Paths,
};

/// Overrides what is logged, in the syntax of `tracing_subscriber::EnvFilter`.
const FILTER_VARIABLE: &str = "EVENKEEL_LOG";
const DEFAULT_FILTER: &str = "warn,evenkeel=info,evenkeel_router=info,evenkeel_store=info,\
                              evenkeel_practice=info,evenkeel_desktop=info";

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Keeps the log's threads; dropped at the very end, it writes what is still queued.
#[derive(Debug)]
#[must_use = "the log ends when this is dropped"]
pub struct Guard {
    _file: sink::Flush,
    _terminal: sink::Flush,
}

/// Starts the log of this process. A process has one log, so this is called by the program, never by
/// the library; calling it twice leaves the first one in place.
pub fn start(paths: &Paths, format: Format) -> Result<Guard, Failure> {
    let path = paths.log_file();
    let file = Rotating::open(&path).map_err(|error| {
        Failure::new(
            Code::FolderUnusable,
            format!("The log {} can't be written: {}.", path.display(), files::reason(&error)),
        )
        .hint("Make the file yours and writable, or choose another folder: evenkeel --home DIR.")
    })?;
    let (file, file_flush) = Sink::spawn("evenkeel-log", file);
    let (terminal, terminal_flush) = Sink::spawn("evenkeel-stderr", io::stderr());
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();

    let layers = match format {
        Format::Text => {
            let layer = || tracing_subscriber::fmt::layer().with_target(false);
            layer()
                .with_ansi(false)
                .with_writer(file)
                .and_then(layer().with_ansi(colours).with_writer(terminal))
                .boxed()
        }
        Format::Json => {
            let layer = || tracing_subscriber::fmt::layer().json().flatten_event(true);
            layer().with_writer(file).and_then(layer().with_writer(terminal)).boxed()
        }
    };
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    // An error means that a log is in place already, which is what the caller wants.
    let _ = tracing_subscriber::registry().with(filter).with(layers).try_init();
    Ok(Guard { _file: file_flush, _terminal: terminal_flush })
}
