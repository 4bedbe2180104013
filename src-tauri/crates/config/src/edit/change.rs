//! Changes of settings, as the dashboard asks for them: one key, one provider, the order of a route.
//!
//! Every change goes through [`set`](super::set) or a splice of lines, and is proven there. What the changed
//! file then means, and whether that is allowed, is for the reader of the file to say.

use serde_json::{Map, Value};

use super::path::{self, Step};
use super::set::{insert, remove, rename, set, unset};
use super::{document, key, meaning};
use crate::preset;
use crate::{Problem, RouteTarget, Severity, secret};

/// One change of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Gives a key a value; a table is set key by key, and what the value leaves out is removed from it.
    Set {
        /// Such as `routes[0].first_token_timeout`.
        path: String,
        /// What it is to be.
        value: Value,
    },
    /// Takes a key, a table or an item of a list out of the file, so that its default holds.
    Unset {
        /// Such as `alerts.webhook` or `routes[1]`.
        path: String,
    },
    /// Adds an item to a list of tables, before the one that has its place now.
    Insert {
        /// Its place, such as `routes[0]`.
        path: String,
        /// Its keys.
        values: Map<String, Value>,
    },
    /// Adds a provider after the others.
    AddProvider {
        /// Its name.
        name: String,
        /// Its keys; a well-known one needs none.
        values: Map<String, Value>,
    },
    /// Removes a provider; what names it is asked of the other one.
    RemoveProvider {
        /// Its name.
        name: String,
    },
    /// Gives a provider another name, and with it everything that names it.
    RenameProvider {
        /// Its name.
        name: String,
        /// Its new one.
        to: String,
    },
    /// Asks the secondary of a route first. Shares of a weighted route stay with their place.
    Swap {
        /// Which route of the file, from 0; the one that there is without any is 0.
        route: usize,
    },
}

/// Makes the changes one after another. Nothing of the file is checked but that each could be made.
///
/// # Errors
/// The first change that can't be made, in the terms of its path.
pub fn apply(text: &str, changes: &[Change]) -> Result<String, Problem> {
    changes.iter().try_fold(text.to_owned(), |text, change| one(&text, change))
}

fn one(text: &str, change: &Change) -> Result<String, Problem> {
    match change {
        Change::Set { path, value } => set(text, &steps(path)?, value).map_err(|error| error.at(path)),
        Change::Unset { path } => unset(text, &steps(path)?).map_err(|error| error.at(path)),
        Change::Insert { path, values } => add_item(text, path, values),
        Change::AddProvider { name, values } => add_provider(text, name, values),
        Change::RemoveProvider { name } => remove_provider(text, name),
        Change::RenameProvider { name, to } => rename_provider(text, name, to),
        Change::Swap { route } => swap(text, *route),
    }
}

fn steps(path: &str) -> Result<Vec<Step>, Problem> {
    path::parse(path).ok_or_else(|| {
        problem(
            "",
            format!("{} is no path of a setting.", secret::quoted(path)),
            "Write it like routes[0].first_token_timeout.",
        )
    })
}

/// A mistake in what was asked; it stands in no line of the file.
pub(super) fn problem(path: &str, message: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem {
        severity: Severity::Error,
        line: 0,
        column: 0,
        key: path.to_owned(),
        message: message.into(),
        fix: fix.into(),
    }
}

/// Both lists stand for one item of defaults while they are empty. The first item that is written would take
/// its place, so the one of defaults is written out behind it.
const STANDS_FOR: [(&str, &str); 2] = [("routes", "default"), ("slo", "Everything")];

fn add_item(text: &str, path: &str, values: &Map<String, Value>) -> Result<String, Problem> {
    let steps = steps(path)?;
    let [Step::Key(list), Step::Item(at)] = steps.as_slice() else {
        return Err(problem(path, "An item goes into a list.", "Write its place like routes[0]."));
    };
    let file = meaning(text).map_err(|error| not_toml(&error))?;
    let there = file.get(list).and_then(toml::Value::as_array).map_or(0, Vec::len);
    let mut text = text.to_owned();
    let implied = STANDS_FOR.iter().find(|(name, _)| name == list).filter(|_| there == 0);
    if let Some((_, name)) = implied {
        let usual = Map::from_iter([("name".to_owned(), Value::from(*name))]);
        text = insert(&text, list, 0, &usual).map_err(|error| error.at(path))?;
    }
    let count = there + usize::from(implied.is_some());
    insert(&text, list, (*at).min(count), values).map_err(|error| error.at(path))
}

