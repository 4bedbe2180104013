//! The running app behind window and tray; the only file that knows the library `evenkeel`.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::response::IntoResponse;
use evenkeel::admin::types::Problem;
use evenkeel::app::bind::{self, Offer};
use evenkeel::app::{App, Options, StartError, settings};
use evenkeel::failure::{Code, Failure};
use evenkeel::log;
use evenkeel::notices::{Desk, Notice};
use evenkeel::paths::Paths;
use evenkeel::run_file::{Kind, RunFile};
use jiff::Timestamp;
use tokio::sync::broadcast::Receiver;

pub(crate) use evenkeel::admin::types::{ApiError, State, Status};
pub(crate) use evenkeel::app::Event;
/// Dropped at the very end, it writes what is still to be logged.
pub(crate) use evenkeel::log::Guard as Log;
pub(crate) use evenkeel::words;

/// The router.
pub(crate) struct Backend {
    app: App,
}

/// Why there is no router.
pub(crate) struct NoRouter {
    failure: Failure,
    /// Another program has the port, and there is one that could be used instead.
    pub(crate) port: Option<Port>,
    /// Another desktop app has the folder: it has a window of its own, and ours would only confuse.
    pub(crate) another_one: bool,
}

/// A port that another program has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) offer: Offer,
    /// The tools that are pointed at it, by what is typed for them.
    pub(crate) tools: Vec<String>,
    config: PathBuf,
}

impl Port {
    fn of(paths: &Paths) -> Option<Port> {
        let config = paths.config_file();
        let text = settings::read_text(config).ok()?;
        let listen = settings::understand(config, text, None).ok()?.config.server.listen;
        let offer = bind::offer(listen)?;
        Some(Port { offer, tools: evenkeel::app::connected_tools(paths), config: config.to_owned() })
    }

    /// Writes the free one into the configuration; it holds from the next start on.
    ///
    /// # Errors
    /// With words for whoever chose it.
    pub(crate) fn take_the_free_one(&self) -> Result<(), ApiError> {
        bind::move_to(&self.config, self.offer.free).map_err(|failure| failure.body())
    }
}

impl Backend {
    /// Starts the log, and the router as `evenkeel serve` does; when it returns, the address answers.
    ///
    /// # Errors
    /// With words for the person who started the program, and the fix.
    pub(crate) async fn start(home: Option<&Path>) -> Result<(Backend, Log), NoRouter> {
        let paths = Paths::resolve(home)?;
        paths.prepare()?;
        let log = log::start(&paths, log::Format::Text)?;
        let options = Options {
            paths: paths.clone(),
            listen: None,
            practice: false,
            demo_data: false,
            config_must_exist: false,
            kind: Kind::Desktop,
        };
        let app = App::start(options).await.map_err(|error| match error {
            StartError::Failed(mut failure) => {
                if failure.code == Code::PortInUse {
                    let hint = failure.hint.take().into_iter();
                    let here =
                        "The desktop app takes its address from evenkeel.toml: `listen` under [server].";
                    failure.hint = Some(hint.chain([here.to_owned()]).collect::<Vec<_>>().join("\n"));
                }
                let another_one = failure.code == Code::AlreadyRunning
                    && RunFile::of_running(&paths).is_some_and(|run| run.kind == Kind::Desktop);
                let port = if failure.code == Code::PortInUse { Port::of(&paths) } else { None };
                NoRouter { failure, port, another_one }
            }
            StartError::Config { file, problems } => mistakes(&file, &problems).into(),
        })?;
        Ok((Backend { app }, log))
    }

    /// The admin API, for the window.
    pub(crate) fn admin(&self) -> Router {
        self.app.admin()
    }

    /// How things stand.
    pub(crate) fn status(&self) -> Status {
        self.app.status()
    }

    /// Whether the keychain still has to say which keys there are.
    pub(crate) fn waits_for_keys(&self) -> bool {
        self.app.waits_for_keys()
    }

    /// Everything that happens from now on.
    pub(crate) fn events(&self) -> Receiver<Event> {
        self.app.events()
    }

