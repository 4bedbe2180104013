//! The three alerts from the first failure to whoever is told, with the times of `[alerts]` shortened to seconds.
//!
//! - [`webhook`]: who is posted to
//! - [`desk`]: a desktop's own notification service, and whoever sits in front of it
//! - [`telling`]: once, at its time, in the right words, and no more than anybody can bear
//! - [`trouble`]: channels that are away, kills, edits, a database that is locked
//! - [`desktop`]: the same on the notification service
//! - [`plain`]: a notification service without buttons
//! - [`pausing`]: nothing is told for a while

mod desk;
mod desktop;
mod pausing;
mod plain;
mod telling;
mod trouble;
mod webhook;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::raw::Raw;
use crate::harness::{Answer, CHAT, Home, Server, scripted, until};
use webhook::Webhook;

const HOLD: Duration = Duration::from_secs(2);
/// What a loaded machine may take beyond that: an evaluation four times a second, and its page's way.
const SLACK: Duration = Duration::from_secs(6);

/// Two providers and their two lives.
struct Service {
    first: Raw,
    second: Raw,
}

impl Service {
    async fn start() -> Self {
        Self { first: scripted::start(true).await, second: scripted::start(false).await }
    }

    /// Shortened times; `alerts` are further lines of `[alerts]`, `more` further tables.
    fn config(&self, alerts: &str, more: &str) -> String {
        let prices = [
            scripted::price("calm-1", 1.0, 2.0),
            scripted::price("slow-1", 1.0, 2.0),
            // A dollar seventy for each answer.
            scripted::price("dear-1", 100_000.0, 100_000.0),
        ];
        format!(
            "{}{}[alerts]\nevaluate_every = \"250ms\"\nsuccess_hold = \"2s\"\np95_hold = \"2s\"\ncost_hold = \"2s\"\n\
             resolve_hold = \"1s\"\nreopen_within = \"1s\"\nlookback = \"1m\"\n{alerts}\n{more}",
            scripted::pair(&self.first, &self.second),
            prices.concat()
        )
    }
}

/// Some requests at once.
async fn ask(server: &Server, model: &str, stream: bool, requests: usize) {
    let question = json!([{ "role": "user", "content": "Hello" }]);
    let body = json!({ "model": model, "stream": stream, "messages": question });
    join_all((0..requests).map(|_| Answer::of(server.post(CHAT, &body)))).await;
}

/// Streams that break off after the first words, each of a model that no breaker knows yet.
async fn break_off(server: &Server, round: usize) {
    join_all((0..5).map(|number| {
        let model = format!("breaks-{round}-{number}");
        async move { ask(server, &model, true, 1).await }
    }))
    .await;
}

/// Goes on doing that until there is something to see.
async fn while_it_breaks<T>(server: &Server, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut round = 0;
    until(what, async || {
        round += 1;
        break_off(server, round).await;
        look().await
    })
    .await
}

/// Goes on asking what is answered well until there is something to see.
async fn while_it_works<T>(server: &Server, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    until(what, async || {
        ask(server, "calm-1", false, 10).await;
        look().await
    })
    .await
}

/// One alert as `alerts list` has it.
async fn alert(server: &Server, id: &str) -> Value {
    let list = server.admin_get("/api/alerts").await;
    let rows = list["alerts"].as_array().expect("alerts");
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}")).clone()
}

async fn state(server: &Server, id: &str) -> String {
    alert(server, id).await["state"].as_str().expect("a state").to_owned()
}

const SUCCESS: &str = "success:Everything";

/// A router whose success alert fires, and the page that told so.
async fn firing(alerts: &str, more: &str) -> (Service, Home, Server, Webhook, Value) {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let home = Home::with_config(&service.config(&format!("{alerts}\n{}", webhook.line()), more));
    let server = home.serve().await;
    let page = while_it_breaks(&server, "a page", async || webhook.pages().into_iter().next()).await;
    (service, home, server, webhook, page)
}

/// Lets an outage or a recovery go on for so long.
async fn go_on(server: &Server, breaks: bool, time: Duration) {
    let end = Instant::now() + time;
    let mut round = 1_000;
    while Instant::now() < end {
        round += 1;
        if breaks {
            break_off(server, round).await;
        } else {
            ask(server, "calm-1", false, 5).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
