//! Stage 2: what will be tried, made once and as plain data; `requests ID` shows it later.
//!
//! Who is asked is the business of [`crate::target`]; in which order, and how long each may take, is decided here.

use std::sync::Arc;

use evenkeel_config::{Config, Pin, Route, RouteTarget};
use evenkeel_dialect::Dialect;
use serde::Serialize;
use tokio::time::Instant;

use crate::admit::Admitted;
use crate::breaker::{Admission, Breakers};
use crate::deadlines::{Budgets, Idle, SlowStart, Total};
use crate::draw;
use crate::limits::Limits;
use crate::made_by::MadeBy;
use crate::recall::CachePolicy;
use crate::redact;
use crate::refusal::{Code, Refusal};
use crate::runtime::Runtime;
use crate::target::{Role, Skipped, Target, Why, target, wrong_dialect};
use crate::upstream::Upstream;

/// Everything that is decided before the first byte is sent.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Plan {
    pub(crate) route: String,
    pub(crate) pin: Option<String>,
    pub(crate) bypass: bool,
    /// The draw of a weighted route fell on the secondary.
    pub(crate) drawn: bool,
    pub(crate) targets: Vec<Target>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) retries: u32,
    pub(crate) budgets: Budgets,
    /// What it may cost; checked before each attempt, for that target's prices.
    #[serde(rename = "guardrail")]
    pub(crate) limits: Limits,
    pub(crate) cache: CachePolicy,
    #[serde(skip)]
    pub(crate) total: Total,
    #[serde(skip)]
    pub(crate) idle: Idle,
    #[serde(skip)]
    pub(crate) connect: std::time::Duration,
}

/// How things stand at the moment, as far as a plan depends on it.
pub(crate) struct Standing<'a> {
    pub(crate) breakers: &'a Breakers,
    pub(crate) made_by: &'a MadeBy,
    /// Whom a person wants everything sent to first.
    pub(crate) forced: Option<&'a str>,
    pub(crate) practice: bool,
}

/// Makes the plan of an exchange.
pub(crate) fn make(admitted: &Admitted, runtime: &Runtime, standing: &Standing<'_>) -> Result<Plan, Refusal> {
    let Standing { breakers, made_by, forced, .. } = *standing;
    let Some(ask) = &admitted.ask else { return pass_through(admitted, runtime) };
    let route = route_for(runtime, Some(&ask.model), admitted.entered.tags.feature.as_deref())?;
    let mut plan = bare(admitted, runtime, route, ask_starts_late(admitted));
    plan.cache = CachePolicy::of(admitted.entered.controls.cache, &runtime.config.cache, standing.practice);

    // A choice made just now is worth more than the file's; one made for this request more than both.
    let forced = forced.filter(|name| route.targets().any(|target| target.provider == *name));
    let pin = admitted.entered.controls.pin.as_ref().or(route.pin.as_ref().filter(|_| forced.is_none()));
    plan.pin = pin.map(pin_name);
    for (role, wanted) in roles(route) {
        if !pin_allows(pin, role, wanted) {
            continue;
        }
        let upstream = upstream_of(runtime, wanted)?;
        match target(admitted, upstream, wanted, role, (runtime, standing.practice)) {
            Ok(target) => {
                plan.targets.push(admit(target, breakers));
            }
            Err(skipped) => plan.skipped.push(skipped),
        }
    }
    if let Some(state) = &ask.state {
        stay_with_memory(&mut plan, admitted, made_by.provider(state))?;
    }
    let first = draw::first(route, |all| fastrand::u64(0..all));
    plan.drawn = first == Role::Secondary;
    plan.targets.sort_by_key(|target| target.role != first);
    // Stable, so that whoever is equal keeps its place. A probe goes first, with the others behind it.
    plan.targets.sort_by_key(|target| Some(target.provider()) != forced);
    plan.targets.sort_by_key(|target| (target.resting, target.permit.is_none()));
    if plan.targets.is_empty() { Err(nothing_left(&plan, route, pin, admitted)) } else { Ok(plan) }
}

