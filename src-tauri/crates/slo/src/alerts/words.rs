//! What a page says: what was measured, what was promised, since when, whose doing it is, and one next step.
//!
//! Notification services cut without mercy and some without looking, so a title has 50 characters at most and a
//! body 180. Where that doesn't do, names give way before numbers, and the next step before both.

use crate::alerts::machine::Incident;
use crate::alerts::post::Digest;
use crate::alerts::promise::SLOW_PPM;
use crate::alerts::{
    About, Alert, Basis, Kind, Measured, Page, Promise, Reading, Rules, State, Unknown, Verdict,
};
use crate::figure::{count, counted, dollars, dollars_target, latency, percent, span};

mod clock;
mod fit;

#[cfg(test)]
mod tests;

use fit::{Body, clip};

/// Characters of a title at most.
pub const TITLE: usize = 50;

/// Characters of a body at most.
pub const BODY: usize = 180;

/// A notification's two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// At most [`TITLE`] characters.
    pub title: String,
    /// At most [`BODY`] characters.
    pub body: String,
}

/// Whose doing it is, as the ledger shows, and who else could answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blame {
    /// The provider that fails, is slow or costs most; empty if it can't be said.
    pub provider: String,
    /// The other one, if it is well: the next step is to use only that. Empty: look at the requests.
    pub other: String,
    /// The p95 in milliseconds over the same window, from the histogram, where one is known.
    pub p95_ms: Option<u64>,
}

/// Offset of local time from UTC in seconds, at a moment in milliseconds since 1970.
pub type Zone<'a> = &'a dyn Fn(i64) -> i32;

/// What a page says.
pub fn page(page: &Page, blame: &Blame, zone: Zone<'_>) -> Text {
    let news = page.about != About::Resolved;
    let what = if news { broken(page.kind, page.promise.basis) } else { kept(page.kind, page.promise.basis) };
    let again = match page.about {
        About::Still => "Still: ",
        About::Again => "Again: ",
        About::Fired | About::Resolved => "",
    };
    let title = title(mark(page), again, &page.promise, what);
    if !news {
        return Text { title, body: resolved(page, zone) };
    }
    let since = clock::at(page.since_ms, page.at_ms, zone);
    let body =
        Body::new(format!("{}, since {since}.", finding(page.kind, &page.promise, &page.measured, blame)))
            .and(&culprit(page.kind, blame))
            .and(&next_step(page.kind, blame))
            .fit(BODY);
    Text { title, body }
}

/// What several pages say at once.
pub fn digest(digest: &Digest, zone: Zone<'_>) -> Text {
    let all = u64::try_from(digest.pages.len()).unwrap_or(u64::MAX).saturating_add(digest.more);
    let rehearsal = !digest.pages.is_empty() && digest.pages.iter().all(|page| page.drill.is_some());
    let mark = if rehearsal { "[Drill] " } else { "" };
    let title = clip(&format!("{mark}{} held back", counted(all, "alert", "alerts")), TITLE);
    let mut body = String::new();
    for (place, page) in digest.pages.iter().enumerate() {
        let basis = page.promise.basis;
        let what =
            if page.about == About::Resolved { kept(page.kind, basis) } else { broken(page.kind, basis) };
        let line =
            format!("{} {}{what}. ", clock::at(page.at_ms, digest.at_ms, zone), whose(&page.promise, 24));
        let left = all - u64::try_from(place).unwrap_or(u64::MAX);
        let rest = and_more(left);
        if fit::length(&body) + fit::length(&line) + fit::length(&rest) > BODY {
            body.push_str(&rest);
            return Text { title, body };
        }
        body.push_str(&line);
    }
    if digest.more > 0 {
        body.push_str(&and_more(digest.more));
    }
    Text { title, body: body.trim_end().to_owned() }
}

fn and_more(number: u64) -> String {
    format!("And {} more in Evenkeel.", count(number))
}

