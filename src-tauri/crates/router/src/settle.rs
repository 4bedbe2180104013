//! Stage 7: every request that came in leaves exactly one ledger row, whatever happened to it.
//!
//! A `Settlement` is opened when the sender is known and closed before the client has the last byte, so
//! that whoever asks the admin API next sees the request. If it is dropped instead (the client hung up,
//! a task panicked), dropping settles it.
//!
//! - [`tries`]: the providers that were asked, each with its outcome
//! - [`cost`]: what it used and cost so far
//! - [`endings`]: how it ends, and what is then written

use std::sync::Arc;

use evenkeel_dialect::Dialect;
use evenkeel_slo::{Counted, Ending};
use evenkeel_store::{AttemptRow, LedgerRow, Mode, Tokens};
use tokio::time::Instant;

use crate::Router;
use crate::admit::{Admitted, Entered};
use crate::bill::Bill;
use crate::clock::millis;
use crate::guardrail::Degradation;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::recall::{Known, Why};
use crate::refusal::{Code, Refusal};

mod cost;
mod endings;
mod tries;

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

    /// How many attempts there were so far, the one under way included.
    pub(crate) fn attempts(&self) -> usize {
        self.row.attempts.len() + usize::from(self.live.is_some())
    }

    /// The first meaningful byte is on its way to the client: from here on it has waited no longer.
    pub(crate) fn handed_over(&mut self) {
        let now = self.router.clock.instant();
        self.row.first_token_ms.get_or_insert(millis(self.began, now));
    }
}
