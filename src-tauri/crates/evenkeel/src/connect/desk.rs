//! Where plans meet files: read, compared with what is remembered, replaced in one piece.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    CURSOR, CURSOR_WHY,
    adapters::{ALL, Adapter, Edit, Plan, Target},
    change::{self, Changed, Standing},
    diff,
    journal::{self, Journal, Record, Underway},
    surroundings::Surroundings,
    text::{Format, TextError},
};
use crate::{
    admin::types::{ToolChange, ToolList, ToolRow, ToolState},
    failure::{Code, Failure},
    files,
    paths::Paths,
};

/// No tool's settings come near; a log given by mistake does.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Everything that connecting goes by.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) paths: Paths,
    pub(crate) around: Surroundings,
}

/// A change that was looked at and not made yet.
#[derive(Debug)]
pub(crate) struct Prepared {
    tool: &'static str,
    name: &'static str,
    file: PathBuf,
    before: Option<String>,
    after: Option<String>,
    /// The journal's text that this was worked out from.
    journal: String,
    /// What is remembered afterwards; `None`: not connected.
    record: Option<Record>,
    /// The record until then.
    previous: Option<Record>,
    left: Vec<String>,
    notes: Vec<String>,
}

impl Desk {
    /// The desk of this process's account.
    pub(crate) fn of_this_process(paths: &Paths) -> Result<Self, Failure> {
        let around = Surroundings::of_this_process().ok_or_else(|| {
            Failure::new(
                Code::FolderUnusable,
                "This account has no home folder, so no tool's settings are found.",
            )
            .hint("Set HOME.")
        })?;
        Ok(Self { paths: paths.clone(), around })
    }

    /// Settles what a crash left half-way and says which tools are connected, by name.
    pub(crate) fn settle(&self) -> Result<Journal, Failure> {
        let (mut journal, _) = Journal::read(&self.paths)?;
        if journal.tools.values().any(|record| record.underway.is_some()) {
            let _held = journal::hold(&self.paths)?;
            (journal, _) = Journal::read(&self.paths)?;
            if journal.settle() {
                journal.write(&self.paths)?;
            }
        }
        Ok(journal)
    }

    /// All tools; `target` is what they would be pointed at, if that is known.
    pub(crate) fn list(&self, target: Option<&Target>) -> Result<ToolList, Failure> {
        let journal = self.settle()?;
        let mut tools: Vec<_> = ALL.iter().map(|adapter| self.row(*adapter, &journal, target)).collect();
        tools.push(ToolRow {
            tool: CURSOR.to_owned(),
            name: "Cursor".to_owned(),
            found: self.around.home.join(".cursor").exists() || self.around.has_program(CURSOR),
            state: ToolState::Unsupported,
            file: None,
            since: None,
            note: Some(CURSOR_WHY.to_owned()),
        });
        Ok(ToolList { tools })
    }

    fn row(&self, adapter: &dyn Adapter, journal: &Journal, target: Option<&Target>) -> ToolRow {
        let record = journal.tools.get(adapter.id());
        let file = record.map_or_else(|| adapter.file(&self.around), |record| record.file.clone());
        let (state, note) = match record.map(|record| state_of(record, target)) {
            None | Some(Ok(ToolState::NotConnected)) => (ToolState::NotConnected, None),
            Some(Ok(ToolState::Outdated)) => {
                let again = format!("Its address or key is an old one: evenkeel connect {}", adapter.id());
                (ToolState::Outdated, Some(again))
            }
            Some(Ok(state)) => (state, None),
            Some(Err(failure)) => (ToolState::Unreadable, Some(failure.message)),
        };
        ToolRow {
            tool: adapter.id().to_owned(),
            name: adapter.name().to_owned(),
            found: adapter.is_found(&self.around),
            state,
            file: Some(file.display().to_string()),
            since: record.filter(|_| state != ToolState::NotConnected).map(|record| record.since),
            note,
        }
    }

