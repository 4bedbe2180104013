//! What the tray shows, as plain data: made from the router's status, compared with what is shown already.

use super::face::Face;
pub(crate) use crate::backend::words::Urgent;
use crate::backend::{NoRouter, State, Status, words};

/// Everything in the tray that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) face: Face,
    /// What needs a person; the row is there only then.
    pub(crate) urgent: Option<Urgent>,
    pub(crate) verdict: String,
    /// How the first promise stands; the row is there once somebody has looked at it.
    pub(crate) promise: Option<String>,
    /// Who serves; the row is there only if there is something to say.
    pub(crate) serving: Option<String>,
    /// The providers that everything can be sent to, in the order in which they are asked.
    pub(crate) providers: Vec<String>,
    /// The one that a person chose; `None` is automatic.
    pub(crate) forced: Option<String>,
    pub(crate) bypass: bool,
    /// Until when alerts are paused, in words.
    pub(crate) paused_until: Option<String>,
    /// There is a router; without one only the window can be opened.
    pub(crate) routes: bool,
}

impl View {
    /// Of a running router. While the keychain is still asked, a key that isn't there yet is not missing.
    pub(crate) fn of(status: &Status, waits_for_keys: bool) -> View {
        let urgent = words::urgent(status).filter(|_| !waits_for_keys);
        let routed = status.providers.iter().filter(|provider| provider.role.is_some());
        let verdict =
            if waits_for_keys { "Waiting for the keychain.".to_owned() } else { words::headline(status) };
        View {
            face: face(status, urgent.is_some(), waits_for_keys),
            urgent,
            verdict,
            // Without a network the promise stands still, and what counts is what is kept on this machine.
            promise: words::saved(status).or_else(|| words::promise(status)),
            serving: words::serving(status),
            providers: routed.map(|provider| provider.name.clone()).collect(),
            forced: status.force.clone(),
            bypass: status.bypass.on,
            paused_until: words::paused_until(status),
            routes: true,
        }
    }

    /// Of an app whose router did not start.
    pub(crate) fn without_router(why: &NoRouter) -> View {
        let text = match &why.port {
            Some(port) => format!("Port {} taken. Choose…", port.offer.taken.port()),
            None => why.headline().to_owned(),
        };
        View {
            face: Face::Broken,
            urgent: Some(Urgent { text, screen: "overview" }),
            verdict: "Evenkeel is not running.".to_owned(),
            promise: None,
            serving: None,
            providers: Vec::new(),
            forced: None,
            bypass: false,
            paused_until: None,
            routes: false,
        }
    }
}

fn face(status: &Status, urgent: bool, waits_for_keys: bool) -> Face {
    if status.bypass.on {
        Face::Paused
    } else if status.offline {
        Face::Offline
    } else if (status.state == State::Down && !waits_for_keys) || words::is_broken(status) {
        Face::Broken
    } else if status.alerts_paused_until.is_some() {
        // It silences; it doesn't hide that requests fail.
        Face::Paused
    } else if urgent
        || words::is_at_risk(status)
        || status.state != State::Healthy
        || words::replaced(status).is_some()
    {
        Face::Risk
    } else {
        Face::Kept
    }
}

#[cfg(test)]
mod tests;
