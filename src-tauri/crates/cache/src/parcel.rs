//! The format of an export: one file, locked with a passphrase, that notices every change.
//!
//! | bytes | what |
//! | --- | --- |
//! | 16 | `EVENKEEL-CACHE` and two zeros |
//! | 2 | format, little-endian as all numbers here; at present 1 |
//! | 4, 4, 4 | Argon2id: memory in KiB, passes, lanes (RFC 9106) |
//! | 16 | salt |
//! | 19 | the nonce's constant part |
//! | 16 | tells a wrong passphrase from a damaged file |
//! | … | chunks of 64 KiB and a tag of 16 bytes each; the last one is marked as such by its nonce |
//!
//! The chunks are the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and
//! its Nonce-Reuse Misuse-Resistance", 2015) over XChaCha20-Poly1305: each is bound to its number, to whether it is
//! the last, and to the 81 bytes before them all. So a file that was cut, put together anew or given other
//! parameters is noticed, and never more than a chunk is in memory.
//!
//! Inside: answers one after the other, each a length of 4 bytes and the packed form of `seal`; then a length of 0,
//! and zeros up to a whole chunk. Since all chunks are whole, one that isn't was cut, and one that doesn't open was
//! changed: a person is told which.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32, Nonce, StreamBE32};
use argon2::{Algorithm, Argon2, Params, Version};
use blake3::derive_key;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::Payload};
use zeroize::Zeroizing;

use crate::secret::Passphrase;

const MAGIC: &[u8; 16] = b"EVENKEEL-CACHE\0\0";
/// The newest format that this version reads, and the one it writes.
pub(crate) const FORMAT: u16 = 1;
const HEAD: usize = 16 + 2 + 12 + 16 + 19 + 16;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// Stands where the next answer's length would.
const END: [u8; 4] = [0; 4];

/// What a passphrase's hash costs: the second choice of RFC 9106, section 4, for a machine that also does other
/// things.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// The most that a file may ask for: 1 GiB and some seconds. A forged file must not hang us.
const MOST: [u32; 3] = [1024 * 1024, 16, 16];

/// The hash of a passphrase is split in two by these, so that what the file shows of it opens nothing.
const LOCKING: &str = "evenkeel.app 2026-11 cache export key v1";
const CHECKING: &str = "evenkeel.app 2026-11 cache export passphrase check v1";

type Cipher = XChaCha20Poly1305;
type Prefix = Nonce<Cipher, StreamBE32<Cipher>>;

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ParcelError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("not an export")]
    Foreign,
    #[error("format {0}")]
    Newer(u16),
    #[error("another passphrase")]
    WrongPassphrase,
    #[error("it ends early")]
    Truncated,
    #[error("it was changed")]
    Damaged,
    #[error("{0}")]
    Crypto(String),
}

/// Writes a parcel.
pub(crate) struct Packer<W: Write> {
    out: W,
    head: [u8; HEAD],
    encryptor: EncryptorBE32<Cipher>,
    waiting: Zeroizing<Vec<u8>>,
}

impl<W: Write> Packer<W> {
    pub(crate) fn new(mut out: W, passphrase: &Passphrase) -> Result<Self, ParcelError> {
        let mut random = [0; 16 + 19];
        getrandom::fill(&mut random).map_err(|error| ParcelError::Crypto(error.to_string()))?;
        let (salt, prefix) = random.split_at(16);
        let (key, check) = hash(passphrase, salt, [MEMORY_KIB, PASSES, LANES])?;
        let mut head = [0; HEAD];
        let parts: [&[u8]; 8] = [
            MAGIC,
            &FORMAT.to_le_bytes(),
            &MEMORY_KIB.to_le_bytes(),
            &PASSES.to_le_bytes(),
            &LANES.to_le_bytes(),
            salt,
            prefix,
            &check,
        ];
        let mut rest = &mut head[..];
        for part in parts {
            rest.write_all(part)?;
        }
        out.write_all(&head)?;
        let prefix = Prefix::try_from(prefix).map_err(|_| ParcelError::Crypto("a nonce's length".into()))?;
        let encryptor = EncryptorBE32::from_aead(Cipher::new((&*key).into()), &prefix);
        Ok(Self { out, head, encryptor, waiting: Zeroizing::new(Vec::with_capacity(2 * CHUNK)) })
    }

