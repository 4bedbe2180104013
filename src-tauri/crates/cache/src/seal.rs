//! From an answer to bytes that tell nothing, and back.
//!
//! Two steps, because an export takes only the first: an answer is *packed* (one compact form, compressed), and
//! what is packed is *sealed* (encrypted, bound to its place). A place is an [`Index`]: a keyed hash of the prompt's
//! key, so that somebody who has the file, and guesses a prompt, can't even find out whether it was asked.
//!
//! Every tier keeps these same bytes under the same index, so routers that share a sealing key share answers.

use blake3::derive_key;
use bytes::Bytes;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use evenkeel_dialect::{Api, normal::Key, usage::Usage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{entry::Stored, limits::PIECE_MAX, secret::SealingKey};

/// What keys are derived for. Each string is unique to its use, so that no key serves two; changing one makes all
/// that is kept unreadable.
const SEALING: &str = "evenkeel.app 2026-11 cache sealing key v1";
const INDEXING: &str = "evenkeel.app 2026-11 cache index key v1";
const CHECKING: &str = "evenkeel.app 2026-11 cache key check v1";
const MARKING: &str = "evenkeel.app 2026-11 shared secret mark v1";

/// The form of sealed bytes, and their first byte.
const FORMAT: u8 = 1;
const NONCE: usize = 24;
/// What sealing adds: form, nonce, and Poly1305's tag.
#[cfg(test)]
pub(crate) const OVERHEAD: usize = 1 + NONCE + 16;

/// zstd's own default: answers are text, and higher levels cost more time than they save room.
const LEVEL: i32 = 3;
/// Names and numbers around a body; far more than they ever take.
const FACTS_MAX: usize = 64 * 1024;
/// The most bytes that a packed answer has: zstd adds little to what it can't compress.
pub(crate) const PACKED_MAX: usize = PIECE_MAX + PIECE_MAX / 128 + FACTS_MAX;

/// Where an answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Index([u8; 32]);

impl Index {
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its row in a table whose key is a number. Two answers that fell on one number would take turns in one row,
    /// and neither could be opened in the other's place.
    pub(crate) fn row(&self) -> i64 {
        let mut head = [0; 8];
        head.copy_from_slice(&self.0[..8]);
        i64::from_le_bytes(head)
    }
}

/// An answer and its prompt's key in their compact form. Not secret from us, and from nobody else.
pub(crate) type Packed = Zeroizing<Vec<u8>>;

/// Why something couldn't be packed or sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("the answer has more than 8 MiB")]
    TooLarge,
    #[error("the answer could not be packed or sealed: {0}")]
    Failed(String),
}

/// Derived once from the sealing key.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
    index: Zeroizing<[u8; 32]>,
    check: [u8; 32],
    mark: Zeroizing<[u8; 32]>,
}

impl Sealer {
    pub(crate) fn new(key: &SealingKey) -> Self {
        let sealing = Zeroizing::new(derive_key(SEALING, key.bytes()));
        Self {
            cipher: XChaCha20Poly1305::new((&*sealing).into()),
            index: Zeroizing::new(derive_key(INDEXING, key.bytes())),
            check: derive_key(CHECKING, key.bytes()),
            mark: Zeroizing::new(derive_key(MARKING, key.bytes())),
        }
    }

    /// Tells one sealing key from another and nothing else about either; may be written anywhere.
    pub(crate) fn check(&self) -> &[u8; 32] {
        &self.check
    }

    pub(crate) fn index(&self, key: &Key) -> Index {
        Index(*blake3::keyed_hash(&self.index, key.as_bytes()).as_bytes())
    }

    /// The same for the same secret, and nothing else about it: what routers compare instead of a secret.
    pub(crate) fn mark(&self, secret: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.mark, secret).as_bytes()
    }

    /// Where a router's word is on a board. Bound to both, so that no word can be put in the place of another.
    pub(crate) fn word(&self, board: &str, router: &str) -> Index {
        let mut place = blake3::Hasher::new_keyed(&self.index);
        place.update(b"word ").update(&(board.len() as u64).to_le_bytes());
        place.update(board.as_bytes()).update(router.as_bytes());
        Index(*place.finalize().as_bytes())
    }

    /// Under a nonce of its own. 24 random bytes never repeat, however many routers share the key.
    pub(crate) fn seal(&self, index: &Index, packed: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| SealError::Failed(error.to_string()))?;
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: packed, aad: &place(index) })
            .map_err(|_| SealError::Failed("the cipher refused".into()))?;
        let mut bytes = Vec::with_capacity(1 + NONCE + sealed.len());
        bytes.push(FORMAT);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// `None` for what was changed, cut short, or sealed for another place or with another key.
    pub(crate) fn open(&self, index: &Index, sealed: &[u8]) -> Option<Packed> {
        let (&form, rest) = sealed.split_first()?;
        if form != FORMAT {
            return None;
        }
        let (nonce, text) = rest.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: text, aad: &place(index) };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

