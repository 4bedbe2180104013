//! `run.json`: how the command line finds a router that was started with `--listen` or port 0.
//!
//! The file alone proves nothing, for a killed router leaves it behind and its port may belong to
//! somebody else by now. It counts only while the data folder's lock is held: whoever asks sends the
//! admin token along, and a stranger on that port must not get it.

use std::{fs, io, net::SocketAddr, path::Path};

use serde::{Deserialize, Serialize};

use crate::{files, paths::Paths};

/// Which of the two programs runs the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "RouterKind", export_to = "RouterKind.ts")]
pub enum Kind {
    /// `evenkeel serve`.
    Headless,
    /// `evenkeel-desktop`.
    Desktop,
}

/// The content of `run.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// The router's process.
    pub pid: u32,
    /// The address it really listens on.
    pub listen: SocketAddr,
    /// Which program it is.
    pub kind: Kind,
}

impl RunFile {
    /// Writes it, readable by its owner only.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string(self).map_err(io::Error::other)?;
        files::write_private(path, &text)
    }

    /// Reads the file of a router that is alive; `None` if there is none or it is stale.
    pub fn of_running(paths: &Paths) -> Option<Self> {
        let text = fs::read_to_string(paths.run_file()).ok()?;
        let run = serde_json::from_str(&text).ok()?;
        is_held(paths).then_some(run)
    }

    /// Removes it if it is still this process's own.
    pub fn remove(&self, path: &Path) {
        let ours = fs::read_to_string(path)
            .ok()
            .and_then(|text| serde_json::from_str::<Self>(&text).ok())
            .is_some_and(|found| found == *self);
        if ours && let Err(error) = fs::remove_file(path) {
            tracing::warn!(%error, "run.json could not be removed");
        }
    }
}

/// Whether a process holds the data folder's lock. Asked only where a `run.json` lies, for asking takes
/// the lock for an instant, and a router that is just starting must not find it taken.
fn is_held(paths: &Paths) -> bool {
    let Ok(lock) = fs::File::open(paths.lock_file()) else { return false };
    matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pid: u32) -> RunFile {
        RunFile { pid, listen: "127.0.0.1:9950".parse().expect("an address"), kind: Kind::Headless }
    }

    #[test]
    fn it_says_what_the_interface_promises() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.json");
        run(12).write(&path).expect("written");
        let text = fs::read_to_string(&path).expect("read");
        assert_eq!(text, r#"{"pid":12,"listen":"127.0.0.1:9950","kind":"headless"}"#);
    }

    #[test]
    fn a_file_left_by_a_killed_router_is_stale() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::resolve(Some(folder.path())).expect("resolved");
        run(12).write(&paths.run_file()).expect("written");
        assert_eq!(RunFile::of_running(&paths), None);
    }

    #[test]
    fn a_file_beside_a_held_lock_is_of_a_running_router() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::resolve(Some(folder.path())).expect("resolved");
        let store = evenkeel_store::Store::open(folder.path()).expect("opened");
        run(12).write(&paths.run_file()).expect("written");
        assert_eq!(RunFile::of_running(&paths), Some(run(12)));
        store.shut_down().expect("closed");
        assert_eq!(RunFile::of_running(&paths), None);
    }

    #[test]
    fn another_process_s_file_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.json");
        run(12).write(&path).expect("written");
        run(13).remove(&path);
        assert!(path.exists());
        run(12).remove(&path);
        assert!(!path.exists());
    }
}