    /// Adds one answer.
    pub(crate) fn add(&mut self, packed: &[u8]) -> Result<(), ParcelError> {
        let length =
            u32::try_from(packed.len()).map_err(|_| ParcelError::Crypto("an answer's length".into()))?;
        self.write(&length.to_le_bytes())?;
        self.write(packed)
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), ParcelError> {
        while !bytes.is_empty() {
            // A full chunk waits until something follows: only then is it known not to be the last.
            if self.waiting.len() == CHUNK {
                let chunk = Payload { msg: &self.waiting, aad: &self.head };
                let sealed = self.encryptor.encrypt_next(chunk).map_err(|_| refused())?;
                self.out.write_all(&sealed)?;
                self.waiting.clear();
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// The last chunk, without which the file counts as cut short.
    pub(crate) fn finish(mut self) -> Result<W, ParcelError> {
        self.write(&END)?;
        self.waiting.resize(CHUNK, 0);
        let chunk = Payload { msg: &self.waiting, aad: &self.head };
        let sealed = self.encryptor.encrypt_last(chunk).map_err(|_| refused())?;
        self.out.write_all(&sealed)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Reads a parcel.
pub(crate) struct Unpacker<R: Read> {
    input: R,
    head: [u8; HEAD],
    /// `None` after the last chunk.
    decryptor: Option<DecryptorBE32<Cipher>>,
    /// The first bytes of the next chunk: the last one is known by nothing following it.
    ahead: Vec<u8>,
    open: Zeroizing<Vec<u8>>,
    at: usize,
    largest: usize,
}

impl<R: Read> Unpacker<R> {
    /// `largest` is the most bytes that one answer may have.
    pub(crate) fn new(mut input: R, passphrase: &Passphrase, largest: usize) -> Result<Self, ParcelError> {
        let start = fill(&mut input, 18)?;
        let Some(format) = start.strip_prefix(MAGIC) else {
            // The beginning of ours, and nothing more, is ours.
            let cut = start.len() < 18 && !start.is_empty() && MAGIC.starts_with(&start);
            return Err(if cut { ParcelError::Truncated } else { ParcelError::Foreign });
        };
        let Ok(format) = <[u8; 2]>::try_from(format) else { return Err(ParcelError::Truncated) };
        match u16::from_le_bytes(format) {
            FORMAT => {}
            0 => return Err(ParcelError::Damaged),
            newer => return Err(ParcelError::Newer(newer)),
        }
        let rest = fill(&mut input, HEAD - 18)?;
        let mut head = [0; HEAD];
        head[..18].copy_from_slice(&start);
        if rest.len() < HEAD - 18 {
            return Err(ParcelError::Truncated);
        }
        head[18..].copy_from_slice(&rest);
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let costs = [number(18), number(22), number(26)];
        if costs.iter().zip(MOST).any(|(asked, most)| *asked > most) {
            return Err(ParcelError::Damaged);
        }
        let (key, check) = hash(passphrase, &head[30..46], costs)?;
        if check != head[65..] {
            return Err(ParcelError::WrongPassphrase);
        }
        let prefix = Prefix::try_from(&head[46..65]).map_err(|_| ParcelError::Damaged)?;
        let decryptor = Some(DecryptorBE32::from_aead(Cipher::new((&*key).into()), &prefix));
        let ahead = fill(&mut input, CHUNK + TAG)?;
        Ok(Self { input, head, decryptor, ahead, open: Zeroizing::default(), at: 0, largest })
    }

    /// The next answer; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, ParcelError> {
        let mut length = [0; 4];
        if self.read(&mut length)? < 4 {
            return Err(ParcelError::Damaged);
        }
        if length == END {
            return if self.decryptor.is_none() { Ok(None) } else { Err(ParcelError::Damaged) };
        }
        let length = usize::try_from(u32::from_le_bytes(length)).map_err(|_| ParcelError::Damaged)?;
        if length > self.largest {
            return Err(ParcelError::Damaged);
        }
        let mut packed = Zeroizing::new(vec![0; length]);
        if self.read(&mut packed)? < length {
            return Err(ParcelError::Damaged);
        }
        Ok(Some(packed))
    }

    /// As many bytes as there are.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, ParcelError> {
        let mut done = 0;
        while done < into.len() {
            if self.at == self.open.len() && !self.next_chunk()? {
                break;
            }
            let some = (into.len() - done).min(self.open.len() - self.at);
            into[done..done + some].copy_from_slice(&self.open[self.at..self.at + some]);
            (done, self.at) = (done + some, self.at + some);
        }
        Ok(done)
    }

    fn next_chunk(&mut self) -> Result<bool, ParcelError> {
        let Some(mut decryptor) = self.decryptor.take() else { return Ok(false) };
        let chunk = std::mem::take(&mut self.ahead);
        self.ahead = fill(&mut self.input, CHUNK + TAG)?;
        if chunk.len() < CHUNK + TAG {
            return Err(ParcelError::Truncated);
        }
        let payload = || Payload { msg: &chunk, aad: &self.head };
        let followed = decryptor.decrypt_next(payload());
        // Under the number of its place a chunk opens as one that others follow, or as the last one.
        self.open = Zeroizing::new(match (followed, self.ahead.is_empty()) {
            (Ok(open), false) => {
                self.decryptor = Some(decryptor);
                open
            }
            (Ok(_), true) => return Err(ParcelError::Truncated),
            (Err(_), true) => decryptor.decrypt_last(payload()).map_err(|_| ParcelError::Damaged)?,
            (Err(_), false) => return Err(ParcelError::Damaged),
        });
        self.at = 0;
        Ok(true)
    }
}

/// The key, and what the file shows to tell passphrases apart.
fn hash(
    passphrase: &Passphrase,
    salt: &[u8],
    [memory, passes, lanes]: [u32; 3],
) -> Result<(Zeroizing<[u8; 32]>, [u8; 16]), ParcelError> {
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(|_| ParcelError::Damaged)?;
    let mut hash = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.bytes(), salt, &mut hash[..])
        .map_err(|error| ParcelError::Crypto(error.to_string()))?;
    let mut check = [0; 16];
    check.copy_from_slice(&derive_key(CHECKING, &hash[..])[..16]);
    Ok((Zeroizing::new(derive_key(LOCKING, &hash[..])), check))
}

/// So many bytes, or fewer at the end.
fn fill(input: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(most);
    input.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn refused() -> ParcelError {
    ParcelError::Crypto("the cipher refused, the cache is too large for one file".into())
}

#[cfg(test)]
mod tests;
