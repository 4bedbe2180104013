//! Which switches of provider are worth a notice: one when trouble begins, one when it is over, and nothing
//! of the back and forth between.
//!
//! An episode begins with a switch that nobody chose, and ends once the same provider has answered for a
//! minute. What was told before is remembered beyond it, so that "Back on …" can say how long it took.

use std::time::Duration;

use tokio::time::Instant;

use super::Notice;
use crate::words;

/// How long the same provider must answer before another switch is news.
const CALM: Duration = Duration::from_mins(1);

/// One switch, as the router told of it.
#[derive(Debug, Clone)]
pub(crate) struct Switch {
    pub(crate) from: String,
    pub(crate) to: String,
    /// What became of `from`, to stand behind its name; `None` where it was not asked at all.
    pub(crate) reason: Option<String>,
    pub(crate) at: Instant,
}

/// What has been told, and what goes on.
#[derive(Debug, Default)]
pub(crate) struct Episodes {
    /// Who should answer, and since when another one does.
    away: Option<(String, Instant)>,
    /// Who answers according to the last notice.
    told: Option<String>,
    episode: Option<(Instant, Switch)>,
}

impl Episodes {
    /// Takes a switch; the notice it deserves.
    pub(crate) fn switched(&mut self, switch: Switch) -> Option<Notice> {
        let ends = switch.at + CALM;
        if self.episode.is_some() {
            self.episode = Some((ends, switch));
            return None;
        }
        let notice = self.tell(&switch);
        if notice.is_some() {
            self.episode = Some((ends, switch));
        }
        notice
    }

    /// When [`Episodes::calm`] is due.
    pub(crate) fn ends(&self) -> Option<Instant> {
        self.episode.as_ref().map(|(ends, _)| *ends)
    }

    /// The same provider has answered for a minute; the notice that is owed if it isn't the one last told of.
    pub(crate) fn calm(&mut self) -> Option<Notice> {
        let (_, last) = self.episode.take()?;
        if self.told.as_ref() == Some(&last.to) { None } else { self.tell(&last) }
    }

    fn tell(&mut self, switch: &Switch) -> Option<Notice> {
        let Switch { from, to, reason, at } = switch;
        if let Some((_, since)) = self.away.take_if(|(home, _)| home == to) {
            self.told = Some(to.clone());
            let took = words::duration((*at - since).as_secs());
            return Some(Notice::new(format!("Back on {to}"), format!("It answers again, after {took}.")));
        }
        let Some(reason) = reason else {
            // A person's choice or a changed configuration: no news to whoever made it.
            self.away = None;
            return None;
        };
        self.away.get_or_insert_with(|| (from.clone(), *at));
        self.told = Some(to.clone());
        Some(Notice::new(format!("Switched to {to}"), format!("{from} {reason}; {to} answers now.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(from: &str, to: &str, reason: Option<&str>, at: Instant) -> Switch {
        Switch { from: from.to_owned(), to: to.to_owned(), reason: reason.map(str::to_owned), at }
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn trouble_is_told_once_and_its_end_with_how_long_it_took() {
        let (mut episodes, t) = (Episodes::default(), Instant::now());
        let told = episodes.switched(switch("a", "b", Some("is overloaded"), t)).expect("news");
        assert_eq!(told, Notice::new("Switched to b", "a is overloaded; b answers now."));
        assert_eq!(episodes.ends(), Some(after(t, 60)));
        assert_eq!(episodes.calm(), None);
        let back = episodes.switched(switch("b", "a", None, after(t, 845))).expect("news");
        assert_eq!(back, Notice::new("Back on a", "It answers again, after 14 min."));
    }

    #[test]
    fn back_and_forth_is_one_notice_until_it_is_calm() {
        let (mut episodes, t) = (Episodes::default(), Instant::now());
        assert!(episodes.switched(switch("a", "b", Some("is overloaded"), t)).is_some());
        for round in 1..10_u64 {
            let at = after(t, round * 20);
            let (from, to) = if round % 2 == 1 { ("b", "a") } else { ("a", "b") };
            let reason = (round % 2 == 0).then_some("is overloaded");
            assert_eq!(episodes.switched(switch(from, to, reason, at)), None, "round {round}");
        }
        // It ended where it began, and the last notice said otherwise.
        assert_eq!(episodes.ends(), Some(after(t, 180 + 60)));
        assert_eq!(episodes.calm().map(|notice| notice.title).as_deref(), Some("Back on a"));
    }

    #[test]
    fn an_episode_that_ends_where_the_notice_said_needs_no_second_one() {
        let (mut episodes, t) = (Episodes::default(), Instant::now());
        assert!(episodes.switched(switch("a", "b", Some("is overloaded"), t)).is_some());
        assert!(episodes.switched(switch("b", "a", None, after(t, 5))).is_none());
        assert!(episodes.switched(switch("a", "b", Some("is overloaded"), after(t, 9))).is_none());
        assert_eq!(episodes.calm(), None);
        // How long it took counts from the first switch.
        let back = episodes.switched(switch("b", "a", None, after(t, 120))).expect("news");
        assert_eq!(back.body, "It answers again, after 2 min.");
    }

    #[test]
    fn a_person_s_own_choice_is_no_news() {
        let (mut episodes, t) = (Episodes::default(), Instant::now());
        assert_eq!(episodes.switched(switch("a", "b", None, t)), None);
        assert_eq!(episodes.ends(), None);
        // And what happens right after it is.
        assert!(episodes.switched(switch("b", "a", Some("broke off in the middle"), after(t, 1))).is_some());
    }
}