/// A conversation that one provider keeps goes on there and nowhere else: any other one would answer without
/// what was said so far. Where nobody knows which one that is, the client gets the refusal from which its SDK
/// starts anew.
fn stay_with_memory(plan: &mut Plan, admitted: &Admitted, home: Option<String>) -> Result<(), Refusal> {
    let thread = admitted.entered.dialect == Dialect::Anthropic;
    plan.targets.retain(|target| target.translates_from(admitted).is_none());
    match &home {
        Some(home) => plan.targets.retain(|target| target.provider() == home),
        // It may have been made before a restart, and an id that nobody knows is refused there as well.
        None if !thread => plan.targets.truncate(1),
        None => plan.targets.clear(),
    }
    if !plan.targets.is_empty() {
        return Ok(());
    }
    let (param, code, what) = if thread {
        ("thread", "thread_not_found", "thread")
    } else {
        ("previous_response_id", "previous_response_not_found", "earlier response")
    };
    let why = match home {
        Some(home) => format!("it is kept by {home}, which this route doesn't ask now"),
        None => "no provider here is known to keep it".to_owned(),
    };
    let message =
        format!("`{param}`: this {what} can't be continued: {why}. Send the whole conversation instead.");
    Err(Refusal { vendor_code: Some(code), ..Refusal::invalid(param, message) })
}

/// The target as its breaker lets it be asked.
fn admit(mut target: Target, breakers: &Breakers) -> Target {
    match breakers.admission(target.provider(), target.model.as_deref().unwrap_or("")) {
        Admission::Pass => {}
        Admission::Probe(permit) => target.permit = Some(Arc::new(permit)),
        Admission::Refused => target.resting = true,
    }
    target
}

/// The plan of a request that bypasses the router: its own bytes to the primary, or to the other one
/// if only that speaks the client's dialect.
pub(crate) fn bypass(admitted: &Admitted, runtime: &Runtime) -> Result<Plan, Refusal> {
    let model = admitted.ask.as_ref().map(|ask| ask.model.as_str());
    let plan = untouched(admitted, runtime, model)?;
    Ok(Plan { bypass: true, ..plan })
}

/// Who can count a prompt's tokens: the route's first provider that speaks the dialect, if one does.
pub(crate) fn count(admitted: &Admitted, runtime: &Runtime, model: Option<&str>) -> Result<Plan, Refusal> {
    let route = route_for(runtime, model, admitted.entered.tags.feature.as_deref())?;
    let mut plan = bare(admitted, runtime, route, true);
    for (role, wanted) in roles(route) {
        let upstream = upstream_of(runtime, wanted)?;
        if upstream.speaks(Dialect::Anthropic) {
            plan.targets.push(Target::new(admitted, upstream, role, model.map(str::to_owned)));
            break;
        }
    }
    Ok(plan)
}

fn pass_through(admitted: &Admitted, runtime: &Runtime) -> Result<Plan, Refusal> {
    untouched(admitted, runtime, None)
}

/// One attempt at the route's first provider that speaks the client's dialect, with nothing changed.
fn untouched(admitted: &Admitted, runtime: &Runtime, model: Option<&str>) -> Result<Plan, Refusal> {
    let route = route_for(runtime, model, admitted.entered.tags.feature.as_deref())?;
    let mut plan = bare(admitted, runtime, route, true);
    plan.retries = 0;
    for (role, wanted) in roles(route) {
        let upstream = upstream_of(runtime, wanted)?;
        if upstream.speaks(admitted.entered.dialect) {
            let model = admitted.ask.as_ref().map(|ask| ask.model.clone());
            plan.targets.push(Target::new(admitted, upstream, role, model));
            return Ok(plan);
        }
        plan.skipped.push(wrong_dialect(&upstream, admitted));
    }
    Err(nothing_left(&plan, route, None, admitted))
}

fn bare(admitted: &Admitted, runtime: &Runtime, route: &Route, starts_late: bool) -> Plan {
    let slow = SlowStart { known: starts_late, body_len: admitted.body.len() };
    Plan {
        route: route.name.clone(),
        pin: None,
        bypass: false,
        drawn: false,
        targets: Vec::with_capacity(2),
        skipped: Vec::new(),
        retries: route.retries,
        budgets: Budgets::new(&route.deadlines, slow),
        limits: Limits::of(
            &runtime.config,
            route,
            &admitted.entered.tags.tenant,
            admitted.entered.controls.max_cost,
        ),
        cache: CachePolicy::Off,
        total: Total::starting(admitted.entered.arrived, &route.deadlines),
        idle: Idle::new(&route.deadlines),
        connect: route.deadlines.connect,
    }
}

