//! The money side of a settlement: what each attempt cost, what was set aside, and what is learnt from it.

use std::sync::Arc;

use bytes::Bytes;
use evenkeel_config::prices::ModelPrice;
use evenkeel_dialect::estimate::Weight;
use evenkeel_dialect::usage::Usage;
use evenkeel_store::{AttemptRow, LedgerRow};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Router;
use crate::cost;
use crate::runtime::Runtime;
use crate::spend::{Reservation, Scope};
use crate::spoken::Spoken;

/// Bodies above this are weighed off the request's own path, and huge ones not at all: enough others are.
const WEIGHED_HERE: usize = 32 * 1024;
const WEIGHED_AT_ALL: usize = 1024 * 1024;

/// What a request costs.
pub(crate) struct Bill {
    router: Arc<Router>,
    /// The prices in force when the request came.
    runtime: Arc<Runtime>,
    /// The day, as the price book writes it: vendors announce changes from a day on.
    day: String,
    at: Timestamp,
    /// What the answer on its way to the client used so far.
    pub(crate) usage: Usage,
    /// How much of it has come so far.
    pub(crate) spoken: Spoken,
    /// What given-up tries cost is counted against the caps at once, and not again at the end.
    booked: i64,
    /// A given-up try produced tokens whose price nobody knows, so the whole has none either.
    pub(crate) unknown: bool,
    pub(crate) reservation: Option<Reservation>,
    /// What was sent, to learn from its length.
    body: Bytes,
}

/// A day as the price book writes it.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).date().to_string()
}

impl Bill {
    pub(crate) fn new(router: &Arc<Router>, at: Timestamp) -> Self {
        Self {
            router: Arc::clone(router),
            runtime: router.runtime.load_full(),
            day: day(at),
            at,
            usage: Usage::default(),
            spoken: Spoken::default(),
            booked: 0,
            unknown: false,
            reservation: None,
            body: Bytes::new(),
        }
    }

    pub(crate) fn asked(&mut self, body: &Bytes) {
        self.body = body.clone();
    }

    /// Micro-dollars; `None` where the model has no price or nobody said what was used.
    pub(crate) fn cost(&self, model: Option<&str>, usage: &Usage) -> Option<i64> {
        cost::of(&*self.price(model)?, usage)
    }

    /// What was used as far as anybody can tell, and whether that is an estimate: text came, and the provider
    /// never said how much it was. `whole`: nothing of the answer is missing, so what was said last holds.
    pub(crate) fn used(&self, model: Option<&str>, usage: &Usage, spoken: u64, whole: bool) -> (Usage, bool) {
        if spoken == 0 || (whole && usage.output.is_some()) {
            return (*usage, false);
        }
        let tokens = |weight: &Weight| self.router.learner.tokens(model.unwrap_or_default(), weight);
        let output = tokens(&Weight { text_bytes: spoken, ..Weight::default() });
        let told = usage.output.unwrap_or(0);
        if usage.input.is_some() && told >= output {
            return (*usage, false);
        }
        let input = usage.input.unwrap_or_else(|| tokens(&Weight::of(&self.body)));
        (Usage { input: Some(input), output: Some(told.max(output)), ..*usage }, true)
    }

    /// What the provider's own cache saved on the answer; negative where it cost more than it saved.
    pub(crate) fn saved(&self, model: Option<&str>) -> Option<i64> {
        cost::saved_by_provider_cache(&*self.price(model)?, &self.usage)
    }

    fn price(&self, model: Option<&str>) -> Option<Arc<ModelPrice>> {
        self.runtime.known.of(model?, &self.day).price
    }

    /// Counts what was spent so far against the caps, however often it is called.
    pub(crate) fn book(&mut self, row: &LedgerRow, so_far: i64) {
        let more = so_far - self.booked;
        if more > 0 {
            let route = row.route.clone().map(Scope::Route);
            let scopes: Vec<Scope> =
                [Scope::All, Scope::Tenant(row.tenant.clone())].into_iter().chain(route).collect();
            self.router.spend.spent(self.at, &scopes, more);
            self.booked = so_far;
        }
    }

    /// Books what was spent in the place of what was set aside, and learns how many tokens the prompt was.
    pub(crate) fn settle(&mut self, row: &LedgerRow, spent: i64, live: Option<&AttemptRow>) {
        self.book(row, spent);
        // Only now, so that the money is never both spent and free.
        self.reservation = None;
        if let Some(model) = live.and_then(|live| live.model.clone()) {
            self.learn(model);
        }
    }

    fn learn(&self, model: String) {
        let Usage { input: Some(input), cached, cache_write, .. } = self.usage else { return };
        let prompt = input + cached.unwrap_or(0) + cache_write.unwrap_or(0);
        let body = self.body.clone();
        let router = Arc::clone(&self.router);
        let learn = move || router.learner.learn(&model, &Weight::of(&body), prompt);
        match self.body.len() {
            0 => {}
            length if length <= WEIGHED_HERE => learn(),
            length if length <= WEIGHED_AT_ALL => drop(self.router.tasks.spawn_blocking(learn)),
            _ => {}
        }
    }
}
