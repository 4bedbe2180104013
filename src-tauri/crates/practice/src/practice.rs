//! The two providers from the outside: start, address, fault, status, stop.

use std::{net::SocketAddr, sync::Arc};

use tokio_util::sync::DropGuard;

use crate::{Dialect, Fault, Options, door::Door, provider::Provider, tasks::Tasks};

/// One provider as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// The dialects it speaks on its one port.
    pub dialects: Vec<Dialect>,
    /// Whether it serves `/v1/responses`.
    pub responses: bool,
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
    /// A name is used twice, a provider speaks no dialect, or no port could be bound.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        options.check()?;
        let tasks = Tasks::default();
        let mut doors: Vec<Door> = Vec::with_capacity(options.providers.len());
        for provider in options.providers {
            let provider = Provider::new(provider, options.seed, options.pace);
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

    /// Every provider as it stands now, in the order of [`Options::providers`].
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
        dialects: provider.dialects().to_vec(),
        responses: provider.serves_responses(),
        listen: door.listen(),
        fault: provider.fault(),
        requests: provider.requests(),
    }
}
