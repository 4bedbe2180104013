//! Brings pages from the outbox to people, each channel by itself: a webhook that hangs keeps nothing from the
//! desktop. A page is tried until its channel takes it; why it doesn't shows in the status meanwhile.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use evenkeel_config::Alerts as Settings;
use evenkeel_slo::alerts::{Kind, words::Text};
use evenkeel_store::PageState;
use jiff::Timestamp;
use reqwest::Client;
use secrecy::SecretString;
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};
use url::Url;

use super::{
    outbox,
    webhook::{self, Posted},
};
use crate::{app::Running, notices::page};

/// From this long on without an answer a channel is in trouble.
const PATIENCE: Duration = Duration::from_secs(5);
/// A webhook's connection and answer.
const WEBHOOK: Duration = Duration::from_secs(10);
/// Pauses between tries, the last one from then on.
const PAUSES: [u64; 7] = [1, 2, 5, 10, 20, 30, 60];
/// A page that nobody took for a day helps nobody any more; its alert still stands in the list.
const GIVEN_UP: Duration = Duration::from_hours(24);
/// How often the outbox is looked at while nothing is known to wait, should a wake-up have been missed.
const LOOK: Duration = Duration::from_mins(10);

/// How soon the database is asked again to take note of what became of a page.
const NOTE_AGAIN: Duration = Duration::from_secs(1);

/// What became of pages that the database would not note, by their keys, with when to try again. For the database
/// they still wait; whoever has one by then must not be told twice.
type Unnoted = BTreeMap<String, (PageState, Timestamp)>;

/// A way to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// The notification service.
    Desktop,
    /// `[alerts] webhook`.
    Webhook,
}

impl Channel {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Webhook => "webhook",
        }
    }
}

/// The channels that pages go to.
pub(super) fn channels(settings: &Settings) -> Vec<Channel> {
    let webhook = settings.webhook.as_ref().map(|_| Channel::Webhook);
    [Some(Channel::Desktop), webhook].into_iter().flatten().collect()
}

/// Brings one channel's pages until the app stops.
pub(crate) async fn deliver(running: Arc<Running>, channel: Channel) {
    let stopping = running.stopping();
    let mut unnoted = Unnoted::new();
    loop {
        let queued = running.alerts.queued.notified();
        let pause = tokio::select! {
            () = stopping.cancelled() => return,
            pause = round(&running, channel, &mut unnoted) => pause,
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            () = queued => {}
            () = sleep(pause) => {}
        }
    }
}

/// Tries all that is due; how long until the next one is.
async fn round(running: &Running, channel: Channel, unnoted: &mut Unnoted) -> Duration {
    let prefix = format!("{}/", channel.as_str());
    let queued = match running.store().pages_due(Timestamp::MAX).await {
        Ok(queued) => queued,
        Err(error) => {
            tracing::warn!(%error, "pages that wait can't be read");
            return LOOK;
        }
    };
    let mut next = LOOK;
    for row in queued.iter().filter(|row| row.key.starts_with(&prefix)) {
        let now = Timestamp::now();
        let known =
            unnoted.get(&row.key).copied().filter(|(state, due)| *state != PageState::Queued || *due > now);
        if known.is_none() && !unnoted.contains_key(&row.key) && row.due > now {
            next = next.min(row.due.duration_since(now).unsigned_abs());
            continue;
        }
        let (state, due) = match known {
            Some(known) => known,
            None => try_one(running, channel, row).await,
        };
        match running.store().page_tried(&row.key, state, due).await {
            Ok(_) => drop(unnoted.remove(&row.key)),
            Err(error) => {
                if unnoted.insert(row.key.clone(), (state, due)).is_none() {
                    tracing::warn!(%error, "what became of a page could not be kept; after a crash now it would be told twice");
                }
                next = next.min(NOTE_AGAIN);
            }
        }
        if state == PageState::Queued {
            next = next.min(due.duration_since(Timestamp::now()).try_into().unwrap_or_default());
        }
    }
    next
}

/// Tries one: what became of it, and when to try it again.
async fn try_one(running: &Running, channel: Channel, row: &evenkeel_store::Page) -> (PageState, Timestamp) {
    let failed = attempt(running, channel, row).await.err();
    let (state, pause) = match &failed {
        None => (PageState::Delivered, 0),
        Some(_) if is_over(row) => (PageState::Failed, 0),
        Some(_) => (PageState::Queued, pause(row.tries)),
    };
    if state == PageState::Failed {
        tracing::error!(title = row.title, body = row.body, "nobody took this alert for a day");
    }
    running.alerts.troubled(channel, failed.filter(|_| state == PageState::Queued)).await;
    let due = Timestamp::now().checked_add(Duration::from_secs(pause)).unwrap_or(Timestamp::MAX);
    (state, due)
}

