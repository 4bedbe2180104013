//! The handle that the rest of the program holds.

use std::{
    fmt, io,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use evenkeel_dialect::normal::Key;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    disk,
    entry::{Draft, Prompt, Stored},
    error::{CacheError, OpenError},
    limits::{Limits, Options, Tuning},
    lookup::{self, File, Question, Questions, Tier},
    moving,
    queue::Op,
    remote::{self, Near, Remote},
    seal::Sealer,
    secret::Passphrase,
    shared::{READERS, Shared},
    stats::{Moved, Stats},
    together::Together,
    trouble::Trouble,
    writer::Writer,
};

/// How long the last writes to Redis are waited for at the end. What is left is on the disk.
const LAST_WRITES: Duration = Duration::from_secs(2);

/// The open cache. Cheap to clone; the last clone's drop shuts it down.
///
/// Nothing here blocks but [`shut_down`](Self::shut_down): the work is done on threads of the cache's own.
#[derive(Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    questions: Arc<Questions>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Says when the thread of Redis has ended. That one isn't joined: it may be waiting for a name.
    remote_ended: Mutex<Option<mpsc::Receiver<()>>>,
}

impl Cache {
    /// Opens the cache in a folder, making both as needed. One process a folder, which the ledger's lock sees to.
    ///
    /// Returns once the file is open or has been found wanting: then `options.tell` was told why, the cache is open
    /// and misses, and it recovers by itself.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        Self::open_tuned(options, Tuning::default()).await
    }

    pub(crate) async fn open_tuned(options: Options, tuning: Tuning) -> Result<Self, OpenError> {
        let Options { folder, key, limits, redis, now, tell } = options;
        let sealer = Sealer::new(&key);
        let remote = redis.map(|address| Arc::new(Remote::new(address, &sealer, tuning)));
        let shared =
            Arc::new(Shared::new(folder.join(disk::FILE), sealer, limits, now, tuning, remote.clone()));
        let questions = Arc::new(Questions::default());
        let threads = Mutex::default();
        let remote_ended = Mutex::default();
        let inner = Inner { shared: Arc::clone(&shared), questions, threads, remote_ended };
        if let Some(remote) = &remote {
            inner.start_remote(Arc::clone(remote), Arc::clone(&tell))?;
        }
        let (opened, open) = oneshot::channel();
        let writer = Writer::new(Arc::clone(&shared), tell);
        inner.start("evenkeel-cache", move || writer.run(opened))?;
        for slot in 0..READERS {
            let (shared, questions) = (Arc::clone(&shared), Arc::clone(&inner.questions));
            let near = remote.as_ref().map(|remote| Box::new(Near::new(remote, slot)) as Box<dyn Tier>);
            let file: Box<dyn Tier> = Box::new(File::new(&shared, slot));
            let tiers = near.into_iter().chain([file]).collect();
            inner.start("evenkeel-lookup", move || lookup::run(&shared, &questions, tiers))?;
        }
        // An error means that the writer is gone; then everything is a miss.
        let _ = open.await;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Takes an answer in. Never waits and never fails: what doesn't fit into the queue, isn't a whole answer, has
    /// more than 8 MiB or meets a disk that refuses is dropped, and counted in [`Stats::dropped`].
    pub fn put(&self, draft: Draft) {
        self.inner.shared.queue.put(draft);
    }

    /// The answer to a prompt of this key, not older than [`Limits::keep_for`]. Any trouble is a miss.
    pub async fn find(&self, key: Key) -> Option<Stored> {
        let (answer, answered) = oneshot::channel();
        self.inner.questions.ask(Question::Find(key, answer));
        answered.await.ok().flatten()
    }

    /// As [`find`](Self::find), with the key computed on the cache's thread. No key: the body can't be read as its
    /// exchange, or the cache is shut down.
    pub async fn find_for(&self, prompt: Prompt) -> (Option<Key>, Option<Stored>) {
        let (answer, answered) = oneshot::channel();
        self.inner.questions.ask(Question::FindFor(Box::new(prompt), answer));
        answered.await.unwrap_or((None, None))
    }

    /// Other limits. They hold for look-ups at once; what is too much or too old by them goes in the background.
    pub fn configure(&self, limits: Limits) {
        *self.inner.shared.limits.lock() = limits;
        self.inner.shared.queue.push(Op::Look);
    }

    /// How it is doing. Reads two numbers of the file at most.
    pub async fn stats(&self) -> Stats {
        let (answer, answered) = oneshot::channel();
        self.inner.questions.ask(Question::Stats(answer));
        let mut stats = answered.await.unwrap_or_else(|_| self.stats_when_closed());
        if let Some(remote) = &self.inner.shared.remote {
            stats.backend = "redis";
            stats.reachable = remote.is_near_by_now().await;
        }
        stats
    }

    fn stats_when_closed(&self) -> Stats {
        let shared = &self.inner.shared;
        let totals = *shared.totals.lock();
        Stats {
            backend: "sqlite",
            reachable: false,
            entries: totals.entries,
            bytes: 0,
            max_bytes: shared.limits().max_size,
            oldest: None,
            would_have_hit: totals.would_have_hit,
            would_have_saved_micros: totals.would_have_saved_micros,
            dropped: shared.queue.dropped(),
        }
    }

    /// Removes every answer, gives the space back and begins counting anew. How many there were; of the two tiers,
    /// which have much the same answers, the one with more counts. What other routers keep on their own disks stays.
    pub async fn clear(&self) -> Result<u64, CacheError> {
        let (answer, answered) = oneshot::channel();
        if !self.inner.shared.queue.push(Op::Clear(answer)) {
            return Err(CacheError::Closed);
        }
        let here = answered.await.unwrap_or(Err(CacheError::Closed))?;
        match &self.inner.shared.remote {
            Some(remote) => Ok(remote.clear().await?.max(here)),
            None => Ok(here),
        }
    }

    /// Writes every answer to a new file that only this passphrase opens, with all that was put before. Never
    /// overwrites; on an error there is no file.
    pub async fn export(&self, to: PathBuf, passphrase: Passphrase) -> Result<Moved, CacheError> {
        self.flush().await;
        let shared = Arc::clone(&self.inner.shared);
        move_on_a_thread(move || moving::export(&shared, &to, &passphrase)).await
    }

    /// Takes in the answers of an export. Of two answers to one prompt the newer stays.
    pub async fn import(&self, from: PathBuf, passphrase: Passphrase) -> Result<Moved, CacheError> {
        let shared = Arc::clone(&self.inner.shared);
        move_on_a_thread(move || moving::import(&shared, &from, &passphrase)).await
    }

    /// Returns when everything put before is on the disk and in Redis, or was given up because they refuse it.
    pub async fn flush(&self) {
        let (answer, answered) = oneshot::channel();
        if self.inner.shared.queue.push(Op::Flush(answer)) {
            let _ = answered.await;
        }
        if let Some(remote) = &self.inner.shared.remote {
            remote.flush().await;
        }
    }

    /// The boards in Redis on which routers with the same sealing key leave word for each other; `None` without a
    /// Redis. Each call makes a connection and a thread of its own.
    pub fn together(&self, me: String) -> Option<Together> {
        let shared = Arc::clone(&self.inner.shared);
        shared.remote.is_some().then(|| Together::start(shared, me)).flatten()
    }

    /// Writes what waits, closes the file and ends the threads. Blocks on the disk. Everything called afterwards
    /// misses or says [`CacheError::Closed`]; a second call does nothing.
    pub fn shut_down(&self) {
        self.inner.shut_down();
    }
}

