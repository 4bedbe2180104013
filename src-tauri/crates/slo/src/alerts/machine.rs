//! One alert's states: inactive, pending, firing, resolved.
//!
//! Two rules make it unlike the usual one. Missing data never resolves an alert, for "no traffic" is no recovery.
//! And no alert ever fires on time that nobody watched: hold and recovery are sums of watched time between two
//! evaluations that agree, never differences of clocks, so that sleep, a clock that was set and a restart can't
//! fake them. Otherwise it is Prometheus's, and a test holds the two against each other.

use serde::{Deserialize, Serialize};

use crate::alerts::rules::millis;
use crate::alerts::tick::Tick;
use crate::alerts::{
    About, Context, Kind, Measured, Moment, Page, Promise, Reading, Rules, Unknown, Verdict,
};

mod incident;
mod phase;

#[cfg(test)]
mod tests;

pub use incident::Incident;
use phase::Phase;

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is wrong.
    Inactive,
    /// Something is wrong, not yet for long enough.
    Pending,
    /// Somebody has been told.
    Firing,
    /// It was wrong until a moment ago.
    Resolved,
}

impl State {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Inactive => "inactive",
            State::Pending => "pending",
            State::Firing => "firing",
            State::Resolved => "resolved",
        }
    }
}

/// Why an alert changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The condition was met.
    Breach,
    /// It was met for long enough.
    Held,
    /// It was no longer met.
    Healthy,
    /// It was over for long enough to be forgotten.
    Over,
    /// Nobody watched for a while.
    Gap,
    /// Another target was set.
    NewPromise,
    /// The alert was switched off, or its promise is gone.
    Disabled,
}

/// One change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Which alert.
    pub kind: Kind,
    /// From this state.
    pub from: State,
    /// To this one.
    pub to: State,
    /// For this reason.
    pub why: Why,
    /// When, on both clocks.
    pub at: Moment,
    /// The incident it belongs to.
    pub incident: Option<u64>,
}

/// What came of something that happened to an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Changes of state in their order; two where the hold time is zero.
    pub moved: Vec<Moved>,
    /// What to tell.
    pub page: Option<Page>,
    /// Whether what is saved is out of date: save it in one transaction with the page.
    pub save: bool,
}

/// What came of a click on "Acknowledge".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// It stops repeating.
    Now,
    /// It had stopped before.
    Before,
    /// The incident isn't open any more: nothing changed.
    Stale,
}

/// One alert of one promise; serialises to what has to survive a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    kind: Kind,
    enabled: bool,
    phase: Phase,
    /// When it came into its state.
    since: Moment,
    /// The open incident, or the last one while a breach would open it again.
    incident: Option<Incident>,
    /// The number of the last incident.
    last_incident: u64,
}

impl Alert {
    /// One that knows nothing yet.
    pub fn new(kind: Kind, now: Moment) -> Alert {
        Alert { kind, enabled: true, phase: Phase::Inactive, since: now, incident: None, last_incident: 0 }
    }

    /// Which alert it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name among all alerts: `success:Everything`.
    pub fn id(&self, promise: &Promise) -> String {
        format!("{}:{}", self.kind.as_str(), promise.name)
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.phase.state()
    }

    /// When it came to stand there, on both clocks.
    pub fn since(&self) -> Moment {
        self.since
    }

    /// The incident that is open, or was until a moment ago.
    pub fn incident(&self) -> Option<&Incident> {
        self.incident.as_ref()
    }

    /// Whether it is switched on.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// While firing: since when there has been nothing to judge by, in milliseconds since 1970.
    pub fn no_traffic_since(&self) -> Option<i64> {
        match self.phase {
            Phase::Firing { no_traffic_since, .. } => no_traffic_since,
            _ => None,
        }
    }

    /// Whether nobody watched for a while since it fired, and nothing has been seen since.
    pub fn was_away(&self) -> bool {
        matches!(self.phase, Phase::Firing { away: true, .. })
    }

    /// While pending: how much longer it must stay so, in milliseconds.
    pub fn fires_in_ms(&self, rules: &Rules) -> Option<u64> {
        match self.phase {
            Phase::Pending { held_ms, .. } => Some(rules.hold_ms(self.kind).saturating_sub(held_ms)),
            _ => None,
        }
    }

