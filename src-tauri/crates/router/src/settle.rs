//! Stage 7: every request that came in leaves exactly one ledger row, whatever happened to it.
//!
//! A `Settlement` is opened when the sender is known and closed before the client has the last byte, so
//! that whoever asks the admin API next sees the request. If it is dropped instead (the client hung up,
//! a task panicked), dropping settles it.

use std::sync::Arc;

use evenkeel_dialect::Dialect;
use evenkeel_dialect::usage::Usage;
use evenkeel_slo::{Cause, Counted, Ending};
use evenkeel_store::{AttemptRow, LedgerRow, Mode, Tokens};
use tokio::time::Instant;

use crate::Router;
use crate::admit::{Admitted, Entered};
use crate::attempt::Timing;
use crate::bill::Bill;
use crate::clock::millis;
use crate::events::Event;
use crate::failed::Failed;
use crate::guardrail::{Degradation, Fitted};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::recall::{Known, Why};
use crate::refusal::{Code, Refusal};
use crate::spoken::Spoken;
use crate::target::Target;

/// Ledger details are for a person's eye; provider messages can be pages.
const DETAIL_CHARS: usize = 300;
/// Said where the provider never told what it wants for an answer that broke off.
const ESTIMATED: &str = "cost estimated from what came";

/// Who answered, where it was the cache.
const CACHE: &str = "cache";

/// One request's row in the making.
pub(crate) struct Settlement {
    router: Arc<Router>,
    row: LedgerRow,
    /// When the request was fully read: latency starts here.
    began: Instant,
    dialect: Dialect,
    latency_target_ms: Option<u64>,
    /// The attempt whose answer is on its way to the client.
    live: Option<AttemptRow>,
    live_began: Instant,
    last_failure: Option<Outcome>,
    /// Whose it was.
    last_failed: Option<String>,
    bill: Bill,
    /// Turns of the conversation that the attempt under way goes without.
    turns_dropped: usize,
    /// The attempt under way has a limit on its output that the client didn't set.
    capped: bool,
    open: bool,
}

