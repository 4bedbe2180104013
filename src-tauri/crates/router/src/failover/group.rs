//! The tries on one provider: the first, the one retry that is worth its time, and those that only ask the same in
//! other words.

use std::sync::Arc;
use std::time::Duration;

use evenkeel_dialect::{Api, unsigned};
use tokio::time::Instant;

use super::Finished;
use super::fit::fit;
use super::whole::{Finale, whole};
use crate::Router;
use crate::admit::Admitted;
use crate::attempt::{Attempt, Content};
use crate::breaker::Ended;
use crate::deadlines::FirstToken;
use crate::failed::Failed;
use crate::guardrail::Fitted;
use crate::headers;
use crate::outcome::{Outcome, Retry};
use crate::patience::Patience;
use crate::plan::{self, Plan};
use crate::question::{self, Manner, Marks};
use crate::runtime::Runtime;
use crate::secrets::KeyState;
use crate::settle::Settlement;
use crate::target::Target;

/// The longest `retry-after` that is waited for inside a request.
const SOON: Duration = Duration::from_secs(1);

/// The tries on one provider.
pub(super) struct Group<'a> {
    pub(super) router: &'a Arc<Router>,
    admitted: &'a Admitted,
    runtime: &'a Runtime,
    pub(super) plan: &'a Plan,
    /// Who may be asked after this one.
    later: &'a [Target],
    pub(super) target: Target,
    pub(super) fitted: Fitted,
    last: bool,
    budget: FirstToken,
    retries_left: u32,
    manner: Manner,
    /// The try under way shows whether it was our splice that the host refused.
    proving: bool,
}

impl<'a> Group<'a> {
    pub(super) fn new(
        (router, runtime): (&'a Arc<Router>, &'a Runtime),
        admitted: &'a Admitted,
        plan: &'a Plan,
        (target, fitted): (Target, Fitted),
        index: usize,
    ) -> Self {
        let last = plan::is_last(plan, index);
        let limit = target.upstream.limit_name(target.model.as_deref());
        let budget =
            FirstToken::starting(router.clock.instant(), plan.budgets.first_token(last, target.slow));
        let as_asked = target.upstream.refuses_splices();
        Self {
            router,
            runtime,
            admitted,
            plan,
            later: plan.targets.get(index + 1..).unwrap_or_default(),
            retries_left: if target.resting { 0 } else { plan.retries },
            target,
            fitted,
            last,
            budget,
            manner: Manner { plain: as_asked, without_thinking: false, limit },
            proving: false,
        }
    }

    pub(super) async fn ask(&mut self, settlement: &mut Settlement) -> Result<Finished, Box<Failed>> {
        let paid = settlement.paid();
        let takes_over = || self.takes_over(paid);
        let attempt = Attempt {
            router: self.router,
            admitted: self.admitted,
            plan: self.plan,
            target: &self.target,
            fitted: &self.fitted,
            patience: self.patience(&takes_over),
            manner: self.manner,
            marks: Marks {
                cache: &self.router.prompt_cache,
                learner: &self.router.learner,
                now: self.router.clock.instant(),
            },
            clock: &*self.router.clock,
        };
        let answered = attempt.run().await;
        let still_refused = answered.as_ref().is_err_and(|failed| failed.class() == Outcome::BadRequest);
        if std::mem::take(&mut self.proving) && !still_refused {
            self.target.upstream.remember_refusal_of_splices();
        }
        let mut live = answered.map_err(Box::new)?;
        let known = self.target.upstream.limit_name(self.target.model.as_deref());
        if let Some(model) = self.target.model.as_deref().filter(|_| known != self.manner.limit) {
            self.target.upstream.remember_limit_name(model, self.manner.limit);
        }
        headers::tell_degraded(&mut live.head.headers, &self.fitted.degraded);
        let began = live.timing.began;
        let status = live.head.status.as_u16();
        settlement.live(&self.target, live.timing, status, live.head.request_id.clone(), self.plan.bypass);
        if let Content::Events(answer) = &live.content {
            settlement.hears(answer.spoken());
            settlement.usage(&answer.usage());
        }
        if self.admitted.ask.as_ref().is_some_and(|ask| ask.stream) {
            return Ok(Finished::Stream(self.target.clone(), Box::new(live)));
        }
        let Finale { head, body, usage, id } = whole(live, self).await.map_err(Box::new)?;
        settlement.usage(&usage);
        if usage.output.is_none() {
            settlement.heard(&body);
        }
        if let Some(id) = id {
            self.router.made_by.remember(&id, self.target.provider());
        }
        let ended = Ended::new(Outcome::Ok, began);
        self.router.breakers.note(self.target.provider(), self.target.model.as_deref(), ended);
        Ok(Finished::Body(self.target.clone(), head, body))
    }

