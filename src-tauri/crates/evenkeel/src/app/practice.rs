//! The two simulated providers, in use while no real one is configured.

use evenkeel_config::Config;
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

/// The configuration with the practice providers in place of the real ones.
pub(super) fn in_place(config: Config, practice: &Practice) -> Option<Config> {
    let url = |name| practice.base_url(name)?.parse().ok();
    Some(config.for_practice(url(PRACTICE_A)?, url(PRACTICE_B)?))
}

/// One of them as the admin API shows it.
pub(crate) fn view(status: &Status) -> PracticeProvider {
    let dialects: Vec<String> = status.dialects.iter().map(|dialect| dialect.as_str().to_owned()).collect();
    // Both answer both dialects for now; each still stands for one vendor.
    let stands_for = if status.name == PRACTICE_B { "anthropic" } else { "openai" };
    PracticeProvider {
        name: status.name.clone(),
        dialect: stands_for.to_owned(),
        dialects,
        listen: status.listen.to_string(),
        fault: status.fault.name().to_owned(),
        value: status.fault.value(),
        requests: status.requests,
    }
}
