//! `evenkeel status`: a verdict first, then the facts.

use std::fmt::Write;

use evenkeel_slo::report::{SloDocument, SloReport};

use super::{Done, Stop, context::Context};
use crate::{
    admin::types::{BypassStatus, NetworkStatus, ProviderStatus, State, Status},
    words,
};

/// Something needs a person.
const DEGRADED: u8 = 3;
/// No router runs.
const NOT_RUNNING: u8 = 4;

pub(crate) fn run(context: &Context) -> Result<Done, Stop> {
    let router = context.router()?;
    let status = match &router {
        Some(router) => router.get("/api/status")?,
        None => at_rest(context),
    };
    let exit = match (status.pid, status.state) {
        (None, _) => NOT_RUNNING,
        (Some(_), State::Healthy) => 0,
        (Some(_), State::Degraded | State::Down) => DEGRADED,
    };
    if context.json {
        return Ok(Done::json(&status)?.exit(exit));
    }
    // The promises in the words that `evenkeel slo` has for them. Where they can't be read the rest is worth saying.
    let promises = router.and_then(|router| router.get::<SloDocument>("/api/slo").ok());
    let promises = promises.map(|document| document.slos).unwrap_or_default();
    Ok(Done::text(in_words(&status, &promises, &context.program())).exit(exit))
}

/// What can be said while nothing runs: the configured address and the stored switch.
pub(crate) fn at_rest(context: &Context) -> Status {
    let config = context.config().map(|parsed| parsed.config);
    let config_error = config.as_ref().err().map(|stop| stop.error.message.clone());
    let config = config.unwrap_or_default();
    let stored = context.reader().ok().flatten().and_then(|reader| crate::app::bypass::stored_in(&reader));
    let bypass = match (crate::app::environment_bypass(), stored, config.bypass) {
        (true, _, _) => BypassStatus { on: true, source: Some("env".to_owned()), since: None },
        (_, Some(since), _) => {
            BypassStatus { on: true, source: Some("command".to_owned()), since: Some(since) }
        }
        (_, None, true) => BypassStatus { on: true, source: Some("config".to_owned()), since: None },
        (_, None, false) => BypassStatus { on: false, source: None, since: None },
    };
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        listen: config.server.listen.to_string(),
        pid: None,
        kind: None,
        uptime_s: None,
        state: State::Down,
        practice: config.providers.is_empty(),
        offline: false,
        network: NetworkStatus::default(),
        bypass,
        force: None,
        serving: None,
        providers: Vec::new(),
        slos: Vec::new(),
        burn: None,
        alerts: Vec::new(),
        alert_error: None,
        alerts_paused_until: None,
        frozen: false,
        config_error,
        ledger_error: None,
    }
}

fn in_words(status: &Status, promises: &[SloReport], program: &str) -> String {
    let mut text = format!("{}\n", words::verdict(status));
    let Some(pid) = status.pid else {
        let _ = writeln!(text, "Start it with: {program} serve");
        if let Some(error) = &status.config_error {
            let _ = writeln!(text, "It won't start as it is: {error}");
        }
        return text;
    };
    text.push('\n');
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<12}{value}");
    };
    let up = words::duration(status.uptime_s.unwrap_or(0));
    fact("Address", &format!("http://{} (pid {pid}, up {up}, version {})", status.listen, status.version));
    fact("Serving", status.serving.as_deref().unwrap_or("–"));
    let width = status.providers.iter().map(|provider| provider.name.chars().count()).max().unwrap_or(0);
    for (place, provider) in status.providers.iter().enumerate() {
        fact(if place == 0 { "Providers" } else { "" }, &provider_in_words(provider, width));
    }
    if let Some(network) = words::network(status) {
        fact("Network", &network);
    }
    fact("Bypass", &words::bypass(&status.bypass));
    if let Some(provider) = &status.force {
        fact("Sent to", &format!("{provider} first, by your choice"));
    }
    if status.practice {
        fact("Practice", "both providers are simulated; add a provider to evenkeel.toml to leave practice");
    }
    for (place, slo) in promises.iter().enumerate() {
        fact(if place == 0 { "Promises" } else { "" }, &promise_in_words(slo));
    }
    for (place, alert) in status.alerts.iter().enumerate() {
        let seen = if alert.acknowledged { ", acknowledged" } else { "" };
        fact(
            if place == 0 { "Alerts" } else { "" },
            &format!("{} fires: {}{seen}", alert.id, alert.sentence),
        );
    }
    if let Some(until) = words::paused_until(status) {
        fact("Paused", &format!("alerts are not told until {until}; requests go on being counted"));
    }
    if let Some(error) = &status.alert_error {
        fact("Not told", error);
    }
    if status.frozen {
        fact("Frozen", "changes of routes, models and prompt caching ask for a reason; see evenkeel slo");
    }
    if let Some(error) = &status.ledger_error {
        fact("Ledger", &format!("not written {error}"));
    }
    if let Some(error) = &status.config_error {
        fact("Config", &format!("not in force, the settings from before are: {error}"));
    }
    text
}

fn promise_in_words(slo: &SloReport) -> String {
    let words = &slo.words;
    format!(
        "{}: {} Success {}, {}; p95 {}; average cost {}",
        slo.name,
        words.verdict,
        words.success.value,
        words.success.left,
        words.latency.value,
        words.cost.value
    )
}

fn provider_in_words(provider: &ProviderStatus, width: usize) -> String {
    let key = match provider.key.as_str() {
        "none" => "needs no key",
        "ok" => "key found",
        "missing" => "key missing",
        _ => "key rejected",
    };
    let role = provider.role.as_deref().unwrap_or("no route");
    let resting = provider.breakers.iter().filter(|breaker| breaker.state != "closed").map(|breaker| {
        let reason = breaker.reason.as_deref().map(|reason| format!(", {reason}")).unwrap_or_default();
        match breaker.model.as_str() {
            "" => format!(", resting{reason}"),
            model => format!(", resting for {model}{reason}"),
        }
    });
    let dialects = provider.dialects.join(" and ");
    format!("{:<width$}  {role:<9}  {dialects}, {key}{}", provider.name, resting.collect::<String>())
}

#[cfg(test)]
mod tests;
