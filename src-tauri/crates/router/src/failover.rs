//! The loop over attempts: retry in the group once, then the other provider, until something has
//! begun to answer or nothing is left.
//!
//! - [`fit`]: whether the request may go to a target, and how
//! - [`group`]: the tries on one provider
//! - [`whole`]: the rest of an answer that the client wants in one piece

use std::sync::Arc;

use bytes::Bytes;

use crate::Router;
use crate::admit::Admitted;
use crate::attempt::{Head, Live};
use crate::breaker::Ended;
use crate::clock::millis;
use crate::failed::Failed;
use crate::given_up::final_answer;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::recall::{Known, Recall, Why};
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use crate::settle::Settlement;
use crate::target::Target;
use fit::{Unfitted, fit, fitted_target};
use group::Group;

mod fit;
mod group;
mod whole;

/// However many retries are configured, a request costs no more tries than this.
const MOST_ATTEMPTS: usize = 4;

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
