//! From a folder to a running store: lock, file, format, threads, in this order.
//!
//! Each step leaves the folder as it found it when it fails, and the lock is held before anything is touched.

use std::{path::Path, sync::Arc, thread, time::Duration, time::Instant};

use parking_lot::Mutex;

use crate::{
    alive::Heartbeat,
    checkpoint::Checkpoints,
    error::{Health, OpenError},
    files,
    lock::FolderLock,
    migrate::{self, MIGRATIONS},
    prune::{Pruner, Retention},
    queue::{Pace, Queue},
    read::Reader,
    rollup::{Counter, catch_up::CatchUp},
    store::{Running, Store},
    writer::{Shared, Writer},
};

/// What tests make smaller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Rows and events that may wait.
    pub(crate) capacity: usize,
    pub(crate) pace: Pace,
    pub(crate) busy: Duration,
    pub(crate) retention: Retention,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            capacity: 8_192,
            // Gathering plus the commit of a full batch stays well under the 50 ms that a crash may cost.
            pace: Pace { gather: Duration::from_millis(10), most: 512 },
            busy: files::BUSY_TIMEOUT,
            retention: Retention::default(),
        }
    }
}

/// Opens for writing.
pub(crate) fn open(folder: &Path, options: Options) -> Result<Store, OpenError> {
    files::make_folder(folder)?;
    let lock = FolderLock::take(folder)?;
    let path = folder.join(files::DATABASE_FILE);
    let folder_error = |source| OpenError::Folder { path: path.clone(), source };
    look_first(&path)?;
    files::make_private(&path).map_err(folder_error)?;
    files::make_companions_private(&path).map_err(folder_error)?;
    let mut connection =
        files::connect_writer(&path, options.busy).map_err(|error| files::explain(&path, error))?;
    migrate::run(&mut connection, &path, MIGRATIONS)?;
    let reader = Reader::open(folder)?;

    let shared = Arc::new(Shared { queue: Queue::new(options.capacity), health: Mutex::new(Health::Ok) });
    let thread_error = |source| OpenError::Folder { path: folder.to_owned(), source };
    let writer = Writer {
        connection,
        checkpoints: Checkpoints::start(&path).map_err(thread_error)?,
        path: path.clone(),
        shared: Arc::clone(&shared),
        pace: options.pace,
        busy: options.busy,
        pruner: Pruner::new(options.retention),
        catch_up: CatchUp::new(options.retention),
        counter: Counter::default(),
        heartbeat: Heartbeat::new(),
        used_from: Instant::now(),
    };
    let writer = thread::Builder::new()
        .name("evenkeel-store".into())
        .spawn(move || writer.run())
        .map_err(thread_error)?;
    Ok(Store::new(shared, reader, Running { writer, lock }))
}

/// A connection for writing changes the file's header by being made, so whose file it is and whether we know its
/// format is asked through one that can't.
fn look_first(path: &Path) -> Result<(), OpenError> {
    if !path.exists() {
        return Ok(());
    }
    files::check_magic(path)?;
    let connection = files::connect_reader(path).map_err(|error| files::explain(path, error))?;
    migrate::check(&connection, path, MIGRATIONS).map(drop)
}
