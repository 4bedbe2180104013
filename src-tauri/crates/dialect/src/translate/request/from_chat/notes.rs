//! What a request says that the canonical form has no place for, as it is met.

use serde_json::value::RawValue;

use crate::canon::{Loss, Unmapped};
use crate::json::Fields;

/// More names than this help nobody, and a body of a hundred thousand odd fields must not make a list of them.
const MOST: usize = 64;

/// Names longer than this are cut: they end up in a response header.
const LONGEST: usize = 64;

/// Stands for all names beyond [`MOST`].
const OTHERS: &str = "others";

/// The fields met so far, each once.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Unmapped>);

impl Notes {
    /// Remembers a field. One that changes the meaning is remembered even if the list is full.
    pub(super) fn add(&mut self, field: &str, loss: Loss) {
        if self.0.len() < MOST || (loss == Loss::Meaning && !self.means_something()) {
            self.push(field, loss);
        } else if loss == Loss::Told {
            self.push(OTHERS, loss);
        }
    }

    pub(super) fn told(&mut self, field: &str) {
        self.add(field, Loss::Told);
    }

    pub(super) fn meaning(&mut self, field: &str) {
        self.add(field, Loss::Meaning);
    }

    /// Tells of every field of an object that is not `known`. `place` is where objects of this kind stand,
    /// without numbers: in a long conversation one name says it for all messages.
    pub(super) fn rest(&mut self, place: &str, fields: &Fields<'_>, known: &[&str]) {
        for (name, _) in present(fields) {
            if name == "cache_control" {
                self.add(&format!("{place}.{name}"), Loss::Nothing);
            } else if !known.contains(&name) {
                self.told(&format!("{place}.{}", shown(name)));
            }
        }
    }

    pub(super) fn into_unmapped(self) -> Vec<Unmapped> {
        self.0
    }

    fn push(&mut self, field: &str, loss: Loss) {
        let known = self.0.iter().any(|unmapped| unmapped.field == field && unmapped.loss == loss);
        if !known {
            self.0.push(Unmapped { field: field.to_owned(), loss });
        }
    }

    fn means_something(&self) -> bool {
        self.0.iter().any(|unmapped| unmapped.loss == Loss::Meaning)
    }
}

/// The fields that are not null.
pub(super) fn present<'f>(fields: &'f Fields<'_>) -> impl Iterator<Item = (&'f str, &'f RawValue)> {
    fields.iter().filter(|(_, value)| value.get() != "null")
}

/// Text of the client's as it may stand in a header or an error: printable ASCII without what separates a
/// list, and not endless.
pub(super) fn shown(text: &str) -> String {
    let printable = |c: char| if c.is_ascii_graphic() && c != ',' { c } else { '?' };
    text.chars().take(LONGEST).map(printable).collect()
}
