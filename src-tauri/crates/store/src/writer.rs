//! The one thread that writes.
//!
//! It takes what is queued, waits a moment for more and commits it in one transaction. When the disk refuses, it
//! keeps the batch, says so in [`Health`] and tries again with growing pauses; nobody is blocked meanwhile, and
//! rows that no longer fit into the queue are dropped and counted. It must never panic and never give up while
//! the program runs: the disk may be back in a minute.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::{
    alive::Heartbeat,
    checkpoint::Checkpoints,
    error::{Health, StoreError},
    files,
    finished::Finished,
    insert,
    prune::Pruner,
    queue::{Change, Command, Op, Pace, Queue},
    rollup::{Counter, catch_up::CatchUp},
};

#[cfg(test)]
mod tests;

/// The first pause after a failed commit; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest. A disk that is back is noticed within it.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long a further try waits for somebody else's lock: whoever wants to read waits behind it, and so do all who
/// are to be turned away.
const NEXT_TRY: Duration = Duration::from_millis(250);
/// How long a shutdown goes on trying against a disk that refuses.
const LAST_CHANCE: Duration = Duration::from_secs(2);
/// Tenants' last use is written at most this often.
const USED_EVERY: Duration = Duration::from_secs(1);

/// What the writer shares with everybody else.
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) health: Mutex<Health>,
}

/// The writer's own state; moved into its thread.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) shared: Arc<Shared>,
    pub(crate) pace: Pace,
    pub(crate) busy: Duration,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) pruner: Pruner,
    pub(crate) catch_up: CatchUp,
    pub(crate) counter: Counter,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) used_from: Instant,
}

/// What one attempt to commit did.
#[derive(Default)]
struct Done {
    /// Answers in the order of the batch's commands.
    answers: Vec<Result<bool, StoreError>>,
    /// Rows that SQLite will never take, whatever the disk does.
    refused: usize,
}

impl Writer {
    /// Runs until the queue is closed and empty. An error means that rows were lost at the end.
    pub(crate) fn run(mut self) -> Result<(), StoreError> {
        // Whatever ends this thread, nobody may wait for its answers.
        let _abandon = AbandonOnDrop(Arc::clone(&self.shared));
        loop {
            let batch = self.shared.queue.take(self.pace, self.due(), self.used_from);
            if !batch.is_empty() {
                self.commit_until_done(batch)?;
            } else if self.shared.queue.is_closed() {
                break;
            }
            self.write_used(false);
            self.heartbeat.beat_if_due(&self.connection, self.busy);
            // What is yet to be counted must not be pruned.
            self.catch_up.step_if_due(&mut self.connection, &mut self.counter);
            if self.catch_up.due().is_none() {
                self.pruner.step_if_due(&mut self.connection);
            }
        }
        self.write_used(true);
        self.heartbeat.beat(&self.connection, Timestamp::now());
        self.checkpoints.last(&self.connection);
        Ok(())
    }

    /// When to come by even without rows.
    fn due(&self) -> Instant {
        self.catch_up.due().unwrap_or(self.pruner.due()).min(self.heartbeat.due())
    }

    /// Returns when the batch is on disk. Gives up only on a shutdown.
    fn commit_until_done(&mut self, batch: Vec<Op>) -> Result<(), StoreError> {
        let mut batch = self.inspect(batch);
        let mut pause = FIRST_PAUSE;
        let mut last_chance = None;
        loop {
            let error = match self.commit(&batch) {
                Ok(done) => {
                    if self.is_failing() {
                        self.wait_for_locks(self.busy);
                    }
                    self.succeeded(batch, done);
                    return Ok(());
                }
                Err(error) => error,
            };
            // What was learnt in that transaction may be gone with it.
            self.counter.forget();
            self.failing(&error);
            batch = self.turn_callers_away(batch, &error.to_string());
            let message = error.to_string();
            if self.shared.queue.is_closed() {
                if batch.is_empty() {
                    // Those who waited have been told, and there is nothing to lose.
                    return Ok(());
                }
                let until = *last_chance.get_or_insert_with(|| Instant::now() + LAST_CHANCE);
                if Instant::now() >= until {
                    tracing::error!(rows = batch.len(), %message, "the ledger's last rows are lost");
                    self.shared.queue.count_dropped(batch.len());
                    return Err(StoreError::Failing { message });
                }
                std::thread::sleep(FIRST_PAUSE);
            } else {
                self.pause(pause, &message);
                pause = LONGEST_PAUSE.min(pause * 2);
            }
            self.reconnect_after(&error);
            self.wait_for_locks(self.busy.min(NEXT_TRY));
        }
    }

