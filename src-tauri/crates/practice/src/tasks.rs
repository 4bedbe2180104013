//! The only place of this crate that spawns: every task has a name, ends with the providers, and is waited for.

use std::future::Future;

use tokio::task::JoinHandle;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// The tasks of all providers together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Runs a task until it ends by itself or everything is stopped, whichever comes first.
    pub(crate) fn spawn(
        &self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            if stop.run_until_cancelled_owned(task).await.is_none() {
                tracing::trace!(task = name, "stopped");
            }
        })
    }

    /// Ends every task where it stands and waits until all are gone.
    pub(crate) async fn stop(&self) {
        self.tracker.close();
        self.stop.cancel();
        self.tracker.wait().await;
    }

    /// Ends every task when the guard is dropped, for owners that forget to stop.
    pub(crate) fn stop_on_drop(&self) -> DropGuard {
        self.stop.clone().drop_guard()
    }
}
