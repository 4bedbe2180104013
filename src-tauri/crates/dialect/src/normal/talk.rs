//! What was said so far, in the order in which it was said, whoever's dialect it was said in.
//!
//! A flat list, for Responses has nothing else: what somebody said, each call, each result. Where one message
//! ends and the next one of the same speaker begins, there stay two entries, or a break before a call.

use std::borrow::Cow;
use std::collections::HashMap;

use super::block::Block;
use super::object::{object, text, unmarked};
use super::prose::{self, End};
use super::written;
use crate::Api;
use crate::json::Tree;

/// The conversation as it is read.
#[derive(Debug)]
pub(super) struct Talk<'a> {
    api: Api,
    entries: Vec<Tree<'a>>,
    last: Last,
    /// Number and function of each call, by its id.
    calls: HashMap<Cow<'a, str>, (usize, Cow<'a, str>)>,
    numbered: usize,
}

/// What the last entry was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// The model's words.
    Words,
    /// A call of the model's.
    Call,
    Other,
}

/// A call of a function, with what nobody took of it.
pub(super) struct Call<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) name: Cow<'a, str>,
    pub(super) arguments: Option<Tree<'a>>,
    pub(super) other: Option<Tree<'a>>,
}

impl<'a> Talk<'a> {
    pub(super) fn of(api: Api) -> Self {
        Self { api, entries: Vec::new(), last: Last::Other, calls: HashMap::new(), numbered: 0 }
    }

    pub(super) fn last(&self) -> Last {
        self.last
    }

    /// Another message of the model's begins behind one of its own.
    pub(super) fn next_message(&mut self) {
        if self.last != Last::Other {
            self.push(object([("break", Some(Tree::Bool(true)))]), Last::Other);
        }
    }

    /// A message or a call that nobody here knows, as it stands, and whose it is.
    pub(super) fn raw(&mut self, what: &'static str, value: Tree<'a>) {
        let raw = super::tagged(self.api, unmarked(value));
        self.push(object([("raw", Some(object([(what, Some(raw))])))]), Last::Other);
    }

    /// What is left of the message that follows.
    pub(super) fn of_message(&mut self, other: Option<Tree<'a>>) {
        if let Some(other) = other {
            let other = super::tagged(self.api, other);
            let last = self.last;
            self.push(object([("of", Some(other))]), last);
        }
    }

    /// What somebody said in one go.
    pub(super) fn say(&mut self, role: &'static str, blocks: Vec<Block<'a>>) {
        let last = if role == "assistant" { Last::Words } else { Last::Other };
        let blocks = said(blocks, self.api);
        self.push(object([("role", Some(text(role))), ("blocks", Some(Tree::List(blocks)))]), last);
    }

    /// A call, known by its number from here on: the ids of equal conversations differ by provider and by run.
    pub(super) fn call(&mut self, call: Call<'a>) {
        let Call { id, name, arguments, other } = call;
        let number = id.map(|id| {
            let known = self.calls.entry(id).or_insert_with(|| {
                self.numbered += 1;
                (self.numbered, Cow::default())
            });
            // Hosts repeat ids, and a result belongs to the last call before it.
            known.1.clone_from(&name);
            numbered(known.0)
        });
        let call = object([
            ("id", number),
            ("name", Some(text(name))),
            ("arguments", Some(arguments_of(arguments))),
            ("other", other.map(|other| super::tagged(self.api, other))),
        ]);
        self.push(object([("call", Some(call))]), Last::Call);
    }

    /// The function that was called under this id.
    pub(super) fn called(&self, id: &str) -> Option<&str> {
        self.calls.get(id).map(|(_, name)| name.as_ref())
    }

    /// What a function gave back. Its words are a program's, so nothing is changed in them.
    pub(super) fn result(
        &mut self,
        id: Option<Cow<'a, str>>,
        blocks: Vec<Block<'a>>,
        is_error: bool,
        other: Option<Tree<'a>>,
    ) {
        let id = id.map(|id| match self.calls.get(&id) {
            Some((number, _)) => numbered(*number),
            None => text(id),
        });
        let verbatim = blocks.into_iter().filter(|block| !block.is_nothing());
        let verbatim = verbatim.map(|block| block.into_tree(self.api)).collect();
        let result = object([
            ("id", id),
            ("blocks", Some(Tree::List(verbatim))),
            ("is_error", is_error.then_some(Tree::Bool(true))),
            ("other", other.map(|other| super::tagged(self.api, other))),
        ]);
        self.push(object([("result", Some(result))]), Last::Other);
    }

    pub(super) fn into_tree(self) -> Tree<'a> {
        Tree::List(self.entries)
    }

    fn push(&mut self, entry: Tree<'a>, last: Last) {
        self.entries.push(entry);
        self.last = last;
    }
}

fn numbered<'a>(number: usize) -> Tree<'a> {
    Tree::Number(Cow::Owned(number.to_string()))
}

/// The blocks with their prose in its normal form; a text in which nothing is left was none.
fn said(blocks: Vec<Block<'_>>, api: Api) -> Vec<Tree<'_>> {
    let mut said = Vec::with_capacity(blocks.len());
    let mut blocks = blocks.into_iter().peekable();
    while let Some(mut block) = blocks.next() {
        let goes_on = blocks.peek().is_some_and(Block::is_text);
        if let Block::Text { text, .. } = &mut block {
            let end = if goes_on { End::GoesOn } else { End::Here };
            *text = prose::normal(std::mem::take(text), end);
        }
        if !block.is_nothing() {
            said.push(block.into_tree(api));
        }
    }
    said
}

/// The arguments as a value, whether they came as one or as its text. Nothing within them is prose: a file's
/// name with a space at its end is another file's.
fn arguments_of(arguments: Option<Tree<'_>>) -> Tree<'_> {
    let value = |json: &Tree<'_>| {
        let mut canonical = String::new();
        written::write(json, &mut canonical);
        object([("json", Some(Tree::Written(canonical)))])
    };
    match arguments {
        None => value(&Tree::Object(Vec::new())),
        Some(Tree::Text(written)) if written.trim_ascii().is_empty() => value(&Tree::Object(Vec::new())),
        // Models write broken JSON at times, and that is kept as text.
        Some(Tree::Text(written)) => match Tree::read(&written) {
            Ok(json) => value(&json),
            Err(_) => object([("text", Some(Tree::Text(written)))]),
        },
        Some(json) => value(&json),
    }
}