    /// One evaluation.
    pub fn evaluate(
        &mut self,
        tick: &Tick,
        reading: &Reading,
        promise: &Promise,
        rules: &Rules,
        context: &Context,
    ) -> Step {
        let mut look = Look { tick, reading, promise, rules, context, step: Step::default() };
        if !self.enabled {
            return look.step;
        }
        if let Some(incident) = &mut self.incident {
            incident.pass(tick.passed_ms);
        }
        if tick.gap {
            self.after_gap(&mut look);
        }
        match self.phase {
            Phase::Inactive => self.inactive(&mut look),
            Phase::Pending { .. } => self.pending(&mut look),
            Phase::Firing { .. } => self.firing(&mut look),
            Phase::Resolved => self.resolved(&mut look),
        }
        look.step
    }

    fn after_gap(&mut self, look: &mut Look<'_>) {
        match self.phase {
            Phase::Pending { .. } => self.calm_down(Why::Gap, look),
            Phase::Firing { no_traffic_since, .. } => {
                self.phase = Phase::Firing { clear: None, no_traffic_since, away: true };
                look.step.save = true;
            }
            Phase::Inactive | Phase::Resolved => {}
        }
    }

    fn inactive(&mut self, look: &mut Look<'_>) {
        if look.reading.verdict == Verdict::Breach {
            self.incident = None;
            self.begin(look);
        }
    }

    fn resolved(&mut self, look: &mut Look<'_>) {
        let may_reopen = self.incident.as_ref().is_some_and(|incident| {
            incident.resolved_for_ms().is_some_and(|time| time < millis(look.rules.reopen_within))
        });
        if look.reading.verdict == Verdict::Breach {
            if !may_reopen {
                self.incident = None;
            }
            self.begin(look);
        } else if !may_reopen {
            self.incident = None;
            self.go(Phase::Inactive, Why::Over, look);
        }
    }

    fn begin(&mut self, look: &mut Look<'_>) {
        let since_ms = look.tick.now.wall_ms;
        self.go(Phase::Pending { held_ms: 0, counting: false, since_ms }, Why::Breach, look);
        self.pending(look);
    }

    fn pending(&mut self, look: &mut Look<'_>) {
        let Phase::Pending { held_ms, counting, since_ms } = self.phase else { return };
        match look.reading.verdict {
            Verdict::Healthy => self.calm_down(Why::Healthy, look),
            Verdict::Unknown(_) => {
                self.phase = Phase::Pending { held_ms, counting: false, since_ms };
                look.step.save = true;
            }
            Verdict::Breach => {
                // Only time between two breaches was spent in one.
                let held_ms = if counting { held_ms.saturating_add(look.tick.watched_ms) } else { held_ms };
                self.phase = Phase::Pending { held_ms, counting: true, since_ms };
                look.step.save = true;
                if held_ms >= look.rules.hold_ms(self.kind) {
                    self.fire(since_ms, look);
                }
            }
        }
    }

    /// Out of pending without having fired: to where a breach opens the last incident again, or to nothing.
    fn calm_down(&mut self, why: Why, look: &mut Look<'_>) {
        let phase = if self.incident.is_some() { Phase::Resolved } else { Phase::Inactive };
        self.go(phase, why, look);
    }

    fn fire(&mut self, since_ms: i64, look: &mut Look<'_>) {
        let now = look.tick.now;
        let about = if let Some(incident) = &mut self.incident {
            incident.reopen();
            About::Again
        } else {
            // The time makes it differ from incidents of a promise of the same name that was deleted.
            self.last_incident = u64::try_from(now.wall_ms).unwrap_or(0).max(self.last_incident + 1);
            let drill = look.context.drill.clone();
            self.incident = Some(Incident::open(self.last_incident, now, since_ms, drill));
            About::Fired
        };
        self.go(Phase::Firing { clear: None, no_traffic_since: None, away: false }, Why::Held, look);
        self.tell(about, look);
    }

    fn firing(&mut self, look: &mut Look<'_>) {
        let Phase::Firing { clear, no_traffic_since, away } = self.phase else { return };
        match look.reading.verdict {
            Verdict::Unknown(why) => {
                let newest = look.reading.measured.newest_ms.unwrap_or(look.tick.now.wall_ms);
                let quiet = matches!(why, Unknown::NoTraffic | Unknown::TooFew | Unknown::Offline);
                let no_traffic_since = no_traffic_since.or_else(|| quiet.then_some(newest));
                let clear = clear.map(phase::Clear::stopped);
                self.phase = Phase::Firing { clear, no_traffic_since, away };
            }
            Verdict::Breach => {
                self.phase = Phase::Firing { clear: None, no_traffic_since: None, away: false };
                let repeat = millis(look.rules.repeat_every);
                if self.incident.as_ref().is_some_and(|incident| incident.wants_repeat(repeat)) {
                    self.tell(About::Still, look);
                }
            }
            Verdict::Healthy => {
                let clear = phase::Clear::go_on(clear, look.tick.watched_ms, look.reading.healthy);
                self.phase = Phase::Firing { clear: Some(clear), no_traffic_since: None, away: false };
                let seen = look.reading.healthy.saturating_sub(clear.healthy_before);
                if clear.ms >= millis(look.rules.resolve_hold) && seen >= look.rules.resolve_requests {
                    self.resolve(look);
                }
            }
        }
    }

