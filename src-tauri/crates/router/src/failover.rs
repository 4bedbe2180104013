//! The loop over attempts: retry in the group once, then the other provider, until something has
//! begun to answer or nothing is left.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use evenkeel_dialect::fold::FoldError;
use evenkeel_dialect::usage::Usage;
use evenkeel_dialect::{Api, answer, unsigned};
use tokio::time::Instant;

use crate::Router;
use crate::admit::Admitted;
use crate::attempt::{Attempt, Content, Head, Live};
use crate::bill;
use crate::breaker::Ended;
use crate::clock::millis;
use crate::endpoint::Endpoint;
use crate::failed::Failed;
use crate::given_up::final_answer;
use crate::guardrail::{Fitted, Scales, Unfit};
use crate::headers;
use crate::outcome::{Outcome, Retry};
use crate::patience::Patience;
use crate::plan::{self, Plan};
use crate::question::{self, Manner, Marks};
use crate::recall::{Known, Recall, Why};
use crate::redact;
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use crate::secrets::KeyState;
use crate::settle::Settlement;
use crate::stream::Broke;
use crate::target::Target;
use crate::wording::Folding;

/// However many retries are configured, a request costs no more tries than this.
const MOST_ATTEMPTS: usize = 4;
/// The longest `retry-after` that is waited for inside a request.
const SOON: Duration = Duration::from_secs(1);

/// How the loop ended.
pub(crate) enum Finished {
    /// An event stream has begun, for a client that asked for one.
    Stream(Target, Box<Live>),
    /// A complete body.
    Body(Target, Head, Bytes),
    /// The provider's word about the request itself.
    AsItCame(Target, Outcome, Head, Bytes),
    /// An answer from the cache.
    Known(Box<Known>, Why),
    /// Nobody answered.
    Refused(Refusal),
}

/// Asks the plan's targets in their order.
pub(crate) async fn run(
    router: &Arc<Router>,
    runtime: &Runtime,
    admitted: &Admitted,
    plan: &Plan,
    recall: Option<&mut Recall>,
    settlement: &mut Settlement,
) -> Finished {
    // Whoever can't be reached isn't asked: what is saved is all there is.
    if let Some(refusal) = router.reach.refusal(plan) {
        return Finished::Refused(refusal);
    }
    let mut failures: Vec<(Target, Failed)> = Vec::new();
    let mut recall = recall.filter(|_| plan.cache.is_read());
    for (index, target) in plan.targets.iter().enumerate() {
        settlement.release();
        let asked = (target, settlement.paid());
        let mut verdict = fit(router, runtime, admitted, plan, asked, recall.is_some());
        if matches!(verdict, Err(Unfitted::AskCache)) {
            if let Some(recall) = recall.take()
                && let Some(known) = recall.look_up(router).await
            {
                return Finished::Known(known, Why::OverBudget);
            }
            verdict = fit(router, runtime, admitted, plan, asked, false);
        }
        let fitted = match verdict {
            Ok(fitted) => fitted,
            Err(unfitted) => {
                let failed = unfitted.failed(router);
                settlement.failed(target, &failed);
                failures.push((target.clone(), failed));
                continue;
            }
        };
        let target = fitted_target(router, runtime, target, &fitted);
        let mut group = Group::new((router, runtime), admitted, plan, (target, fitted), index);
        let target = group.target.clone();
        settlement.fitted(&mut group.fitted);
        // Every target still to come keeps one try, however many retries are configured.
        let reserved = plan.targets.len() - index - 1;
        loop {
            settlement.trying(&target);
            let paid = settlement.paid();
            let mut failed = match group.ask(settlement).await {
                Ok(finished) => return finished,
                Err(failed) => *failed,
            };
            failed.took_ms = millis(failed.timing.began, router.clock.instant());
            settlement.failed(&target, &failed);
            let ended = Ended::new(failed.class(), failed.timing.began)
                .retry_after(failed.retry_after)
                .alike(failed.alike);
            router.report(plan, &target, &failed, ended).await;
            tracing::info!(
                id = admitted.entered.id,
                provider = target.provider(),
                outcome = failed.outcome.as_str(),
                status = failed.status,
                detail = failed.detail,
                "attempt failed"
            );
            let room = failures.len() + 1 + reserved < MOST_ATTEMPTS;
            let again = group.again(&failed).filter(|_| room);
            let fails_over = failed.class().fails_over();
            failures.push((target.clone(), failed));
            if let Some(refusal) = router.reach.refusal(plan) {
                return Finished::Refused(refusal);
            }
            match again {
                Some(pause) => {
                    tokio::time::sleep(pause).await;
                    if settlement.paid() > paid && !group.fits_again(settlement) {
                        break;
                    }
                }
                None if fails_over => break,
                None => return final_answer(admitted, plan, failures),
            }
        }
    }
    if failures.iter().any(|(_, failed)| failed.is_doubtful()) {
        // Somebody finds out at the moment whether it was our own network.
        router.reach.verdict(plan.total.at()).await;
        if let Some(refusal) = router.reach.refusal(plan) {
            return Finished::Refused(refusal);
        }
    }
    final_answer(admitted, plan, failures)
}

