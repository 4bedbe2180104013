//! Tool calls that come in pieces, and whose pieces may be interleaved.
//!
//! Which call a piece belongs to is told by its index; without one by its id; without either it is the open
//! call. A call is told of once its name is known, under an ordinal of its own.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::pieces::{Extent, Pieces};
use super::ids;
use crate::canon::Event;
use crate::json::{self, Fields, Raw};

/// One element of `tool_calls`, or the `function_call` of old.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    index: Option<u64>,
    id: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    arguments: Option<Raw<'a>>,
}

impl<'a> Piece<'a> {
    pub(super) fn of_tool_call(call: &Fields<'a>) -> Self {
        let function = call.object("function");
        let function = function.as_ref();
        Self {
            index: call.count("index"),
            id: call.text("id"),
            name: function.and_then(|function| function.text("name")),
            arguments: function.and_then(|function| function.get("arguments")),
        }
    }

    /// There was only ever one of them, and it had no id.
    pub(super) fn of_function_call(function: &Fields<'a>) -> Self {
        Self { index: Some(0), id: None, name: function.text("name"), arguments: function.get("arguments") }
    }
}

/// The calls of one answer.
#[derive(Debug)]
pub(super) struct Calls {
    stem: String,
    known: Vec<Call>,
    by_index: HashMap<u64, usize>,
    by_id: HashMap<String, usize>,
    /// How many were told of, which is the next one's ordinal.
    told: usize,
    /// The call that was told of last; the only one that may go on without holding others up.
    latest: Option<usize>,
    /// Counts the lists of pieces.
    list: u64,
    /// The calls come whole: no two elements belong together.
    whole: bool,
}

#[derive(Debug, Default)]
struct Call {
    id: Option<String>,
    name: Option<String>,
    ordinal: Option<usize>,
    /// Arguments that came before the name.
    early: String,
    pieces: Pieces,
    extent: Extent,
    /// The list that had a piece of it last.
    list: u64,
    ended: bool,
}

impl Calls {
    pub(super) fn new(stem: &str) -> Self {
        Self {
            stem: stem.to_owned(),
            known: Vec::new(),
            by_index: HashMap::new(),
            by_id: HashMap::new(),
            told: 0,
            latest: None,
            list: 0,
            whole: false,
        }
    }

    /// The pieces of another chunk follow.
    pub(super) fn next_list(&mut self) {
        self.list += 1;
    }

    /// The calls of a whole body follow.
    pub(super) fn are_whole(&mut self) {
        self.whole = true;
    }

    pub(super) fn take(&mut self, piece: &Piece<'_>, events: &mut Vec<Event>) {
        let at = self.find(piece).unwrap_or_else(|| self.add(piece));
        let call = &mut self.known[at];
        call.list = self.list;
        if call.id.is_none() {
            call.id = piece.id.as_deref().map(str::to_owned);
        }
        if call.name.is_none() {
            call.name = piece.name.as_deref().map(str::to_owned);
        }
        let fragment = piece.arguments.and_then(|arguments| match arguments.get().as_bytes().first() {
            // Some hosts send the object itself instead of its text.
            Some(b'{') => Some(arguments.get().to_owned()),
            _ => call.pieces.next(arguments),
        });
        if let Some(fragment) = &fragment {
            call.extent.add(fragment);
        }
        let Some(ordinal) = call.ordinal else {
            call.early.extend(fragment);
            if call.name.is_some() {
                self.tell(at, events);
            }
            return;
        };
        if call.ended {
            return;
        }
        if let Some(fragment) = fragment {
            events.push(Event::CallArguments { ordinal, fragment });
        }
        if self.latest != Some(at) {
            self.end_if_whole(at, events);
        }
    }

    /// Something else follows the calls: the latest one is over, if it can be.
    pub(super) fn settle(&mut self, events: &mut Vec<Event>) {
        if let Some(latest) = self.latest {
            self.end_if_whole(latest, events);
        }
    }

    /// No more pieces. A call that never got a name can't be made by anybody and is left out.
    pub(super) fn end(&mut self, events: &mut Vec<Event>) {
        for call in &mut self.known {
            let Some(ordinal) = call.ordinal else { continue };
            if !std::mem::replace(&mut call.ended, true) {
                let rest = call.pieces.rest();
                events.extend(rest.map(|fragment| Event::CallArguments { ordinal, fragment }));
                events.push(Event::CallEnd { ordinal });
            }
        }
    }

    fn find(&self, piece: &Piece<'_>) -> Option<usize> {
        if self.whole {
            return None;
        }
        let at = match (piece.index, &piece.id) {
            (Some(index), _) => *self.by_index.get(&index)?,
            (None, Some(id)) => *self.by_id.get(id.as_ref())?,
            (None, None) => self.known.len().checked_sub(1)?,
        };
        (!self.is_another(&self.known[at], piece)).then_some(at)
    }

    /// Hosts that number every call 0, or none at all, begin a new one with a new id and name; those that have
    /// no ids either, with a name where none is due.
    fn is_another(&self, call: &Call, piece: &Piece<'_>) -> bool {
        let (Some(name), Some(known)) = (&piece.name, &call.name) else { return false };
        if let Some(id) = &piece.id {
            return call.id.as_deref().is_some_and(|known| known != id);
        }
        let has_arguments = || piece.arguments.and_then(json::literal).is_some_and(|text| !text.is_empty());
        name != known || call.list == self.list || (call.extent.is_whole() && has_arguments())
    }

    fn add(&mut self, piece: &Piece<'_>) -> usize {
        let at = self.known.len();
        self.known.push(Call::default());
        if let Some(index) = piece.index {
            self.by_index.insert(index, at);
        }
        if let Some(id) = &piece.id {
            self.by_id.insert(id.as_ref().to_owned(), at);
        }
        at
    }

    fn tell(&mut self, at: usize, events: &mut Vec<Event>) {
        self.settle(events);
        let ordinal = self.told;
        self.told += 1;
        self.latest = Some(at);
        let call = &mut self.known[at];
        call.ordinal = Some(ordinal);
        let id = call.id.clone().unwrap_or_else(|| ids::call(&self.stem, ordinal));
        let name = call.name.clone().unwrap_or_default();
        events.push(Event::CallStart { ordinal, id, name });
        let fragment = std::mem::take(&mut call.early);
        if !fragment.is_empty() {
            events.push(Event::CallArguments { ordinal, fragment });
        }
    }

    /// Behind a whole object nothing can come that matters, so nobody has to wait for the rest of the answer.
    fn end_if_whole(&mut self, at: usize, events: &mut Vec<Event>) {
        let call = &mut self.known[at];
        if let Some(ordinal) = call.ordinal
            && call.extent.is_whole()
            && !std::mem::replace(&mut call.ended, true)
        {
            events.push(Event::CallEnd { ordinal });
        }
    }
}
