//! The machine by itself, under any sequence of verdicts, gaps and restarts.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::alerts::tick::Pulse;

#[derive(Clone, Copy, Debug)]
enum Event {
    Look(Verdict),
    Sleep,
    SetBack,
    Restart,
    Acknowledge,
    Drill(bool),
    NewPromise,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        30 => Just(Event::Look(Verdict::Breach)),
        20 => Just(Event::Look(Verdict::Healthy)),
        8 => Just(Event::Look(Verdict::Unknown(Unknown::NoTraffic))),
        1 => Just(Event::Sleep),
        1 => Just(Event::SetBack),
        1 => Just(Event::Restart),
        1 => Just(Event::Acknowledge),
        1 => any::<bool>().prop_map(Event::Drill),
        1 => Just(Event::NewPromise),
    ]
}

/// Long runs of one verdict, so that holds are reached.
fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec((event(), 1usize..40), 1..40).prop_map(|runs| {
        runs.into_iter().flat_map(|(event, times)| std::iter::repeat_n(event, times)).collect()
    })
}

struct Run {
    alert: Alert,
    pulse: Pulse,
    now: Moment,
    context: Context,
    healthy: u64,
    rules: Rules,
}

impl Run {
    fn new() -> Run {
        let now = Moment { wall_ms: 1_000_000_000, mono_ms: 0 };
        let alert = Alert::new(Kind::Success, now);
        let (pulse, context, rules) = (Pulse::default(), Context::default(), Rules::default());
        Run { alert, pulse, now, context, healthy: 0, rules }
    }

    fn step(&mut self, event: Event) -> (Step, Option<Verdict>, bool) {
        let mut verdict = Verdict::Breach;
        match event {
            Event::Look(seen) => verdict = seen,
            Event::Sleep => self.now.wall_ms += 30_000_000,
            Event::SetBack => self.now.wall_ms -= 90_000,
            Event::Restart => {
                let saved = serde_json::to_string(&(&self.alert, &self.pulse)).unwrap();
                (self.alert, self.pulse) = serde_json::from_str(&saved).unwrap();
                self.now.mono_ms = 0;
            }
            Event::Acknowledge => {
                if let Some(incident) = self.alert.incident().map(Incident::id) {
                    self.alert.acknowledge(incident);
                }
                return (Step::default(), None, false);
            }
            Event::Drill(on) => {
                self.context.drill = on.then(|| "D1".to_owned());
                return (Step::default(), None, false);
            }
            Event::NewPromise => return (self.alert.promise_changed(self.now), None, false),
        }
        self.now.wall_ms += 15_000;
        self.now.mono_ms += 15_000;
        self.healthy += u64::from(verdict == Verdict::Healthy);
        let tick = self.pulse.beat(self.now, self.rules.every);
        let reading = Reading { verdict, measured: Measured::default(), healthy: self.healthy };
        let step = self.alert.evaluate(&tick, &reading, &Promise::default(), &self.rules, &self.context);
        (step, Some(verdict), tick.gap)
    }
}

proptest! {
    #[test]
    fn no_sequence_breaks_the_promises_of_the_machine(events in events()) {
        let mut run = Run::new();
        let mut keys = std::collections::HashSet::new();
        let (mut breaches, mut healthy) = (0, 0);
        for event in events {
            let before = run.alert.state();
            let (step, verdict, gap) = run.step(event);
            if gap || matches!(event, Event::NewPromise) {
                (breaches, healthy) = (0, 0);
            }
            match verdict {
                Some(Verdict::Breach) => (breaches, healthy) = (breaches + 1, 0),
                Some(Verdict::Healthy) => (breaches, healthy) = (0, healthy + 1),
                Some(Verdict::Unknown(_)) | None => {}
            }
            for moved in &step.moved {
                prop_assert_ne!(moved.from, moved.to);
                if moved.to == State::Firing {
                    prop_assert!(breaches > 20, "fired after {} breaches in a row", breaches);
                }
                if moved.to == State::Resolved && before == State::Firing {
                    prop_assert!(healthy > 20, "resolved after {} healthy looks", healthy);
                }
            }
            if let Some(page) = &step.page {
                prop_assert!(keys.insert(page.key.clone()), "{} was used before", page.key);
                prop_assert!(page.since_ms <= page.at_ms || matches!(page.about, About::Resolved | About::Still | About::Again));
            }
            prop_assert!(step.save || (step.moved.is_empty() && step.page.is_none()));
            prop_assert_eq!(run.alert.state() == State::Firing, run.alert.incident().is_some_and(|open| open.resolved().is_none()));
        }
    }

    #[test]
    fn a_restart_within_three_ticks_changes_no_state(events in events()) {
        let (mut kept, mut restarted) = (Run::new(), Run::new());
        for event in events {
            // Those are no restarts within three ticks.
            if matches!(event, Event::Restart | Event::Sleep | Event::SetBack) {
                continue;
            }
            kept.step(event);
            restarted.step(event);
            // Firing begins its recovery anew, everything else goes on as if nothing had been.
            if restarted.alert.state() != State::Firing {
                let saved = serde_json::to_string(&(&restarted.alert, &restarted.pulse)).unwrap();
                (restarted.alert, restarted.pulse) = serde_json::from_str(&saved).unwrap();
            }
            prop_assert_eq!(kept.alert.state(), restarted.alert.state());
        }
    }
}

#[test]
fn what_is_saved_reads_back_as_it_was() {
    let mut run = Run::new();
    for _ in 0..30 {
        run.step(Event::Look(Verdict::Breach));
    }
    let saved = serde_json::to_string(&run.alert).unwrap();
    assert_eq!(serde_json::from_str::<Alert>(&saved).unwrap(), run.alert);
    assert_eq!(run.alert.state(), State::Firing);
}

#[test]
fn the_hold_is_shortened_by_the_rules_alone() {
    let mut run = Run::new();
    run.rules.success_hold = Duration::from_secs(30);
    let states: Vec<_> = (0..4)
        .map(|_| {
            run.step(Event::Look(Verdict::Breach));
            run.alert.state()
        })
        .collect();
    assert_eq!(states, [State::Pending, State::Pending, State::Firing, State::Firing]);
}

#[test]
fn time_of_which_nothing_is_known_is_no_recovery() {
    let mut run = Run::new();
    let mut look = |verdict, times: usize| {
        (0..times).for_each(|_| drop(run.step(Event::Look(verdict))));
        run.alert.state()
    };
    assert_eq!(look(Verdict::Breach, 21), State::Firing);
    look(Verdict::Healthy, 10);
    look(Verdict::Unknown(Unknown::Blind), 1);
    // 9 ticks between healthy looks so far; the one that ends in ignorance and the one out of it don't count.
    assert_eq!(look(Verdict::Healthy, 11), State::Firing);
    assert_eq!(look(Verdict::Healthy, 1), State::Resolved);
}
