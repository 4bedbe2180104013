//! The three alerts of a running app: watched, kept over a restart, and told until somebody has them.
//!
//! `evenkeel-slo` decides; this room feeds it every request and both clocks, writes down what it decides, and brings
//! its pages to people. A page goes into the database in the transaction that moves its alert, and from there to
//! each channel until that channel has taken it: nothing is paged twice by a restart, and nothing is lost by one.
//!
//! - [`Alerts`]: what the rest of the program asks
//! - `watched`: every promise's watch, and the evaluation
//! - `watch`: the task that feeds and evaluates them
//! - `outbox`: pages on their way
//! - `deliver`: the tasks that bring them to the desktop and to the webhook
//! - `webhook`: what is posted where
//! - `pressed`: what somebody does about a page on the desktop
//! - `pause`: nothing is told for a while, because somebody wants it so

pub(crate) mod deliver;
pub(crate) mod outbox;
pub(crate) mod pause;
pub(crate) mod pressed;
pub(crate) mod watch;
mod watched;
pub(crate) mod webhook;

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use evenkeel_slo::alerts::{Acknowledged, Kind, words};
use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::{
    Mutex, Notify,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::{
    admin::types::{AlertList, AlertRow, TestedPage},
    app::Running,
    failure::{Code, Failure},
    notices::page::{Page, Pressed},
};
use deliver::Channel;
use watched::Watched;

/// The alerts of one app.
#[derive(Debug)]
pub(crate) struct Alerts {
    watched: Mutex<Watched>,
    /// As of the last evaluation, for those who can't wait.
    rows: ArcSwap<Vec<AlertRow>>,
    /// Each channel's, from when a page can't be delivered until one is.
    troubles: Mutex<BTreeMap<&'static str, String>>,
    /// The same for those who can't wait.
    trouble: ArcSwapOption<String>,
    /// Until when somebody wants to hear nothing; may lie in the past.
    paused_until: ArcSwapOption<Timestamp>,
    /// There is something new in the outbox.
    queued: Notify,
    pressing: UnboundedSender<Pressed>,
    pressed: parking_lot::Mutex<Option<UnboundedReceiver<Pressed>>>,
}

impl Default for Alerts {
    fn default() -> Self {
        let (pressing, pressed) = unbounded_channel();
        Self {
            watched: Mutex::default(),
            rows: ArcSwap::default(),
            troubles: Mutex::default(),
            trouble: ArcSwapOption::empty(),
            paused_until: ArcSwapOption::empty(),
            queued: Notify::new(),
            pressing,
            pressed: parking_lot::Mutex::new(Some(pressed)),
        }
    }
}

impl Alerts {
    /// Where every alert stood at the last evaluation; waits for nothing.
    pub(crate) fn rows(&self) -> Arc<Vec<AlertRow>> {
        self.rows.load_full()
    }

    /// Why a page is not delivered, while one isn't.
    pub(crate) fn trouble(&self) -> Option<Arc<String>> {
        self.trouble.load_full()
    }

    async fn troubled(&self, channel: Channel, trouble: Option<String>) {
        let mut troubles = self.troubles.lock().await;
        match trouble {
            Some(trouble) => {
                if troubles.get(channel.as_str()) != Some(&trouble) {
                    tracing::warn!(channel = channel.as_str(), "an alert could not be told: {trouble}");
                }
                troubles.insert(channel.as_str(), trouble);
            }
            None => {
                troubles.remove(channel.as_str());
            }
        }
        let all: Vec<_> = troubles.values().cloned().collect();
        self.trouble.store((!all.is_empty()).then(|| Arc::new(all.join(" "))));
    }
}

impl Running {
    /// Every alert, as it stands now.
    pub(crate) async fn alert_list(&self) -> AlertList {
        let watched = self.alerts.watched.lock().await;
        AlertList { alerts: rows(&watched) }
    }

    /// Somebody has seen this alert's incident: it isn't told again. With `incident` given, only if that one is
    /// still open.
    pub(crate) async fn acknowledge(&self, id: &str, incident: Option<u64>) -> Result<AlertRow, Failure> {
        let mut watched = self.alerts.watched.lock().await;
        let Some((name, kind)) = watched.find(id) else {
            let known: Vec<_> = rows(&watched).into_iter().map(|row| row.id).collect();
            return Err(Failure::new(Code::UnknownAlert, format!("There is no alert {id}."))
                .hint(format!("There are: {}.", known.join(", "))));
        };
        match watched.acknowledge(self, &name, kind, incident).await? {
            Acknowledged::Now | Acknowledged::Before => {}
            Acknowledged::Stale => {
                return Err(Failure::new(Code::NothingOpen, format!("{id} has no open incident."))
                    .hint("There is nothing to acknowledge: evenkeel alerts list"));
            }
        }
        let rows = rows(&watched);
        self.alerts.rows.store(Arc::new(rows.clone()));
        drop(watched);
        rows.into_iter()
            .find(|row| row.id == id)
            .ok_or_else(|| Failure::new(Code::UnknownAlert, format!("There is no alert {id} any more.")))
    }

    /// Sends one page of each kind through every channel, past the outbox, and tells what came of it.
    pub(crate) async fn test_alerts(&self) -> Vec<TestedPage> {
        let settings = self.settings();
        let promise = settings.config.slos.first().cloned().unwrap_or_default();
        let promise = crate::promises::watched(&promise);
        let mut tested = Vec::new();
        for kind in Kind::ALL {
            let text = words::test(kind, &promise);
            for channel in deliver::channels(&settings.config.alerts) {
                let error = deliver::test(self, channel, kind, &promise.name, &text).await.err();
                tested.push(TestedPage {
                    kind: kind.as_str().to_owned(),
                    channel: channel.as_str().to_owned(),
                    ok: error.is_none(),
                    error,
                });
            }
        }
        tested
    }

    /// Shows a page on the desktop; what is pressed on it comes back to `pressed`.
    fn show_page(&self, page: Page) -> tokio::sync::oneshot::Receiver<Result<(), String>> {
        self.notices.page(page, self.alerts.pressing.clone())
    }
}

fn rows(watched: &Watched) -> Vec<AlertRow> {
    let now_ms = Timestamp::now().as_millisecond();
    let mut rows = Vec::new();
    for watch in watched.watches() {
        for alert in watch.alerts() {
            let incident = alert.incident();
            rows.push(AlertRow {
                id: alert.id(watch.promise()),
                kind: alert.kind().as_str().to_owned(),
                slo: watch.promise().name.clone(),
                state: alert.state().as_str().to_owned(),
                since: Timestamp::from_millisecond(alert.since().wall_ms).unwrap_or_default(),
                incident: incident.map(evenkeel_slo::alerts::machine::Incident::id),
                acknowledged: incident.is_some_and(evenkeel_slo::alerts::machine::Incident::acknowledged),
                sentence: watch.sentence(alert.kind(), now_ms, &offset),
            });
        }
    }
    rows
}

/// Seconds that local time is ahead of UTC at a moment.
pub(crate) fn offset(at_ms: i64) -> i32 {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    TimeZone::system().to_offset(at).seconds()
}
