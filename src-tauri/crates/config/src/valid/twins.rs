//! Whether each target of a route has a model to ask for.
//!
//! A target gets its own `model`, else the asked one where its provider serves it, else the provider's
//! `default_model`, else the model that the shipped catalogue has as the twin of the asked one. One that
//! none of this gives a model drops out of every plan: a secondary that looks like a safety net and never
//! is one. That is worth a warning, but only where it is certain, for nobody knows what an unknown host has.

use super::providers::Providers;
use crate::models::Model;
use crate::report::{Place, Report};
use crate::{Catalogue, Glob, Provider, Route, RouteTarget, secret};

/// Warns of targets that drop out of every plan of the route. `places` are those of primary and secondary, as
/// far as the file has them.
pub(super) fn check(
    route: &Route,
    places: [Option<Place>; 2],
    providers: &Providers,
    report: &mut Report<'_>,
) {
    if route.models.is_empty() {
        return; // It matches nothing, which has been reported.
    }
    let [primary_place, secondary_place] = places;
    let known = |target: &RouteTarget| providers.good.iter().find(|one| one.name == target.provider);
    let Some(primary) = known(&route.primary) else { return };
    if route.primary.model.is_none() && !serves_any(route, primary) {
        let message =
            format!("{} has no model for any request of this route.", secret::quoted(&primary.name));
        report.warning(&place(primary, primary_place, providers), message, fix(primary));
    }
    let Some(target) = &route.secondary else { return };
    let Some(secondary) = known(target) else { return };
    // With a model of its own the primary takes every name, so the names needn't be the primary's.
    let finds = match route.primary.model {
        Some(_) => serves_any(route, secondary),
        None => takes_over(route, primary, secondary),
    };
    if target.model.is_none() && !finds {
        let message = format!(
            "{} has no model in place of those of {}, so it never takes over.",
            secret::quoted(&secondary.name),
            secret::quoted(&primary.name)
        );
        report.warning(&place(secondary, secondary_place, providers), message, fix(secondary));
    }
}

/// Whether the provider has a model for some request of the route.
fn serves_any(route: &Route, provider: &Provider) -> bool {
    if provider.default_model.is_some() || takes_all(&provider.models) {
        return true;
    }
    if takes_all(&route.models) {
        return !provider.models.is_empty() || has_twin(Catalogue::shipped().models().iter(), provider);
    }
    overlap(&route.models, &provider.models)
        || has_twin(Catalogue::shipped().models().iter().filter(|model| asks_for(route, model)), provider)
}

/// Whether the provider `to` has a model in place of one that `from` serves.
fn takes_over(route: &Route, from: &Provider, to: &Provider) -> bool {
    if to.default_model.is_some() || takes_all(&to.models) {
        return true;
    }
    if takes_all(&from.models) {
        return serves_any(route, to);
    }
    let served = Catalogue::shipped().served_by(from);
    share_a_name(&from.models, &to.models)
        || has_twin(served.into_iter().filter(|model| asks_for(route, model)), to)
}

/// Whether one of the models, or a twin of it, is the provider's.
fn has_twin<'m>(mut models: impl Iterator<Item = &'m Model>, provider: &Provider) -> bool {
    let catalogue = Catalogue::shipped();
    models.any(|model| provider.serves(&model.name) || catalogue.twin_for(&model.name, provider).is_some())
}

fn asks_for(route: &Route, model: &Model) -> bool {
    route.models.iter().any(|glob| glob.matches(&model.name))
}

/// Whether one pattern of the two lists is within one of the other, such as `gpt-5*` within `gpt-*`.
fn overlap(one: &[Glob], other: &[Glob]) -> bool {
    let within = |globs: &[Glob], inner: &Glob| globs.iter().any(|glob| glob.matches(inner.as_str()));
    one.iter().any(|glob| within(other, glob)) || other.iter().any(|glob| within(one, glob))
}

/// Whether two providers surely serve one model. That one's patterns lie within the other's says nothing:
/// `gpt-oss*` at an Ollama is nothing that OpenAI has, for all its `gpt-*`.
fn share_a_name(one: &[Glob], other: &[Glob]) -> bool {
    let is_name = |glob: &&Glob| !glob.as_str().contains(['*', '?']);
    let names = |globs: &[Glob], others: &[Glob]| {
        globs.iter().filter(is_name).any(|name| others.iter().any(|glob| glob.matches(name.as_str())))
    };
    one.iter().any(|glob| other.contains(glob)) || names(one, other) || names(other, one)
}

fn takes_all(globs: &[Glob]) -> bool {
    globs.iter().any(Glob::matches_everything)
}

/// Where the target stands, else where its provider does: a target that isn't written down can't be changed.
fn place(provider: &Provider, written: Option<Place>, providers: &Providers) -> Place {
    written.unwrap_or_else(|| {
        let mut places = providers.names.iter().zip(&providers.places);
        places.find(|(name, _)| **name == provider.name).map(|(_, place)| place.clone()).unwrap_or_default()
    })
}

fn fix(provider: &Provider) -> String {
    let name = secret::quoted(&provider.name);
    format!("Set default_model for the provider {name}, or model in this target of the route.")
}

#[cfg(test)]
mod tests;
