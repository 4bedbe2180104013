//! A page as the services that people already use want it posted.
//!
//! Which service it is shows in the address: `hooks.slack.com` gets a line of text, an address that ends in `/v2/enqueue` an
//! event of the kind that pagers take, with a deduplication key, an ntfy server a message for the topic in the path, and everybody else
//! [`Posted`], our own document. The secret comes from the keychain (`evenkeel key set webhook`) and never stands
//! in the file: a bearer token, a pager's routing key, or for Slack the last part of the address.

use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

#[cfg(test)]
mod tests;

/// Our own document: what a webhook that is none of the services above gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Posted {
    /// `firing`, `repeat`, `resolved`, `digest` or `test`.
    pub(crate) event: String,
    /// `success`, `p95` or `cost`; absent in a digest.
    pub(crate) kind: Option<String>,
    /// The promise's name; absent in a digest.
    pub(crate) slo: Option<String>,
    /// The incident: the same for a page, its repeats and its end.
    pub(crate) incident: String,
    /// When it was found, not when it was sent.
    pub(crate) at: Timestamp,
    /// One line.
    pub(crate) title: String,
    /// One sentence or two.
    pub(crate) body: String,
    /// Both providers are simulated.
    pub(crate) practice: bool,
}

/// What is sent where.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// The request that tells this page to the service behind `url`.
pub(crate) fn shape(url: &Url, secret: Option<&SecretString>, page: &Posted) -> Post {
    let mut post = Post { url: url.clone(), headers: HeaderMap::new(), body: Value::Null };
    let secret = secret.map(ExposeSecret::expose_secret);
    match Service::of(url) {
        Service::Slack => {
            if let Some(secret) = secret {
                post.url = below(url, secret);
            }
            post.body = json!({ "text": format!("*{}*\n{}", slack(&page.title), slack(&page.body)) });
        }
        Service::PagerDuty => post.body = pagerduty(secret, page),
        Service::Ntfy => {
            let topic = url.path().trim_matches('/').to_owned();
            post.url.set_path("/");
            post.body = json!({
                "topic": topic,
                "title": page.title,
                "message": page.body,
                "priority": if is_end(page) { 3 } else { 5 },
                "tags": [if is_end(page) { "white_check_mark" } else { "rotating_light" }],
            });
            bearer(&mut post.headers, secret);
        }
        Service::Own => {
            post.body = serde_json::to_value(page).unwrap_or_default();
            bearer(&mut post.headers, secret);
        }
    }
    post
}

enum Service {
    Slack,
    PagerDuty,
    Ntfy,
    Own,
}

impl Service {
    fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        if host == "hooks.slack.com" || url.path().starts_with("/services/T") {
            Self::Slack
        } else if url.path().ends_with("/v2/enqueue") {
            Self::PagerDuty
        } else if host == "ntfy.sh" || host.split('.').any(|label| label == "ntfy") {
            Self::Ntfy
        } else {
            Self::Own
        }
    }
}

fn is_end(page: &Posted) -> bool {
    page.event == "resolved"
}

fn pagerduty(routing_key: Option<&str>, page: &Posted) -> Value {
    let action = if is_end(page) { "resolve" } else { "trigger" };
    json!({
        "routing_key": routing_key,
        "event_action": action,
        // One incident there for one here: repeats don't open another, and the end closes it.
        "dedup_key": format!("evenkeel-{}", page.incident),
        "payload": {
            "summary": format!("{}: {}", page.title, page.body),
            "source": "evenkeel",
            "severity": "critical",
            "timestamp": page.at,
            "component": page.slo,
            "class": page.kind,
            "custom_details": { "practice": page.practice, "incident": page.incident },
        },
    })
}

/// Slack reads three characters as markup.
fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The address with the secret as the end of its path.
fn below(url: &Url, secret: &str) -> Url {
    let mut whole = url.clone();
    whole.set_path(&format!("{}/{}", url.path().trim_end_matches('/'), secret.trim_matches('/')));
    whole
}

fn bearer(headers: &mut HeaderMap, secret: Option<&str>) {
    let Some(secret) = secret else { return };
    // A key with a line break in it can't be sent; the service's refusal says that it is missing.
    if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {secret}")) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
}