    fn resolve(&mut self, look: &mut Look<'_>) {
        self.go(Phase::Resolved, Why::Healthy, look);
        self.tell(About::Resolved, look);
        if let Some(incident) = &mut self.incident {
            incident.resolve(look.tick.now);
        }
    }

    fn go(&mut self, to: Phase, why: Why, look: &mut Look<'_>) {
        let moved = self.moved(to, why, look.tick.now);
        look.step.moved.push(moved);
        look.step.save = true;
    }

    fn moved(&mut self, to: Phase, why: Why, at: Moment) -> Moved {
        let from = self.state();
        self.phase = to;
        self.since = at;
        let incident = self.incident.as_ref().map(Incident::id);
        Moved { kind: self.kind, from, to: self.state(), why, at, incident }
    }

    fn tell(&mut self, about: About, look: &mut Look<'_>) {
        let Some(incident) = &mut self.incident else { return };
        let seq = incident.next_page();
        // Once the drill is over, what is still broken is no rehearsal.
        let rehearsal = about == About::Resolved || look.context.drill.is_some();
        let scope = &look.promise.name;
        look.step.page = Some(Page {
            key: format!("{}:{scope}:{}:{seq}", self.kind.as_str(), incident.id()),
            kind: self.kind,
            incident: incident.id(),
            seq,
            about,
            at_ms: look.tick.now.wall_ms,
            since_ms: incident.since_ms(),
            drill: incident.drill().filter(|_| rehearsal).map(str::to_owned),
            practice: look.context.practice,
            promise: look.promise.clone(),
            measured: look.reading.measured,
        });
        look.step.save = true;
    }

    /// Somebody has seen it: no repeats until it is resolved.
    pub fn acknowledge(&mut self, incident: u64) -> Acknowledged {
        match &mut self.incident {
            Some(open) if open.id() == incident && self.phase.state() == State::Firing => open.acknowledge(),
            _ => Acknowledged::Stale,
        }
    }

    /// Another target is in force. What was observed against the old one proves nothing about the new one: a
    /// pending alert begins anew, a firing one has to be shown healthy from now on.
    pub fn promise_changed(&mut self, now: Moment) -> Step {
        match self.phase {
            Phase::Pending { .. } => {
                let to = if self.incident.is_some() { Phase::Resolved } else { Phase::Inactive };
                let moved = self.moved(to, Why::NewPromise, now);
                Step { moved: vec![moved], page: None, save: true }
            }
            Phase::Firing { no_traffic_since, away, .. } => {
                self.phase = Phase::Firing { clear: None, no_traffic_since, away };
                Step { save: true, ..Step::default() }
            }
            Phase::Inactive | Phase::Resolved => Step::default(),
        }
    }

    /// Switches it off or on. Off closes the incident without a word, for whoever did it knows; on begins anew.
    pub fn set_enabled(&mut self, enabled: bool, now: Moment) -> Step {
        if self.enabled == enabled {
            return Step::default();
        }
        self.enabled = enabled;
        let moved = (self.state() != State::Inactive)
            .then(|| self.moved(Phase::Inactive, Why::Disabled, now))
            .into_iter()
            .collect();
        self.incident = None;
        Step { moved, page: None, save: true }
    }
}

/// What an evaluation looks at, and what came of it so far.
struct Look<'a> {
    tick: &'a Tick,
    reading: &'a Reading,
    promise: &'a Promise,
    rules: &'a Rules,
    context: &'a Context,
    step: Step,
}

impl Moved {
    /// Whether this opened an incident, or opened it again.
    pub fn raised(&self) -> bool {
        self.to == State::Firing
    }
}

impl Step {
    /// Whether nothing came of it.
    pub fn is_nothing(&self) -> bool {
        self.moved.is_empty() && self.page.is_none() && !self.save
    }
}

impl Measured {
    /// The average cost of a request in micro-dollars, rounded up; `None` of nothing.
    pub fn mean_micros(&self) -> Option<u64> {
        (self.n > 0).then(|| self.micros.div_ceil(self.n))
    }
}
