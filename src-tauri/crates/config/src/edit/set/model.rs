//! The document model, for what no splice of lines can say: it is written in its own way, with the comments and the
//! spacing that were there.

use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value};

use crate::edit::EditError;
use crate::edit::path::Step;

pub(super) fn model(text: &str) -> Result<DocumentMut, EditError> {
    text.trim_start_matches('\u{feff}').parse().map_err(|_| EditError::NotToml)
}

pub(super) fn table_at<'d>(table: &'d mut dyn TableLike, steps: &[Step]) -> Option<&'d mut dyn TableLike> {
    match steps {
        [] => Some(table),
        [Step::Key(name), Step::Item(index), rest @ ..] => match table.get_mut(name)? {
            Item::ArrayOfTables(list) => table_at(list.get_mut(*index)?, rest),
            Item::Value(Value::Array(list)) => table_at(list.get_mut(*index)?.as_inline_table_mut()?, rest),
            _ => None,
        },
        [Step::Key(name), rest @ ..] => {
            if table.get(name).is_none() {
                table.insert(name, Item::Value(Value::InlineTable(InlineTable::new())));
                tidy(table);
            }
            table_at(table.get_mut(name)?.as_table_like_mut()?, rest)
        }
        [Step::Item(_), ..] => None,
    }
}

/// Puts a value into a table of the document. What stands around the old one stays around the new one.
pub(super) fn replace(table: &mut dyn TableLike, name: &str, mut new: Value) {
    match table.get_mut(name) {
        Some(Item::Value(old)) => {
            if let (Value::Array(old), Value::Array(new)) = (&*old, &mut new) {
                keep_items(old, new);
            }
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        Some(other) => *other = Item::Value(new),
        None => {
            table.insert(name, Item::Value(new));
            tidy(table);
        }
    }
}

/// Items that a list keeps have their comments and lines again.
fn keep_items(old: &toml_edit::Array, new: &mut toml_edit::Array) {
    let plain = |value: &Value| value.clone().decorated("", "").to_string();
    for item in new.iter_mut() {
        let same = old.iter().find(|other| plain(other) == plain(item));
        if let Some(same) = same.or_else(|| old.iter().last()) {
            *item.decor_mut() = same.decor().clone();
        }
    }
    new.set_trailing(old.trailing().clone());
    new.set_trailing_comma(old.trailing_comma());
}

/// A table in one line is spaced anew after a key came or went.
pub(super) fn tidy(table: &mut dyn TableLike) {
    let inline = table.iter().all(|(_, item)| item.is_value()) && !table.is_dotted();
    if inline && table.iter().all(|(name, _)| table.key(name).is_some_and(|key| !has_comment(key))) {
        table.fmt_if_inline();
    }
}

fn has_comment(key: &toml_edit::Key) -> bool {
    let decor = key.leaf_decor();
    [decor.prefix(), decor.suffix()]
        .into_iter()
        .flatten()
        .any(|raw| raw.as_str().is_some_and(|it| it.contains('#')))
}

/// `fmt` would take the comments of a table with a header; only one in a single line needs it.
trait FormatInline {
    fn fmt_if_inline(&mut self);
}

impl FormatInline for dyn TableLike + '_ {
    fn fmt_if_inline(&mut self) {
        // Only the keys of a table with a header end their lines.
        let one_line = self.iter().next().is_some_and(|(name, _)| {
            let prefix =
                self.key(name).and_then(|key| key.leaf_decor().prefix().and_then(|raw| raw.as_str()));
            prefix == Some(" ")
        });
        if one_line {
            self.fmt();
        }
    }
}