/// What `evenkeel alerts test` sends for each alert.
pub fn test(kind: Kind, promise: &Promise) -> Text {
    let what = match kind {
        Kind::Success => "success",
        Kind::P95 => "latency",
        Kind::Cost => "cost",
    };
    Text {
        title: title("[Test] ", "", promise, broken(kind, promise.basis)),
        body: format!(
            "Nothing is wrong: this is how the {what} alert reaches you. You promised {}.",
            promised(kind, promise)
        ),
    }
}

/// Where an alert stands, in one sentence, for `alerts list` and the dashboard; [`Watch::sentence`] asks for it.
pub(crate) fn sentence(
    alert: &Alert,
    reading: &Reading,
    (promise, rules): (&Promise, &Rules),
    now_ms: i64,
    zone: Zone<'_>,
) -> String {
    if !alert.enabled() {
        return "Switched off.".to_owned();
    }
    let measured = &reading.measured;
    let finding = || finding(alert.kind(), promise, measured, &Blame::default());
    let time = |ms: i64| clock::at(ms, now_ms, zone);
    let broken_since = || time(alert.incident().map_or(alert.since().wall_ms, Incident::since_ms));
    match (alert.state(), reading.verdict) {
        (State::Firing, Verdict::Unknown(why)) => {
            format!("Broken since {}. {}", broken_since(), unknown(why, measured, time))
        }
        (State::Firing, _) => format!("{}, broken since {}.", finding(), broken_since()),
        (State::Pending, Verdict::Breach) => {
            let left = alert.fires_in_ms(rules).unwrap_or(0).div_ceil(1_000);
            format!("{}. An alert in {} if it stays so.", finding(), span(left))
        }
        (State::Resolved, _) => {
            let over = alert.incident().and_then(Incident::resolved).unwrap_or(alert.since());
            format!("Kept again since {}.", time(over.wall_ms))
        }
        (State::Inactive | State::Pending, Verdict::Unknown(why)) => unknown(why, measured, time),
        (State::Inactive | State::Pending, _) => format!("{}.", finding()),
    }
}

fn unknown(why: Unknown, measured: &Measured, time: impl Fn(i64) -> String) -> String {
    let all = || counted(measured.n.saturating_add(measured.unpriced), "request", "requests");
    match (why, measured.newest_ms) {
        (Unknown::TooFew, _) => format!("Too early to say. {} so far.", all()),
        (Unknown::NoTraffic, Some(newest)) => format!("No traffic since {}.", time(newest)),
        (Unknown::NoTraffic, None) => "No traffic yet.".to_owned(),
        (Unknown::Unpriced, _) => format!("{} of {} have no price.", count(measured.unpriced), all()),
        (Unknown::Offline, _) => "This computer is offline.".to_owned(),
        (Unknown::Blind, _) => "The figures could not be read just now.".to_owned(),
    }
}

/// Drills and the practice book must never be taken for the real thing.
fn mark(page: &Page) -> &'static str {
    match (&page.drill, page.practice) {
        (Some(_), _) => "[Drill] ",
        (None, true) => "PRACTICE: ",
        (None, false) => "",
    }
}

fn title(mark: &str, again: &str, promise: &Promise, what: &str) -> String {
    let fixed = fit::length(mark) + fit::length(again) + fit::length(what);
    let whose = whose(promise, TITLE.saturating_sub(fixed));
    let said = if whose.is_empty() && again.is_empty() { fit::capital(what) } else { what.to_owned() };
    clip(&format!("{mark}{again}{whose}{said}"), TITLE)
}

/// `Acme: `, or nothing for a promise about everything or where there is no room for a name worth reading.
fn whose(promise: &Promise, room: usize) -> String {
    const SEPARATOR: usize = 2;
    if promise.everything || promise.name.trim().is_empty() || room < SEPARATOR + 4 {
        return String::new();
    }
    format!("{}: ", clip(promise.name.trim(), room - SEPARATOR))
}

fn broken(kind: Kind, basis: Basis) -> &'static str {
    match (kind, basis) {
        (Kind::Success, _) => "too many requests fail",
        (Kind::P95, Basis::Complete) => "answers take too long",
        (Kind::P95, _) => "answers start too late",
        (Kind::Cost, _) => "requests cost too much",
    }
}

