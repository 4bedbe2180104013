//! "Pause alerts": for a while nothing is told, because somebody wants it so.
//!
//! Only the telling waits. Requests are counted, alerts fire and resolve, tray, dashboard and `status` show them; what
//! would have been told is told in one digest when the pause ends, as after quiet hours. Every pause has an end, and is
//! kept over a restart: one that nobody remembers would be an alarm that nobody hears.

use std::{sync::Arc, time::Duration};

use evenkeel_router::Event;
use evenkeel_store::Store;
use jiff::Timestamp;

use super::Alerts;
use crate::{
    app::Running,
    failure::{Code, Failure},
};

/// Until when; absent while there is no pause.
const SETTING: &str = "alerts_paused_until";
/// No pause is longer than this, also where a clock was set back meanwhile.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// Until when alerts are paused, for a router that starts.
pub(crate) async fn stored(store: &Store) -> Option<Timestamp> {
    store.setting(SETTING).await.ok().flatten().and_then(|until| until.parse().ok())
}

impl Alerts {
    /// The same with a pause from an earlier run.
    pub(crate) fn paused(until: Option<Timestamp>) -> Self {
        let alerts = Self::default();
        alerts.paused_until.store(until.map(Arc::new));
        alerts
    }

    /// Until when nothing is told; `None` while everything is.
    pub(crate) fn paused_until(&self) -> Option<Timestamp> {
        let until = *self.paused_until.load_full()?;
        is_possible(until, Timestamp::now()).then_some(until)
    }
}

impl Running {
    /// Pauses the alerts until then, or ends a pause (`None`), and keeps that over a restart.
    pub(crate) async fn pause_alerts(&self, until: Option<Timestamp>) -> Result<(), Failure> {
        if let Some(until) = until
            && !is_possible(until, Timestamp::now())
        {
            let message = format!("until: {until} is not within the next seven days.");
            return Err(Failure::new(Code::InvalidRequest, message)
                .hint("Give a time that is yet to come and no more than seven days away, or null."));
        }
        self.store()
            .set_setting(SETTING, until.map(|until| until.to_string()))
            .await
            .map_err(|error| Failure::internal("keep the pause over a restart", &error))?;
        self.alerts.paused_until.store(until.map(Arc::new));
        self.emit(Event::AlertsPaused { until });
        Ok(())
    }
}

fn is_possible(until: Timestamp, now: Timestamp) -> bool {
    until > now && until.duration_since(now).unsigned_abs() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_in_the_next_seven_days() {
        let now: Timestamp = "2026-11-20T14:00:00Z".parse().expect("a time");
        for (until, possible) in [
            ("2026-11-20T14:00:01Z", true),
            ("2026-11-27T14:00:00Z", true),
            ("2026-11-27T14:00:01Z", false),
            ("2026-11-20T14:00:00Z", false),
            ("2026-11-20T13:59:59Z", false),
        ] {
            assert_eq!(is_possible(until.parse().expect("a time"), now), possible, "{until}");
        }
    }
}
