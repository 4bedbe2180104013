//! Every promise's watch in the book that is open.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Instant,
};

use evenkeel_config::{Alerts as Settings, Sensitivity as Wanted, Slo};
use evenkeel_router::{Event, Network};
use evenkeel_slo::{
    Cause, Counted,
    alerts::{
        Acknowledged, Answer, Context, Kind, Moment, Post, Price, Request, Rules, Saved, Sensitivity, Speed,
        State, Step, Watch,
    },
    tally::{self, Basis, Cost},
};
use evenkeel_store::{AlertState, Health, LedgerRow, RecentRequest, StoreError};
use jiff::{Timestamp, Zoned};

use super::{outbox, rows};
use crate::{
    app::Running,
    failure::{Code, Failure},
    promises::{book, counted, watched},
};

/// One promise under watch.
#[derive(Debug)]
struct Watching {
    slo: Slo,
    watch: Watch,
}

/// Every promise under watch.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    practice: bool,
    watching: BTreeMap<String, Watching>,
    post: Post,
    /// What the disk would not take: written with the next evaluation that it takes.
    unkept: Option<Vec<evenkeel_store::Page>>,
    /// Requests are missing in the windows: they have to be filled from the ledger.
    incomplete: bool,
}

/// Rows that came while the ledger was read: some of them are in what was read.
#[derive(Debug, Default)]
pub(super) struct Read(Vec<RecentRequest>);

impl Read {
    /// Whether this row was read already. Two rows that nothing tells apart are counted as often as they came.
    pub(super) fn takes(&mut self, row: &LedgerRow) -> bool {
        let same = RecentRequest { ended: row.ended(), request: row.measured() };
        match self.0.iter().rposition(|read| *read == same) {
            Some(place) => {
                self.0.swap_remove(place);
                true
            }
            None => false,
        }
    }
}

