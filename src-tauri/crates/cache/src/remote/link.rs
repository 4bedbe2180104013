//! One connection to Redis, and the few commands that are sent over it.

use std::time::Duration;

use redis::{Client, Connection, ErrorKind, RedisError, ServerErrorKind};

use super::RedisAddress;
use crate::seal::PACKED_MAX;

/// For names, certificates and passwords together.
const CONNECT: Duration = Duration::from_secs(2);
/// How many keys are looked for and removed at a time: a server that does only one thing at once must not be kept
/// from others.
const BATCH: usize = 500;
/// The most that is fetched of one key. What is longer is none of ours.
const SEALED_MAX: usize = PACKED_MAX + 1024;

/// The server can't be reached, or not in time. Its words, without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Away(pub(crate) String);

/// Why something wasn't written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unwritten {
    Away(Away),
    /// It is there and doesn't want to: full, a replica, no rights.
    Refused(String),
}

pub(crate) struct Link {
    connection: Connection,
    address: RedisAddress,
}

impl Link {
    /// Connects and signs in. Each command afterwards may take so long.
    pub(crate) fn connect(address: &RedisAddress, patience: Duration) -> Result<Self, Away> {
        if address.is_encrypted() {
            // Another part of the program may have done so already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let failed = |error: RedisError| Away(in_words(address, &error));
        let client = Client::open(address.whole()).map_err(failed)?;
        let connection = client.get_connection_with_timeout(CONNECT).map_err(failed)?;
        let mut link = Self { connection, address: address.clone() };
        link.wait_for(CONNECT)?;
        // What signing in left unsaid: a server that wants a password, or says nothing.
        link.ping()?;
        link.wait_for(patience)?;
        Ok(link)
    }

    fn wait_for(&self, patience: Duration) -> Result<(), Away> {
        let connection = &self.connection;
        let set = connection.set_read_timeout(Some(patience));
        set.and_then(|()| connection.set_write_timeout(Some(patience))).map_err(|error| self.away(&error))
    }

    /// Whether it is there and lets us in.
    pub(super) fn ping(&mut self) -> Result<(), Away> {
        let answer = redis::cmd("PING").query::<String>(&mut self.connection);
        answer.map(drop).map_err(|error| self.away(&error))
    }

    /// What is kept there. A part of it and no more where it is too long to be ours, which then can't be opened.
    pub(super) fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>, Away> {
        let mut get = redis::cmd("GETRANGE");
        get.arg(key).arg(0).arg(SEALED_MAX);
        match get.query::<Vec<u8>>(&mut self.connection) {
            // Nothing that we keep is empty.
            Ok(found) => Ok((!found.is_empty()).then_some(found)),
            Err(error) if error.code() == Some("WRONGTYPE") => Ok(None),
            Err(error) => Err(self.away(&error)),
        }
    }

    pub(super) fn set(
        &mut self,
        key: &str,
        sealed: &[u8],
        keep_ms: u64,
        replace: bool,
    ) -> Result<(), Unwritten> {
        let mut set = redis::cmd("SET");
        set.arg(key).arg(sealed).arg("PX").arg(keep_ms);
        if !replace {
            set.arg("NX");
        }
        set.query::<redis::Value>(&mut self.connection).map(drop).map_err(|error| self.unwritten(&error))
    }

    /// Some commands at once, with nobody else's in between.
    pub(crate) fn all_at_once<T: redis::FromRedisValue>(
        &mut self,
        pipe: &mut redis::Pipeline,
    ) -> Result<T, Away> {
        pipe.atomic().query(&mut self.connection).map_err(|error| self.away(&error))
    }

    pub(super) fn remove(&mut self, keys: &[String]) -> Result<u64, Unwritten> {
        if keys.is_empty() {
            return Ok(0);
        }
        redis::cmd("UNLINK").arg(keys).query(&mut self.connection).map_err(|error| self.unwritten(&error))
    }

    /// Removes whatever begins with this, in steps.
    pub(super) fn remove_all(&mut self, prefix: &str) -> Result<u64, Unwritten> {
        let (mut cursor, mut removed) = (0_u64, 0);
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(format!("{prefix}*")).arg("COUNT").arg(BATCH);
            let (next, keys): (u64, Vec<String>) =
                scan.query(&mut self.connection).map_err(|error| self.unwritten(&error))?;
            removed += self.remove(&keys)?;
            if next == 0 {
                return Ok(removed);
            }
            cursor = next;
        }
    }

    fn away(&self, error: &RedisError) -> Away {
        Away(in_words(&self.address, error))
    }

    fn unwritten(&self, error: &RedisError) -> Unwritten {
        let answered = match error.kind() {
            ErrorKind::Server(kind) => !matches!(kind, ServerErrorKind::BusyLoading),
            ErrorKind::Extension => error.code() != Some("NOAUTH"),
            _ => false,
        };
        if answered {
            Unwritten::Refused(in_words(&self.address, error))
        } else {
            Unwritten::Away(self.away(error))
        }
    }
}

fn in_words(address: &RedisAddress, error: &RedisError) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    let words = match (error.code(), error.detail()) {
        (Some("NOAUTH"), _) => "it wants a password".to_owned(),
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ => error.to_string(),
    };
    address.redact(words.trim_end_matches('.'))
}
