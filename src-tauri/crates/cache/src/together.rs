//! What routers that share a Redis tell each other there besides answers.
//!
//! A *board* is one hash in Redis; each router has one field on it, its *note*, which it replaces. Notes are sealed as
//! answers are and bound to their board and router, so Redis learns how many routers there are and when they spoke, and
//! no note can be moved or changed. Routers with another sealing key have other boards.
//!
//! How old a note is is told by Redis's own clock, which all of them read: theirs may differ by minutes.
//!
//! A connection and a thread of its own, for a slow answer here must not hold up answers of the cache, nor the one
//! thread on which requests run. The thread ends when the handle is dropped.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::{
    remote::{link::Link, push_hex},
    shared::Shared,
};

/// What every name begins with, in the form of today. Not below that of answers, for `clear` removes those.
const PREFIX: &str = "evenkeel:together:v1:";
/// How long one exchange may take on a connection that stands.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest pause between two tries to connect. Short, for what is shared here is worth little when it is old.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest note that is read. What is longer is none of ours.
const NOTE_MAX: usize = 1024 * 1024;
/// What stands before a note: Redis's time when it was written.
const STAMP: usize = 8;

/// What to leave on a board.
#[derive(Clone, Debug)]
pub struct Board {
    /// Its name.
    pub name: String,
    /// The note, in place of the last one.
    pub note: Vec<u8>,
    /// The board is gone when nobody wrote to it for so long.
    pub keep_for: Duration,
    /// Notes that are older are removed; `None` keeps them with the board.
    pub forget_after: Option<Duration>,
}

/// What another router left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which router.
    pub from: String,
    /// How long ago, by Redis's clock.
    pub age: Duration,
    /// Its word.
    pub text: Vec<u8>,
}

/// The others' notes, board by board in the order in which they were given; the reason if there are none to be had.
pub type Heard = Result<Vec<Vec<Note>>, String>;

type Turn = (Vec<Board>, oneshot::Sender<Heard>);

/// One router's place at the boards.
pub struct Together {
    turns: mpsc::Sender<Turn>,
    shared: Arc<Shared>,
}

impl Together {
    pub(crate) fn start(shared: Arc<Shared>, me: String) -> Option<Self> {
        let (turns, taken) = mpsc::channel();
        let mut desk = Desk {
            prefix: prefix(&shared),
            shared: Arc::clone(&shared),
            me,
            link: None,
            clock: None,
            next_try: Instant::now(),
            pause: Duration::from_secs(1),
            why: String::new(),
        };
        let run = move || desk.run(&taken);
        match thread::Builder::new().name("evenkeel-together".into()).spawn(run) {
            Ok(_) => Some(Self { turns, shared }),
            Err(error) => {
                tracing::warn!(%error, "no thread for what routers tell each other");
                None
            }
        }
    }

    /// Leaves word and reads what the others left, all at one moment.
    pub async fn exchange(&self, boards: Vec<Board>) -> Heard {
        let (answer, answered) = oneshot::channel();
        let gone = || "its thread has ended".to_owned();
        self.turns.send((boards, answer)).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The same for the same secret on every router with this sealing key; tells nothing else about it.
    pub fn mark(&self, secret: &[u8]) -> [u8; 32] {
        self.shared.sealer.mark(secret)
    }
}

impl fmt::Debug for Together {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

fn prefix(shared: &Shared) -> String {
    let mut prefix = PREFIX.to_owned();
    push_hex(&mut prefix, &shared.sealer.check()[..8]);
    prefix.push(':');
    prefix
}

struct Desk {
    shared: Arc<Shared>,
    prefix: String,
    me: String,
    link: Option<Link>,
    /// Redis's time in milliseconds, and when it was heard.
    clock: Option<(u64, Instant)>,
    next_try: Instant,
    pause: Duration,
    why: String,
}

impl Desk {
    fn run(&mut self, turns: &mpsc::Receiver<Turn>) {
        while let Ok((boards, answer)) = turns.recv() {
            let heard = self.exchange(&boards);
            if let Err(why) = &heard {
                self.away(why.clone());
            }
            // Whoever asked may have gone.
            let _ = answer.send(heard);
        }
    }