fn add_provider(text: &str, name: &str, values: &Map<String, Value>) -> Result<String, Problem> {
    let path = provider_path(name);
    good_name(name, &path)?;
    if providers(text)?.iter().any(|other| other == name) {
        return Err(problem(
            &path,
            format!("There is a provider {} already.", secret::quoted(name)),
            "Choose another name, or change the one that is there.",
        ));
    }
    super::set::add_table(text, "providers", name, values).map_err(|error| error.at(&path))
}

fn remove_provider(text: &str, name: &str) -> Result<String, Problem> {
    let path = provider_path(name);
    known(text, name, &path)?;
    let mut text = text.to_owned();
    for route in 0..routes(&text)? {
        text = leave(&text, route, name)?;
    }
    remove(&text, &[Step::Key("providers".to_owned()), Step::Key(name.to_owned())])
        .map_err(|error| error.at(&path))
}

/// Takes a provider out of a route: the other one is asked alone.
fn leave(text: &str, route: usize, name: &str) -> Result<String, Problem> {
    let file = meaning(text).map_err(|error| not_toml(&error))?;
    let written = file.get("routes").and_then(|routes| routes.get(route));
    let names = |place: &str| {
        written.and_then(|route| route.get(place)?.get("provider")?.as_str()).is_some_and(|it| it == name)
    };
    let path = |key: &str| format!("routes[{route}].{key}");
    let mut changes = Vec::new();
    let other = written.and_then(|route| route.get("secondary")).cloned();
    if names("primary") {
        match other.and_then(|other| serde_json::to_value(other).ok()) {
            Some(value) => changes.push(Change::Set { path: path("primary"), value }),
            None => changes.push(Change::Unset { path: path("primary") }),
        }
    }
    if (names("primary") || names("secondary"))
        && written.is_some_and(|route| route.get("secondary").is_some())
    {
        changes.push(Change::Unset { path: path("secondary") });
    }
    let pin = written.and_then(|route| route.get("pin")?.as_str());
    if pin == Some(name) || (pin == Some("secondary") && !changes.is_empty()) {
        changes.push(Change::Unset { path: path("pin") });
    }
    apply(text, &changes)
}

fn rename_provider(text: &str, name: &str, to: &str) -> Result<String, Problem> {
    let path = provider_path(name);
    let names = known(text, name, &path)?;
    good_name(to, &path)?;
    if names.iter().any(|other| other == to) {
        return Err(problem(
            &path,
            format!("There is a provider {} already.", secret::quoted(to)),
            "Choose another name.",
        ));
    }
    // What its well-known name filled in has to be written out, or it would be gone with the name.
    let mut text = text.to_owned();
    if let Some(preset) = preset::of(name) {
        let file = meaning(&text).map_err(|error| not_toml(&error))?;
        let written = file.get("providers").and_then(|all| all.get(name));
        let mut filled = vec![
            ("dialect", Value::from(crate::raw::Choice::word(preset.dialect))),
            ("base_url", Value::from(preset.base_url)),
            ("models", Value::from(preset.models.to_vec())),
        ];
        if preset.keyless {
            filled.push(("key", Value::from("none")));
        }
        if preset.responses {
            filled.push(("responses", Value::from(true)));
        }
        for (key, value) in filled {
            if written.is_none_or(|written| written.get(key).is_none()) {
                text = apply(&text, &[Change::Set { path: format!("{path}.{key}"), value }])?;
            }
        }
    }
    text = rename(&text, "providers", name, to).map_err(|error| error.at(&path))?;
    for route in 0..routes(&text)? {
        for place in ["primary.provider", "secondary.provider", "pin"] {
            let path = format!("routes[{route}].{place}");
            if written(&text, &path)?.as_deref() == Some(name) {
                text = apply(&text, &[Change::Set { path, value: Value::from(to) }])?;
            }
        }
    }
    Ok(text)
}

