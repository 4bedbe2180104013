//! Every failed request with its reason: nothing is spent that nobody can account for.
//!
//! The rows of the ledger say when and why each request failed; people declare that they are deploying, trying
//! something or drilling. From both come entries such as "12 failed from 10:42 to 10:56, provider outage". An entry
//! moves a request to another cause, and never makes one appear or vanish: the entries sum to what is spent.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, HashMap},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Cause;

/// Bad requests of one cause that are less than this apart are one event to whoever reads about it.
const ONE_EVENT: SignedDuration = SignedDuration::from_mins(10);

/// Says of an entry where it comes from when the rows themselves are gone.
const ROWS_GONE: &str = "Counted, but no longer kept one by one.";

/// A request that spent error budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRequest {
    /// When it ended.
    pub at: Timestamp,
    /// What its own row says.
    pub cause: Cause,
}

/// What somebody declared to be doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// A deploy: `evenkeel budget spend --kind deploy`.
    Deploy,
    /// An experiment: `evenkeel budget spend --kind experiment`.
    Experiment,
    /// A drill; it declares itself.
    Drill,
}

impl WindowKind {
    /// The cause that bad requests within get.
    pub fn cause(self) -> Cause {
        match self {
            WindowKind::Deploy => Cause::Deploy,
            WindowKind::Experiment => Cause::Experiment,
            WindowKind::Drill => Cause::Drill,
        }
    }
}

/// A span of time whose bad requests have a known reason, whatever their rows say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What was going on.
    pub kind: WindowKind,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// In the words of whoever declared it.
    pub reason: String,
}

/// One event of the budget's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Why.
    pub cause: Cause,
    /// The first bad request.
    pub from: Timestamp,
    /// The last one.
    pub to: Timestamp,
    /// How many.
    pub bad: u64,
    /// The reason that somebody gave, or why there are no rows behind it.
    pub note: Option<String>,
}

/// The entries, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// What the rows themselves said, whatever window took them; in the order of [`Cause::ALL`].
    rows: [u64; Cause::ALL.len()],
}

impl Ledger {
    /// Accounts for these requests; their order and that of the windows make no difference.
    ///
    /// Outside every window a request keeps the cause of its row, and requests of one cause less than 10 min apart
    /// form one entry. Within windows it belongs to one of them: to a drill before anything else, then to the one
    /// that began last, being the one that says most. A window's requests are one entry, however far apart.
    pub fn of(bad: &[BadRequest], declared: &[Declared]) -> Self {
        let mut bad = bad.to_vec();
        bad.sort_unstable_by_key(|request| (request.at, request.cause.as_str()));
        let mut windows = Windows::new(declared);
        let mut entries: Vec<Entry> = Vec::new();
        let mut open: HashMap<(Cause, Option<usize>), usize> = HashMap::new();
        let mut rows = [0; Cause::ALL.len()];
        for request in bad {
            if let Some(row) = rows.get_mut(request.cause as usize) {
                *row += 1;
            }
            let window = windows.at(request.at);
            let declared = window.and_then(|place| declared.get(place));
            let cause = declared.map_or(request.cause, |declared| declared.kind.cause());
            let place = open.get(&(cause, window)).copied();
            if let Some(entry) = place.and_then(|place| entries.get_mut(place))
                && (window.is_some() || request.at.duration_since(entry.to) < ONE_EVENT)
            {
                entry.to = request.at;
                entry.bad += 1;
                continue;
            }
            open.insert((cause, window), entries.len());
            let note = declared.map(|declared| declared.reason.clone());
            entries.push(Entry { cause, from: request.at, to: request.at, bad: 1, note });
        }
        Self { entries, rows }
    }

    /// Makes the entries sum to `spent`, which the roll-ups know exactly even after rows were deleted.
    ///
    /// What no row accounts for becomes an entry at `from`, the window's beginning, one for each cause that the
    /// roll-ups count more of than there are rows (`causes`, in the order of [`Cause::ALL`]); what they don't
    /// explain either is of unknown cause. Rows that the roll-ups no longer count have just left the window, so the
    /// oldest go.
    #[must_use]
    pub fn balanced(mut self, spent: u64, causes: &[u64; Cause::ALL.len()], from: Timestamp) -> Self {
        let known = self.spent();
        let mut missing = spent.saturating_sub(known);
        if missing > 0 {
            let mut gone = Vec::new();
            let counted = Cause::ALL.into_iter().zip(causes.iter().zip(self.rows));
            for (cause, (counted, rows)) in counted {
                let bad =
                    if cause == Cause::Unknown { missing } else { missing.min(counted.saturating_sub(rows)) };
                missing -= bad;
                if bad > 0 {
                    gone.push(Entry { cause, from, to: from, bad, note: Some(ROWS_GONE.to_owned()) });
                }
            }
            self.entries.splice(0..0, gone);
            return self;
        }
        let mut excess = known.saturating_sub(spent);
        for entry in &mut self.entries {
            let gone = entry.bad.min(excess);
            entry.bad -= gone;
            excess -= gone;
        }
        self.entries.retain(|entry| entry.bad > 0);
        self
    }

    /// The sum of all entries.
    pub fn spent(&self) -> u64 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.bad))
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What each cause spent, dearest first; causes that spent nothing are left out.
    pub fn by_cause(&self) -> Vec<(Cause, u64)> {
        let mut sums: Vec<(Cause, u64)> = Cause::ALL
            .into_iter()
            .map(|cause| {
                let of_cause = self.entries.iter().filter(|entry| entry.cause == cause);
                (cause, of_cause.fold(0, |sum: u64, entry| sum.saturating_add(entry.bad)))
            })
            .filter(|&(_, bad)| bad > 0)
            .collect();
        sums.sort_by_key(|&(_, bad)| std::cmp::Reverse(bad));
        sums
    }
}

/// Answers which window a moment belongs to, for moments that only move forwards: a million rows and hundreds of
/// windows must not be compared each with each.
struct Windows<'a> {
    declared: &'a [Declared],
    coming: std::iter::Peekable<std::vec::IntoIter<usize>>,
    begun: BinaryHeap<Ranked<'a>>,
}

impl<'a> Windows<'a> {
    fn new(declared: &'a [Declared]) -> Self {
        let mut coming: Vec<usize> = (0..declared.len()).collect();
        coming.sort_by_key(|&place| declared.get(place).map(|window| window.from));
        Self { declared, coming: coming.into_iter().peekable(), begun: BinaryHeap::new() }
    }

    fn at(&mut self, at: Timestamp) -> Option<usize> {
        while let Some(place) = self.coming.peek().copied() {
            match self.declared.get(place) {
                Some(window) if window.from > at => break,
                Some(window) => self.begun.push(Ranked { window, place }),
                None => {}
            }
            self.coming.next();
        }
        while self.begun.peek().is_some_and(|best| best.window.to <= at) {
            self.begun.pop();
        }
        self.begun.peek().map(|best| best.place)
    }
}

/// A window by how much it says about a request within: everything that could differ is compared, so that the order
/// in which windows were handed in decides nothing.
struct Ranked<'a> {
    window: &'a Declared,
    place: usize,
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let drill = |ranked: &Self| ranked.window.kind == WindowKind::Drill;
        drill(self)
            .cmp(&drill(other))
            .then_with(|| self.window.from.cmp(&other.window.from))
            .then_with(|| other.window.to.cmp(&self.window.to))
            .then_with(|| self.window.kind.cmp(&other.window.kind))
            .then_with(|| self.window.reason.cmp(&other.window.reason))
            .then_with(|| other.place.cmp(&self.place))
    }
}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked<'_> {}
