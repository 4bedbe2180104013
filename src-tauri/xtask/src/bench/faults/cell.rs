//! One cell: a router started for it alone, so many requests, and what came of them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use super::client::{Client, Ending, Observed};
use super::fault::{Fault, Row};
use super::ledger::{self, Ledger};
use super::provider::Provider;
use super::wire::Dialect;
use crate::bench::figures::Percentiles;
use crate::bench::subject::Subject;

/// The idle time-out where a row is about it; elsewhere the shipped one.
pub(super) const IDLE: &str = "500ms";
/// Requests until the breaker has had its chance to open.
pub(super) const SETTLING: u32 = 20;
/// What a person notices.
const SLOW: Duration = Duration::from_secs(2);

/// A row of the table in one of its four ways.
pub(super) struct Cell {
    pub(super) row: &'static Row,
    pub(super) stream: bool,
    /// The secondary speaks another dialect than the client.
    pub(super) cross: bool,
}

/// What came of a cell.
pub(super) struct Figures {
    pub(super) requests: u32,
    pub(super) whole: u32,
    pub(super) reported: u32,
    pub(super) refused: u32,
    /// What no client could have told from what it is not, with one example.
    pub(super) wrong: u32,
    pub(super) example: Option<String>,
    /// Streams that the provider broke off.
    pub(super) broken: usize,
    /// To the first token, or to the error.
    pub(super) first: Percentiles,
    pub(super) slowest: Duration,
    pub(super) slow: usize,
    /// The same without the first requests; `None` if there are no others.
    pub(super) settled: Option<Percentiles>,
    pub(super) ledger: Ledger,
}

impl Cell {
    pub(super) fn mode(&self) -> &'static str {
        if self.stream { "stream" } else { "whole" }
    }

    pub(super) fn dialect(&self) -> &'static str {
        if self.cross { "cross" } else { "same" }
    }

    pub(super) fn name(&self) -> String {
        format!("{}, {}, {}", self.row.name, self.mode(), self.dialect())
    }

    pub(super) async fn run(&self, program: &Path, requests: u32, concurrency: u32) -> Result<Figures> {
        let standby = if self.row.both { self.row.fault } else { Fault::None };
        let primary = Provider::start(self.row.fault, Dialect::OpenAi).await?;
        let speaks = if self.cross { Dialect::Anthropic } else { Dialect::OpenAi };
        let secondary = Provider::start(standby, speaks).await?;
        let config = self.config(primary.base_url(), secondary.base_url(), speaks);
        let subject = Subject::start(program, &config).await?;
        let observed = self.load(&subject, requests, concurrency).await?;
        let ledger = ledger::read(&subject).await?;
        subject.stop()?;
        Ok(figures(requests, &observed, primary.broken(), ledger))
    }

    fn config(&self, primary: &str, secondary: &str, speaks: Dialect) -> String {
        let idle = if self.row.fault == Fault::Drip { IDLE } else { "30s" };
        let speaks = speaks.as_str();
        format!(
            r#"
            [providers.first]
            dialect = "openai"
            base_url = "{primary}"
            key = "none"
            models = ["*"]
            [providers.second]
            dialect = "{speaks}"
            base_url = "{secondary}"
            key = "none"
            models = ["*"]
            [[routes]]
            name = "default"
            primary = {{ provider = "first" }}
            secondary = {{ provider = "second", model = "bench-b" }}
            idle_timeout = "{idle}"
            [prices."bench-a"]
            input = 1.0
            output = 4.0
            [prices."bench-b"]
            input = 2.0
            output = 8.0
            "#
        )
    }

    /// So many clients, each with its next request as soon as it has its answer. In the order of their numbers.
    async fn load(&self, subject: &Subject, requests: u32, concurrency: u32) -> Result<Vec<Observed>> {
        let key = subject.local_key()?;
        let (next, stream) = (Arc::new(AtomicU32::new(0)), self.stream);
        let mut clients = JoinSet::new();
        for _ in 0..concurrency {
            let (next, mut client) = (Arc::clone(&next), Client::new(subject.listen, key.clone()));
            clients.spawn(async move {
                let mut observed = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= requests {
                        return anyhow::Ok(observed);
                    }
                    observed.push((number, client.ask(number, stream).await?));
                }
            });
        }
        let mut all = Vec::new();
        while let Some(client) = clients.join_next().await {
            all.extend(client??);
        }
        all.sort_by_key(|(number, _)| *number);
        Ok(all.into_iter().map(|(_, observed)| observed).collect())
    }
}

fn figures(requests: u32, observed: &[Observed], broken: usize, ledger: Ledger) -> Figures {
    let times: Vec<_> = observed.iter().map(|one| one.first_token).collect();
    let later = times.get(SETTLING as usize..).unwrap_or_default();
    let mut figures = Figures {
        requests,
        whole: 0,
        reported: 0,
        refused: 0,
        wrong: 0,
        example: None,
        broken,
        slowest: times.iter().max().copied().unwrap_or_default(),
        slow: times.iter().filter(|time| **time > SLOW).count(),
        settled: (!later.is_empty()).then(|| Percentiles::of(later.to_vec())),
        first: Percentiles::of(times),
        ledger,
    };
    for Observed { ending, .. } in observed {
        match ending {
            Ending::Whole => figures.whole += 1,
            Ending::Reported => figures.reported += 1,
            Ending::Refused { status, code } => {
                figures.refused += 1;
                figures.example.get_or_insert(format!("{status} {code}"));
            }
            Ending::Wrong(why) => {
                figures.wrong += 1;
                figures.example = Some(why.clone());
            }
        }
    }
    figures
}