fn swap(text: &str, route: usize) -> Result<String, Problem> {
    let path = format!("routes[{route}]");
    let understood = crate::parse(text).map_err(|problems| {
        problems
            .into_iter()
            .next()
            .unwrap_or_else(|| problem(&path, "The file has mistakes.", "Correct it first."))
    })?;
    let Some(now) = understood.config.routes.get(route) else {
        return Err(problem(&path, format!("There is no route {route}."), "Read the routes again."));
    };
    let Some(second) = &now.secondary else {
        return Err(problem(
            &path,
            format!("The route {} has no second provider to be asked first.", secret::quoted(&now.name)),
            "Give it one.",
        ));
    };
    let one = target(text, &format!("{path}.primary"), second)?;
    target(&one, &format!("{path}.secondary"), &now.primary)
}

/// Sets who is asked at a place of a route and for which model; the share stays with the place.
fn target(text: &str, path: &str, target: &RouteTarget) -> Result<String, Problem> {
    let provider = Value::from(target.provider.as_str());
    let model = format!("{path}.model");
    let mut changes = Vec::new();
    if written(text, &format!("{path}.provider"))?.is_none() {
        let value = Value::from(Map::from_iter([("provider".to_owned(), provider)]));
        changes.push(Change::Set { path: path.to_owned(), value });
    } else {
        changes.push(Change::Set { path: format!("{path}.provider"), value: provider });
    }
    match &target.model {
        Some(name) => changes.push(Change::Set { path: model, value: Value::from(name.as_str()) }),
        None if written(text, &model)?.is_some() => changes.push(Change::Unset { path: model }),
        None => {}
    }
    apply(text, &changes)
}

/// The text that the file has at a path.
fn written(text: &str, path: &str) -> Result<Option<String>, Problem> {
    let file = toml::Value::Table(meaning(text).map_err(|error| not_toml(&error))?);
    let found = steps(path)?.iter().try_fold(&file, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Item(index) => value.get(*index),
    });
    Ok(found.and_then(toml::Value::as_str).map(str::to_owned))
}

fn providers(text: &str) -> Result<Vec<String>, Problem> {
    let file = document(text).map_err(|error| not_toml(&error))?;
    let table = file.get("providers").and_then(|providers| providers.get_ref().as_table());
    Ok(table.map(|table| table.keys().map(|key| key.get_ref().to_string()).collect()).unwrap_or_default())
}

fn routes(text: &str) -> Result<usize, Problem> {
    let file = meaning(text).map_err(|error| not_toml(&error))?;
    Ok(file.get("routes").and_then(toml::Value::as_array).map_or(0, Vec::len))
}

fn known(text: &str, name: &str, path: &str) -> Result<Vec<String>, Problem> {
    let names = providers(text)?;
    if names.iter().any(|other| other == name) {
        return Ok(names);
    }
    let message = format!("There is no provider {} in the file.", secret::quoted(name));
    Err(problem(path, message, "It may have been removed meanwhile; read the file again."))
}

fn good_name(name: &str, path: &str) -> Result<(), Problem> {
    if crate::valid::is_name(name) {
        return Ok(());
    }
    let message = if name.is_empty() {
        "The provider needs a name.".to_owned()
    } else {
        format!("{} can't be a name.", secret::quoted(name))
    };
    let fix = "Use up to 64 letters, digits, dots, hyphens and underscores, with a letter or digit first.";
    Err(problem(path, message, fix))
}

fn provider_path(name: &str) -> String {
    format!("providers.{}", if crate::secret::looks_like_one(name) { "?".to_owned() } else { key(name) })
}

fn not_toml(error: &super::EditError) -> Problem {
    problem("", error.to_string(), "Correct the file first.")
}

#[cfg(test)]
mod tests;
