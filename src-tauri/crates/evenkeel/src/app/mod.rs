//! One running app: the router with everything it needs, the same for `serve` and for the desktop.
//!
//! [`App::start`] takes the data folder's lock, binds the port, and hands the router its parts; from
//! then on a few tasks live beside the requests: the listener, the watch on `evenkeel.toml`, and the
//! subscribers that bring events to the log, to the database and to whoever watches live.
//! [`App::shut_down`] ends all of it in an order in which nothing is lost.
//!
//! - [`settings`]: the configuration in force and the one that was refused
//! - [`bind`], `holder`: the address, and who has it already
//! - `listener`: connections
//! - `routing`: the router that answers now
//! - `keys`: the providers' keys, read beside the start and changed while it runs
//! - `running`: what the admin API asks and changes
//! - `reload`: the watch on the file
//! - `subscribers`: from events to log, database and live stream
//! - `notices`: from a switch of provider to a notice on the desktop
//! - `edit`: changes of settings that the dashboard asks for
//! - `wake`: sleep and clock jumps
//! - `version`: which one ran here last
//! - [`tenants`], [`bypass`]: changes that outlive the process, also for the command line alone
//! - `tools`: other people's tools that are pointed here
//! - `spent`: what was spent before this start
//! - `away`: what was answered while there is no network
//! - `breakers`: which providers rest, over a restart
//! - `practice`: the two simulated providers
//! - `start`, `stop`: the two orders of things

mod away;
pub mod bind;
mod breakers;
pub mod bypass;
pub(crate) mod edit;
mod force;
mod holder;
pub(crate) mod keys;
mod listener;
mod notices;
mod practice;
mod reload;
mod routing;
mod running;
pub mod settings;
mod spent;
mod start;
mod stop;
mod subscribers;
mod tasks;
pub mod tenants;
mod tools;
mod version;
mod wake;

use std::{net::SocketAddr, sync::Arc};

pub(crate) use practice::view as practice_view;
pub(crate) use running::Running;

pub use evenkeel_router::Event;
use tokio::sync::broadcast;
pub use tools::connected_tools;

use crate::{
    admin::{self, types::Problem},
    cli,
    failure::{Code, Failure},
    notices::Notice,
    paths::Paths,
    run_file::Kind,
};

/// The way out that needs no router: `true` here sends every request to the primary untouched.
pub const BYPASS_VARIABLE: &str = "BYPASS_ROUTER";

/// How an app is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything lies.
    pub paths: Paths,
    /// Listen here whatever the configuration says.
    pub listen: Option<SocketAddr>,
    /// Route to the practice providers whatever the configuration says.
    pub practice: bool,
    /// Fill an empty folder with a month of made-up practice requests.
    pub demo_data: bool,
    /// The configuration file was named by the user and must exist.
    pub config_must_exist: bool,
    /// Which program this is.
    pub kind: Kind,
}

/// Why an app did not start. Nothing of it is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `evenkeel.toml` has mistakes.
    #[error("{} has mistakes", file)]
    Config {
        /// The file.
        file: String,
        /// Each mistake, in the file's order.
        problems: Vec<Problem>,
    },
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// A running app. Dropping it without [`App::shut_down`] leaves its tasks to the runtime.
#[derive(Debug)]
pub struct App {
    running: Arc<Running>,
}

