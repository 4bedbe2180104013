//! From any older format to this version's, forwards only.
//!
//! Each step is one numbered SQL file and one transaction that also moves `user_version`, so that a crash leaves
//! either the old format or the new one. Before the first step the whole file is copied, for the day when a step
//! turns out to have been wrong.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, TransactionBehavior};

use crate::{error::OpenError, files};

#[cfg(test)]
mod tests;

/// One step: the SQL that makes format `to` out of the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub(crate) to: i64,
    pub(crate) sql: &'static str,
}

/// All steps in order. Published steps are never edited: write the next one.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { to: 1, sql: include_str!("../migrations/0001_ledger.sql") },
    Migration { to: 2, sql: include_str!("../migrations/0002_rollups.sql") },
];

/// Written into the file's header, so that another program's database is never taken for ours: "EVKL".
pub(crate) const APPLICATION_ID: i64 = 0x4556_4B4C;

/// How many copies of older formats stay.
const COPIES_KEPT: usize = 2;

/// The format that these steps lead to.
pub(crate) fn newest(steps: &[Migration]) -> i64 {
    steps.last().map_or(0, |step| step.to)
}

/// Brings an open database to the newest format. Does nothing where it already has it.
pub(crate) fn run(connection: &mut Connection, path: &Path, steps: &[Migration]) -> Result<(), OpenError> {
    let known = newest(steps);
    let found = check(connection, path, steps)?;
    if found == known {
        return Ok(());
    }
    let copy = if found == 0 { None } else { Some(copy_before(connection, path, known)?) };
    for step in steps.iter().filter(|step| step.to > found) {
        apply(connection, step).map_err(|source| OpenError::Migration {
            path: path.to_owned(),
            version: step.to,
            copy: copy.clone(),
            source,
        })?;
        if found > 0 {
            tracing::info!(format = step.to, "database brought to a newer format");
        }
    }
    Ok(())
}

/// The format of an open file, refused if it is newer than these steps know.
pub(crate) fn check(connection: &Connection, path: &Path, steps: &[Migration]) -> Result<i64, OpenError> {
    let (found, known) = (format_of(connection, path)?, newest(steps));
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// The format of an open file; 0 is an empty one. Refuses files that aren't ours.
fn format_of(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    let read = |pragma: &str| -> Result<i64, OpenError> {
        connection.query_row(pragma, [], |row| row.get(0)).map_err(|error| files::explain(path, error))
    };
    let application = read("PRAGMA application_id")?;
    let format = read("PRAGMA user_version")?;
    let tables = read("SELECT count(*) FROM sqlite_schema")?;
    let empty = tables == 0 && format == 0 && application == 0;
    if application != APPLICATION_ID && !empty {
        return Err(OpenError::NotOurs { path: path.to_owned() });
    }
    Ok(format)
}

fn apply(connection: &mut Connection, step: &Migration) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step.sql)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", step.to)?;
    transaction.commit()
}

/// The copy is written under another name first: a copy that a crash cut short must not look like a whole one.
fn copy_before(connection: &Connection, path: &Path, version: i64) -> Result<PathBuf, OpenError> {
    let copy = with_suffix(path, &format!(".before-v{version}"));
    let part = with_suffix(&copy, ".part");
    let failed = |source| OpenError::Folder { path: part.clone(), source };
    remove_if_there(&part).map_err(failed)?;
    // VACUUM INTO accepts an empty file, and keeps the mode that it was made with.
    files::make_private(&part).map_err(failed)?;
    connection
        .execute("VACUUM INTO ?1", [part.to_string_lossy()])
        .map_err(|source| OpenError::Sqlite { path: part.clone(), source })?;
    fs::rename(&part, &copy).map_err(failed)?;
    remove_old_copies(path).map_err(|source| OpenError::Folder { path: path.to_owned(), source })?;
    Ok(copy)
}

fn remove_old_copies(path: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let prefix = format!("{}.before-v", name.to_string_lossy());
    let mut copies: Vec<(i64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let version = entry.file_name().to_string_lossy().strip_prefix(&prefix).and_then(|v| v.parse().ok());
        if let Some(version) = version {
            copies.push((version, entry.path()));
        }
    }
    copies.sort();
    let surplus = copies.len().saturating_sub(COPIES_KEPT);
    copies.iter().take(surplus).try_for_each(|(_, copy)| fs::remove_file(copy))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
