//! `GET /api/status`.

use std::sync::Arc;

use axum::{Json, extract::State};
use evenkeel_router::{BreakerState, BypassSource, BypassState, KeyState, Network, ProviderView};

use super::types::{BreakerStatus, BypassStatus, NetworkStatus, ProviderStatus, State as Health, Status};
use crate::{app::Running, promises::board::Narrow};

pub(super) async fn get(State(running): State<Arc<Running>>) -> Json<Status> {
    // Whoever has the last byte of an answer finds its request in the figures.
    if let Err(failure) = running.slo_document(&Narrow::default()).await {
        tracing::warn!("{}", failure.message);
    }
    Json(of(&running))
}

/// How a running app stands, with the promises as they were last looked at.
pub(crate) fn of(running: &Running) -> Status {
    let routing = running.routing();
    let snapshot = routing.router.snapshot();
    let providers: Vec<_> =
        snapshot.providers.iter().map(|view| provider(view, running.keys.is_rejected(&view.name))).collect();
    let config_error = running.rejected().map(|rejected| rejected.error.clone());
    let ledger_error = running.ledger_error();
    let run = running.run_file();
    let seen = running.promises.seen();
    let rows = running.alerts.rows();
    let alerts: Vec<_> = rows.iter().filter(|row| row.state == "firing").cloned().collect();
    let network = network(routing.router.network(), running.away.counts());
    let ails = config_error.is_some() || ledger_error.is_some() || !alerts.is_empty();
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        listen: run.listen.to_string(),
        pid: Some(run.pid),
        kind: Some(run.kind),
        uptime_s: Some(running.uptime().as_secs()),
        state: under(&network, health(&providers, ails)),
        practice: routing.practice,
        offline: network.state == OFFLINE,
        network,
        bypass: bypass(routing.router.bypass()),
        force: routing.router.force(),
        serving: serving(snapshot.serving, &providers),
        providers,
        slos: seen.slos.clone(),
        burn: seen.burn,
        alerts,
        alert_error: running.alerts.trouble().map(|trouble| trouble.as_ref().clone()),
        alerts_paused_until: running.alerts.paused_until(),
        frozen: seen.frozen,
        config_error,
        ledger_error,
    }
}

const OFFLINE: &str = "offline";
const UNREACHABLE: &str = "unreachable";

/// The network in the API's words.
fn network(network: Network, (saved_answers, failed): (u64, u64)) -> NetworkStatus {
    let (state, since, reason) = match network {
        Network::Online => return NetworkStatus::default(),
        Network::Unreachable { since, providers } => (UNREACHABLE, since, providers.join(", ")),
        Network::Offline { since, witness } => (OFFLINE, since, witness.as_str().to_owned()),
    };
    let (saved_answers, failed) = if state == OFFLINE { (saved_answers, failed) } else { (0, 0) };
    NetworkStatus { state: state.to_owned(), since: Some(since), reason: Some(reason), saved_answers, failed }
}

/// While offline saved answers still work, and no provider is to blame. Where nobody can be reached although the
/// network is there, nothing new is answered.
fn under(network: &NetworkStatus, health: Health) -> Health {
    match network.state.as_str() {
        OFFLINE => Health::Degraded,
        UNREACHABLE => Health::Down,
        _ => health,
    }
}

/// The switch in the API's words.
pub(super) fn bypass(state: BypassState) -> BypassStatus {
    let source = state.source.map(|source| match source {
        BypassSource::Config => "config",
        BypassSource::Env => "env",
        BypassSource::Command => "command",
    });
    BypassStatus { on: state.on, source: source.map(str::to_owned), since: state.since }
}

fn provider(view: &ProviderView, rejected: bool) -> ProviderStatus {
    let key = match view.key {
        KeyState::Present(_) if rejected => "rejected",
        KeyState::Present(_) => "ok",
        KeyState::Missing => "missing",
        KeyState::NotNeeded => "none",
    };
    let breakers = view.breakers.iter().map(|breaker| BreakerStatus {
        model: breaker.model.clone(),
        state: match breaker.state {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half_open",
            BreakerState::Parked => "parked",
        }
        .to_owned(),
        reason: Some(breaker.reason.as_str().to_owned()),
        until: breaker.until,
    });
    ProviderStatus {
        name: view.name.clone(),
        role: view.role.map(|role| role.as_str().to_owned()),
        dialects: view.dialects.iter().map(|dialect| dialect.as_str().to_owned()).collect(),
        key: key.to_owned(),
        breakers: breakers.collect(),
    }
}

/// Who answered last; who would answer first where that one is gone or has no key.
fn serving(last: Option<String>, providers: &[ProviderStatus]) -> Option<String> {
    let can = |provider: &&ProviderStatus| provider.role.is_some() && !lacks_key(provider);
    let still = last.filter(|last| providers.iter().filter(can).any(|provider| provider.name == *last));
    still.or_else(|| providers.iter().find(can).map(|provider| provider.name.clone()))
}

