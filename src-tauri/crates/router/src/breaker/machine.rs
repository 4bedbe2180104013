//! One breaker's life.
//!
//! ```text
//!            3 in a row, half of 10, or at once          the wait is over
//!   closed ───────────────────────────────────▶ open ─────────────────────▶ half-open
//!     ▲                                          ▲  │ somebody had no other      │ │
//!     │                                          │  │ choice, and it worked      │ │
//!     │                        the probe failed  └──┼────────────────────────────┘ │
//!     └─────────────────────────────────────────────┴──────────────────────────────┘
//!                                                               the probe passed
//! ```
//!
//! Each state is one `async fn` that returns when it is over; nothing is remembered but what its arguments say.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::gate::{Gate, shown};
use super::window::Window;
use super::{BreakerChange, BreakerState, Tell};
use crate::clock::Clock;
use crate::outcome::{Outcome, Verdict};

/// The gate lets a probe through as soon as its time has come; the machine's timer may be this much later.
const EARLY: Duration = Duration::from_secs(1);

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    pub(super) outcome: Outcome,
    pub(super) retry_after: Option<Duration>,
    /// When the attempt began: what was asked before a breaker opened proves nothing about the time after.
    pub(super) began: Instant,
    /// Other attempts that have waited so long that they will end the same way.
    pub(super) alike: u32,
}

impl Report {
    /// An attempt that began then and ended now.
    pub(crate) fn new(outcome: Outcome, began: Instant) -> Self {
        Self { outcome, retry_after: None, began, alike: 0 }
    }

    /// The host says when to come again.
    pub(crate) fn retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    /// So many others are as silent as this one was.
    pub(crate) fn alike(self, alike: u32) -> Self {
        Self { alike, ..self }
    }
}

#[derive(Debug)]
pub(super) enum Message {
    /// An attempt ended; whoever reports may want to know when that is taken into account.
    Report(Report, Option<oneshot::Sender<()>>),
    /// It was open when the router stopped, and this much of the wait is left.
    Resume(Outcome, Duration),
    /// Another router says that it is open, for this much longer.
    Learn(Outcome, Duration),
    /// The router whose word that was takes it back.
    Unlearn,
    /// Try with the next request, whatever the timer says.
    Reprobe,
    /// Whatever was known is no longer true; the breaker is no longer asked.
    Reset,
}

pub(super) struct Machine {
    pub(super) provider: String,
    pub(super) model: Option<String>,
    pub(super) gate: Arc<Gate>,
    pub(super) inbox: mpsc::Receiver<Message>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tell: Tell,
}

/// How a state ended.
enum Next {
    Close,
    Open(Report),
    Wait(Outcome, Duration),
    HalfOpen,
    /// Nobody will ask or report any more.
    Over,
}

impl Machine {
    pub(super) async fn run(mut self) {
        loop {
            let mut backoff = Backoff::new();
            let (mut reason, mut wait) = match self.closed().await {
                Next::Open(report) => (report.outcome, backoff.wait(report.outcome, report.retry_after)),
                Next::Wait(reason, left) => (reason, left),
                Next::Close | Next::HalfOpen => continue,
                Next::Over => return,
            };
            loop {
                match self.open(reason, wait).await {
                    Next::HalfOpen => {}
                    Next::Close => break,
                    Next::Over => return,
                    // Parked anew, with a later end.
                    Next::Open(report) => {
                        (reason, wait) = (report.outcome, backoff.wait(report.outcome, report.retry_after));
                        continue;
                    }
                    Next::Wait(again, left) => {
                        (reason, wait) = (again, left);
                        continue;
                    }
                }
                match self.half_open(reason).await {
                    Next::Open(report) => {
                        (reason, wait) = (report.outcome, backoff.wait(report.outcome, report.retry_after));
                    }
                    Next::Wait(again, left) => (reason, wait) = (again, left),
                    Next::Close | Next::HalfOpen => break,
                    Next::Over => return,
                }
            }
            self.gate.close();
            self.told(BreakerState::Closed, reason, None);
        }
    }