impl Inner {
    fn start(&self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let thread = thread::Builder::new().name(name.into()).spawn(run);
        self.threads.lock().push(thread.map_err(|source| OpenError::Thread { source })?);
        Ok(())
    }

    fn start_remote(
        &self,
        remote: Arc<Remote>,
        tell: Arc<dyn Fn(Trouble) + Send + Sync>,
    ) -> Result<(), OpenError> {
        let (ends, ended) = mpsc::channel();
        let run = move || remote::run(&remote, tell, ends);
        let started = thread::Builder::new().name("evenkeel-redis".into()).spawn(run);
        started.map_err(|source| OpenError::Thread { source })?;
        *self.remote_ended.lock() = Some(ended);
        Ok(())
    }

    fn shut_down(&self) {
        // Look-ups first: the file is closed behind them.
        self.questions.close();
        self.shared.queue.close();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the cache had stopped at a fault of its own");
            }
        }
        // Last, for the writer has handed over what it wrote.
        let ended = self.remote_ended.lock().take();
        if let (Some(remote), Some(ended)) = (&self.shared.remote, ended) {
            remote.close();
            if ended.recv_timeout(LAST_WRITES) == Err(mpsc::RecvTimeoutError::Timeout) {
                tracing::debug!("Redis doesn't take what is left for it");
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Not a thread of the runtime's pool, for it may run for minutes.
async fn move_on_a_thread(
    run: impl FnOnce() -> Result<Moved, CacheError> + Send + 'static,
) -> Result<Moved, CacheError> {
    let (answer, answered) = oneshot::channel();
    let started = thread::Builder::new().name("evenkeel-moving".into()).spawn(move || {
        let _ = answer.send(run());
    });
    match started {
        Ok(_) => answered.await.unwrap_or(Err(CacheError::Closed)),
        Err(source) => Err(no_thread(&source)),
    }
}

fn no_thread(source: &io::Error) -> CacheError {
    CacheError::Crypto { detail: format!("no thread for it: {source}") }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("path", &self.inner.shared.path).finish_non_exhaustive()
    }
}