/// Why a target isn't asked.
enum Unfitted {
    /// It is no exchange at all.
    NoExchange,
    Exceeded(String),
    AskCache,
}

impl Unfitted {
    fn failed(self, router: &Router) -> Failed {
        let (outcome, detail) = match self {
            Self::NoExchange => (Outcome::Malformed, "not an exchange".to_owned()),
            Self::Exceeded(message) => (Outcome::OverBudget, message),
            Self::AskCache => (Outcome::OverBudget, "nothing is cached for this request".to_owned()),
        };
        Failed::new(outcome, router.clock.instant(), detail)
    }
}

/// The request as it may go to this target, or why it may not.
fn fit(
    router: &Router,
    runtime: &Runtime,
    admitted: &Admitted,
    plan: &Plan,
    (target, paid): (&Target, i64),
    may_recall: bool,
) -> Result<Fitted, Unfitted> {
    let (Some(ask), Endpoint::Exchange(api)) = (&admitted.ask, admitted.entered.endpoint) else {
        return Err(Unfitted::NoExchange);
    };
    let now = router.clock.now();
    let day = bill::day(now);
    let scales = Scales {
        api,
        body: &admitted.body,
        ask,
        limits: &plan.limits,
        known: &runtime.known,
        day: &day,
        learner: &router.learner,
        spend: &router.spend,
        paid,
        now,
        may_recall,
    };
    scales.fit(target).map_err(|unfit| match unfit {
        Unfit::Exceeded(message) => Unfitted::Exceeded(message),
        Unfit::AskCache => Unfitted::AskCache,
    })
}

/// The target with the model that the guardrails left it.
fn fitted_target(router: &Router, runtime: &Runtime, target: &Target, fitted: &Fitted) -> Target {
    match &fitted.model {
        Some(model) if Some(model) != target.model.as_ref() => {
            let facts = runtime.known.of(model, &bill::day(router.clock.now()));
            target.clone().with_model(model.clone(), &facts, router.practice)
        }
        _ => target.clone(),
    }
}

/// The tries on one provider.
struct Group<'a> {
    router: &'a Arc<Router>,
    admitted: &'a Admitted,
    runtime: &'a Runtime,
    plan: &'a Plan,
    /// Who may be asked after this one.
    later: &'a [Target],
    target: Target,
    fitted: Fitted,
    last: bool,
    budget: crate::deadlines::FirstToken,
    retries_left: u32,
    manner: Manner,
    /// The try under way shows whether it was our splice that the host refused.
    proving: bool,
}

