//! How things stand, as a person would say it.
//!
//! Tray, notices, command line and dashboard must never disagree, so each sentence is made here once, from
//! the same [`Status`] that the admin API answers with.

use evenkeel_slo::{budget::BurnColour, figure};

use crate::admin::types::{AlertRow, BypassStatus, ProviderStatus, State, Status};

/// The verdict: [`headline`] and [`serving`] in one line.
pub fn verdict(status: &Status) -> String {
    match serving(status) {
        Some(serving) => format!("{} {serving}", headline(status)),
        None => headline(status),
    }
}

/// The state in one sentence that a founder could say aloud: first what stops requests, then what harms them now,
/// then what only changes how they are looked after, and last how the promises stand.
pub fn headline(status: &Status) -> String {
    if status.pid.is_none() {
        return "Evenkeel is not running.".to_owned();
    }
    let sentence = if status.bypass.on {
        "Bypass is on.".to_owned()
    } else if status.offline {
        format!("No network{}. Saved answers only.", since(status))
    } else if is_unreachable(status) {
        format!("No provider can be reached{}.", since(status))
    } else if status.state == State::Down {
        match without_key(status) {
            Some(provider) => format!("No request can be answered: {} has no key that works.", provider.name),
            None => "No request can be answered.".to_owned(),
        }
    } else if let Some(provider) = without_key(status) {
        format!("{} has no key that works.", provider.name)
    } else if let Some(alert) = firing(status) {
        format!("{}.", capital(&broken(status, alert)))
    } else if let Some(provider) = resting(status) {
        format!("{} is resting.", provider.name)
    } else if status.ledger_error.is_some() {
        "Requests are answered but not written down.".to_owned()
    } else if status.config_error.is_some() {
        "The changed evenkeel.toml has a mistake.".to_owned()
    } else if let Some(first) = replaced(status) {
        format!("{} is not answering.", first.name)
    } else if status.frozen {
        "Frozen: changes ask for a reason.".to_owned()
    } else if status.alert_error.is_some() {
        "Alerts do not reach you.".to_owned()
    } else {
        promises(status)
    };
    let practice = if status.practice { "PRACTICE. " } else { "" };
    format!("{practice}{sentence}")
}

/// Who answers, and who would if that one could not; `None` where nobody does.
pub fn serving(status: &Status) -> Option<String> {
    status.pid?;
    if status.bypass.on {
        let first = status.providers.first().map_or("the first provider", |provider| &provider.name);
        return Some(format!("Requests go to {first} untouched; nothing is rescued."));
    }
    if status.state == State::Down || status.offline {
        return None;
    }
    let serving = status.serving.as_deref()?;
    let by_choice = status.force.as_deref() == Some(serving);
    let who =
        if by_choice { format!("{serving} serves, by your choice") } else { format!("{serving} serves") };
    let other = routed(status).find(|provider| provider.name != serving);
    Some(match other {
        None => format!("{who}. No second provider stands behind it."),
        Some(other) if lacks_key(other) || is_resting(other) => {
            format!("{who}; nothing stands behind it.")
        }
        Some(other) if replaced(status).is_some() => format!("{who} in place of {}.", other.name),
        Some(other) => format!("{who}, {} stands by.", other.name),
    })
}

/// The way to the providers, where there is something to say of it.
pub fn network(status: &Status) -> Option<String> {
    let reason = status.network.reason.as_deref().unwrap_or_default();
    if status.offline {
        let why = match reason {
            "no_names" => "no provider's name can be resolved",
            "captive_portal" => "this network wants a login first",
            _ => "this computer has no route to the internet",
        };
        let saved = saved(status).map(|saved| format!("; {saved}")).unwrap_or_default();
        return Some(format!("away{}: {why}; failures count as your own network's{saved}", since(status)));
    }
    is_unreachable(status).then(|| format!("nobody can be reached{}: {reason}", since(status)))
}

/// What saved answers did since the network is away: `12 saved answers served · 2 failed`; `None` while it is there.
pub fn saved(status: &Status) -> Option<String> {
    if !status.offline || status.bypass.on {
        return None;
    }
    let served = figure::counted(status.network.saved_answers, "saved answer", "saved answers");
    Some(match status.network.failed {
        0 if status.network.saved_answers == 0 => "No request since".to_owned(),
        0 => format!("{served} served"),
        failed => format!("{served} served · {} failed", figure::count(failed)),
    })
}

/// Until when alerts are paused, as the clock on the wall says; with the day where that isn't today.
pub fn paused_until(status: &Status) -> Option<String> {
    let zone = jiff::tz::TimeZone::system();
    let until = status.alerts_paused_until?.to_zoned(zone.clone());
    let today = jiff::Timestamp::now().to_zoned(zone).date();
    let form = if until.date() == today { "%H:%M" } else { "%a %H:%M" };
    Some(until.strftime(form).to_string())
}

fn is_unreachable(status: &Status) -> bool {
    status.network.state == "unreachable"
}

