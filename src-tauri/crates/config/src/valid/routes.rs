//! `[[routes]]`: targets looked up, places left empty filled in, deadlines checked.

use std::time::Duration;

use super::providers::Providers;
use super::{guardrails, twins, word};
use crate::raw::unknown::nearest;
use crate::raw::{self, At, Count, Pattern, Text};
use crate::report::{Place, Report};
use crate::{Deadlines, Glob, Pin, Route, RouteTarget, Strategy, secret};

/// With the first try that makes four attempts, the most that a request may have.
const MOST_RETRIES: u64 = 3;
const MOST_WEIGHT: u64 = 1000;
const LONGEST: (Duration, &str) = (Duration::from_hours(24), "24h");

pub(super) fn check(
    at: Option<At<Vec<At<raw::Route>>>>,
    providers: &Providers,
    report: &mut Report<'_>,
) -> Vec<Route> {
    let mut list = at.map(|at| at.value).unwrap_or_default();
    if list.is_empty() && !providers.names.is_empty() {
        list.push(At { value: raw::Route::default(), place: Place::root() });
    }
    let mut routes: Vec<Route> = Vec::new();
    for At { value: raw, place } in list {
        let name_place = raw.name.as_ref().map_or_else(|| place.clone(), |at| at.place.clone());
        let target_places = [&raw.primary, &raw.secondary].map(|at| at.as_ref().map(|at| at.place.clone()));
        let route = route(raw, &place, providers, report);
        against_earlier(&route, &routes, &place, &name_place, report);
        twins::check(&route, target_places, providers, report);
        routes.push(route);
    }
    routes
}

/// What is wrong with a route only because of the ones before it.
fn against_earlier(
    route: &Route,
    earlier: &[Route],
    place: &Place,
    name_place: &Place,
    report: &mut Report<'_>,
) {
    if earlier.iter().any(|other| other.name == route.name) {
        report.error(
            name_place,
            format!("Two routes are called {}.", secret::quoted(&route.name)),
            "Give each [[routes]] a name of its own.",
        );
    }
    let takes_all = |globs: &[Glob]| globs.iter().any(Glob::matches_everything);
    if let Some(other) = earlier.iter().find(|other| takes_all(&other.models) && takes_all(&other.features)) {
        report.warning(
            place,
            format!(
                "This route is never reached: the route {} before it takes every request.",
                secret::quoted(&other.name)
            ),
            "Move it up; the first route that matches is taken.",
        );
    }
}

fn route(raw: raw::Route, place: &Place, providers: &Providers, report: &mut Report<'_>) -> Route {
    let usual = Route::default();
    let name = raw.name.as_ref().map_or(usual.name, |at| at.value.0.clone());
    if let Some(at) = &raw.name
        && (name.trim().is_empty() || name.len() > 64 || name.chars().any(char::is_control))
    {
        report.error(&at.place, "A route needs a name of up to 64 characters.", "Write a short name.");
    }
    let (strategy, pin, retries) = (raw.strategy, raw.pin, raw.retries);
    let (primary, secondary) = targets(raw.primary, raw.secondary, place, providers, report);
    let strategy = strategy.map_or(Strategy::Ordered, |at| {
        if at.value == Strategy::Weighted
            && primary.weight == 0
            && secondary.as_ref().is_none_or(|two| two.weight == 0)
        {
            report.error(
                &at.place,
                "Both weights are 0, so no target can be drawn.",
                "Give one a weight of at least 1.",
            );
        }
        at.value
    });
    let pin = word::text(pin).and_then(|at| check_pin(at, secondary.as_ref(), providers, report));
    let deadlines = deadlines(
        Timeouts {
            connect: raw.connect_timeout,
            first_token: raw.first_token_timeout,
            last_first_token: raw.last_first_token_timeout,
            slow_first_token: raw.slow_first_token_timeout,
            idle: raw.idle_timeout,
            total: raw.total_timeout,
        },
        report,
    );
    Route {
        name,
        models: patterns(raw.models, "models", report),
        features: patterns(raw.features, "features", report),
        strategy,
        primary,
        secondary,
        retries: check_retries(retries, usual.retries, report),
        deadlines,
        pin,
        guardrails: guardrails::within(raw.guardrails, report),
    }
}

fn patterns(at: Option<At<Vec<At<Pattern>>>>, name: &str, report: &mut Report<'_>) -> Vec<Glob> {
    let Some(At { value: list, place }) = at else { return crate::config::everything() };
    if list.is_empty() {
        report.error(
            &place,
            format!("A route without {name} matches nothing."),
            "Write [\"*\"] for all of them.",
        );
    }
    list.into_iter().map(|at| at.value.0).collect()
}

fn check_retries(at: Option<At<Count>>, default: u32, report: &mut Report<'_>) -> u32 {
    let Some(At { value: Count(retries), place }) = at else { return default };
    match u32::try_from(retries) {
        Ok(retries) if u64::from(retries) <= MOST_RETRIES => retries,
        _ => {
            let message =
                format!("{retries} retries are too many: a request gets at most 4 attempts in all.");
            report.error(&place, message, format!("Write {MOST_RETRIES} or less; the default is {default}."));
            default
        }
    }
}

