//! What we changed in the tools' files, kept beside the database as `tools.json`.
//!
//! A file of its own and not a table: what stood at a setting before may be a provider's key, and no secret stands in
//! the database; it is readable by its owner only, and it has to be there while no router holds the database. It is
//! written before a tool's file is touched and again afterwards, so that a crash in between is seen and settled
//! ([`Journal::settle`]).

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    change::{self, Changed},
    text::Format,
};
use crate::{
    failure::{Code, Failure},
    files,
    paths::Paths,
};

/// All tools that are connected, by what is typed for them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) tools: BTreeMap<String, Record>,
}

/// One connected tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Since when.
    pub(crate) since: Timestamp,
    pub(crate) file: PathBuf,
    pub(crate) format: Format,
    /// The address it was pointed at.
    pub(crate) address: String,
    /// The file was not there before.
    pub(crate) made_file: bool,
    /// The folders that were not there before, the outermost first.
    pub(crate) made_folders: Vec<PathBuf>,
    #[serde(flatten)]
    pub(crate) changed: Changed,
    /// The file is about to be written, or was when everything stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) underway: Option<Box<Underway>>,
}

/// A change that has begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Underway {
    /// The file's digest before; `None`: there was none.
    pub(crate) from: Option<String>,
    /// The file's digest afterwards; `None`: there is none.
    pub(crate) to: Option<String>,
    /// The record if it doesn't come to pass; `None`: not connected.
    pub(crate) otherwise: Option<Record>,
    /// It disconnects.
    pub(crate) ends: bool,
}

impl Journal {
    /// Reads it, with the text to tell later whether somebody else wrote it since.
    pub(crate) fn read(paths: &Paths) -> Result<(Self, String), Failure> {
        let path = paths.tools();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Self::default(), String::new()));
            }
            Err(error) => return Err(unusable(&path, &files::reason(&error))),
        };
        let journal = serde_json::from_str(&text).map_err(|error| unusable(&path, &error.to_string()))?;
        Ok((journal, text))
    }

    pub(crate) fn write(&self, paths: &Paths) -> Result<(), Failure> {
        let path = paths.tools();
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::internal("write down what it changed", &error))?;
        files::create_private_folder(paths.data())
            .and_then(|()| files::write_private(&path, &format!("{text}\n")))
            .map_err(|error| unusable(&path, &files::reason(&error)))
    }

    /// Finds out what became of changes that were underway when everything stopped. No tool's file is touched: it is
    /// replaced in one piece, so it is either as before or as it was to be.
    pub(crate) fn settle(&mut self) -> bool {
        let before = self.clone();
        let tools = std::mem::take(&mut self.tools);
        self.tools = tools.into_iter().filter_map(|(tool, record)| Some((tool, settled(record)?))).collect();
        *self != before
    }
}

fn settled(mut record: Record) -> Option<Record> {
    let Some(underway) = record.underway.take() else { return Some(record) };
    let now = fs::read_to_string(&record.file).ok().map(|text| change::digest(&text));
    if now == underway.from {
        return underway.otherwise;
    }
    if now == underway.to && underway.ends {
        return None;
    }
    // As it was to be, or changed by its owner since: either way each setting is looked at by itself from here on.
    Some(record)
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::new(Code::FolderUnusable, format!("{} can't be used: {why}.", path.display()))
        .hint("It holds what connected tools had before. Make it yours and readable, or move it away.")
}

/// Held by the one process that changes tools' files.
#[derive(Debug)]
pub(crate) struct Held(File);

/// Takes the lock, or says who to wait for.
pub(crate) fn hold(paths: &Paths) -> Result<Held, Failure> {
    let path = paths.data().join("tools.lock");
    let file = files::create_private_folder(paths.data())
        .and_then(|()| File::options().create(true).append(true).open(&path))
        .map_err(|error| unusable(&path, &files::reason(&error)))?;
    match file.try_lock() {
        Ok(()) => Ok(Held(file)),
        Err(_) => {
            Err(Failure::new(Code::ToolBusy, "Another Evenkeel is changing the tools' files just now.")
                .hint("Do it again in a moment."))
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Closing it does the same; a lock that can't be given back says nothing to anybody.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests;