    /// Requests pass, and their ends are counted.
    async fn closed(&mut self) -> Next {
        let mut window = Window::new(self.clock.instant());
        loop {
            let Some(message) = self.inbox.recv().await else { return Next::Over };
            match message {
                Message::Report(report, done) => {
                    let now = self.clock.instant();
                    let opens = match report.outcome.verdict() {
                        Verdict::Success => {
                            window.success(now);
                            false
                        }
                        Verdict::Count => window.failure(now, report.alike),
                        Verdict::Open | Verdict::Park => true,
                        Verdict::Nothing => false,
                    };
                    if opens {
                        // Shut before anybody is told that the report was taken, so that the next plan sees it.
                        self.shut_for_now(report.outcome);
                        concluded(done);
                        return Next::Open(report);
                    }
                    concluded(done);
                }
                Message::Resume(reason, left) => return Next::Wait(reason, left),
                // Unless something else closed it meanwhile.
                Message::Learn(reason, left) if self.gate.is_learnt() => return Next::Wait(reason, left),
                Message::Reprobe | Message::Learn(..) | Message::Unlearn => {}
                Message::Reset => return Next::Over,
            }
        }
    }

    /// Not asked, unless nothing else is left.
    async fn open(&mut self, reason: Outcome, wait: Duration) -> Next {
        let opened = self.clock.instant();
        let until = opened + wait;
        let until_wall = self
            .clock
            .now()
            .checked_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO))
            .unwrap_or(jiff::Timestamp::MAX);
        self.gate.open(reason, until, until_wall);
        self.told(shown(reason), reason, Some(until_wall));
        loop {
            let message = tokio::select! {
                biased;
                () = sleep_until(until) => return Next::HalfOpen,
                message = self.inbox.recv() => message,
            };
            match message {
                None | Some(Message::Reset) => return Next::Over,
                Some(Message::Reprobe) => return Next::HalfOpen,
                Some(Message::Unlearn) if self.gate.is_learnt() => {
                    self.gate.close();
                    return Next::Close;
                }
                Some(Message::Learn(..) | Message::Unlearn) => {}
                Some(Message::Resume(reason, left)) => return Next::Wait(reason, left),
                Some(Message::Report(report, done)) => {
                    let next = match report.outcome.verdict() {
                        Verdict::Success if report.began >= opened => {
                            self.gate.close();
                            Some(Next::Close)
                        }
                        // A failure while open was to be expected. A probe that was quicker than our timer
                        // looks like one too; its permit is back, and the timer comes next.
                        Verdict::Park if self.clock.instant() + park(&report) > until => {
                            self.gate.found_out();
                            Some(Next::Open(report))
                        }
                        _ => None,
                    };
                    concluded(done);
                    if let Some(next) = next {
                        return next;
                    }
                }
            }
        }
    }

    /// One request may try.
    async fn half_open(&mut self, reason: Outcome) -> Next {
        let since = self.clock.instant();
        self.gate.half_open(reason);
        self.told(BreakerState::HalfOpen, reason, None);
        loop {
            match self.inbox.recv().await {
                None | Some(Message::Reset) => return Next::Over,
                Some(Message::Unlearn) if self.gate.is_learnt() => {
                    self.gate.close();
                    return Next::Close;
                }
                Some(Message::Reprobe | Message::Learn(..) | Message::Unlearn) => {}
                Some(Message::Resume(reason, left)) => return Next::Wait(reason, left),
                Some(Message::Report(report, done)) => {
                    let next = match report.outcome.verdict() {
                        // A plan that was quicker than the timer began a moment before.
                        Verdict::Success if report.began + EARLY >= since => {
                            self.gate.close();
                            Some(Next::Close)
                        }
                        Verdict::Count | Verdict::Open | Verdict::Park => {
                            self.shut_for_now(report.outcome);
                            Some(Next::Open(report))
                        }
                        Verdict::Success | Verdict::Nothing => None,
                    };
                    concluded(done);
                    if let Some(next) = next {
                        return next;
                    }
                }
            }
        }
    }

    /// Shut until `open` has worked out for how long.
    fn shut_for_now(&self, reason: Outcome) {
        let soon = Duration::from_secs(1);
        self.gate.found_out();
        self.gate.open(reason, self.clock.instant() + soon, self.clock.now());
    }

    fn told(&self, state: BreakerState, reason: Outcome, until: Option<jiff::Timestamp>) {
        (self.tell)(BreakerChange {
            provider: self.provider.clone(),
            model: self.model.clone(),
            state,
            reason,
            until,
        });
    }
}

fn park(report: &Report) -> Duration {
    Backoff::new().wait(report.outcome, report.retry_after)
}

fn concluded(done: Option<oneshot::Sender<()>>) {
    if let Some(done) = done {
        // Whoever asked may have gone.
        let _ = done.send(());
    }
}