fn ask_starts_late(admitted: &Admitted) -> bool {
    admitted.ask.as_ref().is_some_and(|ask| ask.reasoning)
}

/// First match wins. A request without a model (passed through) takes the first route for its feature.
fn route_for<'a>(
    runtime: &'a Runtime,
    model: Option<&str>,
    feature: Option<&str>,
) -> Result<&'a Route, Refusal> {
    let config: &Config = &runtime.config;
    if config.providers.is_empty() {
        return Err(Refusal::new(
            Code::NoProvider,
            "No provider is configured. Add one to evenkeel.toml, or start with `evenkeel serve --practice`.",
        ));
    }
    let takes = |route: &&Route| {
        model.is_none_or(|model| route.models.iter().any(|glob| glob.matches(model)))
            && route.features.iter().any(|glob| glob.matches(feature.unwrap_or("")))
    };
    config.routes.iter().find(takes).ok_or_else(|| {
        let names: Vec<_> = config.routes.iter().map(|route| route.name.as_str()).collect();
        let asked = match (model, feature) {
            (Some(model), Some(feature)) => format!("model {model:?} and feature {feature:?}"),
            (Some(model), None) => format!("model {model:?}"),
            (None, _) => format!("feature {:?}", feature.unwrap_or("")),
        };
        let message = format!("No route takes {asked}. Routes in evenkeel.toml: {}.", names.join(", "));
        Refusal::new(Code::NoRoute, message).for_good()
    })
}

fn roles(route: &Route) -> impl Iterator<Item = (Role, &RouteTarget)> {
    std::iter::once((Role::Primary, &route.primary))
        .chain(route.secondary.iter().map(|t| (Role::Secondary, t)))
}

fn pin_allows(pin: Option<&Pin>, role: Role, wanted: &RouteTarget) -> bool {
    match pin {
        None => true,
        Some(Pin::Primary) => role == Role::Primary,
        Some(Pin::Secondary) => role == Role::Secondary,
        Some(Pin::Provider(name)) => *name == wanted.provider,
    }
}

fn pin_name(pin: &Pin) -> String {
    match pin {
        Pin::Primary => "primary".to_owned(),
        Pin::Secondary => "secondary".to_owned(),
        Pin::Provider(name) => name.clone(),
    }
}

fn upstream_of(runtime: &Runtime, wanted: &RouteTarget) -> Result<Arc<Upstream>, Refusal> {
    runtime.upstreams.get(&wanted.provider).cloned().ok_or_else(|| {
        // The configuration's validation refuses such a route, so this is a fault of ours.
        Refusal::new(
            Code::InternalError,
            format!("The route names {:?}, which isn't loaded.", wanted.provider),
        )
    })
}

fn nothing_left(plan: &Plan, route: &Route, pin: Option<&Pin>, admitted: &Admitted) -> Refusal {
    let reasons: Vec<_> = plan.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
    if let (true, Some(pin)) = (plan.skipped.is_empty(), pin) {
        let names: Vec<_> = roles(route).map(|(_, target)| target.provider.as_str()).collect();
        let message = format!(
            "The pin {} matches no provider of route {:?}; it takes primary, secondary, or one of: {}.",
            redact::quoted(&pin_name(pin)),
            plan.route,
            names.join(", ")
        );
        return Refusal::invalid("x-evenkeel-pin", message);
    }
    if plan.skipped.iter().any(|skipped| skipped.why == Why::Model) {
        let asked = admitted.ask.as_ref().map_or("", |ask| ask.model.as_str());
        let message = format!(
            "No provider of route {:?} serves the model {asked:?}: {}. Name a served model, or set default_model.",
            plan.route,
            reasons.join("; ")
        );
        return Refusal::new(Code::ModelNotServed, message).for_good();
    }
    let message = format!("No provider is left for this request: {}.", reasons.join("; "));
    Refusal::new(Code::Untranslatable, message).for_good()
}

/// Whether nobody who is fit to answer comes after this target: it gets the long budget, for a slow answer
/// beats none.
pub(crate) fn is_last(plan: &Plan, index: usize) -> bool {
    plan.targets.iter().skip(index + 1).all(|target| target.resting)
}

/// How long until the plan's total time is over.
pub(crate) fn is_over(plan: &Plan, now: Instant) -> bool {
    now >= plan.total.at()
}
