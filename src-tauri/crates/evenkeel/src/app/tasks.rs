//! Every background task of the app has a name, and the end of the app waits for it.

use std::future::Future;

use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The tasks of one app.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks(TaskTracker);

impl Tasks {
    /// Runs `task` beside everything else. The name stands in the log beside what it says.
    pub(crate) fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task.instrument(tracing::debug_span!("task", name)));
    }

    /// Waits until every task has ended; they are told by other means.
    pub(crate) async fn ended(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
