//! One time that a promise was broken, from the first page to the moment when a new breach would be a new one.

use serde::{Deserialize, Serialize};

use crate::alerts::{Acknowledged, Moment};

/// The open incident of an alert, or its last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    id: u64,
    opened: Moment,
    since_ms: i64,
    pages: u32,
    acknowledged: bool,
    drill: Option<String>,
    /// Time since the last page, watched or not.
    since_page_ms: u64,
    resolved: Option<Resolved>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Resolved {
    at: Moment,
    for_ms: u64,
}

impl Incident {
    pub(super) fn open(id: u64, opened: Moment, since_ms: i64, drill: Option<String>) -> Incident {
        Incident {
            id,
            opened,
            since_ms,
            pages: 0,
            acknowledged: false,
            drill,
            since_page_ms: 0,
            resolved: None,
        }
    }

    /// Its number, which no other incident of this alert has.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// When it first fired, on both clocks.
    pub fn opened(&self) -> Moment {
        self.opened
    }

    /// When the condition was first met, in milliseconds since 1970.
    pub fn since_ms(&self) -> i64 {
        self.since_ms
    }

    /// Whether somebody has acknowledged it.
    pub fn acknowledged(&self) -> bool {
        self.acknowledged
    }

    /// The drill in which it began.
    pub fn drill(&self) -> Option<&str> {
        self.drill.as_deref()
    }

    /// When it was resolved, on both clocks.
    pub fn resolved(&self) -> Option<Moment> {
        self.resolved.map(|resolved| resolved.at)
    }

    pub(super) fn resolved_for_ms(&self) -> Option<u64> {
        self.resolved.map(|resolved| resolved.for_ms)
    }

    /// Time went by, whether anybody watched or not.
    pub(super) fn pass(&mut self, passed_ms: u64) {
        self.since_page_ms = self.since_page_ms.saturating_add(passed_ms);
        if let Some(resolved) = &mut self.resolved {
            resolved.for_ms = resolved.for_ms.saturating_add(passed_ms);
        }
    }

    pub(super) fn next_page(&mut self) -> u32 {
        self.since_page_ms = 0;
        self.pages = self.pages.saturating_add(1);
        self.pages
    }

    pub(super) fn wants_repeat(&self, every_ms: u64) -> bool {
        !self.acknowledged && every_ms > 0 && self.since_page_ms >= every_ms
    }

    pub(super) fn acknowledge(&mut self) -> Acknowledged {
        if std::mem::replace(&mut self.acknowledged, true) { Acknowledged::Before } else { Acknowledged::Now }
    }

    /// What was acknowledged is over: a new breach is news.
    pub(super) fn resolve(&mut self, at: Moment) {
        self.acknowledged = false;
        self.resolved = Some(Resolved { at, for_ms: 0 });
    }

    pub(super) fn reopen(&mut self) {
        self.resolved = None;
    }
}
