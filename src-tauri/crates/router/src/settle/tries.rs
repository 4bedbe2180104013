//! A request's tries, each a line below its row: the one under way, and those that were given up.

use evenkeel_dialect::usage::Usage;
use evenkeel_store::{AttemptRow, Tokens};

use super::{Settlement, cost::tokens};
use crate::admit::Admitted;
use crate::attempt::Timing;
use crate::clock::millis;
use crate::failed::Failed;
use crate::guardrail::Fitted;
use crate::outcome::Outcome;
use crate::spoken::Spoken;
use crate::target::Target;

/// Ledger details are for a person's eye; provider messages can be pages.
const DETAIL_CHARS: usize = 300;
/// Said where the provider never told what it wants for an answer that broke off.
const ESTIMATED: &str = "cost estimated from what came";

impl Settlement {
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
}

pub(super) fn note_estimate(row: &mut AttemptRow, estimated: bool) {
    if estimated && row.cost_micros.is_some() {
        note(row, ESTIMATED);
    }
}

pub(super) fn note_dropped(row: &mut AttemptRow, turns: usize) {
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