/// Both targets. A place left out is taken by the first provider of the file that isn't the other target.
fn targets(
    primary: Option<At<raw::Target>>,
    secondary: Option<At<raw::Target>>,
    route: &Place,
    providers: &Providers,
    report: &mut Report<'_>,
) -> (RouteTarget, Option<RouteTarget>) {
    let second_place = secondary.as_ref().map(|at| at.place.clone());
    let primary = primary.map(|at| target(at, Route::PRIMARY_WEIGHT, providers, report));
    let secondary = secondary.map(|at| target(at, Route::SECONDARY_WEIGHT, providers, report));
    let first_except = |taken: Option<&RouteTarget>, weight| {
        let free = providers.names.iter().find(|name| taken.is_none_or(|target| target.provider != **name));
        free.map(|name| RouteTarget { provider: name.clone(), weight, model: None })
    };
    let primary = match primary.or_else(|| first_except(secondary.as_ref(), Route::PRIMARY_WEIGHT)) {
        Some(primary) => primary,
        None if secondary.is_some() && !providers.names.is_empty() => {
            report.error(
                route,
                "This route has a secondary but no provider is left to be its primary.",
                "Write it as primary, or add a second provider.",
            );
            Route::default().primary
        }
        None => Route::default().primary,
    };
    if let (Some(two), Some(place)) = (&secondary, &second_place)
        && two.provider == primary.provider
        && !two.provider.is_empty()
    {
        report.error(
            place,
            format!(
                "Primary and secondary are both {}; a failover needs two providers.",
                secret::quoted(&two.provider)
            ),
            "Name another provider, or leave secondary out.",
        );
    }
    let secondary = secondary.or_else(|| first_except(Some(&primary), Route::SECONDARY_WEIGHT));
    (primary, secondary)
}

fn target(at: At<raw::Target>, weight: u32, providers: &Providers, report: &mut Report<'_>) -> RouteTarget {
    let At { value: raw, place } = at;
    let provider = if let Some(name) = raw.provider {
        known_provider(&name, providers, report);
        name.value.0
    } else {
        let example = providers.names.first().map_or("openai", String::as_str);
        let message = format!("{} names no provider.", place.name());
        report.error(&place, message, format!("Add provider = {}.", secret::quoted(example)));
        String::new()
    };
    let weight = raw.weight.map_or(weight, |At { value: Count(typed), place }| match u32::try_from(typed) {
        Ok(typed) if u64::from(typed) <= MOST_WEIGHT => typed,
        _ => {
            report.error(
                &place,
                format!("A weight is at most {MOST_WEIGHT}."),
                "Write a smaller one, such as 9.",
            );
            weight
        }
    });
    RouteTarget { provider, weight, model: word::plain(raw.model) }
}

fn known_provider(at: &At<Text>, providers: &Providers, report: &mut Report<'_>) {
    let name = &at.value.0;
    if providers.names.contains(name) {
        return;
    }
    let fix = match nearest(name, providers.names.iter().map(String::as_str)) {
        Some(near) => format!("Did you mean {}?", secret::quoted(near)),
        None if word::is_name(name) && !secret::looks_like_one(name) => format!("Add [providers.{name}]."),
        None => "Name a provider of this file.".to_owned(),
    };
    let configured = match providers.names.as_slice() {
        [] => "no provider is configured".to_owned(),
        names => {
            let names: Vec<String> = names.iter().map(|name| secret::quoted(name)).collect();
            format!("configured are {}", names.join(", "))
        }
    };
    report.error(&at.place, format!("There is no provider {}; {configured}.", secret::quoted(name)), fix);
}

fn check_pin(
    at: At<Text>,
    secondary: Option<&RouteTarget>,
    providers: &Providers,
    report: &mut Report<'_>,
) -> Option<Pin> {
    match at.value.0.as_str() {
        "primary" => Some(Pin::Primary),
        "secondary" if secondary.is_none() && !providers.names.is_empty() => {
            let message = "pin is \"secondary\", but this route has none.";
            report.error(&at.place, message, "Add a second provider, or pin to \"primary\".");
            None
        }
        "secondary" => Some(Pin::Secondary),
        _ => {
            known_provider(&at, providers, report);
            Some(Pin::Provider(at.value.0))
        }
    }
}

struct Timeouts {
    connect: Option<At<raw::Time>>,
    first_token: Option<At<raw::Time>>,
    last_first_token: Option<At<raw::Time>>,
    slow_first_token: Option<At<raw::Time>>,
    idle: Option<At<raw::Time>>,
    total: Option<At<raw::Time>>,
}

fn deadlines(typed: Timeouts, report: &mut Report<'_>) -> Deadlines {
    let usual = Deadlines::default();
    let place = typed.total.as_ref().or(typed.first_token.as_ref()).map(|at| at.place.clone());
    let mut time = |at, default| word::time_up_to(at, default, LONGEST, report);
    let deadlines = Deadlines {
        connect: time(typed.connect, usual.connect),
        first_token: time(typed.first_token, usual.first_token),
        last_first_token: time(typed.last_first_token, usual.last_first_token),
        slow_first_token: time(typed.slow_first_token, usual.slow_first_token),
        idle: time(typed.idle, usual.idle),
        total: time(typed.total, usual.total),
    };
    if let Some(place) = place
        && deadlines.total <= deadlines.first_token
    {
        report.error(
            &place,
            "total_timeout ends before first_token_timeout does, so the secondary would never be asked.",
            "Make total_timeout longer, or first_token_timeout shorter.",
        );
    }
    deadlines
}