impl<'a> Group<'a> {
    fn new(
        (router, runtime): (&'a Arc<Router>, &'a Runtime),
        admitted: &'a Admitted,
        plan: &'a Plan,
        (target, fitted): (Target, Fitted),
        index: usize,
    ) -> Self {
        let last = plan::is_last(plan, index);
        let limit = target.upstream.limit_name(target.model.as_deref());
        let budget = crate::deadlines::FirstToken::starting(
            router.clock.instant(),
            plan.budgets.first_token(last, target.slow),
        );
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

    async fn ask(&mut self, settlement: &mut Settlement) -> Result<Finished, Box<Failed>> {
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
    fn fits_again(&mut self, settlement: &mut Settlement) -> bool {
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
        crate::deadlines::FirstToken::starting(self.router.clock.instant(), budget).at()
    }

    /// Whether the provider gets thinking that could be left out.
    fn carries_thinking(&self) -> bool {
        let api = self.target.api.filter(|_| self.target.translates_from(self.admitted).is_none());
        api.is_some_and(|api| unsigned::without(api, &self.fitted.body).is_some())
    }

    /// Whether this provider is asked once more, and after which pause.
    fn again(&mut self, failed: &Failed) -> Option<Duration> {
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

/// A whole body, ready for the client.
struct Finale {
    head: Head,
    body: Bytes,
    usage: Usage,
    /// The provider's own id of it; none where the client sees another one.
    id: Option<String>,
}

/// Waits for the rest of an answer that the client wants in one piece. Nothing has reached the client
/// yet, so what breaks off here can still be had from the other provider.
async fn whole(live: Live, group: &Group<'_>) -> Result<Finale, Failed> {
    let Live { mut head, content, timing, translation, .. } = live;
    let mut answer = match content {
        Content::Whole(body, usage, id) => return Ok(Finale { head, body, usage, id }),
        Content::Events(answer) => answer,
    };
    let spoken = answer.spoken().clone();
    let fail = |outcome, detail: String, usage| Failed {
        status: Some(head.status.as_u16()),
        request_id: head.request_id.clone(),
        timing,
        usage,
        spoken: spoken.bytes(),
        ..Failed::new(outcome, timing.began, detail)
    };
    let Some(api) = group.target.api else {
        return Err(fail(Outcome::Malformed, "not an exchange".to_owned(), answer.usage()));
    };
    let own = translation.is_none();
    let mut fold = Folding::new(api, translation);
    while !fold.is_complete() {
        let until = group.plan.idle.from(group.router.clock.instant(), group.plan.total);
        let pushed = match answer.next_frame(until).await {
            Ok(Some(frame)) => fold.push(&frame).map_err(misread),
            Ok(None) => {
                fold.ended();
                break;
            }
            Err(broke) => Err(broke),
        };
        if let Err(broke) = pushed {
            let (outcome, detail) = broken(broke, group.plan, group.router.clock.instant());
            let detail = redact::text(&group.target.upstream.key, detail);
            return Err(fail(outcome, detail, answer.usage()));
        }
    }
    let usage = answer.usage();
    let fold_usage = fold.usage();
    let body = match fold.finish() {
        Ok(body) => body,
        Err(error) => return Err(fail(Outcome::BrokenStream, error.to_string(), usage)),
    };
    let read = if own { answer::read(api, &body).ok() } else { None };
    let (own_usage, id) = read.map_or((usage, None), |read| (read.usage, read.id));
    let usage = fold_usage.unwrap_or(own_usage);
    // The connection can be used again only once the end of the body is read; the client needn't wait.
    group.router.tasks.spawn(answer.drain());
    head.headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    head.headers.remove(http::header::CACHE_CONTROL);
    Ok(Finale { head, body, usage, id })
}

/// What the fold could not take, in the stream's own terms.
pub(crate) fn misread(error: FoldError) -> Broke {
    match error {
        FoldError::Failed(error) => Broke::Error(error),
        FoldError::Unfinished | FoldError::Malformed(_) => Broke::Malformed(error.to_string()),
    }
}

/// What an interruption after the first token is called.
pub(crate) fn broken(broke: Broke, plan: &Plan, now: Instant) -> (Outcome, String) {
    match broke {
        Broke::TimedOut if plan::is_over(plan, now) => {
            (Outcome::Deadline, "the request's total time was over".to_owned())
        }
        Broke::TimedOut => (Outcome::BrokenStream, "the stream fell silent".to_owned()),
        Broke::Gone(detail) | Broke::Malformed(detail) => (Outcome::BrokenStream, detail),
        Broke::Error(error) => {
            let said = error.short_message().unwrap_or_else(|| "no message".to_owned());
            (Outcome::BrokenStream, format!("the provider reported an error: {said}"))
        }
    }
}