fn lacks_key(provider: &ProviderStatus) -> bool {
    matches!(provider.key.as_str(), "missing" | "rejected")
}

/// Bypass is a decision, not an ailment, so it doesn't count; a provider that no route names doesn't
/// either.
fn health(providers: &[ProviderStatus], ails: bool) -> Health {
    // A model that a provider doesn't have is the business of whoever asked for it.
    let ails_it = |breaker: &&BreakerStatus| {
        breaker.state != "closed"
            && (breaker.model.is_empty() || breaker.reason.as_deref() != Some("unserved"))
    };
    let works =
        |provider: &&ProviderStatus| !lacks_key(provider) && !provider.breakers.iter().any(|it| ails_it(&it));
    // The next request is tried there, so nobody knows that it can't be answered.
    let may_work = |provider: &&ProviderStatus| {
        !lacks_key(provider) && provider.breakers.iter().filter(ails_it).all(|it| it.state == "half_open")
    };
    let routed: Vec<_> = providers.iter().filter(|provider| provider.role.is_some()).collect();
    match routed.iter().copied().filter(works).count() {
        0 if !routed.iter().any(may_work) => Health::Down,
        0 => Health::Degraded,
        working if working < routed.len() || ails => Health::Degraded,
        _ => Health::Healthy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(role: Option<&str>, key: &str) -> ProviderStatus {
        ProviderStatus {
            name: "p".to_owned(),
            role: role.map(str::to_owned),
            dialects: Vec::new(),
            key: key.to_owned(),
            breakers: Vec::new(),
        }
    }

    #[test]
    fn a_model_that_nobody_has_is_no_outage_and_what_is_tried_next_is_none_yet() {
        let with = |model: &str, state: &str, reason: &str| {
            let breaker = BreakerStatus {
                model: model.to_owned(),
                state: state.to_owned(),
                reason: Some(reason.to_owned()),
                until: None,
            };
            ProviderStatus { breakers: vec![breaker], ..provider(Some("primary"), "ok") }
        };
        let both =
            |model, state, reason| health(&[with(model, state, reason), with(model, state, reason)], false);
        assert_eq!(both("gtp-4", "open", "unserved"), Health::Healthy);
        assert_eq!(both("gpt-4o", "open", "server_error"), Health::Down);
        assert_eq!(both("", "open", "billing"), Health::Down);
        assert_eq!(both("gpt-4o", "half_open", "server_error"), Health::Degraded);
    }

    #[test]
    fn a_network_that_is_away_is_no_outage_and_one_that_is_there_is() {
        let since = jiff::Timestamp::from_second(1_800_000_000).expect("a time");
        let offline =
            network(Network::Offline { since, witness: evenkeel_router::Witness::NoRoute }, (12, 2));
        assert_eq!((offline.saved_answers, offline.failed), (12, 2));
        assert_eq!((offline.state.as_str(), offline.reason.as_deref()), ("offline", Some("no_route")));
        let both = vec!["a".to_owned(), "b".to_owned()];
        let unreachable = network(Network::Unreachable { since, providers: both }, (12, 2));
        assert_eq!(unreachable.saved_answers, 0, "that is another state's");
        assert_eq!(unreachable.reason.as_deref(), Some("a, b"));
        for (network, expected) in [
            (offline, Health::Degraded),
            (unreachable, Health::Down),
            (network(Network::Online, (12, 2)), Health::Healthy),
        ] {
            assert_eq!(under(&network, Health::Healthy), expected, "{network:?}");
        }
    }

    #[test]
    fn nobody_serves_who_is_gone_or_has_no_key() {
        let mut providers = [provider(Some("primary"), "missing"), provider(Some("secondary"), "ok")];
        providers[1].name = "q".to_owned();
        assert_eq!(serving(Some("p".to_owned()), &providers), Some("q".to_owned()));
        assert_eq!(serving(Some("gone".to_owned()), &providers), Some("q".to_owned()));
        assert_eq!(serving(None, &providers[..1]), None);
    }

    #[test]
    fn one_missing_key_degrades_and_two_take_it_down() {
        let (first, second) = (Some("primary"), Some("secondary"));
        let both = [provider(first, "ok"), provider(second, "none")];
        assert_eq!(health(&both, false), Health::Healthy);
        assert_eq!(health(&both, true), Health::Degraded);
        assert_eq!(health(&[provider(first, "ok"), provider(second, "missing")], false), Health::Degraded);
        assert_eq!(health(&[provider(first, "rejected"), provider(second, "missing")], false), Health::Down);
        assert_eq!(health(&[provider(first, "ok"), provider(None, "missing")], false), Health::Healthy);
    }
}
