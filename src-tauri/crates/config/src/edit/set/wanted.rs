//! What a file is to mean after a change, worked out on its values alone: every way of writing the change is proven
//! against it.

use toml::Table;

use super::Error;
use crate::edit::path::Step;

pub(super) fn find<'t>(file: &'t Table, steps: &[Step]) -> Option<&'t toml::Value> {
    let (Step::Key(first), rest) = steps.split_first()? else { return None };
    rest.iter().try_fold(file.get(first)?, |value, step| match step {
        Step::Key(name) => value.get(name),
        Step::Item(index) => value.get(*index),
    })
}

/// Puts a value into the meaning of a file, making the tables on the way.
pub(super) fn put(file: &mut Table, steps: &[Step], value: toml::Value) -> Result<(), Error> {
    let not_there = |what: &str| {
        Error::Asked(format!("{what} is not a table, so nothing can be set in it."), "Check the path.")
    };
    match steps {
        [Step::Key(name)] => drop(file.insert(name.clone(), value)),
        [Step::Key(name), Step::Item(index), rest @ ..] if !rest.is_empty() => {
            let list = file.entry(name.as_str()).or_insert_with(|| toml::Value::Array(Vec::new()));
            let list = list.as_array_mut().ok_or_else(|| not_there(name))?;
            if *index == list.len() {
                list.push(toml::Value::Table(Table::new()));
            }
            let count = list.len();
            let item = list.get_mut(*index).ok_or_else(|| {
                Error::Asked(
                    format!("{name} has {count} items, so there is no {index}."),
                    "Read the file again.",
                )
            })?;
            put(item.as_table_mut().ok_or_else(|| not_there(name))?, rest, value)?;
        }
        [Step::Key(name), rest @ ..] if matches!(rest.first(), Some(Step::Key(_))) => {
            let table = file.entry(name.as_str()).or_insert_with(|| toml::Value::Table(Table::new()));
            put(table.as_table_mut().ok_or_else(|| not_there(name))?, rest, value)?;
        }
        _ => return Err(Error::Asked("One item of a list can't be set.".to_owned(), "Set the whole list.")),
    }
    Ok(())
}

pub(super) fn take(file: &mut Table, steps: &[Step]) {
    match steps {
        // Rebuilt, for removing keeps no order.
        [Step::Key(name)] => {
            *file = std::mem::take(file).into_iter().filter(|(other, _)| other != name).collect();
        }
        [Step::Key(list), Step::Item(index), rest @ ..] => {
            let Some(list) = file.get_mut(list).and_then(toml::Value::as_array_mut) else { return };
            if rest.is_empty() && *index < list.len() {
                list.remove(*index);
            } else if let Some(item) = list.get_mut(*index).and_then(toml::Value::as_table_mut) {
                take(item, rest);
            }
        }
        [Step::Key(name), rest @ ..] => {
            if let Some(table) = file.get_mut(name).and_then(toml::Value::as_table_mut) {
                take(table, rest);
            }
        }
        _ => {}
    }
}
