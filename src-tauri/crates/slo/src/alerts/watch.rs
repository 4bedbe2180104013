//! One promise under watch: its recent requests and its three alerts.
//!
//! An app holds one of these for each promise and book (real or practice), records each request of its scope once,
//! evaluates it every 15 s and saves [`Watch::saved`] whenever a [`Step`] says so. Started again, it restores the
//! watch and hands it the ledger's rows since [`Watch::wants_since`].

use serde::{Deserialize, Serialize};

use crate::alerts::rules::millis;
use crate::alerts::tick::{Pulse, Tick};
use crate::alerts::words;
use crate::alerts::{
    Acknowledged, Alert, Kind, Measured, Moment, Promise, Reading, Request, Rules, Step, Unknown, Verdict,
    Window, rule,
};

/// What else is going on while an alert is evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// This machine has no network: nothing can be said of anybody, and no alert is raised.
    pub offline: bool,
    /// The figures can't be trusted just now, because the database is locked for example: unknown, never healthy.
    pub blind: bool,
    /// The drill that is running.
    pub drill: Option<String>,
    /// Whether this is the practice book.
    pub practice: bool,
}

/// What has to survive a restart, of one promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pulse: Pulse,
    from_ms: i64,
    /// The promise that the alerts were judged by: another one may be in force when this is read.
    promise: Promise,
    alerts: [Alert; 3],
}

/// One promise under watch.
#[derive(Clone, Debug)]
pub struct Watch {
    promise: Promise,
    rules: Rules,
    window: Window,
    alerts: [Alert; 3],
    pulse: Pulse,
    readings: [Reading; 3],
    /// The window began anew at the restart, so that the gap before it takes nothing more away.
    began_anew: bool,
}

impl Watch {
    /// A watch over a promise that nobody has watched before.
    pub fn new(promise: Promise, rules: Rules, now: Moment) -> Watch {
        let alerts = Kind::ALL.map(|kind| Alert::new(kind, now));
        let (window, pulse) = (Window::default(), Pulse::default());
        Watch { promise, rules, window, alerts, pulse, readings: NOTHING, began_anew: false }
    }

    /// A watch that another process left behind. `alive_ms` is when that process is known to have been alive, by
    /// the wall clock, if that is later than what it saved.
    ///
    /// Hand it the requests since [`Watch::wants_since`] next; then evaluate. A target that was changed in between
    /// is taken as changed now.
    pub fn restore(
        promise: Promise,
        rules: Rules,
        saved: Saved,
        alive_ms: Option<i64>,
        now: Moment,
    ) -> Watch {
        let Saved { pulse, from_ms, promise: judged_by, alerts } = saved;
        let mut window = Window::default();
        window.restart(from_ms);
        let pulse = pulse.inherited(alive_ms);
        let began_anew = pulse.look(now, rules.every).gap;
        if began_anew {
            window.restart(now.wall_ms);
        }
        let mut watch =
            Watch { promise: judged_by, rules, window, alerts, pulse, readings: NOTHING, began_anew };
        watch.set_promise(promise, now);
        watch
    }

    /// What to save.
    pub fn saved(&self) -> Saved {
        Saved {
            pulse: self.pulse,
            from_ms: self.window.from_ms(),
            promise: self.promise.clone(),
            alerts: self.alerts.clone(),
        }
    }

    /// From when on (completed, in milliseconds since 1970) requests matter to a window that is filled again.
    pub fn wants_since(&self, now: Moment) -> i64 {
        let kinds = Kind::ALL.map(|kind| self.rules.window_ms(kind));
        let reach = kinds.into_iter().fold(millis(self.rules.lookback), u64::max);
        let earliest = now.wall_ms.saturating_sub(i64::try_from(reach).unwrap_or(i64::MAX));
        self.window.from_ms().max(earliest)
    }

