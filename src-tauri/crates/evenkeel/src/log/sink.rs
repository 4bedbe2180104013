//! A queue to a thread that writes: the only place where a log line meets a disk or a terminal.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait; at about 200 bytes each a few hundred kilobytes at the very most.
const BACKLOG: usize = 2048;

/// How long the end of the process waits for a reader that has stopped reading.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// For how long lines gather. A person doesn't notice, and a crash of the machine loses more.
const GATHER: Duration = Duration::from_millis(20);

enum Order {
    Line(Vec<u8>),
    /// Answered once everything queued before it is written.
    Flush(SyncSender<()>),
}

/// The sending side: takes lines and never waits.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    queue: SyncSender<Order>,
    lost: Arc<AtomicU64>,
}

/// Writes what is queued when it is dropped.
#[derive(Debug)]
pub(crate) struct Flush(SyncSender<Order>);

impl Sink {
    /// Starts the thread that owns `target`.
    pub(crate) fn spawn(name: &str, target: impl Write + Send + 'static) -> (Self, Flush) {
        let (queue, orders) = sync_channel(BACKLOG);
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lost);
        // Without the thread the queue has no reader and lines are lost; a router without a log is
        // better than no router.
        let _ =
            thread::Builder::new().name(name.to_owned()).spawn(move || write_all(&orders, target, &counter));
        (Self { queue: queue.clone(), lost }, Flush(queue))
    }
}

/// Takes what has gathered, writes it in one piece, and lets more gather: waking a thread for each line would cost a
/// request more than everything else that is said about it.
fn write_all(orders: &Receiver<Order>, mut target: impl Write, lost: &AtomicU64) {
    let mut text = Vec::new();
    while let Ok(first) = orders.recv() {
        let mut finished = Vec::new();
        for order in std::iter::once(first).chain(orders.try_iter().take(BACKLOG)) {
            let lost = lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                text.extend_from_slice(format!("{lost} log lines were lost here.\n").as_bytes());
            }
            match order {
                Order::Line(line) => text.extend_from_slice(&line),
                Order::Flush(done) => finished.push(done),
            }
        }
        // A full disk or a closed terminal must not stop the router.
        let _ = target.write_all(&text);
        text.clear();
        if finished.is_empty() {
            thread::sleep(GATHER);
            continue;
        }
        let _ = target.flush();
        for done in finished {
            let _ = done.send(());
        }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        let (done, finished) = sync_channel(1);
        let patience = Instant::now() + LAST_WORDS;
        let mut order = Order::Flush(done);
        // A full queue has room again as soon as its reader goes on.
        while let Err(TrySendError::Full(again)) = self.0.try_send(order) {
            if Instant::now() >= patience {
                return;
            }
            order = again;
            thread::sleep(Duration::from_millis(1));
        }
        let _ = finished.recv_timeout(LAST_WORDS);
    }
}

/// One log line in the making; queued when it is complete.
pub(crate) struct Line<'a> {
    sink: &'a Sink,
    bytes: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        if self.sink.queue.try_send(Order::Line(std::mem::take(&mut self.bytes))).is_err() {
            self.sink.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { sink: self, bytes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::*;

    /// A terminal that somebody can pause by holding the lock.
    #[derive(Clone, Default)]
    struct Terminal(Arc<Mutex<Vec<u8>>>);

    impl Terminal {
        fn text(&self) -> MutexGuard<'_, Vec<u8>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.text().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_queued_is_written_at_the_end() {
        let terminal = Terminal::default();
        let (sink, flush) = Sink::spawn("test", terminal.clone());
        for n in 0..100 {
            writeln!(sink.make_writer(), "line {n}").expect("queued");
        }
        drop(flush);
        let text = String::from_utf8(terminal.text().clone()).expect("text");
        assert_eq!(text.lines().count(), 100);
        assert!(text.ends_with("line 99\n"));
    }

    #[test]
    fn a_paused_terminal_loses_lines_and_says_how_many() {
        let terminal = Terminal::default();
        let (sink, flush) = Sink::spawn("test", terminal.clone());
        let paused = terminal.text();
        // The thread may hold one batch in its hands while the next one fills the queue.
        for n in 0..2 * BACKLOG + 50 {
            writeln!(sink.make_writer(), "line {n}").expect("never waits");
        }
        drop(paused);
        drop(flush);
        let text = String::from_utf8(terminal.text().clone()).expect("text");
        assert!(text.contains("log lines were lost here."), "the loss is said");
    }
}
