//! Connected tools: what they are pointed at, and what a crash left of them.

use std::sync::Arc;

use super::{Running, bind::reachable};
use crate::{
    admin::types::{ToolRow, ToolState},
    cli,
    connect::{Desk, Target},
    failure::{Code, Failure},
    keys,
    paths::Paths,
};

impl Running {
    /// The settings of this account's tools.
    pub(crate) fn tool_desk(&self) -> Result<Desk, Failure> {
        Desk::of_this_process(self.paths())
    }

    /// What a tool is pointed at.
    pub(crate) fn tool_target(&self) -> Result<Target, Failure> {
        let path = self.paths().local_key();
        let key = keys::local::read(&path).ok_or_else(|| {
            Failure::new(Code::KeyUnknown, format!("There is no local key in {}.", path.display()))
                .hint("Restart Evenkeel to have one made.")
        })?;
        Ok(Target { address: reachable(self.listen), key, program: cli::program(self.paths()) })
    }

    /// The tools that are connected, by what is typed for them.
    pub(crate) fn connected_tools(&self) -> Vec<String> {
        connected_tools(self.paths())
    }
}

/// The same while nothing runs on this folder.
pub fn connected_tools(paths: &Paths) -> Vec<String> {
    let list = Desk::of_this_process(paths).and_then(|desk| desk.list(None));
    let points_here = |row: &ToolRow| matches!(row.state, ToolState::Connected | ToolState::Changed);
    let tools = list.map(|list| list.tools).unwrap_or_default();
    tools.into_iter().filter(points_here).map(|row| row.tool).collect()
}

/// Once at the start: settles changes that a crash interrupted, and says which tools point where nobody listens any
/// more. Nothing is rewritten behind anybody's back.
pub(super) async fn look(running: Arc<Running>) {
    let looked = tokio::task::spawn_blocking(move || {
        let target = running.tool_target()?;
        running.tool_desk()?.lost(&target)
    });
    match looked.await {
        Ok(Ok(lost)) => {
            for tool in lost {
                tracing::warn!("{tool}");
            }
        }
        Ok(Err(failure)) => tracing::warn!("Connected tools were not looked at: {}", failure.message),
        Err(error) => tracing::warn!(%error, "connected tools were not looked at"),
    }
}
