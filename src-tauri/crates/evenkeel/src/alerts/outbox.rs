//! Pages on their way: what is put into the database for each channel, and read out of it.

use evenkeel_slo::alerts::{About, Delivery, Kind, Page, words};
use evenkeel_store::{By, PageState};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    deliver::{Channel, channels},
    offset,
    webhook::Posted,
};
use crate::{
    app::Running,
    notices::page::{self, Action},
    promises::{book, counted},
};

/// Bad requests that are looked at to find out whose doing it is.
const LOOKED_AT: u32 = 500;

/// What a channel needs beside title and body.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Facts {
    event: String,
    alert: Option<String>,
    kind: Option<String>,
    slo: Option<String>,
    incident: u64,
    at: Timestamp,
    practice: bool,
    urgent: bool,
    /// The provider that everything could be sent to.
    other: Option<String>,
}

/// A delivery as rows of the outbox, one for each channel.
pub(super) async fn pages(
    running: &Running,
    delivery: &Delivery,
    practice: bool,
) -> Vec<evenkeel_store::Page> {
    let (text, facts) = match delivery {
        Delivery::Page(page) => of_a_page(running, page).await,
        Delivery::Digest(digest) => {
            let facts = Facts {
                event: "digest".to_owned(),
                alert: None,
                kind: None,
                slo: None,
                incident: 0,
                at: Timestamp::from_millisecond(digest.at_ms).unwrap_or_default(),
                practice,
                urgent: true,
                other: None,
            };
            (words::digest(digest, &offset), facts)
        }
    };
    let channels = channels(&running.settings().config.alerts);
    let page = |channel: Channel| evenkeel_store::Page {
        key: format!("{}/{}/{}", channel.as_str(), book(practice).0, delivery.key()),
        made: facts.at,
        due: Timestamp::now(),
        state: PageState::Queued,
        tries: 0,
        title: text.title.clone(),
        body: text.body.clone(),
        incident: (facts.incident > 0).then(|| facts.incident.to_string()),
        json: serde_json::to_string(&facts).ok(),
    };
    channels.into_iter().map(page).collect()
}

async fn of_a_page(running: &Running, page: &Page) -> (words::Text, Facts) {
    let blame = blame(running, page).await;
    let other = (page.kind != Kind::Cost && page.about != About::Resolved && !blame.other.is_empty())
        .then(|| blame.other.clone());
    let facts = Facts {
        event: match page.about {
            About::Fired | About::Again => "firing",
            About::Still => "repeat",
            About::Resolved => "resolved",
        }
        .to_owned(),
        alert: Some(format!("{}:{}", page.kind.as_str(), page.promise.name)),
        kind: Some(page.kind.as_str().to_owned()),
        slo: Some(page.promise.name.clone()),
        incident: page.incident,
        at: Timestamp::from_millisecond(page.at_ms).unwrap_or_default(),
        practice: page.practice,
        urgent: page.about.urgent(),
        other,
    };
    (words::page(page, &blame, &offset), facts)
}

/// Whose doing it is, and who could answer instead. What can't be found out is left out of the page.
async fn blame(running: &Running, page: &Page) -> words::Blame {
    let settings = running.settings();
    let Some(slo) = settings.config.slos.iter().find(|slo| slo.name == page.promise.name) else {
        return words::Blame::default();
    };
    let (mode, _) = book(page.practice);
    let to = Timestamp::from_millisecond(page.at_ms).unwrap_or_default();
    let reach = i64::try_from(page.measured.window_ms).unwrap_or(i64::MAX);
    let from = to.checked_sub(SignedDuration::from_millis(reach)).unwrap_or(Timestamp::MIN);
    let store = running.store();
    let provider = match page.kind {
        Kind::Success => {
            let bad = store.bad_requests(counted(slo), mode, from, to, LOOKED_AT).await.unwrap_or_default();
            most(bad.into_iter().filter_map(|bad| bad.provider.map(|provider| (provider, 1))))
        }
        Kind::P95 | Kind::Cost => {
            let shares = store.breakdown(mode, By::Provider, from, to).await.unwrap_or_default();
            let weight = |tally: &evenkeel_slo::tally::Tally| match page.kind {
                Kind::Cost => u64::try_from(tally.cost_micros).unwrap_or_default(),
                _ => tally.slow,
            };
            most(shares.into_iter().map(|share| (share.name, weight(&share.counts.tally))))
        }
    };
    let p95_ms = if page.kind == Kind::P95 {
        let window = store.promise_window(counted(slo), mode, from, to).await.ok();
        window.and_then(|window| window.counts.p95_ms())
    } else {
        None
    };
    let other = running.well_besides(&provider).unwrap_or_default();
    words::Blame { provider, other, p95_ms }
}

/// Who has most of it; nobody where there is nothing.
fn most(shares: impl Iterator<Item = (String, u64)>) -> String {
    let mut sums = std::collections::BTreeMap::<String, u64>::new();
    for (name, weight) in shares {
        *sums.entry(name).or_default() += weight;
    }
    let most = sums.into_iter().filter(|(name, weight)| *weight > 0 && !name.is_empty());
    most.max_by_key(|(_, weight)| *weight).map(|(name, _)| name).unwrap_or_default()
}

/// A row of the outbox as the desktop shows it; `opens`: whether the dashboard can be opened from here.
pub(super) fn for_the_desktop(row: &evenkeel_store::Page, opens: bool) -> page::Page {
    let facts = facts(row);
    let mut actions: Vec<_> = opens.then_some(Action::Open).into_iter().collect();
    if facts.as_ref().is_some_and(|facts| facts.urgent && facts.alert.is_some()) {
        actions.push(Action::Acknowledge);
    }
    actions.extend(facts.as_ref().and_then(|facts| facts.other.clone()).map(Action::UseOnly));
    page::Page {
        alert: facts.as_ref().and_then(|facts| facts.alert.clone()).unwrap_or_else(|| row.key.clone()),
        incident: row.incident.clone().unwrap_or_default(),
        title: row.title.clone(),
        body: row.body.clone(),
        urgent: facts.is_some_and(|facts| facts.urgent),
        actions,
    }
}

/// The same as it is posted.
pub(super) fn for_the_webhook(row: &evenkeel_store::Page) -> Posted {
    let facts = facts(row);
    let alert = facts.as_ref().and_then(|facts| facts.alert.clone()).unwrap_or_else(|| "digest".to_owned());
    Posted {
        event: facts.as_ref().map_or_else(|| "firing".to_owned(), |facts| facts.event.clone()),
        kind: facts.as_ref().and_then(|facts| facts.kind.clone()),
        slo: facts.as_ref().and_then(|facts| facts.slo.clone()),
        // Numbers begin anew with each alert, and other people's services want one for each incident.
        incident: match &row.incident {
            Some(incident) => format!("{alert}:{incident}"),
            None => row.key.clone(),
        },
        at: row.made,
        title: row.title.clone(),
        body: row.body.clone(),
        practice: facts.is_some_and(|facts| facts.practice),
    }
}

fn facts(row: &evenkeel_store::Page) -> Option<Facts> {
    serde_json::from_str(row.json.as_deref()?).ok()
}