    /// Takes one completed request of this promise's scope; each request once.
    pub fn record(&mut self, request: &Request) {
        self.window.record(request, &self.promise);
    }

    /// One evaluation: a step for each alert, in the order of [`Kind::ALL`].
    pub fn evaluate(&mut self, now: Moment, context: &Context) -> [Step; 3] {
        let tick = self.pulse.beat(now, self.rules.every);
        if tick.gap && !std::mem::take(&mut self.began_anew) {
            self.window.restart(now.wall_ms);
        }
        Kind::ALL.map(|kind| self.evaluate_one(kind, &tick, context))
    }

    fn evaluate_one(&mut self, kind: Kind, tick: &Tick, context: &Context) -> Step {
        let reading = rule::read(kind, &mut self.window, &self.promise, &self.rules, tick.now.wall_ms);
        let reading = match context {
            Context { blind: true, .. } => reading.but(Unknown::Blind),
            Context { offline: true, .. } => reading.but(Unknown::Offline),
            Context { .. } => reading,
        };
        self.readings[kind.index()] = reading;
        self.alerts[kind.index()].evaluate(tick, &reading, &self.promise, &self.rules, context)
    }

    /// Other targets are in force, or the same ones: then nothing happens. Where latencies were judged by another
    /// target, the window begins anew; fill it again from [`Watch::wants_since`], under the new one, or let it
    /// fill by itself.
    pub fn set_promise(&mut self, promise: Promise, now: Moment) -> [Step; 3] {
        let old = std::mem::replace(&mut self.promise, promise);
        let new = &self.promise;
        let latency = old.latency_ms != new.latency_ms || old.basis != new.basis;
        if latency {
            // Whoever hung up is a failure or isn't one by the latency target, so success begins anew as well.
            let from_ms = self.window.from_ms();
            self.window.restart(from_ms);
        }
        let changed = [old.success_ppm != new.success_ppm, latency, old.cost_micros != new.cost_micros];
        Kind::ALL.map(|kind| {
            let alert = &mut self.alerts[kind.index()];
            if changed[kind.index()] { alert.promise_changed(now) } else { Step::default() }
        })
    }

    /// Other rules are in force. Time already held counts against the new hold.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Switches one alert off or on.
    pub fn set_enabled(&mut self, kind: Kind, enabled: bool, now: Moment) -> Step {
        self.alerts[kind.index()].set_enabled(enabled, now)
    }

    /// The promise is gone, or has another name now: every incident is closed without a word.
    pub fn retire(mut self, now: Moment) -> [Step; 3] {
        Kind::ALL.map(|kind| self.set_enabled(kind, false, now))
    }

    /// Somebody has seen this incident of this alert.
    pub fn acknowledge(&mut self, kind: Kind, incident: u64) -> Acknowledged {
        self.alerts[kind.index()].acknowledge(incident)
    }

    /// What is promised.
    pub fn promise(&self) -> &Promise {
        &self.promise
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The three alerts, in the order of [`Kind::ALL`].
    pub fn alerts(&self) -> &[Alert; 3] {
        &self.alerts
    }

    /// One of them.
    pub fn alert(&self, kind: Kind) -> &Alert {
        &self.alerts[kind.index()]
    }

    /// Where one of them stands, in one sentence.
    pub fn sentence(&self, kind: Kind, now_ms: i64, zone: words::Zone<'_>) -> String {
        words::sentence(self.alert(kind), self.reading(kind), (&self.promise, &self.rules), now_ms, zone)
    }

    /// What the last evaluation saw of one of them.
    pub fn reading(&self, kind: Kind) -> &Reading {
        &self.readings[kind.index()]
    }
}

/// Before the first evaluation.
const NOTHING: [Reading; 3] = [Reading {
    verdict: Verdict::Unknown(Unknown::TooFew),
    measured: Measured { n: 0, hits: 0, micros: 0, unpriced: 0, window_ms: 0, newest_ms: None },
    healthy: 0,
}; 3];