    /// Ends when the promises stand otherwise than when this was called.
    pub(crate) fn promises_change(&self) -> impl Future<Output = ()> + Send + 'static {
        self.app.promises_change()
    }

    /// The base URLs that an OpenAI and an Anthropic SDK take.
    pub(crate) fn base_urls(&self) -> (String, String) {
        self.app.base_urls()
    }

    /// The lines for a shell that point tools here.
    pub(crate) fn exports(&self) -> Option<String> {
        self.app.exports()
    }

    /// Moves the rollback switch; where it can't be moved, a notice says why.
    pub(crate) async fn set_bypass(&self, on: bool) {
        if let Err(failure) = self.app.set_bypass(on).await {
            self.tell("Bypass was not changed", failure);
        }
    }

    /// Sends everything to one provider first, or leaves it to the routes again.
    pub(crate) async fn set_force(&self, provider: Option<String>) {
        if let Err(failure) = self.app.set_force(provider).await {
            self.tell("The choice was not changed", failure);
        }
    }

    /// Pauses the alerts until then, or ends a pause.
    pub(crate) async fn pause_alerts(&self, until: Option<Timestamp>) {
        if let Err(failure) = self.app.pause_alerts(until).await {
            self.tell("The alerts go on as before", failure);
        }
    }

    /// The tools that would stop working with the router, by what is typed for them. Reads files: not on the main
    /// thread.
    pub(crate) fn connected_tools(&self) -> Vec<String> {
        self.app.connected_tools()
    }

    fn tell(&self, title: &str, failure: Failure) {
        tracing::warn!("{failure}");
        let hint = failure.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
        self.notice(title, &format!("{}{hint}", failure.message));
    }

    /// Shows a notice, if that can be done.
    pub(crate) fn notice(&self, title: &str, body: &str) {
        self.app.notice(Notice::new(title, body));
    }

    /// Shows the test notice and tells whether somebody took it.
    ///
    /// # Errors
    /// When no notification service took it.
    pub(crate) async fn test_notice(&self) -> Result<(), ApiError> {
        self.app.test_notice().await.map_err(|failure| failure.body())
    }

    /// Finishes what is in flight and writes everything down.
    pub(crate) async fn shut_down(&self) {
        self.app.shut_down().await;
    }
}

/// The test notice of an app without a router.
///
/// # Errors
/// When no notification service took it.
pub(crate) async fn test_notice() -> Result<(), ApiError> {
    Desk::default().test().await.map_err(|failure| failure.body())
}

/// A refusal of the desktop's own, in the shape of the admin API's.
pub(crate) fn refusal(message: String) -> ApiError {
    Failure::new(Code::InternalError, message).body()
}

impl NoRouter {
    /// What happened, in one line.
    pub(crate) fn headline(&self) -> &str {
        &self.failure.message
    }

    /// What happened and what to do about it, for a terminal.
    pub(crate) fn in_words(&self) -> String {
        match &self.failure.hint {
            Some(hint) => format!("{}\n{hint}", self.failure.message),
            None => self.failure.message.clone(),
        }
    }

    /// An admin API that answers everything with this, so that the window says it in its own way.
    pub(crate) fn admin(&self) -> Router {
        let failure = self.failure.clone();
        Router::new().fallback(move || {
            let failure = failure.clone();
            async move { failure.into_response() }
        })
    }
}

impl From<Failure> for NoRouter {
    fn from(failure: Failure) -> NoRouter {
        NoRouter { failure, port: None, another_one: false }
    }
}

/// The mistakes of the configuration, each with its place and its fix.
fn mistakes(file: &str, problems: &[Problem]) -> Failure {
    let mistakes: Vec<_> = problems.iter().filter(|problem| problem.severity == "error").collect();
    let lines: Vec<String> = mistakes
        .iter()
        .map(|problem| {
            let Problem { file, line, column, message, fix, .. } = problem;
            format!("{file}:{line}:{column}: {message} {fix}")
        })
        .collect();
    let count = match lines.len() {
        1 => "a mistake".to_owned(),
        several => format!("{several} mistakes"),
    };
    Failure::new(Code::ConfigInvalid, format!("{file} has {count}; Evenkeel did not start."))
        .hint(format!("{}\nCorrect it and start Evenkeel again.", lines.join("\n")))
}
