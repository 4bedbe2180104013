//! The ways in which a session or a terminal asks the app to end.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC, CtrlClose, CtrlShutdown, ctrl_c, ctrl_close, ctrl_shutdown};

/// Hears them from the moment it is made, so that one that comes while the app is still starting is neither lost
/// nor the end of it half-way.
pub(crate) struct Signals {
    #[cfg(unix)]
    heard: [Signal; 3],
    #[cfg(windows)]
    heard: (CtrlC, CtrlClose, CtrlShutdown),
}

impl Signals {
    /// Must be called inside the runtime.
    ///
    /// # Errors
    /// When the system lets no handler be set.
    pub(crate) fn listen() -> io::Result<Signals> {
        #[cfg(unix)]
        let heard = [
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ];
        #[cfg(windows)]
        let heard = (ctrl_c()?, ctrl_close()?, ctrl_shutdown()?);
        Ok(Signals { heard })
    }

    /// Returns when the process has been asked to end.
    #[cfg(unix)]
    pub(crate) async fn end(self) {
        let [mut interrupt, mut terminate, mut hang_up] = self.heard;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }

    /// Returns when the process has been asked to end.
    #[cfg(windows)]
    pub(crate) async fn end(self) {
        let (mut ctrl_c, mut close, mut shutdown) = self.heard;
        tokio::select! {
            _ = ctrl_c.recv() => {}
            _ = close.recv() => {}
            _ = shutdown.recv() => {}
        }
    }
}