    /// Whether there is money left for the same question once more, after a try that cost some.
    pub(super) fn fits_again(&mut self, settlement: &mut Settlement) -> bool {
        settlement.release();
        let asked = (&self.target, settlement.paid());
        match fit(self.router, self.runtime, self.admitted, self.plan, asked, false) {
            Ok(mut fitted) if fitted.model == self.fitted.model => {
                settlement.fitted(&mut fitted);
                self.fitted = fitted;
                true
            }
            _ => false,
        }
    }

    /// The budget binds while another provider is left; an answer that can't be watched (it comes in
    /// one piece) is known to start late.
    fn patience<'b>(&self, takes_over: &'b (dyn Fn() -> bool + Send + Sync)) -> Patience<'b> {
        let total = self.plan.total.at();
        let at_last = self.budget.began() + self.plan.budgets.first_token(true, self.target.slow);
        Patience::new(self.first_token().min(total), at_last.min(total), takes_over)
    }

    /// Whether anybody who comes later can answer this request at all.
    fn takes_over(&self, paid: i64) -> bool {
        self.later.iter().filter(|target| !target.resting).any(|target| {
            let fitted = fit(self.router, self.runtime, self.admitted, self.plan, (target, paid), false);
            !matches!(target.upstream.key, KeyState::Missing)
                && fitted.is_ok_and(|fitted| question::can_be_said(self.admitted, &fitted, target))
        })
    }

    fn first_token(&self) -> Instant {
        let streams = self.admitted.ask.as_ref().is_some_and(|ask| ask.stream)
            || (self.target.watched && !self.manner.plain);
        // Vectors take no time to think about.
        if streams || self.last || self.target.api == Some(Api::Embeddings) {
            return self.budget.at();
        }
        let budget = Duration::from_millis(self.plan.budgets.unwatched_ms);
        FirstToken::starting(self.router.clock.instant(), budget).at()
    }

    /// Whether the provider gets thinking that could be left out.
    fn carries_thinking(&self) -> bool {
        let api = self.target.api.filter(|_| self.target.translates_from(self.admitted).is_none());
        api.is_some_and(|api| unsigned::without(api, &self.fitted.body).is_some())
    }

    /// Whether this provider is asked once more, and after which pause.
    pub(super) fn again(&mut self, failed: &Failed) -> Option<Duration> {
        if failed.refuses_our_splice() && !self.manner.plain {
            // Not a retry: the client's own request hasn't been asked yet.
            self.manner.plain = true;
            self.proving = true;
            return Some(Duration::ZERO);
        }
        if failed.refuses_our_limit()
            && let Some(next) = self.manner.limit.next(self.target.api)
        {
            // Nor is this one: the client set no limit, so nothing that it said was refused.
            self.manner.limit = next;
            return Some(Duration::ZERO);
        }
        if failed.names_thinking && !self.manner.without_thinking && self.carries_thinking() {
            // And this one: the history was begun elsewhere, and nobody but that provider can sign it.
            self.manner.without_thinking = true;
            return Some(Duration::ZERO);
        }
        let pause = match failed.retry() {
            Retry::Never => return None,
            Retry::AfterPause(pause) => pause,
            Retry::IfSoon => failed.retry_after.filter(|wait| self.last && *wait <= SOON)?,
        };
        let starts = self.router.clock.instant() + pause;
        if self.retries_left == 0
            || !self.budget.leaves_room_for_a_retry(starts)
            || starts >= self.plan.total.at()
        {
            return None;
        }
        self.retries_left -= 1;
        Some(pause)
    }
}
