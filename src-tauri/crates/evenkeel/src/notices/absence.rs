//! When a network that is away is worth a notice: once when it goes, once when it is back, and not for every metre of
//! a train's way through the hills.

use std::time::Duration;

use evenkeel_router::NetworkChange;
use tokio::time::Instant;

use super::Notice;
use crate::words;

/// A network that goes away again within this long of its last notice is no news.
const CALM: Duration = Duration::from_mins(1);

/// What has been told.
#[derive(Debug, Default)]
pub(crate) struct Absence {
    /// When the last notice was, and whether it said that the network is away.
    last: Option<(Instant, bool)>,
}

impl Absence {
    /// Takes a change; the notice it deserves. Providers that can't be reached over a network that is there have the
    /// alerts to tell of them.
    pub(crate) fn changed(&mut self, change: &NetworkChange, now: Instant) -> Option<Notice> {
        match *change {
            NetworkChange::Offline { .. } => {
                if self.last.is_some_and(|(at, _)| now.saturating_duration_since(at) < CALM) {
                    return None;
                }
                self.last = Some((now, true));
                Some(Notice::new(
                    "No network",
                    "Saved answers only. What else fails is put down to your network.",
                ))
            }
            NetworkChange::Back { seconds, .. } => {
                // Whoever was told that it is away is told that it is back, and nobody else.
                self.last.take_if(|(_, away)| *away)?;
                self.last = Some((now, false));
                let took = words::duration(seconds);
                Some(Notice::new("Back online", format!("Providers can be reached again, after {took}.")))
            }
            NetworkChange::Unreachable { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_router::Witness;

    use super::*;

    const AWAY: NetworkChange = NetworkChange::Offline { witness: Witness::NoRoute };
    const BACK: NetworkChange = NetworkChange::Back { offline: true, seconds: 250 };

    fn titles(changes: &[(u64, &NetworkChange)]) -> Vec<Option<String>> {
        let (mut absence, start) = (Absence::default(), Instant::now());
        let notices = changes.iter().map(|(second, change)| {
            absence.changed(change, start + Duration::from_secs(*second)).map(|notice| notice.title)
        });
        notices.collect()
    }

    fn told() -> [Option<String>; 2] {
        ["No network", "Back online"].map(|title| Some(title.to_owned()))
    }

    #[test]
    fn a_network_that_goes_and_comes_back_is_told_once_each() {
        let [away, back] = told();
        assert_eq!(titles(&[(0, &AWAY), (250, &BACK)]), [away, back]);
        let mut absence = Absence::default();
        absence.changed(&AWAY, Instant::now());
        let back = absence.changed(&BACK, Instant::now()).expect("news");
        assert_eq!(back.body, "Providers can be reached again, after 4 min.");
    }

    #[test]
    fn one_that_comes_and_goes_all_the_time_is_told_once() {
        let hills = [(0, &AWAY), (20, &BACK), (30, &AWAY), (40, &BACK), (50, &AWAY), (90, &BACK)];
        let [away, back] = told();
        let expected = [away.clone(), back, None, None, None, None];
        assert_eq!(titles(&hills), expected);
        assert_eq!(titles(&[(0, &AWAY), (20, &BACK), (90, &AWAY)])[2], away);
    }

    #[test]
    fn an_outage_of_the_providers_is_the_alerts_news() {
        let outage = NetworkChange::Unreachable { providers: vec!["a".to_owned()] };
        let over = NetworkChange::Back { offline: false, seconds: 9 };
        assert_eq!(titles(&[(0, &outage), (9, &over)]), [None, None]);
    }
}
