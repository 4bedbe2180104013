//! How things stand, as a person would say it.
//!
//! Tray, notices, command line and dashboard must never disagree, so each sentence is made here once, from
//! the same [`Status`] that the admin API answers with.

use crate::admin::types::{BypassStatus, ProviderStatus, State, Status};

/// The verdict: [`headline`] and [`serving`] in one line.
pub fn verdict(status: &Status) -> String {
    match serving(status) {
        Some(serving) => format!("{} {serving}", headline(status)),
        None => headline(status),
    }
}

/// The state in one sentence that a founder could say aloud.
pub fn headline(status: &Status) -> String {
    if status.pid.is_none() {
        return "Evenkeel is not running.".to_owned();
    }
    let sentence = if status.bypass.on {
        "Bypass is on.".to_owned()
    } else if status.state == State::Down {
        match without_key(status) {
            Some(provider) => format!("No request can be answered: {} has no key that works.", provider.name),
            None => "No request can be answered.".to_owned(),
        }
    } else if let Some(provider) = without_key(status) {
        format!("{} has no key that works.", provider.name)
    } else if let Some(provider) = resting(status) {
        format!("{} is resting.", provider.name)
    } else if status.ledger_error.is_some() {
        "Requests are answered but not written down.".to_owned()
    } else if status.config_error.is_some() {
        "The changed evenkeel.toml has a mistake.".to_owned()
    } else if let Some(first) = replaced(status) {
        format!("{} is not answering.", first.name)
    } else {
        "Everything works.".to_owned()
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
    if status.state == State::Down {
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

/// What needs a person now, in few words; `None` while nothing does.
pub fn urgent(status: &Status) -> Option<String> {
    if let Some(provider) = without_key(status) {
        let what = if provider.key == "rejected" { "rejected" } else { "missing" };
        return Some(format!("Key for {} {what}. Fix…", provider.name));
    }
    status.config_error.as_ref().map(|_| "evenkeel.toml has a mistake. Fix…".to_owned())
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