fn pause(tries: u32) -> u64 {
    let place = usize::try_from(tries).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    PAUSES[place]
}

fn is_over(row: &evenkeel_store::Page) -> bool {
    Timestamp::now().duration_since(row.made).unsigned_abs() > GIVEN_UP
}

async fn attempt(running: &Running, channel: Channel, row: &evenkeel_store::Page) -> Result<(), String> {
    match channel {
        Channel::Desktop => {
            let opens = running.can_open_dashboard().await;
            shown(running, outbox::for_the_desktop(row, opens)).await
        }
        Channel::Webhook => posted(running, &outbox::for_the_webhook(row)).await,
    }
}

/// One test page through one channel.
pub(super) async fn test(
    running: &Running,
    channel: Channel,
    kind: Kind,
    slo: &str,
    text: &Text,
) -> Result<(), String> {
    match channel {
        Channel::Desktop => {
            let opens = running.can_open_dashboard().await;
            let page = page::Page {
                alert: format!("test:{}", kind.as_str()),
                incident: String::new(),
                title: text.title.clone(),
                body: text.body.clone(),
                urgent: false,
                actions: opens.then_some(page::Action::Open).into_iter().collect(),
            };
            let answer = running.show_page(page);
            match timeout(PATIENCE, answer).await {
                Ok(answer) => taken(answer),
                Err(_) => Err("The notification service gave no answer within 5 s.".to_owned()),
            }
        }
        Channel::Webhook => {
            let page = Posted {
                event: "test".to_owned(),
                kind: Some(kind.as_str().to_owned()),
                slo: Some(slo.to_owned()),
                incident: format!("test:{}", kind.as_str()),
                at: Timestamp::now(),
                title: text.title.clone(),
                body: text.body.clone(),
                practice: running.routing().practice,
            };
            posted(running, &page).await
        }
    }
}

/// Shows a page. A service that hangs is waited for, because a page that was ordered and then ordered again would
/// be shown twice once it wakes; meanwhile the trouble shows.
async fn shown(running: &Running, page: page::Page) -> Result<(), String> {
    let mut answer = running.show_page(page);
    if let Ok(answer) = timeout(PATIENCE, &mut answer).await {
        return taken(answer);
    }
    let hangs = "The notification service hangs; an alert waits for it.".to_owned();
    running.alerts.troubled(Channel::Desktop, Some(hangs)).await;
    taken(answer.await)
}

fn taken(answer: Result<Result<(), String>, oneshot::error::RecvError>) -> Result<(), String> {
    match answer {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("No notification service takes alerts here ({error}).")),
        Err(_) => Err("Too many notices wait for the notification service.".to_owned()),
    }
}

async fn posted(running: &Running, page: &Posted) -> Result<(), String> {
    let Some(url) = running.settings().config.alerts.webhook.clone() else {
        // Taken out of the file since the page was queued.
        return Ok(());
    };
    let secret = running.webhook_secret().await;
    let secret = secret.map_err(|trouble| format!("The webhook's secret can't be read. {trouble}"))?;
    post(&url, secret.as_ref(), page)
        .await
        .map_err(|error| format!("The webhook did not take an alert: {error}."))
}

async fn post(url: &Url, secret: Option<&SecretString>, page: &Posted) -> Result<(), String> {
    let post = webhook::shape(url, secret, page);
    evenkeel_router::install_crypto();
    // A client of its own: alerts are rare, and a connection kept for hours is dead when one comes.
    let build = || Client::builder().timeout(WEBHOOK).redirect(reqwest::redirect::Policy::none()).build();
    let client = tokio::task::spawn_blocking(build).await.map_err(|error| error.to_string())?;
    let client = client.map_err(|error| error.without_url().to_string())?;
    let body = serde_json::to_vec(&post.body).map_err(|error| error.to_string())?;
    let request = client
        .post(post.url)
        .headers(post.headers)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(body);
    // The address may hold a secret, so no error may name it.
    let answer = request.send().await.map_err(|error| reason(&error.without_url()))?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it answered {}", answer.status())) }
}

/// The innermost cause says what happened: "connection refused".
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within 10 s".to_owned();
    }
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}