    fn away(&mut self, why: String) {
        if self.link.take().is_some() {
            // It stood a moment ago: worth a try at once.
            self.pause = Duration::from_secs(1);
            self.next_try = Instant::now();
        } else if self.next_try <= Instant::now() {
            self.next_try = Instant::now() + self.pause;
            self.pause = LONGEST_PAUSE.min(self.pause * 2);
        }
        self.why = why;
    }

    fn link(&mut self) -> Result<&mut Link, String> {
        if self.link.is_none() {
            if Instant::now() < self.next_try {
                return Err(self.why.clone());
            }
            let address = self.shared.remote.as_ref().ok_or("there is no Redis")?.address();
            let mut link = Link::connect(address, PATIENCE).map_err(|away| away.0)?;
            let (now,) = link.all_at_once(redis::pipe().cmd("TIME")).map_err(|away| away.0)?;
            self.clock = Some((milliseconds(now), Instant::now()));
            self.link = Some(link);
        }
        self.link.as_mut().ok_or_else(|| "it is not connected".to_owned())
    }

    fn exchange(&mut self, boards: &[Board]) -> Heard {
        self.link()?;
        let stamp = self.clock.map_or(0, |(then, at)| then.saturating_add(whole_ms(at.elapsed())));
        let keys: Vec<String> = boards.iter().map(|board| format!("{}{}", self.prefix, board.name)).collect();
        let mut pipe = redis::pipe();
        for (board, key) in boards.iter().zip(&keys) {
            let mut plain = stamp.to_le_bytes().to_vec();
            plain.extend_from_slice(&board.note);
            let place = self.shared.sealer.word(&board.name, &self.me);
            let sealed = self.shared.sealer.seal(&place, &plain).map_err(|error| error.to_string())?;
            pipe.cmd("HSET").arg(key).arg(&self.me).arg(sealed).ignore();
            pipe.cmd("PEXPIRE").arg(key).arg(whole_ms(board.keep_for)).ignore();
        }
        pipe.cmd("TIME");
        for key in &keys {
            pipe.cmd("HGETALL").arg(key);
        }
        let link = self.link()?;
        let answers: Vec<redis::Value> = link.all_at_once(&mut pipe).map_err(|away| away.0)?;
        let odd = |error: redis::ParsingError| format!("it said something strange: {error}");
        let mut answers = answers.into_iter();
        let time = redis::from_redis_value(answers.next().unwrap_or(redis::Value::Nil)).map_err(odd)?;
        let now = milliseconds(time);
        self.clock = Some((now, Instant::now()));
        let mut heard = Vec::with_capacity(boards.len());
        let mut old = redis::pipe();
        for ((board, key), answer) in boards.iter().zip(&keys).zip(answers) {
            let fields: HashMap<String, Vec<u8>> = redis::from_redis_value(answer).map_err(odd)?;
            let mut notes = Vec::with_capacity(fields.len());
            for (from, sealed) in fields.into_iter().filter(|(from, _)| *from != self.me) {
                let note = self.open(&board.name, from.clone(), &sealed, now);
                let forgotten = match (&note, board.forget_after) {
                    (Some(note), Some(after)) => note.age > after,
                    (None, _) => true,
                    (Some(_), None) => false,
                };
                if forgotten {
                    old.cmd("HDEL").arg(key).arg(&from).ignore();
                } else {
                    notes.extend(note);
                }
            }
            heard.push(notes);
        }
        if !old.is_empty() {
            self.link()?.all_at_once::<()>(&mut old).map_err(|away| away.0)?;
        }
        self.pause = Duration::from_secs(1);
        Ok(heard)
    }

    fn open(&self, board: &str, from: String, sealed: &[u8], now: u64) -> Option<Note> {
        if sealed.len() > NOTE_MAX {
            return None;
        }
        let plain = self.shared.sealer.open(&self.shared.sealer.word(board, &from), sealed)?;
        let (stamp, text) = plain.split_first_chunk::<STAMP>()?;
        let age = Duration::from_millis(now.saturating_sub(u64::from_le_bytes(*stamp)));
        Some(Note { from, age, text: text.to_vec() })
    }
}

fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// As `TIME` says it: seconds and microseconds.
fn milliseconds((seconds, micros): (u64, u64)) -> u64 {
    seconds.saturating_mul(1_000).saturating_add(micros / 1_000)
}
