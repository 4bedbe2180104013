//! The thread that connects to Redis, writes to it, and says when it is away and when it is back.

use std::{
    sync::{Arc, atomic::Ordering, mpsc},
    time::{Duration, Instant},
};

use super::{
    Job, Remote,
    link::{Away, Link, Unwritten},
};
use crate::{error::CacheError, trouble::Trouble};

/// The longest pause between two tries to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How often an idle server is asked whether it is there, so that `stats` and the first look-up know.
const IDLE: Duration = Duration::from_secs(15);
/// Failed look-ups in a row of calm time after which connecting again at once is no longer worth it.
const STRIKES: u32 = 3;
/// How long a write may take. Nobody waits for it but the writes behind it.
const WRITE: Duration = Duration::from_secs(1);

/// Runs until it is closed and has nothing left to write. `_ended` is dropped with the thread.
pub(crate) fn run(remote: &Remote, tell: Arc<dyn Fn(Trouble) + Send + Sync>, _ended: mpsc::Sender<()>) {
    let pause = remote.tuning.first_pause;
    let mut work = Work {
        remote,
        tell,
        link: None,
        next_try: Some(Instant::now()),
        pause,
        strikes: (0, Instant::now()),
        away: Told::default(),
        refused: Told::default(),
        write_again: None,
        write_pause: pause,
        why: Away("it was not tried yet".to_owned()),
    };
    work.run();
}

/// One kind of trouble: told when it begins, and not again before things have been calm.
#[derive(Default)]
struct Told {
    open: bool,
    quiet_until: Option<Instant>,
}

impl Told {
    /// Whether this is the moment to tell that it began.
    fn begins(&mut self) -> bool {
        if self.open || self.quiet_until.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        self.open = true;
        true
    }

    /// Whether it was told, and is over.
    fn ends(&mut self, calm: Duration) -> bool {
        if !std::mem::take(&mut self.open) {
            return false;
        }
        self.quiet_until = Some(Instant::now() + calm);
        true
    }
}

struct Work<'a> {
    remote: &'a Remote,
    tell: Arc<dyn Fn(Trouble) + Send + Sync>,
    link: Option<Link>,
    next_try: Option<Instant>,
    pause: Duration,
    strikes: (u32, Instant),
    away: Told,
    refused: Told,
    /// When writes are tried again, while the server refuses them.
    write_again: Option<Instant>,
    write_pause: Duration,
    why: Away,
}