    /// Works out what connecting a tool would change.
    pub(crate) fn connect(
        &self,
        adapter: &'static dyn Adapter,
        target: &Target,
    ) -> Result<Prepared, Failure> {
        self.settle()?;
        let (journal, journal_text) = Journal::read(&self.paths)?;
        if !adapter.is_found(&self.around) {
            let trace = adapter.trace(&self.around);
            return Err(Failure::new(
                Code::ToolMissing,
                format!(
                    "{} is not there: no program of it is on PATH, and no {}.",
                    adapter.name(),
                    trace.display()
                ),
            )
            .hint(format!(
                "Install it and start it once, then do this again: evenkeel connect {}",
                adapter.id()
            )));
        }
        let plan = adapter.plan(&self.around, target).map_err(|why| {
            Failure::new(Code::ToolFileInvalid, format!("{} is not connected. {why}.", adapter.name()))
                .hint(format!("Point it by hand at {} or {}.", target.with_version(), target.plain()))
        })?;
        let previous = journal.tools.get(adapter.id()).cloned();
        let earlier = previous.as_ref().filter(|record| record.file == plan.file);
        if let Some(other) = previous.as_ref().filter(|record| record.file != plan.file) {
            return Err(Failure::new(
                Code::ToolBusy,
                format!("{} is connected already, by {}.", adapter.name(), other.file.display()),
            )
            .hint(format!("Take that back first: evenkeel disconnect {}", adapter.id())));
        }
        let before = read(&plan.file)?;
        writable(&plan.file)?;
        let refused = |error: TextError| not_changed(&plan, target, error);
        let text = before.clone().unwrap_or_default();
        let base = match earlier.filter(|_| before.is_some()) {
            Some(record) => change::undo(plan.format, &text, &record.changed).map_err(refused)?.text,
            None => text.clone(),
        };
        let marker = change::marker(target.address);
        let (after, changed) = change::apply(plan.format, &base, &plan.edits, &marker).map_err(refused)?;
        let unchanged = before.as_deref() == Some(after.as_str());
        let folders = missing_folders(&plan.file);
        let record = Record {
            since: earlier.filter(|_| unchanged).map_or_else(Timestamp::now, |record| record.since),
            file: plan.file.clone(),
            format: plan.format,
            address: target.address.to_string(),
            made_file: before.is_none() || earlier.is_some_and(|record| record.made_file),
            made_folders: earlier
                .filter(|_| folders.is_empty())
                .map_or(folders, |record| record.made_folders.clone()),
            changed,
            underway: None,
        };
        Ok(Prepared {
            tool: adapter.id(),
            name: adapter.name(),
            file: plan.file,
            before,
            after: Some(after),
            journal: journal_text,
            record: Some(record),
            previous,
            left: Vec::new(),
            notes: plan.notes,
        })
    }

    /// Works out what disconnecting a tool would change; `None` if it isn't connected.
    pub(crate) fn disconnect(&self, adapter: &'static dyn Adapter) -> Result<Option<Prepared>, Failure> {
        self.settle()?;
        let (journal, journal_text) = Journal::read(&self.paths)?;
        let Some(record) = journal.tools.get(adapter.id()).cloned() else { return Ok(None) };
        let before = read(&record.file)?;
        let mut left = Vec::new();
        let after = match &before {
            None => None,
            Some(text) => {
                writable(&record.file)?;
                let undone = change::undo(record.format, text, &record.changed)
                    .map_err(|error| not_undone(&record.file, &error))?;
                left = undone.left;
                let is_ours = record.made_file && record.format.says_nothing(&undone.text);
                (!is_ours).then_some(undone.text)
            }
        };
        Ok(Some(Prepared {
            tool: adapter.id(),
            name: adapter.name(),
            file: record.file.clone(),
            before,
            after,
            journal: journal_text,
            record: None,
            previous: Some(record),
            left,
            notes: Vec::new(),
        }))
    }

