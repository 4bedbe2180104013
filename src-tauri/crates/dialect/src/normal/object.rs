//! An object of a request, taken apart.
//!
//! What is known is taken out of it, and what is left belongs to the key as it stands. That is the one rule that
//! keeps different questions apart: a field that nobody here has heard of, or a known one with a value of an
//! unexpected kind, is never lost.

use std::borrow::Cow;

use crate::json::Tree;

pub(super) type Members<'a> = Vec<(Cow<'a, str>, Tree<'a>)>;

/// The members of an object that nobody has taken yet. What is null is absent.
#[derive(Debug)]
pub(super) struct Object<'a>(Members<'a>);

impl<'a> Object<'a> {
    pub(super) fn of(members: Members<'a>) -> Self {
        Self(members)
    }

    /// The object, if it is one; else the value as it was.
    pub(super) fn from_tree(tree: Tree<'a>) -> Result<Self, Tree<'a>> {
        match tree {
            Tree::Object(members) => Ok(Self(members)),
            other => Err(other),
        }
    }

    fn get(&self, name: &str) -> Option<&Tree<'a>> {
        let at = self.0.binary_search_by(|(known, _)| crate::json::by_utf16(known, name)).ok()?;
        Some(&self.0[at].1).filter(|value| !matches!(value, Tree::Null))
    }

    /// Takes whatever the field holds.
    pub(super) fn take(&mut self, name: &str) -> Option<Tree<'a>> {
        self.take_if(name, |_| true)
    }

    /// Takes the field if it is as expected; else it is left where it is.
    pub(super) fn take_if(
        &mut self,
        name: &str,
        expected: impl FnOnce(&Tree<'a>) -> bool,
    ) -> Option<Tree<'a>> {
        let at = self.0.binary_search_by(|(known, _)| crate::json::by_utf16(known, name)).ok()?;
        let value = &mut self.0[at].1;
        if matches!(value, Tree::Null) || !expected(value) {
            return None;
        }
        Some(std::mem::replace(value, Tree::Null))
    }

    /// Takes a text.
    pub(super) fn take_text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        match self.take_if(name, |value| matches!(value, Tree::Text(_)))? {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Takes a list.
    pub(super) fn take_list(&mut self, name: &str) -> Option<Vec<Tree<'a>>> {
        match self.take_if(name, |value| matches!(value, Tree::List(_)))? {
            Tree::List(list) => Some(list),
            _ => None,
        }
    }

    /// Takes an object.
    pub(super) fn take_object(&mut self, name: &str) -> Option<Object<'a>> {
        match self.take_if(name, |value| matches!(value, Tree::Object(_)))? {
            Tree::Object(members) => Some(Object(members)),
            _ => None,
        }
    }

    /// Leaves fields out of the key, whatever they hold.
    pub(super) fn forget(&mut self, names: &[&str]) {
        for name in names {
            self.take(name);
        }
    }

    /// Leaves out a field that says what is so without it.
    pub(super) fn forget_default(&mut self, name: &str, default: impl FnOnce(&Tree<'a>) -> bool) {
        self.take_if(name, default);
    }

    /// Whether the field holds this text.
    pub(super) fn says(&self, name: &str, text: &str) -> bool {
        self.get(name).is_some_and(|value| is_text(value, text))
    }

    /// Whether the field holds a text.
    pub(super) fn is_text(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| matches!(value, Tree::Text(_)))
    }

    /// Whether the field is there and like this.
    pub(super) fn holds(&self, name: &str, like: impl FnOnce(&Tree<'a>) -> bool) -> bool {
        self.get(name).is_some_and(like)
    }

    /// Whether the field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether nothing is left.
    pub(super) fn is_spent(&self) -> bool {
        self.0.iter().all(|(_, value)| matches!(value, Tree::Null))
    }

    /// Puts something back to be in the key as it stands.
    pub(super) fn put_back(&mut self, name: &'static str, value: Option<Tree<'a>>) {
        let Some(value) = value else { return };
        match self.0.binary_search_by(|(known, _)| crate::json::by_utf16(known, name)) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (Cow::Borrowed(name), value)),
        }
    }

    /// What nobody took, without marks for a provider's cache.
    pub(super) fn rest(self) -> Option<Tree<'a>> {
        let left: Members<'a> =
            self.0.into_iter().filter(|(_, value)| !matches!(value, Tree::Null)).collect();
        if left.is_empty() {
            return None;
        }
        match unmarked(Tree::Object(left)) {
            Tree::Object(left) if left.is_empty() => None,
            rest => Some(rest),
        }
    }
}

/// An object of ours; members without a value are left out.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'static str, Option<Tree<'a>>)>) -> Tree<'a> {
    let members = members.into_iter().filter_map(|(name, value)| Some((Cow::Borrowed(name), value?)));
    Tree::object(members.collect())
}

pub(super) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Tree<'a> {
    Tree::Text(text.into())
}

pub(super) fn is_text(value: &Tree<'_>, expected: &str) -> bool {
    matches!(value, Tree::Text(text) if text == expected)
}

pub(super) fn is_bool(value: &Tree<'_>, expected: bool) -> bool {
    matches!(value, Tree::Bool(value) if *value == expected)
}

pub(super) fn is_number(value: &Tree<'_>, expected: f64) -> bool {
    matches!(value, Tree::Number(written) if written.parse() == Ok(expected))
}

/// True for an object with this text under this name and nothing else.
pub(super) fn is_only(value: &Tree<'_>, name: &str, expected: &str) -> bool {
    matches!(value, Tree::Object(members)
        if matches!(&members[..], [(known, text)] if known == name && is_text(text, expected)))
}

/// True for `[]` and `{}`.
pub(super) fn is_empty(value: &Tree<'_>) -> bool {
    match value {
        Tree::List(elements) => elements.is_empty(),
        Tree::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Below these stands what a model or a program reads as it is, whatever the names in there.
const DATA: [&str; 6] = ["input", "arguments", "input_schema", "parameters", "schema", "input_examples"];

/// The value without marks for a provider's cache, wherever they stand in it.
pub(super) fn unmarked(tree: Tree<'_>) -> Tree<'_> {
    match tree {
        Tree::List(elements) => Tree::List(elements.into_iter().map(unmarked).collect()),
        Tree::Object(members) => {
            let kept = members.into_iter().filter(|(name, value)| {
                !(name == "cache_control" && is_mark(value)) && name != "prompt_cache_breakpoint"
            });
            let kept = kept.map(|(name, value)| {
                let value = if DATA.contains(&name.as_ref()) { value } else { unmarked(value) };
                (name, value)
            });
            Tree::Object(kept.collect())
        }
        other => other,
    }
}

/// `{"type":"ephemeral"}`, perhaps with a time to live. Anything else under that name may be somebody's data.
fn is_mark(value: &Tree<'_>) -> bool {
    match value {
        Tree::Null => true,
        Tree::Object(members) => {
            let kind = members.iter().find(|(name, _)| name == "type");
            kind.is_some_and(|(_, kind)| is_text(kind, "ephemeral"))
        }
        _ => false,
    }
}