impl App {
    /// Starts everything; when it returns, the address answers.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        Ok(Self { running: Box::pin(start::start(options)).await? })
    }

    /// The admin API without its door, for a caller inside this process.
    pub fn admin(&self) -> axum::Router {
        admin::routes(Arc::clone(&self.running))
    }

    /// The address it really listens on.
    pub fn listen(&self) -> SocketAddr {
        self.running.listen
    }

    /// How things stand.
    pub fn status(&self) -> admin::types::Status {
        admin::status::of(&self.running)
    }

    /// Whether the keychain still has to say which keys there are. Until it has, they count as missing.
    pub fn waits_for_keys(&self) -> bool {
        self.running.waits_for_keys()
    }

    /// The base URLs that an OpenAI and an Anthropic SDK take.
    pub fn base_urls(&self) -> (String, String) {
        let address = bind::reachable(self.running.listen);
        (format!("http://{address}/v1"), format!("http://{address}"))
    }

    /// The lines for a shell that point tools at it, with the local key; `None` while there is no such key.
    pub fn exports(&self) -> Option<String> {
        cli::exports(self.running.listen, self.running.paths())
    }

    /// The tools that are connected and would stop working with it, by what is typed for them. Reads files:
    /// not for the thread that requests are answered on.
    pub fn connected_tools(&self) -> Vec<String> {
        self.running.connected_tools()
    }

    /// Everything that happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.running.events.subscribe()
    }

    /// Waits until the promises stand otherwise than when this was called, or never where nothing changes.
    pub fn promises_change(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut seen = self.running.promises.changes();
        async move {
            if seen.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Moves the rollback switch and keeps it over a restart.
    pub async fn set_bypass(&self, on: bool) -> Result<(), Failure> {
        self.running.set_bypass(on).await
    }

    /// Sends everything to one provider first, or leaves it to the routes again (`None`).
    pub async fn set_force(&self, provider: Option<String>) -> Result<(), Failure> {
        self.running.set_force(provider).await
    }

    /// Pauses the alerts until then, or ends a pause, and keeps that over a restart.
    pub async fn pause_alerts(&self, until: Option<jiff::Timestamp>) -> Result<(), Failure> {
        self.running.pause_alerts(until).await
    }

    /// Shows a notice on the desktop, if that can be done.
    pub fn notice(&self, notice: Notice) {
        self.running.notices.show(notice);
    }

    /// Shows the test notice and tells whether somebody took it.
    pub async fn test_notice(&self) -> Result<(), Failure> {
        self.running.notices.test().await
    }

    /// A link that opens the dashboard once.
    pub fn dashboard_link(&self) -> Result<String, Failure> {
        self.running.dashboard_link()
    }

    #[cfg(test)]
    pub(crate) fn running_for_tests(&self) -> Arc<Running> {
        Arc::clone(&self.running)
    }

    /// Finishes what is in flight (10 s at most), writes everything down and lets go of the folder.
    pub async fn shut_down(&self) {
        stop::stop(&self.running).await;
    }
}

/// Whether this process's environment asks for the bypass.
pub fn environment_bypass() -> bool {
    std::env::var(BYPASS_VARIABLE).is_ok_and(|value| is_yes(&value))
}

fn is_yes(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
}

/// Opens the data folder for this process alone. Blocks.
///
/// A held folder is tried again for a moment: a command that asks whether a router runs holds the lock
/// for an instant, and a router that is just ending lets go of it.
pub fn open_store(paths: &Paths) -> Result<evenkeel_store::Store, Failure> {
    let mut tries = 0;
    loop {
        match evenkeel_store::Store::open(paths.data()) {
            Err(evenkeel_store::OpenError::Held { .. }) if tries < HELD_TRIES => {
                tries += 1;
                std::thread::sleep(HELD_PAUSE);
            }
            opened => return opened.map_err(open_failure),
        }
    }
}

/// Together a fifth of a second.
const HELD_TRIES: u32 = 10;
const HELD_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// The store's own words, which name the fix, under a code of ours.
pub fn open_failure(error: evenkeel_store::OpenError) -> Failure {
    match error {
        evenkeel_store::OpenError::Held { pid, folder } => {
            let who = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
            Failure::new(
                Code::AlreadyRunning,
                format!("Evenkeel is already running on {} ({who}).", folder.display()),
            )
            .hint("Use that one, stop it first, or choose another folder: evenkeel --home DIR.")
        }
        error => {
            let text = error.to_string();
            let mut letters = text.chars();
            let text: String =
                letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            Failure::new(Code::StoreFailed, format!("{text}."))
        }
    }
}

#[cfg(test)]
mod tests;