    /// The answer for a tool that isn't connected.
    pub(crate) fn nothing_to_take_back(&self, adapter: &dyn Adapter) -> ToolChange {
        ToolChange {
            tool: adapter.id().to_owned(),
            name: adapter.name().to_owned(),
            state: ToolState::NotConnected,
            applied: false,
            file: adapter.file(&self.around).display().to_string(),
            diff: String::new(),
            left: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// One sentence for each connected tool that is pointed elsewhere than here.
    pub(crate) fn lost(&self, target: &Target) -> Result<Vec<String>, Failure> {
        let journal = self.settle()?;
        let is_lost = |record: &Record| state_of(record, Some(target)) == Ok(ToolState::Outdated);
        let lost = journal.tools.iter().filter(|(_, record)| is_lost(record));
        let sentence = |(tool, record): (&String, &Record)| {
            format!(
                "{tool} points at {} or has an old key, and Evenkeel listens on {}: evenkeel connect {tool}",
                record.address, target.address
            )
        };
        Ok(lost.map(sentence).collect())
    }

    /// Makes the change.
    pub(crate) fn apply(&self, prepared: &Prepared) -> Result<ToolChange, Failure> {
        let _held = journal::hold(&self.paths)?;
        let (mut journal, text) = Journal::read(&self.paths)?;
        if text != prepared.journal || read(&prepared.file)? != prepared.before {
            return Err(Failure::new(
                Code::ToolBusy,
                format!(
                    "{} was changed while this was looked at. Nothing is changed.",
                    prepared.file.display()
                ),
            )
            .hint("Do it again to see what would change now."));
        }
        prepared.announce(&mut journal);
        if prepared.before != prepared.after {
            journal.write(&self.paths)?;
            if let Err(failure) = prepared.write() {
                // As it was: nothing half-done is left to remember.
                restore(&mut journal, prepared.tool, prepared.previous.clone());
                journal.write(&self.paths)?;
                return Err(failure);
            }
        }
        restore(&mut journal, prepared.tool, prepared.record.clone());
        journal.write(&self.paths)?;
        Ok(prepared.told(true))
    }
}

fn restore(journal: &mut Journal, tool: &str, record: Option<Record>) {
    match record {
        Some(record) => journal.tools.insert(tool.to_owned(), record),
        None => journal.tools.remove(tool),
    };
}

impl Prepared {
    /// Whether the file would be another one.
    pub(crate) fn changes(&self) -> bool {
        self.before != self.after
    }

    /// What it changes, in the API's words.
    pub(crate) fn told(&self, applied: bool) -> ToolChange {
        let diff = if self.changes() {
            diff::unified(&self.file, self.before.as_deref(), self.after.as_deref())
        } else {
            String::new()
        };
        ToolChange {
            tool: self.tool.to_owned(),
            name: self.name.to_owned(),
            state: if self.record.is_some() { ToolState::Connected } else { ToolState::NotConnected },
            applied,
            file: self.file.display().to_string(),
            diff,
            left: self.left.clone(),
            notes: self.notes.clone(),
        }
    }

    /// Notes in the journal what is about to be done, so that a crash in the middle is understood afterwards.
    fn announce(&self, journal: &mut Journal) {
        let Some(mut record) = self.record.clone().or_else(|| self.previous.clone()) else { return };
        record.underway = Some(Box::new(Underway {
            from: self.before.as_deref().map(change::digest),
            to: self.after.as_deref().map(change::digest),
            otherwise: self.previous.clone(),
            ends: self.record.is_none(),
        }));
        journal.tools.insert(self.tool.to_owned(), record);
    }

    fn write(&self) -> Result<(), Failure> {
        let made = self.previous.as_ref().map(|record| record.made_folders.as_slice()).unwrap_or_default();
        match &self.after {
            None => fs::remove_file(&self.file).map_err(|error| unwritable(&self.file, &error))?,
            Some(text) => {
                let folder = self.file.parent().unwrap_or(Path::new("."));
                let new = missing_folders(&self.file);
                let written = files::create_private_folder(folder).and_then(|()| match self.before {
                    Some(_) => files::rewrite(&self.file, text),
                    None => files::write_private(&self.file, text),
                });
                if let Err(error) = written {
                    remove_empty(&new);
                    return Err(unwritable(&self.file, &error));
                }
            }
        }
        if self.after.is_none() {
            remove_empty(made);
        }
        Ok(())
    }
}

/// A tool's row, for one that is on record.
fn state_of(record: &Record, target: Option<&Target>) -> Result<ToolState, Failure> {
    let Some(text) = read(&record.file)? else { return Ok(ToolState::NotConnected) };
    let standing = change::standing(record.format, &text, &record.changed)
        .map_err(|error| not_undone(&record.file, &error))?;
    Ok(match standing {
        Standing::Gone => ToolState::NotConnected,
        Standing::Mixed => ToolState::Changed,
        Standing::Ours if target.is_some_and(|target| is_outdated(record, target)) => ToolState::Outdated,
        Standing::Ours => ToolState::Connected,
    })
}

fn is_outdated(record: &Record, target: &Target) -> bool {
    // The shell asks for both each time.
    let asks = record.format == Format::Shell;
    !asks && (record.address != target.address.to_string() || has_other_key(&record.changed, &target.key))
}

fn has_other_key(changed: &Changed, key: &str) -> bool {
    let is_other = |value: &Value| {
        value.as_str().is_some_and(|text| crate::keys::local::looks_like_one(text) && text != key)
    };
    changed.keys.iter().filter_map(|key| key.after.as_ref()).any(|after| match after {
        Value::Object(keys) => keys.values().any(is_other),
        other => is_other(other),
    })
}

/// The text of a tool's settings; `None` if there is no file.
fn read(file: &Path) -> Result<Option<String>, Failure> {
    let unreadable = |why: &str| {
        Failure::new(Code::ToolFileUnusable, format!("{} can't be read: {why}.", file.display()))
            .hint("Make it a text file that this account may read.")
    };
    match fs::metadata(file) {
        Ok(about) if about.len() > LARGEST => return Err(unreadable("it is larger than 4 MiB")),
        Ok(about) if !about.is_file() => return Err(unreadable("it is not a file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if fs::symlink_metadata(file).is_ok() {
                return Err(unreadable("it is a link to a file that isn't there"));
            }
            return Ok(None);
        }
        Err(error) => return Err(unreadable(&files::reason(&error))),
        Ok(_) => {}
    }
    let bytes = fs::read(file).map_err(|error| unreadable(&files::reason(&error)))?;
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = 1 + valid.matches('\n').count();
        unreadable(&format!("line {line} is not UTF-8"))
    })
}

