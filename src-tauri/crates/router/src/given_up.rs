//! What a client is told when every attempt failed: the code that says it truest, with each provider's part in
//! it, and whether trying again makes sense.

use crate::admit::Admitted;
use crate::failed::Failed;
use crate::failover::Finished;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::refusal::{Code, Refusal};
use crate::retry_after;
use crate::target::Target;

/// What the client gets when every attempt failed.
pub(crate) fn final_answer(
    admitted: &Admitted,
    plan: &Plan,
    mut failures: Vec<(Target, Failed)>,
) -> Finished {
    let about_the_request = failures.last().is_some_and(|(_, failed)| failed.class() == Outcome::BadRequest);
    if about_the_request && let Some((target, Failed { answer: Some((head, body)), .. })) = failures.pop() {
        return Finished::AsItCame(target, Outcome::BadRequest, head, body);
    }
    Finished::Refused(nobody(admitted, plan, &failures))
}

fn nobody(admitted: &Admitted, plan: &Plan, failures: &[(Target, Failed)]) -> Refusal {
    let classes: Vec<Outcome> = failures.iter().map(|(_, failed)| failed.class()).collect();
    let all = |outcome| !classes.is_empty() && classes.iter().all(|class| *class == outcome);
    let list: Vec<String> = failures
        .iter()
        .map(|(target, failed)| {
            format!("{} {} after {} ms", target.provider(), failed.phrase(), failed.took_ms)
        })
        .collect();
    let list = list.join("; ");
    if classes.last() == Some(&Outcome::Deadline) {
        let seconds = plan.budgets.total_ms / 1000;
        return Refusal::new(
            Code::DeadlineExceeded,
            format!("The route's total time of {seconds} s is over: {list}."),
        )
        .for_good();
    }
    if let Some((_, failed)) = failures.iter().rev().find(|(_, failed)| failed.class() == Outcome::OverBudget)
    {
        let message = failed.detail.clone().unwrap_or_default();
        return Refusal::new(Code::OverBudget, message).for_good();
    }
    if let Some(refusal) = untranslatable(failures) {
        return refusal;
    }
    if all(Outcome::Unserved) {
        return model_not_served(admitted, plan, failures, &list);
    }
    let (code, message) = if all(Outcome::Connect) {
        (Code::Unreachable, format!("No provider can be reached: {list}."))
    } else if all(Outcome::Overloaded) {
        (Code::ProvidersOverloaded, format!("Every provider is overloaded: {list}."))
    } else if all(Outcome::RateLimited) {
        (Code::RateLimited, format!("Every provider is limiting the rate: {list}."))
    } else if all(Outcome::FirstTokenTimeout) {
        (Code::FirstTokenTimeout, format!("No provider began to answer in time: {list}."))
    } else {
        (Code::ProvidersFailed, format!("All providers failed: {list}."))
    };
    let refusal = Refusal::new(code, message);
    if classes.iter().all(|class| class.is_transient()) {
        let soonest = failures.iter().filter_map(|(_, failed)| failed.retry_after).min();
        refusal.retry_after(soonest.map_or(1, retry_after::seconds))
    } else if classes.iter().any(|class| class.is_transient()) {
        refusal
    } else {
        refusal.for_good()
    }
}

/// The other dialect can't say it, and whoever speaks the client's own is given up or not there.
fn untranslatable(failures: &[(Target, Failed)]) -> Option<Refusal> {
    let (target, failed) = failures.iter().find(|(_, failed)| failed.class() == Outcome::Untranslatable)?;
    let said = failed.detail.as_deref().unwrap_or("the request can't be translated");
    let mut message = format!("{} speaks another dialect: {said}", target.provider());
    let others: Vec<String> = failures
        .iter()
        .filter(|(_, failed)| failed.class() != Outcome::Untranslatable)
        .map(|(target, failed)| format!("{} {}", target.provider(), failed.phrase()))
        .collect();
    if !others.is_empty() {
        message = format!("{message} No other provider is left: {}.", others.join("; "));
    }
    Some(Refusal { param: failed.field.clone(), ..Refusal::new(Code::Untranslatable, message) }.for_good())
}

/// The client's fault if it named the model, ours if a route or a default chose it.
fn model_not_served(admitted: &Admitted, plan: &Plan, failures: &[(Target, Failed)], list: &str) -> Refusal {
    let asked = admitted.ask.as_ref().map(|ask| ask.model.as_str());
    let named_by_client = plan.targets.iter().all(|target| target.model.as_deref() == asked);
    let said = failures.last().and_then(|(_, failed)| failed.detail.clone()).unwrap_or_default();
    if named_by_client {
        let message = format!("No provider serves the model {:?}: {said}", asked.unwrap_or(""));
        return Refusal::new(Code::ModelNotServed, message).for_good();
    }
    Refusal::new(Code::ProvidersFailed, format!("All providers failed: {list}. {said}")).for_good()
}