    fn wait_for_locks(&self, time: Duration) {
        if let Err(error) = self.connection.busy_timeout(time) {
            tracing::warn!(%error, "the ledger's patience with other programs stays as it was");
        }
    }

    /// Rows and what counts them in one transaction.
    fn commit(&mut self, batch: &[Op]) -> rusqlite::Result<Done> {
        if batch.iter().all(is_flush) {
            // Every read flushes; it must not fight for the write lock when there is nothing to write.
            if self.is_failing() {
                // Callers with the changes that were refused were turned away, and nothing is left to try with.
                self.heartbeat.prove(&self.connection, self.busy.min(NEXT_TRY))?;
            }
            return Ok(Done { answers: batch.iter().map(|_| Ok(true)).collect(), refused: 0 });
        }
        let mut transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut done = Done::default();
        let mut uncounted: Vec<(i64, Finished)> = Vec::new();
        for op in batch {
            if let Op::Command(Command { change: Change::SetPromises(_), .. }) = op {
                // What came before is judged by the promises of before.
                count(&mut transaction, &mut self.counter, &mut uncounted)?;
                self.counter.forget();
                self.catch_up.look_again();
            }
            // A savepoint each, so that one impossible row can't take the others with it.
            let savepoint = transaction.savepoint()?;
            let outcome = match op {
                Op::Row(row) => insert::request(&savepoint, row).map(|seq| {
                    uncounted.push((seq, row.finished()));
                    true
                }),
                Op::Event(event) => insert::event(&savepoint, event).map(|()| true),
                Op::Command(command) => insert::change(&savepoint, &command.change),
                #[cfg(test)]
                Op::Inspect(_) => continue,
            };
            let answer = match outcome {
                Ok(changed) => {
                    savepoint.commit()?;
                    Ok(changed)
                }
                Err(error) if is_the_rows_fault(&error) => {
                    drop(savepoint); // which rolls it back
                    tracing::error!(%error, "the ledger can't take this row or change");
                    Err(StoreError::Sqlite(error))
                }
                Err(error) => return Err(error),
            };
            match op {
                Op::Command(_) => done.answers.push(answer),
                _ => done.refused += usize::from(answer.is_err()),
            }
        }
        count(&mut transaction, &mut self.counter, &mut uncounted)?;
        transaction.commit()?;
        Ok(done)
    }

    fn succeeded(&mut self, batch: Vec<Op>, done: Done) {
        let before = std::mem::replace(&mut *self.shared.health.lock(), Health::Ok);
        if let Health::Failing { since, .. } = before {
            tracing::info!(%since, dropped = self.shared.queue.dropped(), "the ledger can be written again");
        }
        self.shared.queue.count_dropped(done.refused);
        self.checkpoints.after_commit(batch.len(), &self.connection);
        let commands = batch.into_iter().filter_map(|op| match op {
            Op::Command(command) => Some(command),
            _ => None,
        });
        for (command, answer) in commands.zip(done.answers) {
            // Nobody listening any more is fine: the caller was cancelled.
            let _ = command.answer.send(answer);
        }
    }

    fn is_failing(&self) -> bool {
        matches!(*self.shared.health.lock(), Health::Failing { .. })
    }

    fn failing(&self, error: &rusqlite::Error) {
        let message = error.to_string();
        let mut health = self.shared.health.lock();
        let since = match &*health {
            Health::Failing { since, .. } => *since,
            Health::Ok => {
                tracing::error!(%message, path = %self.path.display(),
                    "the ledger cannot be written; rows wait in memory");
                Timestamp::now()
            }
        };
        *health = Health::Failing { since, message };
    }

