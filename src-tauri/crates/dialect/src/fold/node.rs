//! The growing answer: JSON that pieces can be merged into.
//!
//! Only the parts that pieces may belong to are opened up; scalars and whatever lies deep keep the text they
//! came in. Strings are kept escaped: two literals put together are the literal of the whole, also where a
//! host cut between the halves of a surrogate pair.

use std::collections::HashMap;

use crate::json::{self, Fields, Raw};

/// How deep pieces of a stream are merged; deeper values are kept as they came.
pub(super) const DEPTH: usize = 16;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Numbers, booleans, null, and values nobody has to look into; as written.
    Verbatim(String),
    /// What stands between the quotes of a string.
    Text(String),
    List(Vec<Node>),
    Object(Object),
}

/// An object's fields, in the order in which they first came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Object(Vec<(String, Node)>);

/// Fields that hosts repeat with every piece, though their text is not cut in pieces.
const REPEATED: [&str; 6] = ["id", "type", "role", "name", "format", "index"];

impl Node {
    pub(super) fn null() -> Self {
        Self::Verbatim("null".to_owned())
    }

    /// Opens a value up, `depth` levels of it.
    pub(super) fn read(value: Raw<'_>, depth: usize) -> Self {
        if let Some(inner) = json::literal(value) {
            return Self::Text(inner.to_owned());
        }
        if let Some(deeper) = depth.checked_sub(1) {
            if let Some(fields) = Fields::of(value) {
                return Self::Object(Object::read(&fields, deeper));
            }
            if let Some(items) = json::items(value) {
                return Self::List(items.into_iter().map(|item| Self::read(item, deeper)).collect());
            }
        }
        Self::Verbatim(value.get().to_owned())
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Verbatim(text) if text == "null")
    }

    /// True for what says nothing: null, an empty string, a zero.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Verbatim(text) => text == "null" || text == "0",
            Self::Text(text) => text.is_empty(),
            Self::List(_) | Self::Object(_) => false,
        }
    }

    /// Adds a piece of a stream to the field `name`: text goes behind text, objects field by field, lists
    /// element by element where elements say their `index`, else behind each other. Null changes nothing.
    pub(super) fn grow(&mut self, name: &str, piece: Self) {
        match (self, piece) {
            (_, piece) if piece.is_null() => {}
            (Self::Text(text), Self::Text(more)) if REPEATED.contains(&name) => {
                if text.is_empty() {
                    *text = more;
                }
            }
            (Self::Text(text), Self::Text(more)) => text.push_str(&more),
            (Self::Object(object), Self::Object(more)) => {
                for (name, piece) in more.into_fields() {
                    object.grow(&name, piece);
                }
            }
            (Self::List(list), Self::List(more)) => {
                for piece in more {
                    let index = piece.field("index");
                    let same = |element: &&mut Self| element.field("index") == index;
                    match index.and_then(|_| list.iter_mut().find(same)) {
                        Some(element) => element.grow("", piece),
                        None => list.push(piece),
                    }
                }
            }
            (known, piece) => *known = piece,
        }
    }

    /// A later report of the same thing: replaces the earlier one, but what says nothing undoes nothing.
    pub(super) fn update(&mut self, later: Self) {
        match (self, later) {
            (Self::Object(object), Self::Object(more)) => {
                for (name, later) in more.into_fields() {
                    match object.get_mut(&name) {
                        Some(known) => known.update(later),
                        None => object.set(&name, later),
                    }
                }
            }
            (known, later) if known.is_blank() || !later.is_blank() => *known = later,
            _ => {}
        }
    }

    /// A field's value, if this is an object that has it.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(object) => object.get(name),
            _ => None,
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Verbatim(text) => out.push_str(text),
            Self::Text(inner) => out.extend(["\"", inner, "\""]),
            Self::List(list) => {
                out.push('[');
                for (n, element) in list.iter().enumerate() {
                    out.push_str(if n == 0 { "" } else { "," });
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => object.write(out),
        }
    }
}

impl Object {
    pub(super) fn read(fields: &Fields<'_>, depth: usize) -> Self {
        /// Below this it is quicker to look through the names than to hash them.
        const FEW: usize = 32;
        let mut object = Self::default();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (name, value) in fields.iter() {
            let node = Node::read(value, depth);
            if fields.len() <= FEW {
                object.set(name, node);
                continue;
            }
            // Of duplicates the last value counts, in the place of the first.
            if let Some((_, known)) = places.get(name).and_then(|place| object.0.get_mut(*place)) {
                *known = node;
            } else {
                places.insert(name, object.0.len());
                object.0.push((name.to_owned(), node));
            }
        }
        object
    }

    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The escaped text of a field that holds a non-empty string.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Node::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Node) {
        match self.get_mut(name) {
            Some(known) => *known = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// See [`Node::grow`].
    pub(super) fn grow(&mut self, name: &str, piece: Node) {
        match self.get_mut(name) {
            Some(known) => known.grow(name, piece),
            None => self.0.push((name.to_owned(), piece)),
        }
    }

    /// Replaces what is there, unless by null.
    pub(super) fn replace(&mut self, name: &str, value: Node) {
        if !value.is_null() || self.get(name).is_none() {
            self.set(name, value);
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    /// Moves every field that isn't there yet behind those that are.
    pub(super) fn append(&mut self, rest: Self) {
        for (name, value) in rest.into_fields() {
            if self.get(&name).is_none() {
                self.0.push((name, value));
            }
        }
    }

    pub(super) fn into_fields(self) -> impl Iterator<Item = (String, Node)> {
        self.0.into_iter()
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push('{');
        for (n, (name, value)) in self.0.iter().enumerate() {
            out.push_str(if n == 0 { "" } else { "," });
            out.push_str(&json::quoted(name));
            out.push(':');
            value.write(out);
        }
        out.push('}');
    }
}
