//! The two providers from the outside: start, address, fault, status, stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio_util::sync::DropGuard;

use crate::{Dialect, Fault, door::Door, provider::Provider, tasks::Tasks};

/// Name of the provider that the practice routes try first.
pub const PRACTICE_A: &str = "practice-a";
/// Name of the provider that takes over.
pub const PRACTICE_B: &str = "practice-b";

/// How the providers are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// One provider for each name; names must differ.
    pub names: Vec<String>,
    /// Seed of what [`Fault::Flaky`] draws; each provider has a sequence of its own.
    pub seed: u64,
    /// How long answers take where no fault says otherwise.
    pub pace: Pace,
}

impl Default for Options {
    fn default() -> Self {
        Self { names: vec![PRACTICE_A.to_owned(), PRACTICE_B.to_owned()], seed: 9950, pace: Pace::Natural }
    }
}

/// How long a healthy answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// 5 to 15 ms to the first token, the same for the same prompt, then 2 ms for each piece.
    #[default]
    Natural,
    /// No delays of its own; [`Fault::Slow`] still waits.
    Instant,
}

impl Pace {
    /// How long the first token of an answer to this prompt takes; `hash` stands for the prompt.
    pub(crate) const fn first_token(self, hash: u64) -> Duration {
        match self {
            Self::Natural => Duration::from_millis(5 + hash % 11),
            Self::Instant => Duration::ZERO,
        }
    }

    /// How long each piece after it takes.
    pub(crate) const fn piece(self) -> Duration {
        match self {
            Self::Natural => Duration::from_millis(2),
            Self::Instant => Duration::ZERO,
        }
    }
}

/// One provider as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// The dialects it speaks on its one port.
    pub dialects: Vec<Dialect>,
    /// Its address, which stays the same while connections are refused.
    pub listen: SocketAddr,
    /// The fault that the next request meets.
    pub fault: Fault,
    /// Requests received since the start, whatever became of them; probes of `/` are not counted.
    pub requests: u64,
}

/// No provider has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("There is no practice provider \"{name}\". There are: {}", known.join(", "))]
pub struct UnknownProvider {
    /// What was asked for.
    pub name: String,
    /// The names there are.
    pub known: Vec<String>,
}

/// The running providers. Clones are the same providers; they end with [`Practice::stop`], or when the last
/// clone is dropped.
#[derive(Debug, Clone)]
pub struct Practice {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    doors: Vec<Door>,
    tasks: Tasks,
    _stop: DropGuard,
}

impl Practice {
    /// Starts every provider on a loopback port of its own, chosen by the system.
    ///
    /// # Errors
    /// A name is used twice, or no port could be bound.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let tasks = Tasks::default();
        let mut doors: Vec<Door> = Vec::with_capacity(options.names.len());
        for name in options.names {
            if doors.iter().any(|door| door.provider().name() == name) {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::InvalidInput,
                    format!("two practice providers are named \"{name}\"; give each its own name"),
                ));
            }
            let provider = Provider::new(name, options.seed, options.pace);
            doors.push(Door::open(provider, tasks.clone()).await?);
        }
        let stop = tasks.stop_on_drop();
        Ok(Self { inner: Arc::new(Inner { doors, tasks, _stop: stop }) })
    }

    /// The provider's address, such as `http://127.0.0.1:40123`, without `/v1`.
    pub fn base_url(&self, name: &str) -> Option<String> {
        self.door(name).map(|door| format!("http://{}", door.listen()))
    }

    /// Sets the fault that the next request meets. When this returns it is in force: after
    /// [`Fault::Refuse`] the port is closed, after any other fault it is open.
    ///
    /// # Errors
    /// No provider has this name.
    pub async fn set_fault(&self, name: &str, fault: Fault) -> Result<(), UnknownProvider> {
        let Some(door) = self.door(name) else {
            return Err(UnknownProvider {
                name: name.to_owned(),
                known: self.inner.doors.iter().map(|door| door.provider().name().to_owned()).collect(),
            });
        };
        door.set_fault(fault).await;
        Ok(())
    }

    /// Every provider as it stands now, in the order of [`Options::names`].
    pub fn status(&self) -> Vec<Status> {
        self.inner.doors.iter().map(status).collect()
    }

    /// Ends every provider where it stands, answers under way included, and waits until all tasks are gone.
    pub async fn stop(self) {
        self.inner.tasks.stop().await;
    }

    fn door(&self, name: &str) -> Option<&Door> {
        self.inner.doors.iter().find(|door| door.provider().name() == name)
    }
}

fn status(door: &Door) -> Status {
    let provider = door.provider();
    Status {
        name: provider.name().to_owned(),
        dialects: vec![Dialect::OpenAi, Dialect::Anthropic],
        listen: door.listen(),
        fault: provider.fault(),
        requests: provider.requests(),
    }
}
