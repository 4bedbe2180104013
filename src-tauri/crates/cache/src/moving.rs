//! Export and import.
//!
//! Each runs on a thread of its own, row by row: half a gigabyte must neither be held in memory nor keep look-ups
//! waiting. An export is taken while answers come and go, so it is no snapshot; each answer in it is whole.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter},
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::NamedTempFile;
use tokio::sync::oneshot;

use crate::{
    disk,
    error::CacheError,
    keep::{self, Piece},
    parcel::{self, Packer, ParcelError, Unpacker},
    queue::Op,
    seal::{self, Index},
    secret::Passphrase,
    shared::Shared,
    stats::Moved,
};

/// Imported answers that are handed to the writer at once.
const BATCH: usize = 64;
/// And their bytes.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Writes all that hasn't expired to a new file.
pub(crate) fn export(shared: &Shared, to: &Path, passphrase: &Passphrase) -> Result<Moved, CacheError> {
    if to.symlink_metadata().is_ok() {
        return Err(CacheError::Exists { path: to.to_owned() });
    }
    if !shared.is_readable() {
        shared.queue.retry();
        return Err(CacheError::Unreachable { detail: "its file is not open".into() });
    }
    let failed = |source| CacheError::File { path: to.to_owned(), source };
    // Beside where it will be, for only within a folder is a change of name one step. It has mode 0600, and is gone
    // if anything below fails.
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = NamedTempFile::with_prefix_in(".evenkeel-export-", folder).map_err(failed)?;
    let mut moved = Moved::default();
    let packer = Packer::new(BufWriter::new(file), passphrase).map_err(|error| explain(to, error))?;
    let out = pack_all(shared, packer, to, &mut moved)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    // Fails if there is a file of that name by now.
    match file.persist_noclobber(to) {
        Ok(_) => Ok(moved),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(CacheError::Exists { path: to.to_owned() })
        }
        Err(error) => Err(failed(error.error)),
    }
}

type Out = BufWriter<NamedTempFile>;

fn pack_all(shared: &Shared, mut out: Packer<Out>, to: &Path, moved: &mut Moved) -> Result<Out, CacheError> {
    let unreachable = |error: rusqlite::Error| CacheError::Unreachable { detail: error.to_string() };
    let connection = disk::connect_reader(&shared.path).map_err(unreachable)?;
    let mut last = None;
    while let Some(row) = keep::row_after(&connection, last).map_err(unreachable)? {
        if shared.queue.is_closed() {
            return Err(CacheError::Closed);
        }
        last = Some(row.id);
        let packed = <[u8; 32]>::try_from(row.place)
            .ok()
            .and_then(|place| shared.sealer.open(&Index::from_bytes(place), &row.sealed));
        let whole = packed.as_ref().and_then(|packed| seal::unpack(packed));
        match (packed, whole) {
            (Some(packed), Some((_, stored))) if shared.limits().keeps(stored.at, shared.now()) => {
                out.add(&packed).map_err(|error| explain(to, error))?;
                moved.entries += 1;
            }
            _ => moved.skipped += 1,
        }
    }
    out.finish().map_err(|error| explain(to, error))
}

/// Takes in what a file holds, in groups; what was taken in before a damage stays.
pub(crate) fn import(
    shared: &Arc<Shared>,
    from: &Path,
    passphrase: &Passphrase,
) -> Result<Moved, CacheError> {
    let failed = |source| CacheError::File { path: from.to_owned(), source };
    let input = BufReader::new(File::open(from).map_err(failed)?);
    let mut unpacker =
        Unpacker::new(input, passphrase, seal::PACKED_MAX).map_err(|error| explain(from, error))?;
    let mut moved = Moved::default();
    let mut pieces = Vec::new();
    let mut bytes = 0;
    let ended = loop {
        match unpacker.next() {
            Ok(Some(packed)) => match piece(shared, &packed) {
                Some(piece) => {
                    bytes += piece.sealed.len();
                    pieces.push(piece);
                }
                None => moved.skipped += 1,
            },
            Ok(None) => break Ok(()),
            Err(error) => break Err(explain(from, error)),
        }
        if pieces.len() >= BATCH || bytes >= BATCH_BYTES {
            bytes = 0;
            hand_over(shared, std::mem::take(&mut pieces), &mut moved)?;
        }
    };
    hand_over(shared, pieces, &mut moved)?;
    ended.map(|()| moved)
}

/// Sealed with this cache's key. `None` for what has expired, and for what this version can't read.
fn piece(shared: &Shared, packed: &[u8]) -> Option<Piece> {
    let (key, stored) = seal::unpack(packed)?;
    if !shared.limits().keeps(stored.at, shared.now()) {
        return None;
    }
    let index = shared.sealer.index(&key);
    let sealed = shared.sealer.seal(&index, packed).ok()?;
    Some(Piece { index, sealed, at_us: stored.at.as_microsecond(), cost_micros: None })
}

fn hand_over(shared: &Shared, pieces: Vec<Piece>, moved: &mut Moved) -> Result<(), CacheError> {
    let (answer, answered) = oneshot::channel();
    if !shared.queue.push(Op::Import(pieces, answer)) {
        return Err(CacheError::Closed);
    }
    let more = answered.blocking_recv().unwrap_or(Err(CacheError::Closed))?;
    moved.entries += more.entries;
    moved.skipped += more.skipped;
    Ok(())
}

fn explain(path: &Path, error: ParcelError) -> CacheError {
    let path: PathBuf = path.to_owned();
    match error {
        ParcelError::Io(source) => CacheError::File { path, source },
        ParcelError::Foreign => CacheError::NotAnExport { path },
        ParcelError::Newer(found) => CacheError::Newer { path, found, known: parcel::FORMAT },
        ParcelError::WrongPassphrase => CacheError::WrongPassphrase { path },
        ParcelError::Truncated => CacheError::Truncated { path },
        ParcelError::Damaged => CacheError::Damaged { path },
        ParcelError::Crypto(detail) => CacheError::Crypto { detail },
    }
}