/// What sealed bytes are bound to: their form and their place.
fn place(index: &Index) -> [u8; 33] {
    let mut place = [FORMAT; 33];
    place[1..].copy_from_slice(&index.0);
    place
}

/// What stands before the body.
#[derive(Serialize, Deserialize)]
struct Facts<'a> {
    key: [u8; 32],
    api: u8,
    at_us: i64,
    provider: &'a str,
    model: &'a str,
    usage: [Option<u64>; 7],
    cost_micros: Option<i64>,
}

pub(crate) fn pack(key: &Key, stored: &Stored) -> Result<Packed, SealError> {
    if stored.body.len() > PIECE_MAX {
        return Err(SealError::TooLarge);
    }
    let facts = Facts {
        key: *key.as_bytes(),
        api: number(stored.api),
        at_us: stored.at.as_microsecond(),
        provider: &stored.provider,
        model: &stored.model,
        usage: counts(stored.usage),
        cost_micros: stored.cost_micros,
    };
    let failed = |error: &dyn std::fmt::Display| SealError::Failed(error.to_string());
    let facts = postcard::to_allocvec(&facts).map_err(|error| failed(&error))?;
    if facts.len() > FACTS_MAX {
        return Err(SealError::TooLarge);
    }
    let mut plain = Zeroizing::new(Vec::with_capacity(facts.len() + stored.body.len()));
    plain.extend_from_slice(&facts);
    plain.extend_from_slice(&stored.body);
    let pressed = Zeroizing::new(zstd::bulk::compress(&plain, LEVEL).map_err(|error| failed(&error))?);
    let length = u32::try_from(plain.len()).map_err(|_| SealError::TooLarge)?;
    let mut packed = Zeroizing::new(Vec::with_capacity(4 + pressed.len()));
    packed.extend_from_slice(&length.to_le_bytes());
    packed.extend_from_slice(&pressed);
    Ok(packed)
}

/// `None` for what this version can't read.
pub(crate) fn unpack(packed: &[u8]) -> Option<(Key, Stored)> {
    let (length, pressed) = packed.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > PIECE_MAX + FACTS_MAX {
        return None;
    }
    let plain = zstd::bulk::decompress(pressed, length).ok().filter(|plain| plain.len() == length)?;
    let plain = Bytes::from(plain);
    let (facts, body) = postcard::take_from_bytes::<Facts<'_>>(&plain).ok()?;
    let stored = Stored {
        api: api(facts.api)?,
        body: plain.slice_ref(body),
        provider: facts.provider.to_owned(),
        model: facts.model.to_owned(),
        usage: usage(facts.usage),
        cost_micros: facts.cost_micros,
        at: Timestamp::from_microsecond(facts.at_us).ok()?,
    };
    Some((Key::from_bytes(facts.key), stored))
}

/// Numbers in files: never given to another one.
fn number(api: Api) -> u8 {
    match api {
        Api::ChatCompletions => 1,
        Api::Responses => 2,
        Api::Messages => 3,
        Api::Embeddings => 4,
    }
}

fn api(number: u8) -> Option<Api> {
    match number {
        1 => Some(Api::ChatCompletions),
        2 => Some(Api::Responses),
        3 => Some(Api::Messages),
        4 => Some(Api::Embeddings),
        _ => None,
    }
}

/// In the order of the file. Taken apart by name, so that a new count can't be forgotten here.
fn counts(usage: Usage) -> [Option<u64>; 7] {
    let Usage { input, output, cached, cache_write, cache_write_1h, reasoning, searches } = usage;
    [input, output, cached, cache_write, cache_write_1h, reasoning, searches]
}

fn usage(counts: [Option<u64>; 7]) -> Usage {
    let [input, output, cached, cache_write, cache_write_1h, reasoning, searches] = counts;
    Usage { input, output, cached, cache_write, cache_write_1h, reasoning, searches }
}

#[cfg(test)]
mod tests;