/// Fails early where writing would fail late, or would succeed against its owner's wish.
fn writable(file: &Path) -> Result<(), Failure> {
    match fs::metadata(file) {
        Ok(about) if about.permissions().readonly() => {
            Err(unwritable(file, &io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only")))
        }
        _ => Ok(()),
    }
}

fn unwritable(file: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Code::ToolFileUnusable,
        format!("{} can't be written: {}. Nothing is changed.", file.display(), files::reason(error)),
    )
    .hint("Make the file and its folder writable for this account, and close the tool if it holds the file.")
}

/// The folders above a file that aren't there, the outermost first.
fn missing_folders(file: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<_> =
        file.ancestors().skip(1).take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
    missing.reverse();
    missing
}

/// Removes folders of our own making, the innermost first, as far as nothing else is in them.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        // One with something in it is somebody's by now.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

fn not_changed(plan: &Plan, target: &Target, error: TextError) -> Failure {
    match error {
        TextError::Invalid { .. } => Failure::new(
            Code::ToolFileInvalid,
            format!("{}: {error}. Nothing is changed.", plan.file.display()),
        )
        .hint("Correct that line first."),
        TextError::Refused(why) => {
            let lines = by_hand(plan.format, &plan.edits).unwrap_or_else(|| target.with_version());
            Failure::new(
                Code::ToolFileInvalid,
                format!("{}: {why}. Nothing is changed.", plan.file.display()),
            )
            .hint(format!("Write this into it yourself; evenkeel env prints the key:\n{lines}"))
        }
    }
}

/// The settings as lines for an empty file, without the key.
fn by_hand(format: Format, edits: &[Edit]) -> Option<String> {
    let (text, _) = change::apply(format, "", edits, &|_| false).ok()?;
    Some(diff::hidden(&text))
}

fn not_undone(file: &Path, error: &TextError) -> Failure {
    let hint = match error {
        TextError::Invalid { .. } => "Correct that line first.",
        TextError::Refused(_) => "Take Evenkeel's address and key out of it by hand.",
    };
    Failure::new(Code::ToolFileInvalid, format!("{}: {error}. Nothing is changed.", file.display()))
        .hint(hint)
}

#[cfg(test)]
mod tests;