impl Work<'_> {
    fn run(&mut self) {
        loop {
            if self.next_try.is_some_and(|at| at <= Instant::now()) {
                self.connect();
            }
            self.open_door();
            let closed = self.wait();
            if let Some(away) = self.remote.waiting.lock().failed.take() {
                self.struck(away);
            }
            for job in self.remote.take_jobs() {
                self.work(job);
            }
            if closed {
                return;
            }
        }
    }

    /// Until there is something to do; true when that is to end.
    fn wait(&mut self) -> bool {
        let idle_until = Instant::now() + IDLE;
        let until = [self.next_try, self.write_again].into_iter().flatten().fold(idle_until, Instant::min);
        let mut waiting = self.remote.waiting.lock();
        while waiting.jobs.is_empty() && waiting.failed.is_none() && !waiting.closed {
            if !self.remote.wake.wait_until(&mut waiting, until).timed_out() {
                continue;
            }
            drop(waiting);
            if until == idle_until {
                self.ping();
            }
            return false;
        }
        waiting.closed
    }

    fn ping(&mut self) {
        if let Some(Err(away)) = self.link.as_mut().map(Link::ping) {
            self.lost(away);
        }
    }

    /// The look-ups' connections first, so that the server is near only when all are there.
    fn connect(&mut self) {
        let address = &self.remote.address;
        let all = || -> Result<Link, Away> {
            for slot in &self.remote.links {
                let link = Link::connect(address, self.remote.tuning.look_up)?;
                *slot.lock() = Some(link);
            }
            Link::connect(address, WRITE)
        };
        match all() {
            Ok(link) => {
                self.link = Some(link);
                self.next_try = None;
                self.remote.near.store(true, Ordering::Release);
                if self.away.ends(self.remote.tuning.calm) {
                    tracing::debug!(%address, "Redis is back");
                    (self.tell)(Trouble::Back { address: address.to_string() });
                }
            }
            Err(away) => self.lost(away),
        }
        self.remote.tried.send_replace(true);
    }

    /// A look-up failed. Once may be chance, and is mended at once; more is a server that doesn't keep up.
    fn struck(&mut self, away: Away) {
        let (strikes, last) = self.strikes;
        let calm = last.elapsed() >= self.remote.tuning.calm;
        self.strikes = (if calm { 1 } else { strikes + 1 }, Instant::now());
        if self.strikes.0 >= STRIKES {
            self.lost(away);
            return;
        }
        self.disconnect(away);
        self.next_try = Some(Instant::now());
    }

    fn disconnect(&mut self, why: Away) {
        self.remote.near.store(false, Ordering::Release);
        self.link = None;
        for slot in &self.remote.links {
            slot.lock().take();
        }
        self.why = why;
    }

    fn lost(&mut self, away: Away) {
        let detail = away.0.clone();
        self.disconnect(away);
        if self.strikes.1.elapsed() >= self.remote.tuning.calm && !self.away.open {
            self.pause = self.remote.tuning.first_pause;
        }
        self.next_try = Some(Instant::now() + self.pause);
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        if self.away.begins() {
            let address = self.remote.address.to_string();
            tracing::debug!(address, detail, "Redis can't be reached; the cache goes on with its own file");
            (self.tell)(Trouble::Away { address, detail });
        }
    }

    fn work(&mut self, job: Job) {
        // The first try has to be over before somebody is told that the server is away.
        let Some(link) = &mut self.link else {
            match job {
                Job::Clear(answer) => {
                    let detail = self.why.0.clone();
                    let address = self.remote.address.to_string();
                    let _ = answer.send(Err(CacheError::RedisAway { address, detail }));
                }
                Job::Flush(answer) => {
                    let _ = answer.send(());
                }
                Job::Put { .. } | Job::Remove(_) => {}
            }
            return;
        };
        let done = match job {
            Job::Put { .. } if self.write_again.is_some_and(|at| Instant::now() < at) => return,
            Job::Put { index, sealed, keep_ms, replace } => {
                let written = link.set(&self.remote.key(&index), &sealed, keep_ms, replace);
                if written.is_ok() {
                    self.taken();
                }
                written
            }
            Job::Remove(index) => link.remove(&[self.remote.key(&index)]).map(drop),
            Job::Flush(answer) => {
                let _ = answer.send(());
                return;
            }
            Job::Clear(answer) => {
                let removed = link.remove_all(&self.remote.prefix);
                let told = removed.as_ref().map(|removed| *removed).map_err(|unwritten| {
                    let (Unwritten::Away(Away(detail)) | Unwritten::Refused(detail)) = unwritten.clone();
                    CacheError::RedisAway { address: self.remote.address.to_string(), detail }
                });
                let _ = answer.send(told);
                removed.map(drop)
            }
        };
        match done {
            Ok(()) => {}
            Err(Unwritten::Away(away)) => self.lost(away),
            Err(Unwritten::Refused(detail)) => self.turned_away(detail),
        }
    }

    /// It took an answer.
    fn taken(&mut self) {
        self.write_again = None;
        self.write_pause = self.remote.tuning.first_pause;
        if self.refused.ends(self.remote.tuning.calm) {
            tracing::info!(address = %self.remote.address, "Redis keeps answers again");
        }
    }

    fn turned_away(&mut self, detail: String) {
        self.write_again = Some(Instant::now() + self.write_pause);
        self.write_pause = LONGEST_PAUSE.min(self.write_pause * 2);
        self.remote.waiting.lock().refuses = true;
        if self.refused.begins() {
            let address = self.remote.address.to_string();
            tracing::debug!(address, detail, "Redis keeps no new answers");
            (self.tell)(Trouble::Refused { address, detail });
        }
    }

    /// Lets writes in again when their pause is over; the next one finds out.
    fn open_door(&mut self) {
        if self.write_again.is_some_and(|at| at <= Instant::now()) {
            self.write_again = None;
            self.remote.waiting.lock().refuses = false;
        }
    }
}
