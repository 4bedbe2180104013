//! What has no place in the canonical form, collected on the way through a body.

use serde_json::value::RawValue;

use crate::canon::{Loss, Unmapped};

/// More names than this are of no use to anybody, and they end up in a header.
const MOST: usize = 32;
/// A longer name was not written by a person.
const LONGEST: usize = 80;

#[derive(Debug, Default)]
pub(super) struct Notes {
    unmapped: Vec<Unmapped>,
    /// One is enough: the request is refused for it.
    refused: bool,
}

impl Notes {
    pub(super) fn nothing(&mut self, field: &str) {
        self.note(field, Loss::Nothing);
    }

    pub(super) fn told(&mut self, field: &str) {
        self.note(field, Loss::Told);
    }

    pub(super) fn meaning(&mut self, field: &str) {
        if !self.refused {
            self.refused = true;
            self.unmapped.push(Unmapped { field: short(field), loss: Loss::Meaning });
        }
    }

    pub(super) fn nothing_if(&mut self, value: Option<&RawValue>, field: &str) {
        if value.is_some() {
            self.nothing(field);
        }
    }

    pub(super) fn told_if(&mut self, value: Option<&RawValue>, field: &str) {
        if value.is_some() {
            self.told(field);
        }
    }

    pub(super) fn meaning_if(&mut self, value: Option<&RawValue>, field: &str) {
        if value.is_some() {
            self.meaning(field);
        }
    }

    /// Unknown fields of an object; `under` is its place with a dot behind it.
    pub(super) fn rest(&mut self, under: &str, names: &[String]) {
        for name in names.iter().take(MOST) {
            self.told(&format!("{under}{}", short(name)));
        }
    }

    pub(super) fn into_unmapped(self) -> Vec<Unmapped> {
        self.unmapped
    }

    fn note(&mut self, field: &str, loss: Loss) {
        if self.unmapped.len() < MOST && self.unmapped.iter().all(|known| known.field != field) {
            self.unmapped.push(Unmapped { field: field.to_owned(), loss });
        }
    }
}

fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