fn kept(kind: Kind, basis: Basis) -> &'static str {
    match (kind, basis) {
        (Kind::Success, _) => "requests succeed again",
        (Kind::P95, Basis::Complete) => "answers are fast again",
        (Kind::P95, _) => "answers start in time again",
        (Kind::Cost, _) => "cost is in budget again",
    }
}

fn promised(kind: Kind, promise: &Promise) -> String {
    match kind {
        Kind::Success => format!("{} answered", target(promise.success_ppm)),
        Kind::P95 => format!("95 of 100 within {}", latency(promise.latency_ms)),
        Kind::Cost => format!("{} a request on average", money_promised(promise)),
    }
}

/// What was measured beside what was promised, without its full stop.
fn finding(kind: Kind, promise: &Promise, measured: &Measured, blame: &Blame) -> String {
    let Measured { n, hits, .. } = *measured;
    let window = span(measured.window_ms.div_ceil(1_000));
    match kind {
        Kind::Success => {
            let rate = percent(n.saturating_sub(hits), n);
            let target = target(promise.success_ppm);
            format!("{} of {} failed in {window}: {rate} answered, promised {target}", count(hits), count(n))
        }
        Kind::P95 => {
            let slow =
                format!("{} of {} over {} in {window}", count(hits), count(n), latency(promise.latency_ms));
            match blame.p95_ms.filter(|&p95| p95 > promise.latency_ms) {
                Some(p95) => {
                    format!("{slow}: p95 is {}, promised {}", latency(p95), latency(promise.latency_ms))
                }
                None => format!("{slow}, promised at most {} in 100", SLOW_PPM / 10_000),
            }
        }
        Kind::Cost => {
            let mean = measured.mean_micros().map_or_else(|| crate::figure::UNKNOWN.to_owned(), money);
            let unpriced = match measured.unpriced {
                0 => String::new(),
                some => format!(", {} unpriced", count(some)),
            };
            let requests = counted(n, "request", "requests");
            let budget = money_promised(promise);
            format!("{mean} a request ({requests}{unpriced}, {window}), promised {budget} on average")
        }
    }
}

fn resolved(page: &Page, zone: Zone<'_>) -> String {
    let lasted = u64::try_from(page.at_ms.saturating_sub(page.since_ms)).unwrap_or(0) / 1_000;
    let (since, until) =
        (clock::at(page.since_ms, page.at_ms, zone), clock::at(page.at_ms, page.at_ms, zone));
    let finding = finding(page.kind, &page.promise, &page.measured, &Blame::default());
    Body::new(format!("Broken from {since} to {until} ({}).", span(lasted)))
        .and(&format!("Now {finding}."))
        .fit(BODY)
}

fn culprit(kind: Kind, blame: &Blame) -> String {
    if blame.provider.is_empty() {
        return String::new();
    }
    let who = clip(&blame.provider, 24);
    match kind {
        Kind::Success => format!("{who} is failing."),
        Kind::P95 => format!("{who} is the slow one."),
        Kind::Cost => format!("{who} costs most."),
    }
}

fn next_step(kind: Kind, blame: &Blame) -> String {
    match (kind, blame.other.as_str()) {
        (Kind::Cost, _) => "Next: look at the dearest requests.".to_owned(),
        (Kind::Success, "") => "Next: look at the failed requests.".to_owned(),
        (Kind::P95, "") => "Next: look at the slow requests.".to_owned(),
        (Kind::Success | Kind::P95, other) => format!("Next: use only {}.", clip(other, 24)),
    }
}

/// A target as it was set: `99.5 %`, without noughts that nobody typed.
fn target(ppm: u32) -> String {
    let (whole, rest) = (ppm / 10_000, ppm % 10_000);
    let decimals = format!("{rest:04}");
    match decimals.trim_end_matches('0') {
        "" => format!("{whole} %"),
        decimals => format!("{whole}.{decimals} %"),
    }
}

fn money(micros: u64) -> String {
    dollars(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// As it was set, without noughts that nobody typed.
fn money_promised(promise: &Promise) -> String {
    dollars_target(i64::try_from(promise.cost_micros).unwrap_or(i64::MAX))
}
