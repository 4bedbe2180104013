//! A whole body as a tree, for comparing it with another one.
//!
//! Stricter than the rest of this module, because two texts that different readers take for different things
//! must not be taken for the same one here: a name that stands twice in one object, and half a surrogate pair,
//! are refused (as RFC 8785 does with both), and so is nesting beyond what anybody sends.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Raw, literal, scan, strings};

/// One JSON value with everything in it.
#[derive(Clone, Debug)]
pub(crate) enum Tree<'a> {
    Null,
    Bool(bool),
    /// As it was written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    /// No name twice, and in the order of [`by_utf16`].
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
    /// JSON text in its canonical form.
    Written(String),
}

/// Why a text is no such tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TreeError {
    NotJson,
    /// This name stands twice in one object.
    Twice(String),
    HalfACharacter,
    TooDeep,
}

/// As deep as `serde_json` goes, which reads at some of the hosts.
const DEEPEST: usize = 128;

/// The order that RFC 8785 wants names to be in: that of their UTF-16 units.
pub(crate) fn by_utf16(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() {
        return one.cmp(other);
    }
    one.encode_utf16().cmp(other.encode_utf16())
}

impl<'a> Tree<'a> {
    /// Reads `json`, which must be one value and nothing behind it.
    pub(crate) fn read(json: &'a str) -> Result<Self, TreeError> {
        let value = Raw::parse(json).ok_or(TreeError::NotJson)?;
        let (tree, _) = Reader(value.get()).value(0, 0)?;
        Ok(tree)
    }

    /// An object of these members, of which no name may stand twice.
    pub(crate) fn object(mut members: Vec<(Cow<'a, str>, Tree<'a>)>) -> Self {
        members.sort_by(|one, other| by_utf16(&one.0, &other.0));
        Self::Object(members)
    }
}

/// Goes through text that is known to be JSON.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// The value at `at`, and where it ends.
    fn value(&self, at: usize, depth: usize) -> Result<(Tree<'a>, usize), TreeError> {
        let json = self.0.as_bytes();
        match json.get(at) {
            Some(b'{') if depth < DEEPEST => self.object(at, depth),
            Some(b'[') if depth < DEEPEST => self.list(at, depth),
            Some(b'{' | b'[') => Err(TreeError::TooDeep),
            _ => {
                let end = scan::skip(json, at).ok_or(TreeError::NotJson)?;
                let written = &self.0[at..end];
                let tree = match written {
                    "null" => Tree::Null,
                    "true" => Tree::Bool(true),
                    "false" => Tree::Bool(false),
                    _ if written.starts_with('"') => Tree::Text(text(written)?),
                    _ => Tree::Number(Cow::Borrowed(written)),
                };
                Ok((tree, end))
            }
        }
    }

    fn list(&self, open: usize, depth: usize) -> Result<(Tree<'a>, usize), TreeError> {
        let json = self.0.as_bytes();
        let mut elements = Vec::new();
        let mut at = scan::space(json, open + 1);
        if json.get(at) == Some(&b']') {
            return Ok((Tree::List(elements), at + 1));
        }
        loop {
            let (element, end) = self.value(at, depth + 1)?;
            elements.push(element);
            at = scan::space(json, end);
            match json.get(at) {
                Some(b',') => at = scan::space(json, at + 1),
                Some(b']') => return Ok((Tree::List(elements), at + 1)),
                _ => return Err(TreeError::NotJson),
            }
        }
    }

    fn object(&self, open: usize, depth: usize) -> Result<(Tree<'a>, usize), TreeError> {
        let json = self.0.as_bytes();
        let mut members = Vec::new();
        let mut at = scan::space(json, open + 1);
        if json.get(at) == Some(&b'}') {
            return Ok((Tree::Object(members), at + 1));
        }
        loop {
            let (name_end, start) = scan::key(json, at).ok_or(TreeError::NotJson)?;
            let name = text(&self.0[at..name_end])?;
            let (value, end) = self.value(start, depth + 1)?;
            members.push((name, value));
            at = scan::space(json, end);
            match json.get(at) {
                Some(b',') => at = scan::space(json, at + 1),
                Some(b'}') => break,
                _ => return Err(TreeError::NotJson),
            }
        }
        members.sort_by(|one, other| by_utf16(&one.0, &other.0));
        if let Some(twice) = members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(TreeError::Twice(twice[0].0.to_string()));
        }
        Ok((Tree::Object(members), at + 1))
    }
}

/// The text of a string, quotes included.
fn text(written: &str) -> Result<Cow<'_, str>, TreeError> {
    // Elsewhere a half becomes U+FFFD, so that two different halves would be one text.
    if written.contains("\\u") && matches!(strings::paired(written), Cow::Owned(_)) {
        return Err(TreeError::HalfACharacter);
    }
    literal(Raw(written)).map(strings::unescaped).ok_or(TreeError::NotJson)
}