impl Watched {
    /// The watches of the promises in force, filled from the ledger: those that stand here go on, others as the last
    /// run left them. `alive` is when that run is known to have lived.
    pub(super) async fn load(
        &mut self,
        running: &Running,
        alive: Option<Timestamp>,
    ) -> Result<BTreeMap<String, Read>, StoreError> {
        self.incomplete = true;
        let practice = running.routing().practice;
        let mut kept = BTreeMap::new();
        if practice == self.practice {
            // What is known here may not have reached the disk.
            kept.extend(self.watching.iter().map(|(name, it)| (name.clone(), it.watch.saved())));
        }
        if kept.is_empty() {
            let key = |name: &str| format!("watch/{}/{name}", book(practice).0);
            let stored = running.store().alert_states().await?;
            let mut stored: BTreeMap<_, _> = stored.into_iter().map(|it| (it.key, it.json)).collect();
            let post = stored.remove(&format!("post/{}", book(practice).0));
            self.post = post.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
            for slo in &running.settings().config.slos {
                let saved = stored.get(&key(&slo.name)).and_then(|json| serde_json::from_str(json).ok());
                kept.extend(saved.map(|saved| (slo.name.clone(), saved)));
            }
        }
        self.practice = practice;
        self.watching.clear();
        let settings = running.settings();
        let mut read = BTreeMap::new();
        let mut failed = None;
        for slo in &settings.config.slos {
            match self.add(running, slo, kept.remove(&slo.name), alive).await {
                Ok(rows) => drop(read.insert(slo.name.clone(), rows)),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        // Rows that wait in memory for the disk were not in what was read.
        self.incomplete = is_failing(running);
        Ok(read)
    }

    /// Whether requests are missing that the ledger has by now.
    pub(super) fn wants_reading(&self, running: &Running) -> bool {
        self.incomplete && !is_failing(running)
    }

    async fn add(
        &mut self,
        running: &Running,
        slo: &Slo,
        saved: Option<Saved>,
        alive: Option<Timestamp>,
    ) -> Result<Read, StoreError> {
        let (promise, now) = (watched(slo), moment());
        let rules = rules(&running.settings().config.alerts);
        let mut watch = match saved {
            Some(saved) => Watch::restore(promise, rules, saved, alive.map(Timestamp::as_millisecond), now),
            None => Watch::new(promise, rules, now),
        };
        let since = Timestamp::from_millisecond(watch.wants_since(now)).unwrap_or(Timestamp::MIN);
        let recent = running.store().recent(counted(slo), book(self.practice).0, since).await;
        for recent in recent.iter().flatten() {
            watch.record(&request(recent.ended, &recent.request, &watch));
        }
        // Also where nothing could be read: an alert that fires goes on firing.
        self.watching.insert(slo.name.clone(), Watching { slo: slo.clone(), watch });
        recent.map(Read)
    }

    /// Other promises, targets or rules are in force.
    pub(super) async fn configure(&mut self, running: &Running) -> Result<(), StoreError> {
        let settings = running.settings();
        if running.routing().practice != self.practice {
            return self.load(running, None).await.map(drop);
        }
        let now = moment();
        // Under another scope it is another promise, whatever its name.
        let scope = |slo: &Slo| (slo.tenant.clone(), slo.feature.clone());
        let stays = |watching: &Watching| {
            settings
                .config
                .slos
                .iter()
                .any(|slo| slo.name == watching.slo.name && scope(slo) == scope(&watching.slo))
        };
        let gone: Vec<_> =
            self.watching.iter().filter(|(_, it)| !stays(it)).map(|(name, _)| name.clone()).collect();
        for name in gone {
            let Some(Watching { watch, .. }) = self.watching.remove(&name) else { continue };
            let steps = watch.retire(now);
            self.tell(running, &name, &steps);
            running.store().remove_alert_state(&self.key(&name)).await?;
        }
        for slo in &settings.config.slos {
            if let Some(watching) = self.watching.get_mut(&slo.name) {
                watching.watch.set_rules(rules(&settings.config.alerts));
                let steps = watching.watch.set_promise(watched(slo), now);
                watching.slo = slo.clone();
                self.keep(running, vec![(slo.name.clone(), steps)], Vec::new()).await?;
            } else if let Err(error) = self.add(running, slo, None, None).await {
                self.incomplete = true;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes one finished request.
    pub(super) fn record(&mut self, row: &LedgerRow, mut read: impl FnMut(&str) -> bool) {
        if row.mode != book(self.practice).0 {
            return;
        }
        for (name, Watching { slo, watch }) in &mut self.watching {
            if counted(slo).covers(&row.tenant, row.feature.as_deref()) && !read(name) {
                let request = request(row.ended(), &row.measured(), watch);
                watch.record(&request);
            }
        }
    }

    /// One evaluation of everything, written down with what it says to tell.
    pub(super) async fn evaluate(&mut self, running: &Running) -> Result<(), StoreError> {
        let now = moment();
        let blind = self.incomplete || self.unkept.is_some() || is_failing(running);
        // Whoever sits in a tunnel knows it, and can do nothing about the providers.
        let offline = matches!(running.routing().router.network(), Network::Offline { .. });
        let context = Context { practice: self.practice, blind, offline, ..Context::default() };
        let steps: Vec<_> = self
            .watching
            .iter_mut()
            .map(|(name, watching)| (name.clone(), watching.watch.evaluate(now, &context)))
            .collect();
        let quiet = is_quiet(&running.settings().config.alerts);
        let pages: Vec<_> =
            steps.iter().flat_map(|(_, steps)| steps).filter_map(|step| step.page.clone()).collect();
        let before = self.post.clone();
        let deliveries = if running.alerts.paused_until().is_some() {
            self.post.hold_all(pages, now.wall_ms);
            Vec::new()
        } else {
            self.post.round(pages, now.wall_ms, quiet)
        };
        let late = self.unkept.take();
        let was_late = late.is_some();
        let mut out = late.unwrap_or_default();
        for delivery in deliveries {
            out.extend(outbox::pages(running, &delivery, self.practice).await);
        }
        let post_changed = self.post != before;
        let any = !out.is_empty();
        let save = steps.iter().flat_map(|(_, steps)| steps).any(|step| step.save);
        let kept = if post_changed || any || save || was_late {
            if was_late {
                // Which of them changed in the evaluation that could not be kept is no longer known.
                running.store().put_raised(self.states(), Vec::new()).await.ok();
            }
            self.keep(running, steps, out).await
        } else {
            Ok(())
        };
        running.alerts.rows.store(Arc::new(rows(self)));
        if any {
            running.alerts.queued.notify_waiters();
        }
        kept
    }

    /// Writes all of it down in one transaction and tells everybody who listens; also where the disk refuses, which
    /// gets it with the next evaluation.
    async fn keep(
        &mut self,
        running: &Running,
        steps: Vec<(String, [Step; 3])>,
        pages: Vec<evenkeel_store::Page>,
    ) -> Result<(), StoreError> {
        let mut states = Vec::new();
        for (name, _) in steps.iter().filter(|(_, steps)| steps.iter().any(|step| step.save)) {
            states.extend(self.state(name));
        }
        if !pages.is_empty() || self.post != Post::default() {
            states.push(state(self.post_key(), &self.post));
        }
        let kept = running.store().put_raised(states, pages.clone()).await;
        if kept.is_err() {
            self.unkept.get_or_insert_default().extend(pages);
        }
        for (name, steps) in &steps {
            self.tell(running, name, steps);
        }
        kept
    }

    fn tell(&self, running: &Running, name: &str, steps: &[Step; 3]) {
        let all = rows(self);
        for moved in steps.iter().flat_map(|step| &step.moved) {
            let id = format!("{}:{name}", moved.kind.as_str());
            let sentence = all.iter().find(|row| row.id == id).map(|row| row.sentence.clone());
            // A state that comes and goes within a minute of noise is nobody's news.
            if moved.to == State::Firing || moved.from == State::Firing {
                running.emit(Event::AlertChanged {
                    kind: moved.kind.as_str(),
                    slo: name.to_owned(),
                    firing: moved.to == State::Firing,
                    sentence: sentence.unwrap_or_else(|| "this promise is no longer watched.".to_owned()),
                });
            }
        }
    }

    /// Acknowledges an incident and writes that down.
    pub(super) async fn acknowledge(
        &mut self,
        running: &Running,
        name: &str,
        kind: Kind,
        incident: Option<u64>,
    ) -> Result<Acknowledged, Failure> {
        let Some(Watching { watch, .. }) = self.watching.get_mut(name) else {
            return Ok(Acknowledged::Stale);
        };
        let open = watch.alert(kind).incident().map(evenkeel_slo::alerts::machine::Incident::id);
        let Some(incident) = incident.or(open) else { return Ok(Acknowledged::Stale) };
        let acknowledged = watch.acknowledge(kind, incident);
        if acknowledged == Acknowledged::Now {
            let states = self.state(name).into_iter().collect();
            running
                .store()
                .put_raised(states, Vec::new())
                .await
                .map_err(|error| Failure::new(Code::StoreFailed, format!("That can't be kept: {error}.")))?;
        }
        Ok(acknowledged)
    }

    /// Whether this incident is still open.
    pub(super) fn is_open(&self, id: &str, incident: u64) -> bool {
        self.find(id).is_some_and(|(name, kind)| {
            self.watching.get(&name).is_some_and(|watching| {
                let alert = watching.watch.alert(kind);
                alert.state() == State::Firing && alert.incident().is_some_and(|open| open.id() == incident)
            })
        })
    }

    /// The promise and kind behind an alert's id.
    pub(super) fn find(&self, id: &str) -> Option<(String, Kind)> {
        let (kind, name) = id.split_once(':')?;
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        self.watching.contains_key(name).then(|| (name.to_owned(), kind))
    }

    pub(super) fn watches(&self) -> impl Iterator<Item = &Watch> {
        self.watching.values().map(|watching| &watching.watch)
    }

    /// Everything as it is now, for a stop: the time between two evaluations is then no gap.
    pub(super) fn states(&self) -> Vec<AlertState> {
        self.watching.keys().filter_map(|name| self.state(name)).collect()
    }

    fn state(&self, name: &str) -> Option<AlertState> {
        Some(state(self.key(name), &self.watching.get(name)?.watch.saved()))
    }

    fn key(&self, name: &str) -> String {
        format!("watch/{}/{name}", book(self.practice).0)
    }

    fn post_key(&self) -> String {
        format!("post/{}", book(self.practice).0)
    }
}

fn state(key: String, value: &impl serde::Serialize) -> AlertState {
    AlertState { key, json: serde_json::to_string(value).unwrap_or_default(), updated: Timestamp::now() }
}

/// A request as the windows count it.
fn request(ended: Timestamp, request: &tally::Request, watch: &Watch) -> Request {
    let promise = watch.promise();
    let answer = match (request.counted, request.cause) {
        (Counted::Good, _) => Answer::Good,
        // Nobody is paged for a train in a tunnel.
        (Counted::Bad, Some(Cause::OwnNetwork)) | (Counted::No, _) => Answer::Out,
        (Counted::Bad, _) => Answer::Bad,
    };
    Request {
        completed_ms: ended.as_millisecond(),
        answer,
        speed: speed(request, promise.basis, promise.latency_ms),
        price: match request.cost() {
            Cost::Known(micros) => Price::Micros(u64::try_from(micros).unwrap_or_default()),
            Cost::Unknown => Price::Unpriced,
            Cost::None => Price::Out,
        },
    }
}

fn speed(request: &tally::Request, basis: Basis, target_ms: u64) -> Speed {
    let latency = request.latency(basis);
    if request.cached || latency.against(Some(target_ms)).is_none() {
        Speed::Out
    } else if latency.is_slow(Some(target_ms)) {
        Speed::Slow
    } else {
        Speed::InTime
    }
}

/// `[alerts]` in the words of the rules.
fn rules(settings: &Settings) -> Rules {
    Rules {
        sensitivity: match settings.sensitivity {
            Wanted::Standard => Sensitivity::Standard,
            Wanted::Quiet => Sensitivity::Quiet,
            Wanted::Literal => Sensitivity::Literal,
        },
        every: settings.evaluate_every,
        success_hold: settings.success_hold,
        p95_hold: settings.p95_hold,
        cost_hold: settings.cost_hold,
        resolve_hold: settings.resolve_hold,
        reopen_within: settings.reopen_within,
        lookback: settings.lookback,
        repeat_every: settings.repeat_every,
        ..Rules::default()
    }
}

fn is_quiet(settings: &Settings) -> bool {
    let Some(hours) = settings.quiet_hours else { return false };
    let now = Zoned::now();
    let minute = u16::from(now.hour().unsigned_abs()) * 60 + u16::from(now.minute().unsigned_abs());
    evenkeel_slo::alerts::Quiet { from_minute: hours.from_minute, to_minute: hours.to_minute }.holds(minute)
}

/// Whether rows wait in memory for a disk that refuses.
fn is_failing(running: &Running) -> bool {
    running.store().health() != Health::Ok
}

/// Now, on both clocks.
pub(super) fn moment() -> Moment {
    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    Moment {
        wall_ms: Timestamp::now().as_millisecond(),
        mono_ms: u64::try_from(BEGINNING.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
