//! Stage 2: what will be tried, made once and as plain data; `requests ID` shows it later.
//!
//! A target is one value: address, key, dialect and model belong together and are never mixed.

use std::sync::Arc;

use evenkeel_config::models::{Catalogue, Model};
use evenkeel_config::{Config, Pin, Route, RouteTarget};
use evenkeel_dialect::translate::{ModelTraits, Thinking};
use evenkeel_dialect::{Api, Dialect};
use serde::Serialize;
use serde::ser::Serializer;
use tokio::time::Instant;

use crate::admit::Admitted;
use crate::breaker::{Admission, Breakers, Permit};
use crate::deadlines::{Budgets, Idle, SlowStart, Total};
use crate::draw;
use crate::endpoint::Endpoint;
use crate::guardrail::Verdict;
use crate::made_by::MadeBy;
use crate::recall::CachePolicy;
use crate::redact;
use crate::refusal::{Code, Refusal};
use crate::runtime::Runtime;
use crate::upstream::Upstream;

/// Which of the route's two providers a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asked first.
    Primary,
    /// Takes over.
    Secondary,
}

impl Role {
    /// As the `x-evenkeel-served-by` header says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// One provider with the model that it will be asked for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Target {
    pub(crate) role: Role,
    #[serde(rename = "provider", serialize_with = "name_of")]
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) model: Option<String>,
    /// The dialect that it is asked in.
    pub(crate) dialect: Dialect,
    /// The exchange that it is asked for; `None` for what is passed through.
    #[serde(skip)]
    pub(crate) api: Option<Api>,
    /// A non-streaming request is sent as a stream here, so that its first token can be watched.
    pub(crate) watched: bool,
    /// Its breaker is open: it is asked only because nothing else is left, and once.
    pub(crate) resting: bool,
    /// It was resting, and this request finds out whether it still has to.
    #[serde(rename = "probe", serialize_with = "is_there")]
    pub(crate) permit: Option<Arc<Permit>>,
    /// What the model can do, as far as a translation depends on it.
    #[serde(skip)]
    pub(crate) traits: Arc<ModelTraits>,
}

impl Target {
    /// Asked in the client's own dialect where the provider speaks it.
    fn new(admitted: &Admitted, upstream: Arc<Upstream>, role: Role, model: Option<String>) -> Self {
        let api = match admitted.entered.endpoint {
            Endpoint::Exchange(api) => Some(asked_as(api, &upstream)),
            Endpoint::Models | Endpoint::CountTokens | Endpoint::PassThrough | Endpoint::Unknown => None,
        };
        let dialect = api.map_or(admitted.entered.dialect, Api::dialect);
        Self {
            role,
            upstream,
            model,
            dialect,
            api,
            watched: false,
            resting: false,
            permit: None,
            traits: Arc::default(),
        }
    }

    /// From what the client called to what the provider is called with, if that is something else.
    pub(crate) fn translates_from(&self, admitted: &Admitted) -> Option<(Api, Api)> {
        match (admitted.entered.endpoint, self.api) {
            (Endpoint::Exchange(from), Some(to)) if from != to => Some((from, to)),
            _ => None,
        }
    }

    pub(crate) fn provider(&self) -> &str {
        &self.upstream.name
    }
}

/// A provider of the route that is not asked, and why.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Skipped {
    pub(crate) provider: String,
    pub(crate) reason: String,
    #[serde(skip)]
    pub(crate) why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It doesn't speak the client's dialect.
    Dialect,
    /// It serves no model for this request.
    Model,
}

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
    pub(crate) guardrail: Verdict,
    pub(crate) cache: CachePolicy,
    #[serde(skip)]
    pub(crate) total: Total,
    #[serde(skip)]
    pub(crate) idle: Idle,
    #[serde(skip)]
    pub(crate) connect: std::time::Duration,
}

/// What a provider is called with for a client's call: the same where it can be, else what it speaks.
fn asked_as(api: Api, upstream: &Upstream) -> Api {
    let own = upstream.speaks(api.dialect()) && (api != Api::Responses || upstream.config.responses);
    match api {
        _ if own => api,
        Api::Embeddings => api,
        _ if upstream.speaks(Dialect::OpenAi) => Api::ChatCompletions,
        _ => Api::Messages,
    }
}

fn is_there<S: Serializer>(permit: &Option<Arc<Permit>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(permit.is_some())
}

fn name_of<S: Serializer>(upstream: &Arc<Upstream>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&upstream.name)
}

