//! The database file and its connections: modes, settings, and what to say when it isn't what it should be.
//!
//! Every connection of the crate is made here, so that none is without a busy time-out or foreign keys.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::OpenError;

/// Its name in the data folder.
pub(crate) const DATABASE_FILE: &str = "evenkeel.db";

/// What every SQLite file begins with (<https://www.sqlite.org/fileformat.html>, 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// How long a connection waits for somebody else's lock (a backup, a curious `sqlite3`).
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The write-ahead log is cut back to this after a peak.
const JOURNAL_SIZE_LIMIT: i64 = 16 * 1024 * 1024;

/// Makes the folder if it is missing, readable by its owner alone. A folder that is there keeps its mode: it may
/// be the user's own choice.
pub(crate) fn make_folder(folder: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| OpenError::Folder { path: folder.to_owned(), source })
}

/// Makes an empty file with mode 0600 unless it is there, and takes group and others off one that is. SQLite
/// gives `-wal` and `-shm` the mode of the database.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    tighten(path)
}

#[cfg(unix)]
fn tighten(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o777 == mode & 0o700 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could read this file; now only its owner can");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn tighten(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// The same for the two files beside it, where a crash left them.
pub(crate) fn make_companions_private(database: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        let path = PathBuf::from(name);
        if path.exists() {
            tighten(&path)?;
        }
    }
    Ok(())
}

/// Looks before SQLite does: opening something for writing that isn't a database must not change it.
pub(crate) fn check_magic(path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Folder { path: path.to_owned(), source };
    let mut head = Vec::with_capacity(MAGIC.len());
    File::open(path).and_then(|file| file.take(16).read_to_end(&mut head)).map_err(failed)?;
    if head.is_empty() || head == MAGIC {
        return Ok(());
    }
    Err(OpenError::Damaged { path: path.to_owned(), detail: "it doesn't begin like a SQLite file".into() })
}

/// The writer's connection. The file must exist.
pub(crate) fn connect_writer(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        // Network file systems: it works without, only readers and the writer wait for each other.
        tracing::warn!(%mode, "this disk has no shared memory for a write-ahead log");
    }
    // NORMAL syncs the log at checkpoints only. What a process wrote survives its end, however it ended; a power
    // cut may take the last moments, and never corrupts (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL_SIZE_LIMIT)?;
    // What a savepoint would put back is kept in memory: a batch has one a row, and each would write whole pages into
    // a temporary file, half of all the time that writing took.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // A thread of its own does it (see `checkpoint`), for the sync would hold up the next batch.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// A reader's connection: it can't change anything, whatever it is told.
pub(crate) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    // One MiB a connection: pages of the ledger are read once, and memory is what an idle router is judged by.
    connection.pragma_update(None, "cache_size", -1024)?;
    Ok(connection)
}

/// SQLite's error while opening, as advice.
pub(crate) fn explain(path: &Path, error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Damaged { path: path.to_owned(), detail: error.to_string() }
        }
        _ => OpenError::Sqlite { path: path.to_owned(), source: error },
    }
}
