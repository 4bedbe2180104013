//! Changes to the text of a file, made by the command line and the dashboard.
//!
//! The file belongs to its owner: comments, order, blank lines and line endings stay as they are. A
//! document model that is written back normalises some of that (line endings, the last newline), so these
//! edits splice lines instead: the parsed document only says where things stand. Every edit is proven
//! before it is handed out: the new text must mean exactly the old file with the one change.

mod change;
mod lines;
mod path;
mod proof;
mod set;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};
use toml_edit::InlineTable;

use crate::secret;
use lines::Lines;

pub use change::{Change, apply};

/// Why a file was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text isn't TOML, so nothing in it can be found.
    #[error(
        "evenkeel.toml can't be read, so it was left alone. Run `evenkeel check` and fix what it names first."
    )]
    NotToml,
    /// The tenant is there already.
    #[error("There is already a tenant {} in evenkeel.toml. Choose another name, or remove it first.", secret::quoted(.name))]
    AlreadyThere {
        /// Its name.
        name: String,
    },
    /// The tenant isn't there.
    #[error("There is no tenant {} in evenkeel.toml.", secret::quoted(.name))]
    NotThere {
        /// The name asked for.
        name: String,
    },
    /// The name of the tenant or of a feature can't be one.
    #[error(
        "{} can't be a name. Use up to 64 letters, digits, dots, hyphens and underscores, with a letter or digit first.",
        secret::quoted(.name)
    )]
    BadName {
        /// The name asked for.
        name: String,
    },
    /// The file is written in a way that leaves no safe place for the change.
    #[error(
        "evenkeel.toml is written in a form that can't be changed safely, so it was left alone. Change it by hand."
    )]
    Unusual,
}

/// Adds `[tenants.NAME]` with its features, after the tenants that are there or else at the end.
pub fn add_tenant(text: &str, name: &str, features: &[String]) -> Result<String, EditError> {
    for name in std::iter::once(name).chain(features.iter().map(String::as_str)) {
        if !crate::valid::is_name(name) {
            return Err(EditError::BadName { name: name.to_owned() });
        }
    }
    let mut wanted = meaning(text)?;
    let tenants = wanted.entry("tenants").or_insert_with(|| Value::Table(Table::new()));
    let tenants = tenants.as_table_mut().ok_or(EditError::Unusual)?;
    if tenants.contains_key(name) {
        return Err(EditError::AlreadyThere { name: name.to_owned() });
    }
    let list: toml_edit::Array = features.iter().collect();
    let mut tenant = Table::new();
    tenant.insert("features".to_owned(), features.to_vec().into());
    tenants.insert(name.to_owned(), tenant.into());

    let mut table = InlineTable::new();
    table.insert("features", list.clone().into());
    let header = format!("[tenants.{}]", key(name));
    let block = [header.as_str(), &format!("features = {list}")];
    let document = document(text)?;
    let last_tenant = document.get("tenants").map(lines::last_byte);
    let spliced = Lines::of(text).insert_block(&block, last_tenant);
    let inline = || in_place(text, |tenants| drop(tenants.insert(name, table.into())));
    proven(spliced, &wanted).or_else(|_| proven(inline()?, &wanted))
}

/// Removes the tenant with everything under it and the comment directly above it.
pub fn remove_tenant(text: &str, name: &str) -> Result<String, EditError> {
    let not_there = || EditError::NotThere { name: name.to_owned() };
    let mut wanted = meaning(text)?;
    let tenants = wanted.get_mut("tenants").and_then(Value::as_table_mut).ok_or_else(not_there)?;
    tenants.remove(name).ok_or_else(not_there)?;

    let document = document(text)?;
    let tenants = document.get("tenants").and_then(|tenants| tenants.get_ref().as_table());
    let entry = tenants.and_then(|tenants| tenants.get_key_value(name)).ok_or_else(not_there)?;
    let spliced = Lines::of(text).remove(&lines::regions(text, entry.0, entry.1));
    let inline = || in_place(text, |tenants| drop(tenants.remove(name)));
    proven(spliced, &wanted).or_else(|_| proven(inline()?, &wanted))
}

/// Sets `bypass`. A file without the key gets a line only to switch it on, for off is the default.
pub fn set_bypass(text: &str, on: bool) -> Result<String, EditError> {
    let mut wanted = meaning(text)?;
    if !on && !wanted.contains_key("bypass") {
        return Ok(text.to_owned());
    }
    wanted.insert("bypass".to_owned(), on.into());
    let changed = match document(text)?.get("bypass") {
        Some(value) => lines::splice(text, value.span(), if on { "true" } else { "false" }),
        None => Lines::of(text).insert_at_top("bypass = true"),
    };
    proven(changed, &wanted)
}

fn document(text: &str) -> Result<DeTable<'_>, EditError> {
    DeTable::parse(text).map(toml::Spanned::into_inner).map_err(|_| EditError::NotToml)
}

fn meaning(text: &str) -> Result<Table, EditError> {
    text.parse().map_err(|_| EditError::NotToml)
}

/// The text, if it means what was wanted. A table without tenants may be gone altogether.
fn proven(text: String, wanted: &Table) -> Result<String, EditError> {
    let without_empty = |mut table: Table| {
        if table.get("tenants").and_then(Value::as_table).is_some_and(Table::is_empty) {
            table.remove("tenants");
        }
        table
    };
    let found = meaning(&text).map_err(|_| EditError::Unusual)?;
    if without_empty(found) == without_empty(wanted.clone()) { Ok(text) } else { Err(EditError::Unusual) }
}

/// Changes tenants that stand as one inline table, `tenants = { … }`, rewriting only that table.
fn in_place(text: &str, change: impl FnOnce(&mut InlineTable)) -> Result<String, EditError> {
    let document = document(text)?;
    let tenants = document.get("tenants").ok_or(EditError::Unusual)?;
    let DeValue::Table(_) = tenants.get_ref() else { return Err(EditError::Unusual) };
    let written = text.get(tenants.span()).ok_or(EditError::Unusual)?;
    let mut value: toml_edit::Value = written.parse().map_err(|_| EditError::Unusual)?;
    change(value.as_inline_table_mut().ok_or(EditError::Unusual)?);
    Ok(lines::splice(text, tenants.span(), &value.to_string()))
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).to_string()
}

#[cfg(test)]
mod tests;
