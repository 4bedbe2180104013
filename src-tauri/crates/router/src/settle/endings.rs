//! How a request can end, and the one place where that becomes its row: written, counted, told.

use std::sync::Arc;

use evenkeel_slo::{Cause, Counted, Ending};
use evenkeel_store::Mode;

use super::tries::{note_dropped, note_estimate};
use super::{CACHE, Settlement};
use crate::clock::millis;
use crate::events::Event;
use crate::outcome::Outcome;
use crate::refusal::{Code, Refusal};
use crate::target::Target;

impl Settlement {
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
    pub(super) fn ending(&self, refusal: &Refusal) -> (Ending, Option<Cause>) {
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
