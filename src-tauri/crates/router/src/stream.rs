//! A provider's answer as a row of pieces, whichever way it comes: an event stream piece by piece, a
//! plain body as a single one. Everything after `attempt` sees only this.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use evenkeel_dialect::Api;
use evenkeel_dialect::envelope::Begun;
use evenkeel_dialect::fault::ProviderError;
use evenkeel_dialect::sse::{Frame, Framer};
use evenkeel_dialect::stream::{Reading, StreamReader};
use evenkeel_dialect::usage::Usage;
use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use crate::alarm::{Alarm, TimedOut};
use crate::classify::root_cause;
use crate::spoken::Spoken;

/// One event may be this large; a whole image comes in one.
const EVENT_CAP: usize = 4 * 1024 * 1024;

/// A provider that keeps a stream open after its terminal event loses the connection, not our time.
const DRAIN: Duration = Duration::from_secs(1);

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// One event of an answer, or the whole of it.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) frame: Frame,
    pub(crate) reading: Reading,
}

/// Why no further piece will come.
#[derive(Debug)]
pub(crate) enum Broke {
    /// Nothing came until the instant that was given.
    TimedOut,
    /// The connection failed.
    Gone(String),
    /// What came is not this dialect.
    Malformed(String),
    /// The provider said so itself.
    Error(ProviderError),
}

/// An event stream being read.
pub(crate) struct Answer {
    /// Read already, to find the first meaningful event, and not yet handed on.
    ahead: VecDeque<Piece>,
    chunks: Chunks,
    alarm: Alarm,
    framer: Option<Framer>,
    reader: StreamReader,
    spoken: Spoken,
}

impl Answer {
    /// `alarm`: what the response was waited for with.
    pub(crate) fn new(api: Api, response: reqwest::Response, alarm: Alarm) -> Self {
        Self {
            ahead: VecDeque::new(),
            chunks: Box::pin(response.bytes_stream()),
            alarm,
            framer: Some(Framer::new(EVENT_CAP)),
            reader: StreamReader::new(api),
            spoken: Spoken::default(),
        }
    }

    /// The next piece, those read ahead first. `Ok(None)`: the stream has ended; before its terminal piece
    /// that is no success.
    pub(crate) async fn next(&mut self, until: Instant) -> Result<Option<Piece>, Broke> {
        match self.ahead.pop_front() {
            Some(piece) => Ok(Some(piece)),
            None => self.read(until).await,
        }
    }

    /// Reads on to the first meaningful event and keeps everything up to it. An answer that is
    /// complete without one (the model stopped before it said anything) counts as well.
    pub(crate) async fn first_token(&mut self, until: Instant) -> Result<(), Broke> {
        loop {
            let Some(piece) = self.read(until).await? else {
                return Err(Broke::Malformed("the stream ended before it said anything".to_owned()));
            };
            let arrived = match &piece.reading {
                Reading::Meaningful => true,
                Reading::Terminal if self.reader.finished() => true,
                Reading::Terminal => return Err(Broke::Malformed("the answer is empty".to_owned())),
                _ => false,
            };
            self.ahead.push_back(piece);
            if arrived {
                return Ok(());
            }
        }
    }

    /// The next event unread, those read ahead first: for who folds them and understands them there.
    pub(crate) async fn next_frame(&mut self, until: Instant) -> Result<Option<Frame>, Broke> {
        match self.ahead.pop_front() {
            Some(piece) => Ok(Some(piece.frame)),
            None => self.frame(until).await,
        }
    }

    async fn read(&mut self, until: Instant) -> Result<Option<Piece>, Broke> {
        let frame = self.frame(until).await?;
        frame.map(|frame| self.understand(frame)).transpose()
    }

    async fn frame(&mut self, until: Instant) -> Result<Option<Frame>, Broke> {
        loop {
            let Some(framer) = &mut self.framer else { return Ok(None) };
            if let Some(frame) = framer.next().map_err(|error| Broke::Malformed(error.to_string()))? {
                self.spoken.heard(&frame);
                return Ok(Some(frame));
            }
            match self.alarm.wait(until, self.chunks.next()).await {
                Err(TimedOut) => return Err(Broke::TimedOut),
                Ok(Some(Ok(chunk))) => framer.push(chunk),
                Ok(Some(Err(error))) => return Err(Broke::Gone(root_cause(&error))),
                Ok(None) => return Ok(self.framer.take().and_then(Framer::finish)),
            }
        }
    }

    fn understand(&mut self, frame: Frame) -> Result<Piece, Broke> {
        match self.reader.read(&frame) {
            Reading::Error(error) => Err(Broke::Error(error)),
            Reading::Malformed(what) => Err(Broke::Malformed(what)),
            reading => Ok(Piece { frame, reading }),
        }
    }

    /// The provider's own id of it.
    pub(crate) fn id(&self) -> Option<&str> {
        self.reader.id()
    }

    /// How far it has come, for the error event should it break off.
    pub(crate) fn begun(&self) -> Begun {
        self.reader.begun()
    }

    /// The provider has said why it stops; nothing of the answer is missing.
    pub(crate) fn finished(&self) -> bool {
        self.reader.finished()
    }

    pub(crate) fn usage(&self) -> Usage {
        self.reader.usage()
    }

    /// How much text has come, for whoever pays for it.
    pub(crate) fn spoken(&self) -> &Spoken {
        &self.spoken
    }

    /// Reads what is left after the terminal event, so that the connection can be used again.
    pub(crate) async fn drain(mut self: Box<Self>) {
        let until = Instant::now() + DRAIN;
        while let Ok(Some(_)) = self.next_frame(until).await {}
    }
}
