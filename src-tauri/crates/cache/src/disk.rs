//! The file and its connections: making it, knowing it again, throwing it away.
//!
//! Every connection of the crate is made here, so that none is without its settings.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use crate::{
    limits::{PAGE, Tuning},
    seal::Sealer,
    trouble::Trouble,
};

/// Its name in the data folder.
pub(crate) const FILE: &str = "cache.db";
/// Its format, the file's `user_version`.
const FORMAT: i64 = 1;
/// "EKca": tells our file from another program's (<https://www.sqlite.org/fileformat.html>, 1.3.14).
const APPLICATION: i64 = 0x454B_6361;
/// What every SQLite file begins with (same source, 1.3.1).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How long a look-up waits for somebody else's lock before it is a miss. Readers hardly ever meet one.
const READER_BUSY: Duration = Duration::from_millis(20);

const SCHEMA: &str = "
    CREATE TABLE state (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    CREATE TABLE answers (id INTEGER PRIMARY KEY, place BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE TABLE facts (
        id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, used_us INTEGER NOT NULL, bytes INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX facts_by_age ON facts (at_us);
    CREATE INDEX facts_by_use ON facts (used_us, bytes);
";

/// What went wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It isn't what it should be and never will be again.
    Damaged(String),
    /// Sealed with another key.
    OtherKey,
    /// Somebody else has it.
    Locked,
    /// No space.
    Full,
    /// Rights, a read-only disk, a fault of the disk.
    Unwritable(String),
}

impl Fault {
    pub(crate) fn trouble(&self, path: &Path) -> Trouble {
        let path = path.to_owned();
        match self {
            Self::Damaged(why) => Trouble::Rebuilt { path, why: why.clone() },
            Self::OtherKey => Trouble::OtherKey { path },
            Self::Locked => Trouble::Locked { path },
            Self::Full => Trouble::Full { path },
            Self::Unwritable(detail) => Trouble::NotWritable { path, detail: detail.clone() },
        }
    }

    /// Whether only a new file helps.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::OtherKey)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::NoLargeFileSupport,
            ) => Self::Unwritable(error.to_string()),
            // A table that is missing, a value of the wrong type, two rows of one key: nobody wrote that on purpose.
            _ => Self::Damaged(error.to_string()),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull {
            Self::Full
        } else {
            Self::Unwritable(error.to_string())
        }
    }
}

/// The writer's side of the file.
pub(crate) struct Disk {
    pub(crate) connection: Connection,
    /// The log beside it.
    pub(crate) log: PathBuf,
    /// Pages were given back that the file on the disk still has.
    pub(crate) shrunk: bool,
}

impl Disk {
    /// Opens it, or makes it where there is none.
    pub(crate) fn open(path: &Path, sealer: &Sealer, tuning: &Tuning) -> Result<Self, Fault> {
        make_folder(path)?;
        make_private(path)?;
        for companion in companions(path) {
            if companion.exists() {
                tighten(&companion)?;
            }
        }
        check_magic(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(tuning.busy)?;
        prepare(&connection)?;
        if let Some(most) = tuning.most_pages {
            connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))?;
        }
        know(&connection, sealer)?;
        let log = companions(path)[0].clone();
        let disk = Self { connection, log, shrunk: false };
        disk.fold_log()?;
        Ok(disk)
    }

    /// Moves the log into the file and empties it. False while somebody reads: then it is done later.
    pub(crate) fn fold_log(&self) -> Result<bool, Fault> {
        let busy =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        match busy.map_err(Fault::from) {
            Ok(busy) => Ok(!busy),
            Err(Fault::Locked) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Bytes in the log.
    pub(crate) fn log_size(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |data| data.len())
    }
}

/// A look-up's connection: it can't change anything, whatever it is told.
pub(crate) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(READER_BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // Each answer is read once or twice; the inner pages of the tree are what is worth keeping.
    connection.pragma_update(None, "cache_size", -2048)?;
    Ok(connection)
}

/// Deletes the file with what lies beside it. The file first: a log without its file is ignored, a file without
/// its log may be half a transaction.
pub(crate) fn delete(path: &Path) -> io::Result<()> {
    let [log, index] = companions(path);
    for path in [path, &log, &index] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // A folder of that name isn't ours to empty.
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Bytes of the file and of what lies beside it.
pub(crate) fn size(path: &Path) -> u64 {
    let [log, index] = companions(path);
    [path, &log, &index].iter().filter_map(|path| fs::metadata(path).ok()).map(|data| data.len()).sum()
}

/// The log and its index.
fn companions(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // These two count only for a file that is still empty. Freed pages are used again; what is over is given back
    // by steps, when the cap gets smaller.
    connection.pragma_update(None, "page_size", PAGE.cast_signed())?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        tracing::warn!(%mode, "this disk has no shared memory for a write-ahead log; the cache is slower on it");
    }
    // What a process wrote survives its end, however it ended. A power cut may take the last moments and never
    // corrupts (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "cache_size", -4096)?;
    // The writer does it by size, so that the cap holds with the log.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(())
}

/// Gives a new file its tables; of any other, finds out whether it is ours, of this format and sealed with this key.
fn know(connection: &Connection, sealer: &Sealer) -> Result<(), Fault> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let (format, application) = (number("user_version")?, number("application_id")?);
    if tables == 0 && format == 0 {
        return make(connection, sealer).map_err(Fault::from);
    }
    if application != APPLICATION {
        return Err(Fault::Damaged("it is a database of another program".into()));
    }
    if format != FORMAT {
        return Err(Fault::Damaged(format!("it has format {format} and this version knows {FORMAT}")));
    }
    let check: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM state WHERE name = 'key_check'", [], |row| row.get(0))
        .optional()?;
    match check {
        Some(check) if check == sealer.check() => Ok(()),
        Some(_) => Err(Fault::OtherKey),
        None => Err(Fault::Damaged("it doesn't say which key it is sealed with".into())),
    }
}

fn make(connection: &Connection, sealer: &Sealer) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.execute("INSERT INTO state VALUES ('key_check', ?1)", [&sealer.check()[..]])?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

fn make_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// SQLite gives the files beside it the mode of the database.
fn make_private(path: &Path) -> io::Result<()> {
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

/// Looks before SQLite does: it would take a short text for an empty database.
fn check_magic(path: &Path) -> Result<(), Fault> {
    let mut head = Vec::with_capacity(MAGIC.len());
    File::open(path)?.take(16).read_to_end(&mut head)?;
    if head.is_empty() || head == MAGIC {
        return Ok(());
    }
    Err(Fault::Damaged("it doesn't begin like a database".into()))
}
