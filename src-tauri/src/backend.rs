//! The running app behind the window; the only file that knows the library `evenkeel`.

use std::path::Path;

use anyhow::{Error, Result};
use axum::Router;
use evenkeel::admin::types::Problem;
use evenkeel::app::{App, Options, StartError};
use evenkeel::failure::Failure;
use evenkeel::log;
use evenkeel::paths::Paths;
use evenkeel::run_file::Kind;

/// The router and its log.
pub(crate) struct Backend {
    app: App,
    // Dropped last, so that the end of everything else is still written down.
    _log: log::Guard,
}

impl Backend {
    /// Starts the router as `evenkeel serve` does; when it returns, the address answers.
    ///
    /// # Errors
    /// With words for the person who started the program, and the fix.
    pub(crate) async fn start(home: Option<&Path>) -> Result<Backend> {
        let paths = Paths::resolve(home).map_err(in_words)?;
        paths.prepare().map_err(in_words)?;
        let log = log::start(&paths, log::Format::Text).map_err(in_words)?;
        let options =
            Options { paths, listen: None, practice: false, config_must_exist: false, kind: Kind::Desktop };
        let app = App::start(options).await.map_err(|error| match error {
            StartError::Failed(failure) => in_words(failure),
            StartError::Config { problems, .. } => mistakes(&problems),
        })?;
        Ok(Backend { app, _log: log })
    }

    /// The admin API, for the window.
    pub(crate) fn admin(&self) -> Router {
        self.app.admin()
    }

    /// Finishes what is in flight and writes everything down.
    pub(crate) async fn shut_down(self) {
        self.app.shut_down().await;
    }
}

/// What happened, and what to do about it.
fn in_words(failure: Failure) -> Error {
    match failure.hint {
        Some(hint) => Error::msg(format!("{}\n{hint}", failure.message)),
        None => Error::msg(failure.message),
    }
}

/// Each mistake of the configuration on a line of its own.
fn mistakes(problems: &[Problem]) -> Error {
    let lines = problems.iter().map(|problem| {
        let Problem { file, line, column, message, fix, .. } = problem;
        format!("{file}:{line}:{column}: {message} {fix}")
    });
    Error::msg(lines.collect::<Vec<_>>().join("\n"))
}
