//! Keys that are typed and checked in this release and get their effect in a later one.
//!
//! The table is the only place that says so. A release that gives a key its effect removes its line.

use toml::de::{DeArray, DeTable, DeValue};

use crate::report::{Place, Report};

/// A key without effect, as a path: `*` is any name, `[]` any item of a list.
struct NotYet {
    key: &'static str,
}

const fn key(key: &'static str) -> NotYet {
    NotYet { key }
}

const NOT_YET: &[NotYet] = &[key("export")];

/// Adds a notice for every key of the table that the document sets.
pub(crate) fn report(document: &DeValue<'_>, report: &mut Report<'_>) {
    for entry in NOT_YET {
        let path: Vec<&str> = entry.key.split('.').collect();
        find(document, &path, &Place::root(), report);
    }
}

fn find(value: &DeValue<'_>, path: &[&str], place: &Place, report: &mut Report<'_>) {
    let Some((step, rest)) = path.split_first() else {
        report.notice(
            place,
            format!("{} is checked, but not yet in effect in this release.", place.name()),
            "You can leave it: it takes effect with a later release.",
        );
        return;
    };
    match (*step, value) {
        ("[]", DeValue::Array(items)) => each_item(items, rest, place, report),
        (name, DeValue::Table(table)) => each_key(table, name, rest, place, report),
        _ => {}
    }
}

fn each_item(items: &DeArray<'_>, rest: &[&str], place: &Place, report: &mut Report<'_>) {
    for (index, item) in items.iter().enumerate() {
        find(item.get_ref(), rest, &place.item(index, item.span().start), report);
    }
}

fn each_key(table: &DeTable<'_>, name: &str, rest: &[&str], place: &Place, report: &mut Report<'_>) {
    for (key, item) in table {
        if name == "*" || key.get_ref() == name {
            find(item.get_ref(), rest, &place.key(key.get_ref(), item.span().start), report);
        }
    }
}

#[cfg(test)]
mod tests;