/// Makes the plan of an exchange.
pub(crate) fn make(
    admitted: &Admitted,
    runtime: &Runtime,
    breakers: &Breakers,
    made_by: &MadeBy,
    forced: Option<&str>,
) -> Result<Plan, Refusal> {
    let Some(ask) = &admitted.ask else { return pass_through(admitted, runtime) };
    let route = route_for(runtime, Some(&ask.model), admitted.entered.tags.feature.as_deref())?;
    let mut plan = bare(admitted, route, ask_starts_late(admitted));
    // A choice made just now is worth more than the file's; one made for this request more than both.
    let forced = forced.filter(|name| route.targets().any(|target| target.provider == *name));
    let pin = admitted.entered.controls.pin.as_ref().or(route.pin.as_ref().filter(|_| forced.is_none()));
    plan.pin = pin.map(pin_name);
    for (role, wanted) in roles(route) {
        if !pin_allows(pin, role, wanted) {
            continue;
        }
        let upstream = upstream_of(runtime, wanted)?;
        match target(admitted, upstream, wanted, role) {
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
    let message = format!("This {what} can't be continued: {why}. Send the whole conversation instead.");
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
    let mut plan = bare(admitted, route, true);
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
    let mut plan = bare(admitted, route, true);
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

fn bare(admitted: &Admitted, route: &Route, starts_late: bool) -> Plan {
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
        guardrail: Verdict::default(),
        cache: CachePolicy::default(),
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

fn target(
    admitted: &Admitted,
    upstream: Arc<Upstream>,
    wanted: &RouteTarget,
    role: Role,
) -> Result<Target, Skipped> {
    let Some(ask) = &admitted.ask else { return Ok(Target::new(admitted, upstream, role, None)) };
    let vectors = admitted.entered.endpoint == Endpoint::Exchange(Api::Embeddings);
    if vectors && !upstream.speaks(Dialect::OpenAi) {
        return Err(wrong_dialect(&upstream, admitted));
    }
    let model = if vectors {
        embedding_model(&upstream, &ask.model)
    } else {
        model_for(&upstream, wanted, &ask.model)
    };
    let Some(model) = model else {
        let reason = format!(
            "{} doesn't serve {:?}, has no default_model, and no known model of its own stands in for it",
            upstream.name, ask.model
        );
        return Err(Skipped { provider: upstream.name.clone(), reason, why: Why::Model });
    };
    // Several choices, audio and a mere receipt don't survive the way through a stream; they are sent as asked.
    let traits = Catalogue::shipped().find(&model).map(traits_of).unwrap_or_default();
    let watched =
        !ask.stream && upstream.watches_always() && ask.choices <= 1 && !ask.audio && !ask.background;
    Ok(Target { watched, traits: Arc::new(traits), ..Target::new(admitted, upstream, role, Some(model)) })
}

/// Vectors of two models can't be compared, so there is no stand-in: the asked model itself, or nobody.
fn embedding_model(upstream: &Upstream, asked: &str) -> Option<String> {
    upstream.config.serves(asked).then(|| asked.to_owned())
}

/// What a translation has to know of a model.
fn traits_of(model: &Model) -> ModelTraits {
    ModelTraits {
        max_output: model.max_output,
        thinking: match model.thinking {
            evenkeel_config::models::Thinking::None => Thinking::None,
            evenkeel_config::models::Thinking::Budget => Thinking::Budget,
            evenkeel_config::models::Thinking::Effort => Thinking::Effort,
        },
        sampling: model.sampling,
        one_of_temperature_and_top_p: model.one_of_temperature_and_top_p,
        forced_tools: model.forced_tools,
        efforts: model.efforts.iter().map(|effort| effort.as_str().to_owned()).collect(),
        structured_output: model.structured_output,
        max_completion_tokens: model.max_completion_tokens,
        images: model.images,
        documents: model.documents,
    }
}

/// The route's own word, else the asked model where it is served, else the provider's default, else the model
/// that stands in for the asked one there.
fn model_for(upstream: &Upstream, wanted: &RouteTarget, asked: &str) -> Option<String> {
    wanted
        .model
        .clone()
        .or_else(|| upstream.config.serves(asked).then(|| asked.to_owned()))
        .or_else(|| upstream.config.default_model.clone())
        .or_else(|| Catalogue::shipped().twin_for(asked, &upstream.config).map(str::to_owned))
}

fn wrong_dialect(upstream: &Upstream, admitted: &Admitted) -> Skipped {
    Skipped {
        provider: upstream.name.clone(),
        reason: format!(
            "{} doesn't speak the {} dialect, and what bypasses the router or isn't known to it isn't translated",
            upstream.name,
            admitted.entered.dialect.as_str()
        ),
        why: Why::Dialect,
    }
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