impl Settlement {
    pub(crate) fn open(router: &Arc<Router>, entered: &Entered) -> Self {
        let row = LedgerRow {
            id: entered.id.clone(),
            at: entered.at,
            mode: if router.practice { Mode::Practice } else { Mode::Real },
            tenant: entered.tags.tenant.clone(),
            feature: entered.tags.feature.clone(),
            route: None,
            dialect: entered.dialect.as_str().to_owned(),
            endpoint: entered.path.clone(),
            stream: false,
            prompt_version: entered.tags.prompt_version.clone(),
            model_asked: None,
            model: None,
            provider: None,
            served_by: None,
            status: 499,
            outcome: Outcome::Cancelled.as_str().to_owned(),
            counted: Counted::No,
            cause: None,
            first_token_ms: None,
            total_ms: 0,
            tokens: Tokens::default(),
            cost_micros: None,
            saved_micros: None,
            cache: "off".to_owned(),
            degraded: None,
            attempts: Vec::new(),
            plan: None,
        };
        Self {
            router: Arc::clone(router),
            latency_target_ms: router.latency_target(&row),
            row,
            dialect: entered.dialect,
            began: entered.arrived,
            live: None,
            live_began: entered.arrived,
            last_failure: None,
            last_failed: None,
            bill: Bill::new(router, entered.at),
            turns_dropped: 0,
            capped: false,
            open: true,
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The request is read whole: from here its latency counts.
    pub(crate) fn read(&mut self, admitted: &Admitted) {
        self.began = self.router.clock.instant();
        if let Some(ask) = &admitted.ask {
            self.row.stream = ask.stream;
            self.row.model_asked = Some(ask.model.clone());
        }
    }

    pub(crate) fn plan(&mut self, plan: &Plan) {
        self.row.route = Some(plan.route.clone());
        self.row.plan = serde_json::to_string(plan).ok();
        plan.cache.as_str().clone_into(&mut self.row.cache);
    }

    /// The cache answers, whoever was asked before.
    pub(crate) fn recalled(&mut self, known: &Known, why: Why) {
        self.release();
        self.row.provider = Some(known.stored.provider.clone());
        self.row.model = Some(known.stored.model.clone());
        self.row.served_by = Some(CACHE.to_owned());
        self.row.status = 200;
        self.row.degraded = (why == Why::OverBudget).then(|| Degradation::Cached.as_str().to_owned());
        self.row.saved_micros = known.stored.cost_micros;
        known.word().clone_into(&mut self.row.cache);
    }

    /// Whether this refusal says that no provider answered, for reasons that are not the request's own.
    pub(crate) fn nobody_answered(&self, refusal: &Refusal) -> bool {
        let (ending, _) = self.ending(refusal);
        // Of whom nobody can be reached, nobody may have been asked.
        let asked = self.last_failure.is_some() || refusal.code == Code::Unreachable;
        ending == Ending::Offline
            || asked && matches!(ending, Ending::AllFailed | Ending::OurAccount | Ending::TimedOut)
    }

    /// Who answers, and with which model.
    pub(crate) fn answering(&self) -> Option<(String, String)> {
        self.row.provider.clone().zip(self.row.model.clone())
    }

    /// Whether the answer is less than what was asked for.
    pub(crate) fn is_degraded(&self) -> bool {
        self.row.degraded.is_some()
    }

    /// Whether the answer may have met a limit of ours.
    pub(crate) fn is_capped(&self) -> bool {
        self.capped
    }

    /// What the answer itself used, tries that were given up left out.
    pub(crate) fn used(&self) -> Usage {
        self.bill.usage
    }

    /// What the answer itself cost, in micro-dollars.
    pub(crate) fn answer_cost(&self) -> Option<i64> {
        self.live_cost(true).0
    }

    /// How many attempts there were so far, the one under way included.
    pub(crate) fn attempts(&self) -> usize {
        self.row.attempts.len() + usize::from(self.live.is_some())
    }

    pub(crate) fn failed(&mut self, target: &Target, failed: &Failed) {
        let mut row = self.attempt(target, failed.timing, failed.outcome);
        row.status = failed.status;
        row.provider_request_id.clone_from(&failed.request_id);
        row.detail = failed.detail.as_deref().map(|detail| detail.chars().take(DETAIL_CHARS).collect());
        row.tokens = tokens(&failed.usage);
        let (used, estimated) = self.bill.used(row.model.as_deref(), &failed.usage, failed.spoken, false);
        row.cost_micros = self.bill.cost(row.model.as_deref(), &used);
        note_dropped(&mut row, self.turns_dropped);
        note_estimate(&mut row, estimated);
        self.bill.unknown |= row.cost_micros.is_none() && !used.is_empty();
        row.total_ms = failed.took_ms;
        self.row.attempts.push(row);
        self.live = None;
        let paid = self.paid();
        self.bill.book(&self.row, paid);
        // Nobody was asked where nothing could be said; it says nothing about a provider.
        if !matches!(failed.class(), Outcome::Untranslatable | Outcome::OverBudget) {
            self.last_failure = Some(failed.class());
            self.last_failed = Some(target.provider().to_owned());
        }
        // An answer that began and broke before the client had any of it served nobody.
        self.row.served_by = None;
        self.row.provider = Some(target.provider().to_owned());
        self.row.model.clone_from(&target.model);
    }

    /// The request as it goes to the next target, and what is set aside for it.
    pub(crate) fn fitted(&mut self, fitted: &mut Fitted) {
        self.bill.reservation = fitted.reservation.take();
        self.bill.asked(&fitted.body);
        self.turns_dropped = fitted.turns;
        self.capped = fitted.max_output.is_some();
        let steps: Vec<&str> = fitted.degraded.iter().map(|step| step.as_str()).collect();
        self.row.degraded = (!steps.is_empty()).then(|| steps.join(", "));
    }

    /// What was set aside for a target that is given up is free for the next one.
    pub(crate) fn release(&mut self) {
        self.bill.reservation = None;
        self.turns_dropped = 0;
    }

    /// What the request cost so far, in micro-dollars; `None` while that is unknown.
    pub(crate) fn cost(&self) -> Option<i64> {
        let live = if self.live.is_some() { self.live_cost(true).0? } else { 0 };
        Some(self.paid() + live).filter(|_| !self.bill.unknown)
    }

    /// What the tries that were given up cost, as far as that is known.
    pub(crate) fn paid(&self) -> i64 {
        self.row.attempts.iter().filter_map(|attempt| attempt.cost_micros).sum()
    }

    /// What the answer on its way to the client cost so far, and whether that is an estimate.
    fn live_cost(&self, whole: bool) -> (Option<i64>, bool) {
        let model = self.live.as_ref().and_then(|live| live.model.as_deref());
        let (used, estimated) = self.bill.used(model, &self.bill.usage, self.bill.spoken.bytes(), whole);
        (self.bill.cost(model, &used), estimated)
    }

    /// A provider is being asked; if the client leaves from here on, what it did there is cut short and may be
    /// billed all the same.
    pub(crate) fn trying(&mut self, target: &Target) {
        let began = self.router.clock.instant();
        self.live = Some(self.attempt(target, Timing { began, first_token: None }, Outcome::Cancelled));
        self.live_began = began;
        self.bill.usage = Usage::default();
        self.bill.spoken = Spoken::default();
        self.row.provider = Some(target.provider().to_owned());
        self.row.model.clone_from(&target.model);
    }

    /// Where the text of the answer under way is counted.
    pub(crate) fn hears(&mut self, spoken: &Spoken) {
        self.bill.spoken = spoken.clone();
    }

    /// A body that came whole and without a word about its usage.
    pub(crate) fn heard(&mut self, body: &[u8]) {
        self.bill.spoken = Spoken::default();
        self.bill.spoken.read(body);
    }

    /// The client's own body goes out, with nothing fitted.
    pub(crate) fn sends(&mut self, admitted: &Admitted) {
        self.bill.asked(&admitted.body);
    }

    /// An answer has begun; if the client leaves from here on, this attempt was cut short by it.
    pub(crate) fn live(
        &mut self,
        target: &Target,
        timing: Timing,
        status: u16,
        request_id: Option<String>,
        bypass: bool,
    ) {
        let mut row = self.attempt(target, timing, Outcome::Cancelled);
        row.status = Some(status);
        row.provider_request_id = request_id;
        self.live = Some(row);
        self.live_began = timing.began;
        self.row.provider = Some(target.provider().to_owned());
        self.row.model.clone_from(&target.model);
        self.row.served_by = Some(if bypass { "bypass" } else { target.role.as_str() }.to_owned());
        self.row.status = status;
    }

    /// The first meaningful byte is on its way to the client: from here on it has waited no longer.
    pub(crate) fn handed_over(&mut self) {
        let now = self.router.clock.instant();
        self.row.first_token_ms.get_or_insert(millis(self.began, now));
    }

    fn attempt(&self, target: &Target, timing: Timing, outcome: Outcome) -> AttemptRow {
        AttemptRow {
            n: u32::try_from(self.row.attempts.len() + 1).unwrap_or(u32::MAX),
            provider: target.provider().to_owned(),
            model: target.model.clone(),
            outcome: outcome.as_str().to_owned(),
            status: None,
            first_token_ms: timing.first_token.map(|at| millis(timing.began, at)),
            total_ms: 0,
            cost_micros: None,
            tokens: Tokens::default(),
            provider_request_id: None,
            detail: None,
        }
    }

    /// What the answer used so far; the last word counts.
    pub(crate) fn usage(&mut self, usage: &Usage) {
        self.row.tokens = tokens(usage);
        self.bill.usage = *usage;
        if let Some(live) = &mut self.live {
            live.tokens = tokens(usage);
        }
    }

    /// The client has, or is about to have, a complete answer.
    pub(crate) fn answered(mut self, shows_who_serves: bool) {
        let switch = shows_who_serves.then(|| self.row.provider.clone()).flatten();
        self.close(Outcome::Ok.as_str(), self.row.status, &Ending::Answered, None);
        if let Some(provider) = switch {
            // Its own first try may have failed; that says nothing about the one that is left.
            let other = self.last_failed.take().filter(|failed| *failed != provider);
            let failed = other.zip(self.last_failure.map(Outcome::phrase));
            self.router.note_serving(&provider, failed);
        }
    }

    /// The answer broke off after the client had begun to read it.
    pub(crate) fn broke(mut self, outcome: Outcome, detail: Option<String>) {
        if let Some(live) = &mut self.live {
            live.detail = detail;
        }
        let status = self.row.status;
        self.close(outcome.as_str(), status, &Ending::Broken, Some(outcome.cause()));
    }

    /// The provider's own refusal, passed on as it came.
    pub(crate) fn passed_on(mut self, outcome: Outcome, status: u16) {
        let (ending, cause) = match outcome {
            Outcome::BadRequest | Outcome::Unserved => (Ending::RequestWrong, None),
            Outcome::Credentials | Outcome::Billing => (Ending::OurAccount, Some(outcome.cause())),
            _ => (Ending::AllFailed, Some(outcome.cause())),
        };
        self.close(outcome.as_str(), status, &ending, cause);
    }

    /// Answered, but not by a model: a count of tokens. `asked`: who counted, if it was a provider.
    pub(crate) fn aside(mut self, asked: Option<&Target>, status: u16) {
        if let Some(target) = asked {
            self.row.provider = Some(target.provider().to_owned());
            self.row.served_by = Some(target.role.as_str().to_owned());
        }
        let outcome = if status < 400 { Outcome::Ok } else { Outcome::BadRequest };
        self.close(outcome.as_str(), status, &Ending::Aside, None);
    }

    /// The client asked for nothing but the cache's answer, and there is none.
    pub(crate) fn nothing_known(mut self, refusal: &Refusal) {
        self.close(refusal.code.as_str(), refusal.code.status().as_u16(), &Ending::PolicyRefused, None);
    }

    /// Answered by one of our own codes.
    pub(crate) fn refused(mut self, refusal: &Refusal) {
        let (ending, cause) = self.ending(refusal);
        // The ledger speaks of outcomes where providers were asked, of our code where none was.
        let outcome = match self.last_failure {
            Some(outcome) if refusal.code != Code::InternalError => outcome.as_str(),
            _ => refusal.code.as_str(),
        };
        self.row.served_by = None;
        self.close(outcome, refusal.code.status().as_u16(), &ending, cause);
    }

    /// How a request ends with one of our own codes, and why.
    fn ending(&self, refusal: &Refusal) -> (Ending, Option<Cause>) {
        let last = self.last_failure;
        let cause = last.map(Outcome::cause);
        match refusal.code {
            Code::InternalError | Code::NoProvider | Code::ShuttingDown => {
                (Ending::RouterFault, Some(Cause::Router))
            }
            Code::FirstTokenTimeout | Code::DeadlineExceeded => (Ending::TimedOut, cause),
            Code::ProvidersFailed | Code::ProvidersOverloaded | Code::Unreachable | Code::RateLimited => {
                let account = matches!(last, Some(Outcome::Credentials | Outcome::Billing));
                let away = (refusal.code == Code::Unreachable).then_some(Cause::ProviderOutage);
                (if account { Ending::OurAccount } else { Ending::AllFailed }, cause.or(away))
            }
            // Nobody may have been asked at all.
            Code::Offline => (Ending::Offline, Some(Cause::OwnNetwork)),
            // The operator asked for it, whatever else went wrong.
            Code::OverBudget => (Ending::PolicyRefused, None),
            // With a provider of the client's dialect at work the client would have had its answer.
            Code::Untranslatable if last.is_some() => (Ending::AllFailed, cause),
            Code::InvalidRequest
            | Code::InvalidLocalKey
            | Code::ForbiddenOrigin
            | Code::UnknownEndpoint
            | Code::NoRoute
            | Code::ModelNotServed
            | Code::RequestTooLarge
            | Code::Untranslatable => (Ending::RequestWrong, None),
        }
    }

    fn close(&mut self, outcome: &str, status: u16, ending: &Ending, cause: Option<Cause>) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let now = self.router.clock.instant();
        let (live_cost, estimated) = match &self.live {
            Some(_) => self.live_cost(outcome == Outcome::Ok.as_str()),
            None => (Some(0), false),
        };
        let paid = self.paid();
        let asked = !self.row.attempts.is_empty() || self.live.is_some();
        // The cache's own answer costs nothing, and that is known.
        let told = asked || self.row.served_by.as_deref() == Some(CACHE);
        self.row.cost_micros = live_cost.map(|live| paid + live).filter(|_| told && !self.bill.unknown);
        self.bill.settle(&self.row, paid + live_cost.unwrap_or(0), self.live.as_ref());
        if let Some(mut live) = self.live.take() {
            live.cost_micros = live_cost;
            note_dropped(&mut live, self.turns_dropped);
            note_estimate(&mut live, estimated);
            self.row.saved_micros = self.bill.saved(live.model.as_deref());
            outcome.clone_into(&mut live.outcome);
            live.total_ms = millis(self.live_began, now);
            self.row.attempts.push(live);
        }
        outcome.clone_into(&mut self.row.outcome);
        self.row.status = status;
        self.row.total_ms = millis(self.began, now);
        self.row.counted = evenkeel_slo::counts(ending, self.row.mode != Mode::Drill, self.latency_target_ms);
        let cause = cause.map(|cause| self.router.cause(cause, self.row.provider.as_deref()));
        self.row.cause = cause.filter(|_| self.row.counted == Counted::Bad);
        let row = Arc::new(self.row.clone());
        if !self.router.store.record(Arc::clone(&row)) {
            // The store counts it as dropped; the log still knows the request.
            tracing::warn!(id = self.row.id, outcome, status, "the ledger is full; this request has no row");
        }
        self.router.store.tenant_used(&self.row.tenant, self.row.at);
        self.router.events.emit(Event::Settled(row));
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        if self.open {
            if std::thread::panicking() {
                self.close(Code::InternalError.as_str(), 500, &Ending::RouterFault, Some(Cause::Router));
            } else {
                let now = self.router.clock.instant();
                let waited_ms = millis(self.began, now);
                let first_token = self.row.first_token_ms.is_some();
                let ending = Ending::Cancelled { waited_ms, first_token };
                self.close(Outcome::Cancelled.as_str(), 499, &ending, Some(Cause::ProviderOutage));
            }
        }
    }
}

fn note_estimate(row: &mut AttemptRow, estimated: bool) {
    if estimated && row.cost_micros.is_some() {
        note(row, ESTIMATED);
    }
}

fn note_dropped(row: &mut AttemptRow, turns: usize) {
    match turns {
        0 => {}
        1 => note(row, "sent without its oldest turn"),
        _ => note(row, &format!("sent without its {turns} oldest turns")),
    }
}

fn note(row: &mut AttemptRow, text: &str) {
    row.detail = Some(match row.detail.take() {
        Some(said) => format!("{said}; {text}"),
        None => text.to_owned(),
    });
}

fn tokens(usage: &Usage) -> Tokens {
    let Usage { input, output, cached, cache_write, cache_write_1h: _, reasoning, searches: _ } = *usage;
    Tokens { input, output, cached, cache_write, reasoning }
}
