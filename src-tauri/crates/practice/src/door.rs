//! A provider's port: open, or shut so that connections are refused.
//!
//! While it is shut the port stays *bound* to a socket that does not listen. The system then refuses
//! connections as if nothing were there, but gives the port to nobody else, and a client's own socket can't
//! be given that number either (it would connect to itself). Opening again can so not fail for want of the port.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    sync::Mutex,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{Fault, connection, provider::Provider, tasks::Tasks};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// Pause after the system could not hand out a connection, such as when file handles ran out.
const PAUSE: Duration = Duration::from_millis(100);

/// One provider and its port.
#[derive(Debug)]
pub(crate) struct Door {
    provider: Arc<Provider>,
    listen: SocketAddr,
    tasks: Tasks,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Open {
        /// Ends the accepting, and every connection accepted so far as soon as it is idle.
        closing: CancellationToken,
        accepting: JoinHandle<()>,
    },
    /// The socket that keeps the port; missing only if the system gave it away in the instant between.
    Shut(Option<TcpSocket>),
}

impl Door {
    /// Opens a port that the system chooses.
    pub(crate) async fn open(provider: Arc<Provider>, tasks: Tasks) -> io::Result<Self> {
        let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.listen(BACKLOG)?;
        let listen = listener.local_addr()?;
        let state = Mutex::new(State::Shut(None));
        let door = Self { provider, listen, tasks, state };
        *door.state.lock().await = door.accept_from(listener);
        Ok(door)
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    pub(crate) const fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Puts a fault in force, and opens or shuts the port as it demands.
    pub(crate) async fn set_fault(&self, fault: Fault) {
        let mut state = self.state.lock().await;
        // The fault first: a request that slips in while the port is being closed is dropped, not answered.
        self.provider.set_fault(fault);
        match (&mut *state, fault) {
            (State::Open { closing, accepting }, Fault::Refuse) => {
                closing.cancel();
                if let Err(error) = accepting.await {
                    tracing::warn!(provider = self.provider.name(), %error, "accepting ended badly");
                }
                let held = bind(self.listen);
                if let Err(error) = &held {
                    tracing::warn!(provider = self.provider.name(), %error, "the closed port could not be kept");
                }
                *state = State::Shut(held.ok());
            }
            (State::Shut(held), fault) if fault != Fault::Refuse => {
                let socket = held.take().map_or_else(|| bind(self.listen), Ok);
                match socket.and_then(|socket| socket.listen(BACKLOG)) {
                    Ok(listener) => *state = self.accept_from(listener),
                    Err(error) => {
                        // Say the truth in the status: the port is still closed.
                        self.provider.set_fault(Fault::Refuse);
                        tracing::error!(
                            provider = self.provider.name(), listen = %self.listen, %error,
                            "the port could not be opened again; set the fault once more to retry"
                        );
                    }
                }
            }
            _ => {}
        }
    }

    fn accept_from(&self, listener: TcpListener) -> State {
        let closing = CancellationToken::new();
        let accepting = self.tasks.spawn(
            "practice-accept",
            accept(listener, Arc::clone(&self.provider), self.tasks.clone(), closing.clone()),
        );
        State::Open { closing, accepting }
    }
}

async fn accept(listener: TcpListener, provider: Arc<Provider>, tasks: Tasks, closing: CancellationToken) {
    while let Some(accepted) = closing.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                let connection = connection::serve(stream, Arc::clone(&provider), closing.clone());
                tasks.spawn("practice-connection", connection);
            }
            Err(error) => {
                tracing::warn!(provider = provider.name(), %error, "no connection accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A socket that owns the port without listening on it.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Without this, connections closed a minute ago would keep the port from being bound again. Windows needs
    // no such leave, and means something else by it: anybody could take the port over.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