/// ` since 14:27`, as the clock on the wall says.
fn since(status: &Status) -> String {
    let Some(since) = status.network.since else { return String::new() };
    format!(" since {}", since.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M"))
}

/// How the first promise stands, in the row under the verdict; `None` while nobody has looked at one yet.
pub fn promise(status: &Status) -> Option<String> {
    let slo = status.slos.first()?;
    let Some(percent) = slo.success_percent else { return Some("No requests yet".to_owned()) };
    // A rate out of a handful of requests says nothing, and 100 % least of all.
    if slo.met.is_none() {
        return Some("Too early to judge every promise".to_owned());
    }
    let left = match slo.budget_left {
        over if over < 0 => format!("{} over", figure::count(over.unsigned_abs())),
        left => format!("{} left", figure::counted(left.unsigned_abs(), "failure", "failures")),
    };
    Some(format!("{} answered · {left}", rate(percent)))
}

/// A rate from a document, which has it in whole parts per million, cut and never rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate lies between 0 and 100 %"
)]
fn rate(percent: f64) -> String {
    figure::percent((percent * 10_000.0).round() as u64, 1_000_000)
}

/// What needs a person now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgent {
    /// It in few words.
    pub text: String,
    /// The dashboard's screen on which something can be done about it.
    pub screen: &'static str,
}

/// What needs a person now, the worst of it; `None` while nothing does. An alert that somebody has acknowledged is in
/// hands already.
pub fn urgent(status: &Status) -> Option<Urgent> {
    let (text, screen) = if let Some(provider) = without_key(status) {
        let what = if provider.key == "rejected" { "rejected" } else { "missing" };
        (format!("Key for {} {what}. Fix…", provider.name), "providers")
    } else if let Some(alert) = firing(status).filter(|alert| !alert.acknowledged) {
        (format!("{}. Look…", capital(&broken(status, alert))), "overview")
    } else if status.config_error.is_some() {
        ("evenkeel.toml has a mistake. Fix…".to_owned(), "overview")
    } else if status.alert_error.is_some() {
        ("Alerts do not reach you. Fix…".to_owned(), "settings")
    } else {
        return None;
    };
    Some(Urgent { text, screen })
}

/// The alert that matters most of those that fire: one that nobody has seen yet, and failing requests before slow
/// ones before dear ones.
pub fn firing(status: &Status) -> Option<&AlertRow> {
    let harm = |alert: &&AlertRow| match alert.kind.as_str() {
        "success" => 0,
        "p95" => 1,
        _ => 2,
    };
    status.alerts.iter().min_by_key(|alert| (alert.acknowledged, harm(alert)))
}

/// Whether requests fail more than promised, just now or over the promise's whole window.
pub fn is_broken(status: &Status) -> bool {
    status.alerts.iter().any(|alert| alert.kind == "success")
        || status.burn == Some(BurnColour::Red)
        || missed(status)
}

/// Whether somebody should look, although requests are answered as promised.
pub fn is_at_risk(status: &Status) -> bool {
    !status.alerts.is_empty()
        || status.burn == Some(BurnColour::Amber)
        || status.frozen
        || status.alert_error.is_some()
}

/// The first provider, while another one answers in its place and nobody chose that.
pub fn replaced(status: &Status) -> Option<&ProviderStatus> {
    let first = routed(status).next()?;
    let serving = status.serving.as_deref()?;
    let chosen = status.force.as_deref().is_some_and(|forced| forced == serving);
    (first.name != serving && !chosen && !status.bypass.on).then_some(first)
}

/// Where the switch stands and who holds it.
pub fn bypass(bypass: &BypassStatus) -> String {
    if !bypass.on {
        return "off".to_owned();
    }
    let by = match bypass.source.as_deref() {
        Some("env") => "BYPASS_ROUTER in the router's environment",
        Some("config") => "bypass = true in evenkeel.toml",
        _ => "command",
    };
    match bypass.since {
        Some(since) => format!("on since {} by {by}", since.strftime("%Y-%m-%d %H:%M:%S UTC")),
        None => format!("on by {by}"),
    }
}

/// A duration as people say it, in its two largest units: `2 h 3 min`.
pub fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// How the promises stand, while nothing else has to be said.
fn promises(status: &Status) -> String {
    if let Some(slo) = status.slos.iter().find(|slo| slo.met == Some(false)) {
        let whose = if status.slos.len() > 1 { format!("{}: a", slo.name) } else { "A".to_owned() };
        return format!("{whose} promise is missed.");
    }
    let kept = !status.slos.is_empty() && status.slos.iter().all(|slo| slo.met == Some(true));
    if kept { "All promises kept.".to_owned() } else { "Everything works.".to_owned() }
}

fn missed(status: &Status) -> bool {
    status.slos.iter().any(|slo| slo.met == Some(false))
}

/// What is wrong while an alert fires; with several promises it names the one that it is about.
fn broken(status: &Status, alert: &AlertRow) -> String {
    let what = match alert.kind.as_str() {
        "success" => "too many requests fail",
        "p95" => "answers are too slow",
        _ => "requests cost too much",
    };
    if status.slos.len() > 1 { format!("{}: {what}", alert.slo) } else { what.to_owned() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The providers that a route names, in the order in which they are asked.
fn routed(status: &Status) -> impl Iterator<Item = &ProviderStatus> {
    status.providers.iter().filter(|provider| provider.role.is_some())
}

fn without_key(status: &Status) -> Option<&ProviderStatus> {
    routed(status).find(|provider| lacks_key(provider))
}

fn lacks_key(provider: &ProviderStatus) -> bool {
    matches!(provider.key.as_str(), "missing" | "rejected")
}

fn resting(status: &Status) -> Option<&ProviderStatus> {
    status.providers.iter().find(|provider| is_resting(provider))
}

fn is_resting(provider: &ProviderStatus) -> bool {
    provider.breakers.iter().any(|breaker| breaker.state != "closed")
}

#[cfg(test)]
mod tests;
