//! Response bodies: whole ones, and streams that take their time or break off.

use std::{time::Duration, vec};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use tokio::sync::watch;

use crate::Fault;

/// What every response carries.
pub(crate) type Body = UnsyncBoxBody<Bytes, Dropped>;

/// The connection ends here, in the middle of whatever it was doing. hyper takes an error of this kind from
/// a handler or a body as the order to close the socket.
#[derive(Debug, thiserror::Error)]
#[error("dropped by the fault in force")]
pub(crate) struct Dropped;

/// A body that is there at once.
pub(crate) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// A body that comes in parts.
pub(crate) struct Flow {
    /// The parts: the events of a stream, each complete.
    pub(crate) parts: Vec<Bytes>,
    /// How many of them come before the first token, and so without delay.
    pub(crate) preamble: usize,
    /// Wait before the first part after the preamble.
    pub(crate) first: Duration,
    /// Wait before each part after that.
    pub(crate) piece: Duration,
    /// Drop the connection after this many parts: the fault that the request met.
    pub(crate) break_after: Option<u32>,
    /// The fault in force, for `break-stream` set while this stream is under way.
    pub(crate) fault: watch::Receiver<Fault>,
}

impl Flow {
    pub(crate) fn into_body(self) -> Body {
        let Self { parts, preamble, first, piece, break_after, fault } = self;
        let state =
            Some(Progress { parts: parts.into_iter(), sent: 0, preamble, first, piece, break_after, fault });
        StreamBody::new(stream::unfold(state, |state| async move {
            let mut progress = state?;
            match progress.next().await {
                Ok(part) => part.map(|bytes| (Ok(Frame::data(bytes)), Some(progress))),
                Err(dropped) => Some((Err(dropped), None)),
            }
        }))
        .boxed_unsync()
    }
}

struct Progress {
    parts: vec::IntoIter<Bytes>,
    sent: usize,
    preamble: usize,
    first: Duration,
    piece: Duration,
    break_after: Option<u32>,
    fault: watch::Receiver<Fault>,
}

impl Progress {
    async fn next(&mut self) -> Result<Option<Bytes>, Dropped> {
        let part = self.parts.next();
        if part.is_some() {
            self.wait().await;
        }
        if self.must_break() {
            // hyper flushes when a body has nothing to give, and drops what it holds when a body fails:
            // without this pause the last parts would never reach the client.
            tokio::task::yield_now().await;
            return Err(Dropped);
        }
        self.sent += 1;
        Ok(part)
    }

    async fn wait(&mut self) {
        let wait = match self.sent {
            sent if sent < self.preamble => Duration::ZERO,
            sent if sent == self.preamble => self.first,
            _ => self.piece,
        };
        if wait.is_zero() {
            return;
        }
        let sent = self.sent;
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // A stream that is to break has nothing more to wait for.
            Ok(_) = self.fault.wait_for(|fault| reached(fault.break_after(), sent)) => {}
        }
    }

    fn must_break(&self) -> bool {
        reached(self.break_after.or_else(|| self.fault.borrow().break_after()), self.sent)
    }
}

fn reached(limit: Option<u32>, sent: usize) -> bool {
    limit.is_some_and(|limit| sent >= usize::try_from(limit).unwrap_or(usize::MAX))
}