    /// Answers the batch's commands with the error and keeps the rest.
    fn turn_callers_away(&self, batch: Vec<Op>, message: &str) -> Vec<Op> {
        let (commands, kept): (Vec<Op>, Vec<Op>) =
            batch.into_iter().partition(|op| matches!(op, Op::Command(_)));
        for op in commands {
            self.turn_away(op, message);
        }
        kept
    }

    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "only tests look at the connection"))]
    fn turn_away(&self, op: Op, message: &str) {
        match op {
            Op::Command(Command { answer, .. }) => {
                let _ = answer.send(Err(StoreError::Failing { message: message.to_owned() }));
            }
            #[cfg(test)]
            Op::Inspect(look) => look(&self.connection),
            Op::Row(_) | Op::Event(_) => {}
        }
    }

    fn pause(&self, pause: Duration, message: &str) {
        self.shared.queue.pause(pause, |op| self.turn_away(op, message));
    }

    /// A disk that was away leaves handles behind that never work again; full and busy ones do.
    fn reconnect_after(&mut self, error: &rusqlite::Error) {
        use ErrorCode::{CannotOpen, NotADatabase, SystemIoFailure};
        if !matches!(error.sqlite_error_code(), Some(SystemIoFailure | CannotOpen | NotADatabase)) {
            return;
        }
        match files::connect_writer(&self.path, self.busy) {
            Ok(connection) => self.connection = connection,
            Err(error) => tracing::debug!(%error, "the database can't be opened again yet"),
        }
    }

    /// A failure here is no reason for an alarm: the newest use is written with the next one.
    fn write_used(&mut self, now: bool) {
        if !now && Instant::now() < self.used_from {
            return;
        }
        let used = self.shared.queue.take_used();
        if used.is_empty() {
            return;
        }
        self.used_from = Instant::now() + USED_EVERY;
        let written = self.connection.transaction().and_then(|transaction| {
            insert::used(&transaction, &used)?;
            transaction.commit()
        });
        if let Err(error) = written {
            tracing::debug!(%error, "tenants' last use is written later");
            self.shared.queue.put_back_used(used);
        }
    }

    #[cfg(test)]
    fn inspect(&self, batch: Vec<Op>) -> Vec<Op> {
        let (looks, rest): (Vec<Op>, Vec<Op>) =
            batch.into_iter().partition(|op| matches!(op, Op::Inspect(_)));
        for op in looks {
            self.turn_away(op, "");
        }
        rest
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "only tests look at the writer's connection")]
    fn inspect(&self, batch: Vec<Op>) -> Vec<Op> {
        batch
    }
}

/// Adds rows of this transaction to the roll-ups. Where SQLite takes offence at that, the rows are worth more than
/// their figures: they are written, and counted at the next start.
fn count(
    transaction: &mut Transaction<'_>,
    counter: &mut Counter,
    rows: &mut Vec<(i64, Finished)>,
) -> rusqlite::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let savepoint = transaction.savepoint()?;
    match counter.count(&savepoint, rows.iter().map(|(_, row)| row)) {
        Ok(()) => savepoint.commit()?,
        Err(error) if is_the_rows_fault(&error) => {
            drop(savepoint); // which rolls it back
            counter.forget();
            tracing::error!(%error, rows = rows.len(), "requests could not be added to the roll-ups");
            insert::uncounted(transaction, rows.iter().map(|(seq, _)| *seq))?;
        }
        Err(error) => return Err(error),
    }
    rows.clear();
    Ok(())
}

/// Whether trying again can't help because SQLite took offence at the row, not at the disk.
fn is_the_rows_fault(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::TooBig
                | ErrorCode::ParameterOutOfRange
        ),
        None => true,
    }
}

fn is_flush(op: &Op) -> bool {
    matches!(op, Op::Command(Command { change: Change::Flush, .. }))
}

struct AbandonOnDrop(Arc<Shared>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}
