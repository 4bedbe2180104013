//! The rollback switch: on, every request goes to the primary with nothing but the key changed.
//!
//! Four hands can hold it: the environment (`BYPASS_ROUTER=true`, wins over all), the configuration
//! file, the command at run time, and one request's own header. The first three meet here.

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde::Serialize;

/// Who turned the bypass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BypassSource {
    /// `bypass = true` in the configuration file.
    Config,
    /// `BYPASS_ROUTER=true` in the router's own environment.
    Env,
    /// `evenkeel bypass on`, the tray or the dashboard.
    Command,
}

/// The switch as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BypassState {
    /// Whether requests bypass the router.
    pub on: bool,
    /// Whose word decides; `None` while off.
    pub source: Option<BypassSource>,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
}

/// `bypass off` cannot win over the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("BYPASS_ROUTER=true in the router's environment keeps the bypass on; unset it and restart Evenkeel")]
pub struct EnvironmentWins;

/// What each hand says. Small and copied whole, so that a reader never sees half a change.
#[derive(Debug, Clone, Copy)]
struct Hands {
    environment: Option<Timestamp>,
    command: Option<Timestamp>,
    config: Option<Timestamp>,
}

/// The switch that the plan reads on every request.
#[derive(Debug)]
pub(crate) struct BypassSwitch(ArcSwap<Hands>);

impl BypassSwitch {
    pub(crate) fn new(
        environment: Option<Timestamp>,
        config: Option<Timestamp>,
        command: Option<Timestamp>,
    ) -> Self {
        Self(ArcSwap::from_pointee(Hands { environment, command, config }))
    }

    pub(crate) fn state(&self) -> BypassState {
        let hands = self.0.load();
        let held = [
            (hands.environment, BypassSource::Env),
            (hands.command, BypassSource::Command),
            (hands.config, BypassSource::Config),
        ];
        match held.into_iter().find(|(since, _)| since.is_some()) {
            Some((since, source)) => BypassState { on: true, source: Some(source), since },
            None => BypassState { on: false, source: None, since: None },
        }
    }

    /// The command's hand. Turning off also overrules `bypass = true` in the file until that file is
    /// read again, for a founder who says "off" means off now.
    pub(crate) fn command(&self, on: bool, now: Timestamp) -> Result<BypassState, EnvironmentWins> {
        if !on && self.0.load().environment.is_some() {
            return Err(EnvironmentWins);
        }
        self.0.rcu(|hands| {
            if on {
                Hands { command: hands.command.or(Some(now)), ..**hands }
            } else {
                Hands { command: None, config: None, ..**hands }
            }
        });
        Ok(self.state())
    }

    /// The file's hand, at every reload.
    pub(crate) fn config(&self, on: bool, now: Timestamp) {
        self.0.rcu(|hands| Hands { config: on.then(|| hands.config.unwrap_or(now)), ..**hands });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn the_environment_wins_over_the_command() {
        let switch = BypassSwitch::new(Some(THEN), None, None);
        assert_eq!(switch.command(false, THEN), Err(EnvironmentWins));
        assert_eq!(switch.state().source, Some(BypassSource::Env));
    }

    #[test]
    fn off_by_command_overrules_the_file_until_it_is_read_again() {
        let switch = BypassSwitch::new(None, Some(THEN), None);
        assert!(switch.state().on);
        assert_eq!(switch.command(false, THEN).map(|state| state.on), Ok(false));
        switch.config(true, THEN);
        assert_eq!(switch.state().source, Some(BypassSource::Config));
    }

    #[test]
    fn on_twice_keeps_the_first_time() {
        let switch = BypassSwitch::new(None, None, None);
        let later = THEN + std::time::Duration::from_mins(1);
        switch.command(true, THEN).expect("nothing holds it");
        let state = switch.command(true, later).expect("nothing holds it");
        assert_eq!(state, BypassState { on: true, source: Some(BypassSource::Command), since: Some(THEN) });
    }
}
