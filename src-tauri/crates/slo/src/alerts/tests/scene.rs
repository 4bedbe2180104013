//! One promise under watch, and the clocks in hand.

use std::time::Duration;

use crate::alerts::*;

/// 22 November 2026, 14:00 UTC.
pub const START: i64 = 1_795_356_000_000;

pub struct Scene {
    pub watch: Watch,
    pub now: Moment,
    pub context: Context,
    pub pages: Vec<Page>,
    pub moves: Vec<Moved>,
    saved: Option<String>,
}

/// A request that is well in every way.
pub fn good() -> Request {
    Request { completed_ms: 0, answer: Answer::Good, speed: Speed::InTime, price: Price::Micros(10_000) }
}

/// One that failed, and has neither latency nor price.
pub fn bad() -> Request {
    Request { completed_ms: 0, answer: Answer::Bad, speed: Speed::Out, price: Price::Out }
}

/// One that was slow.
pub fn slow() -> Request {
    Request { speed: Speed::Slow, ..good() }
}

/// One that cost so much.
pub fn costing(micros: u64) -> Request {
    Request { price: Price::Micros(micros), ..good() }
}

impl Scene {
    pub fn new() -> Scene {
        Scene::with(Rules::default())
    }

    pub fn with(rules: Rules) -> Scene {
        let now = Moment { wall_ms: START, mono_ms: 7_000 };
        let mut scene = Scene {
            watch: Watch::new(Promise::default(), rules, now),
            now,
            context: Context::default(),
            pages: Vec::new(),
            moves: Vec::new(),
            saved: None,
        };
        scene.look();
        scene
    }

    /// With forty good requests in the five minutes before.
    pub fn busy() -> Scene {
        let mut scene = Scene::new();
        scene.repeat(20, &[good(), good()]);
        assert_eq!(scene.state(Kind::Success), State::Inactive);
        scene
    }

    /// In which success is firing, with its first page told.
    pub fn firing() -> Scene {
        let mut scene = Scene::busy();
        scene.until_firing();
        scene
    }

    pub fn until_firing(&mut self) {
        self.repeat(60, &[bad()]);
        assert_eq!(self.state(Kind::Success), State::Firing);
    }

    pub fn until_resolved(&mut self) {
        for _ in 0..200 {
            self.repeat(1, &[good(); 8]);
            if self.state(Kind::Success) == State::Resolved {
                return;
            }
        }
        panic!("it never resolved");
    }

    pub fn state(&self, kind: Kind) -> State {
        self.watch.alert(kind).state()
    }

    pub fn verdict(&self, kind: Kind) -> Verdict {
        self.watch.reading(kind).verdict
    }

    pub fn incident(&self) -> u64 {
        self.watch.alert(Kind::Success).incident().expect("an incident").id()
    }

    /// A request that completes now.
    pub fn send(&mut self, request: Request) {
        self.watch.record(&Request { completed_ms: self.now.wall_ms, ..request });
    }

    pub fn pass(&mut self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap();
        self.now.mono_ms += ms;
        self.now.wall_ms += i64::try_from(ms).unwrap();
    }

    /// Asleep: one clock stands still.
    pub fn sleep(&mut self, time: Duration) {
        self.now.wall_ms += i64::try_from(time.as_millis()).unwrap();
        self.pass(Duration::from_secs(15));
        self.look();
    }

    /// Somebody sets the clock.
    pub fn set_clock(&mut self, by: i64) {
        self.now.wall_ms += by;
        self.pass(Duration::from_secs(15));
        self.look();
    }

    pub fn look(&mut self) {
        let steps = self.watch.evaluate(self.now, &self.context.clone());
        self.take(steps);
    }

    pub fn take(&mut self, steps: [Step; 3]) {
        let save = steps.iter().any(|step| step.save);
        for step in steps {
            assert!(
                step.save || (step.moved.is_empty() && step.page.is_none()),
                "what happened is not saved"
            );
            self.moves.extend(step.moved);
            self.pages.extend(step.page);
        }
        if save {
            self.saved = Some(serde_json::to_string(&self.watch.saved()).unwrap());
        }
    }

    /// So many ticks, each with these requests a second before its end.
    pub fn repeat(&mut self, ticks: u32, requests: &[Request]) {
        for _ in 0..ticks {
            self.pass(Duration::from_secs(14));
            for &request in requests {
                self.send(request);
            }
            self.pass(Duration::from_secs(1));
            self.look();
        }
    }

    /// Killed without a word and started again: only what was saved is left, and the ledger's rows.
    pub fn kill(&mut self, away: Duration, ledger: &[Request]) {
        let saved = self.saved.take().expect("something was saved");
        self.now.wall_ms += i64::try_from(away.as_millis()).unwrap();
        self.now.mono_ms = 1;
        let read: Saved = serde_json::from_str(&saved).unwrap();
        let (promise, rules) = (self.watch.promise().clone(), self.watch.rules().clone());
        self.watch = Watch::restore(promise, rules, read, None, self.now);
        let since = self.watch.wants_since(self.now);
        ledger.iter().filter(|row| row.completed_ms >= since).for_each(|row| self.watch.record(row));
        self.saved = Some(saved);
        self.look();
    }

    pub fn told(&self) -> Vec<(Kind, About)> {
        self.pages.iter().map(|page| (page.kind, page.about)).collect()
    }
}
