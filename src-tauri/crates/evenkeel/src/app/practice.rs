//! The two simulated providers, in use while no real one is configured.

use evenkeel_config::{Config, Dialect};
use evenkeel_practice::{Options, PRACTICE_A, PRACTICE_B, Pace, Practice, Status};

use crate::{
    admin::types::PracticeProvider,
    failure::{Code, Failure},
};

/// `instant` makes practice answers come without delay, for tests and measurements.
const PACE_VARIABLE: &str = "EVENKEEL_PRACTICE_PACE";

/// Starts both of them.
pub(super) async fn start() -> Result<Practice, Failure> {
    let instant = std::env::var(PACE_VARIABLE).is_ok_and(|pace| pace == "instant");
    let pace = if instant { Pace::Instant } else { Pace::default() };
    Practice::start(Options { pace, ..Options::default() }).await.map_err(|error| {
        Failure::new(Code::PortInUse, format!("The practice providers can't listen on 127.0.0.1: {error}."))
            .hint("Check that this machine has a loopback address and free ports.")
    })
}

/// The configuration with the practice providers in place of the real ones, each with what it really speaks.
pub(super) fn in_place(config: Config, practice: &Practice) -> Option<Config> {
    let url = |name| practice.base_url(name)?.parse().ok();
    let mut config = config.for_practice(url(PRACTICE_A)?, url(PRACTICE_B)?);
    for status in practice.status() {
        if let Some(provider) = config.providers.iter_mut().find(|provider| provider.name == status.name) {
            provider.dialects = status.dialects.iter().copied().map(configured).collect();
            provider.responses = status.responses;
        }
    }
    Some(config)
}

/// The same dialect, as the configuration names it.
fn configured(dialect: evenkeel_practice::Dialect) -> Dialect {
    match dialect {
        evenkeel_practice::Dialect::OpenAi => Dialect::OpenAi,
        evenkeel_practice::Dialect::Anthropic => Dialect::Anthropic,
    }
}

/// One of them as the admin API shows it.
pub(crate) fn view(status: &Status) -> PracticeProvider {
    let dialects: Vec<String> = status.dialects.iter().map(|dialect| dialect.as_str().to_owned()).collect();
    PracticeProvider {
        name: status.name.clone(),
        dialect: dialects.first().cloned().unwrap_or_default(),
        dialects,
        listen: status.listen.to_string(),
        fault: status.fault.name().to_owned(),
        value: status.fault.value(),
        requests: status.requests,
    }
}
