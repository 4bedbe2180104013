//! The system's keychain, asked so that nothing ever waits for it for long.
//!
//! A locked keychain asks its owner for a password and answers when that is typed: in a second, after
//! lunch, or never. So each call runs on a thread of its own, one at a time, and is waited for five
//! seconds at most. A call that outlives its waiter keeps the turn until it ends; whoever comes meanwhile
//! hears at once what is going on, so that never more than one thread waits for a person.
//!
//! The connection lasts for one call. That costs a few milliseconds on a path that nobody waits on, and
//! saves a second thread, idle wake-ups, and any thought about a service that came up late or was
//! restarted: the next call finds it.

mod system;
mod trouble;

use std::{sync::Arc, thread, time::Duration};

use parking_lot::Mutex;
use secrecy::SecretString;
use tokio::{
    sync::{Notify, OwnedMutexGuard, oneshot},
    time::{Instant, timeout_at},
};

pub use trouble::Trouble;

/// How long any call is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The system's keychain. Clones share the turn.
#[derive(Debug, Clone)]
pub struct Keychain {
    turn: Arc<tokio::sync::Mutex<()>>,
    shared: Arc<Shared>,
    patience: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    now: Mutex<Now>,
    /// A call that nobody waited for any more has ended.
    freed: Notify,
}

/// The call under way, by its number, and whether its waiter gave up.
#[derive(Debug, Default)]
struct Now {
    calls: u64,
    running: Option<u64>,
    hangs: bool,
    /// What became of the last call whose waiter gave up.
    late: Option<Trouble>,
}

/// Held by the thread of a call until it ends, also by a panic.
struct Turn {
    shared: Arc<Shared>,
    trouble: Option<Trouble>,
    _held: OwnedMutexGuard<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut now = self.shared.now.lock();
        now.running = None;
        if std::mem::take(&mut now.hangs) {
            now.late = self.trouble.take();
            self.shared.freed.notify_one();
        }
    }
}

impl Default for Keychain {
    fn default() -> Self {
        Self { turn: Arc::default(), shared: Arc::default(), patience: PATIENCE }
    }
}

impl Keychain {
    /// The key kept for a provider; `None` if there is none.
    pub async fn read(&self, provider: &str) -> Result<Option<SecretString>, Trouble> {
        let provider = provider.to_owned();
        self.call(move || system::read(&provider)).await
    }

    /// Keeps a key for a provider, in place of the one before.
    ///
    /// After [`Trouble::Slow`] it may still be kept: when the keychain is unlocked at last.
    pub async fn write(&self, provider: &str, key: SecretString) -> Result<(), Trouble> {
        let provider = provider.to_owned();
        self.call(move || system::write(&provider, &key)).await
    }

    /// Forgets a provider's key; `false` if there was none.
    pub async fn remove(&self, provider: &str) -> Result<bool, Trouble> {
        let provider = provider.to_owned();
        self.call(move || system::remove(&provider)).await
    }

    /// Waits for the end of a call that was given up, and says what it met with. Then the keychain answers again.
    pub async fn freed(&self) -> Option<Trouble> {
        self.shared.freed.notified().await;
        self.shared.now.lock().late.take()
    }

    /// Ends when the keychain is open, looked at every so often without asking its owner for anything. Where nothing
    /// tells whether it is, never.
    pub async fn unlocked(&self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            if self.call(|| Ok(system::is_unlocked())).await == Ok(true) {
                return;
            }
        }
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let deadline = Instant::now() + self.patience;
        if self.hangs() {
            return Err(Trouble::Waiting);
        }
        let turn = timeout_at(deadline, Arc::clone(&self.turn).lock_owned()).await;
        let Ok(turn) = turn else {
            // Its waiter may have gone away without giving up.
            let mut now = self.shared.now.lock();
            now.hangs |= now.running.is_some();
            return Err(Trouble::Waiting);
        };
        let number = {
            let mut now = self.shared.now.lock();
            now.calls += 1;
            now.running = Some(now.calls);
            now.calls
        };
        let mut turn = Turn { shared: Arc::clone(&self.shared), trouble: None, _held: turn };
        let (answer, answered) = oneshot::channel();
        let started = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            let result = work();
            turn.trouble = result.as_ref().err().cloned();
            // Nobody may be there to take it any more. Before the turn ends, for a waiter that gives up in between
            // must still be told that the call is over.
            let _ = answer.send(result);
            drop(turn);
        });
        started.map_err(|error| Trouble::Failed(format!("no thread could be started for it: {error}")))?;
        match timeout_at(deadline, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Trouble::Failed("the call was broken off".to_owned())),
            Err(_) => {
                let mut now = self.shared.now.lock();
                now.hangs |= now.running == Some(number);
                Err(Trouble::Slow)
            }
        }
    }

    fn hangs(&self) -> bool {
        self.shared.now.lock().hangs
    }
}

#[cfg(test)]
mod tests;
