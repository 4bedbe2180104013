//! What a request says that the canonical form has no place for, as it is met.

use std::fmt::Display;

use super::place::Place;
use crate::canon::{Loss, Unmapped};
use crate::json::{Fields, Raw};

/// More names than this help nobody, and a body of a hundred thousand odd fields must not make a list of them.
const MOST: usize = 64;
/// A longer name was not written by a person.
const LONGEST: usize = 64;
/// Stands for all names beyond [`MOST`].
const OTHERS: &str = "others";

/// The fields met so far, each once.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Unmapped>);

impl Notes {
    /// Remembers a field. Of those that change the meaning one is enough, for the request is refused for it.
    pub(super) fn note(&mut self, field: impl Display, loss: Loss) {
        match loss {
            Loss::Meaning if self.0.iter().any(|unmapped| unmapped.loss == Loss::Meaning) => {}
            Loss::Meaning => self.push(field.to_string(), loss),
            _ if self.0.len() < MOST => self.push(field.to_string(), loss),
            Loss::Told => self.push(OTHERS.to_owned(), loss),
            Loss::Nothing => {}
        }
    }

    pub(super) fn nothing(&mut self, field: impl Display) {
        self.note(field, Loss::Nothing);
    }

    pub(super) fn told(&mut self, field: impl Display) {
        self.note(field, Loss::Told);
    }

    pub(super) fn meaning(&mut self, field: impl Display) {
        self.note(field, Loss::Meaning);
    }

    /// The same, for a field that may not be there.
    pub(super) fn note_if(&mut self, value: Option<Raw<'_>>, field: impl Display, loss: Loss) {
        if value.is_some() {
            self.note(field, loss);
        }
    }

    /// Tells of the fields of an object at `place` that are not `known`. A mark for a cache is known everywhere.
    pub(super) fn unknown(&mut self, place: &Place<'_>, fields: &Fields<'_>, known: &[&str]) {
        for (name, _) in fields.present().filter(|(name, _)| !known.contains(name)) {
            self.unknown_field(place, name);
        }
    }

    /// Tells of one such field.
    pub(super) fn unknown_field(&mut self, place: &Place<'_>, name: &str) {
        if name == "cache_control" {
            self.nothing(name);
        } else {
            self.told(place.field(&plain(name)).anywhere());
        }
    }

    pub(super) fn into_unmapped(self) -> Vec<Unmapped> {
        self.0
    }

    fn push(&mut self, field: String, loss: Loss) {
        let known = self.0.iter().any(|unmapped| unmapped.field == field && unmapped.loss == loss);
        if !known {
            self.0.push(Unmapped { field, loss });
        }
    }
}

/// A name of the client's as it may stand in the header in which such names are told.
pub(super) fn plain(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    name.chars().take(LONGEST).map(letter).collect()
}

/// Text of the client's as it may stand in an error: printable ASCII, and not endless.
pub(super) fn shown(text: &str) -> String {
    let printable = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    text.chars().take(LONGEST).map(printable).collect()
}
