//! When a page may be told: quiet hours, and no more than six an hour.
//!
//! Nothing is lost here. What isn't told now is kept and told later in one digest; and the dashboard, the tray and
//! the log know of every page at once, for they don't ask here.

use serde::{Deserialize, Serialize};

use crate::alerts::{About, Kind, Page};

#[cfg(test)]
mod tests;

/// A daily span in local time, as minutes since midnight; it may run over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// The first quiet minute of the day, 0 to 1439.
    pub from_minute: u16,
    /// The first minute that is no longer quiet, 0 to 1439.
    pub to_minute: u16,
}

impl Quiet {
    /// Whether this minute of the local day is quiet. The wall clock decides, so a night with a change to or from
    /// summer time is an hour shorter or longer.
    pub fn holds(self, minute: u16) -> bool {
        if self.from_minute <= self.to_minute {
            (self.from_minute..self.to_minute).contains(&minute)
        } else {
            minute >= self.from_minute || minute < self.to_minute
        }
    }
}

/// Pages told in any hour, before what follows is gathered.
pub const PAGES_PER_HOUR: usize = 6;

/// What is kept for a digest at most; of more than that only the number is known.
const KEPT: usize = 100;

const HOUR_MS: i64 = 3_600_000;

/// One thing to deliver, once under its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A page by itself.
    Page(Page),
    /// Several in one.
    Digest(Digest),
}

/// Pages that were held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The oldest first.
    pub pages: Vec<Page>,
    /// How many more there were than are kept.
    pub more: u64,
    /// When it was made, in milliseconds since 1970.
    pub at_ms: i64,
}

impl Delivery {
    /// What an outbox knows it by.
    pub fn key(&self) -> String {
        match self {
            Delivery::Page(page) => page.key.clone(),
            Delivery::Digest(digest) => {
                let first = digest.pages.first().map_or("", |page| &page.key);
                format!("digest:{}:{first}", digest.at_ms)
            }
        }
    }
}

/// What has been told lately, and what waits; save it with what it hands out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// When pages and digests were told, within the last hour.
    told_ms: Vec<i64>,
    /// When the last digest was told that was one too many for its hour.
    digest_ms: Option<i64>,
    held: Vec<Page>,
    more: u64,
}

impl Post {
    /// Takes the pages of one round of evaluations (often none) and says what to deliver now.
    pub fn round(&mut self, mut pages: Vec<Page>, now_ms: i64, quiet: bool) -> Vec<Delivery> {
        self.forget(now_ms);
        pages.sort_by_key(|page| (page.kind, !page.about.urgent()));
        let mut out = Vec::new();
        let mut over = false;
        for page in pages {
            let urgent = page.about.urgent();
            if self.must_wait(&page, quiet) {
                self.hold(page);
            } else if !urgent {
                out.push(Delivery::Page(page));
            } else if self.told_ms.len() < PAGES_PER_HOUR {
                self.told_ms.push(now_ms);
                out.push(Delivery::Page(page));
            } else {
                over = true;
                self.hold(page);
            }
        }
        out.extend(self.digest(now_ms, quiet, over));
        out
    }

    /// Takes the pages of one round while somebody has paused the alerts: all of them wait, the gravest too. The first
    /// round after the pause tells them in one digest.
    pub fn hold_all(&mut self, pages: Vec<Page>, now_ms: i64) {
        self.forget(now_ms);
        for page in pages {
            self.hold(page);
        }
    }

    /// Whether anything is held back.
    pub fn holds(&self) -> usize {
        self.held.len()
    }

    fn must_wait(&self, page: &Page, quiet: bool) -> bool {
        let breach = page.kind == Kind::Success && page.about.urgent();
        // Good news about what nobody has been told comes with it.
        let untold =
            || self.held.iter().any(|held| held.kind == page.kind && held.promise.name == page.promise.name);
        (quiet && !breach) || (!page.about.urgent() && untold())
    }

    fn hold(&mut self, page: Page) {
        let same = |held: &Page| {
            held.kind == page.kind && held.promise.name == page.promise.name && held.incident == page.incident
        };
        if page.about == About::Still && self.held.iter().any(same) {
            // That it is still so is no news beside what waits: one alert is no three by having waited for long.
            return;
        }
        if self.held.len() < KEPT {
            self.held.push(page);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// What was held back, in one: when the quiet is over, when the hour has room again, or once, at the first page
    /// too many, so that a storm isn't taken for silence.
    fn digest(&mut self, now_ms: i64, quiet: bool, over: bool) -> Option<Delivery> {
        let room = self.told_ms.len() < PAGES_PER_HOUR;
        let first_too_many = over && self.digest_ms.is_none();
        let breaches = self.held.iter().any(|page| page.kind == Kind::Success && page.about.urgent());
        let may = if quiet { breaches && (room || first_too_many) } else { room || first_too_many };
        if self.held.is_empty() || !may {
            return None;
        }
        if room {
            self.told_ms.push(now_ms);
        } else {
            self.digest_ms = Some(now_ms);
        }
        let (now, later) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|page| !quiet || (page.kind == Kind::Success && page.about.urgent()));
        self.held = later;
        let mut pages: Vec<Page> = now;
        let more = std::mem::take(&mut self.more);
        if room && more == 0 && pages.len() == 1 {
            return pages.pop().map(Delivery::Page);
        }
        Some(Delivery::Digest(Digest { pages, more, at_ms: now_ms }))
    }

    /// Forgets what is over an hour old. What lies in the future was told before the clock was set back.
    fn forget(&mut self, now_ms: i64) {
        for told in self.told_ms.iter_mut().chain(&mut self.digest_ms) {
            *told = (*told).min(now_ms);
        }
        let recent = |told: &i64| now_ms.saturating_sub(*told) < HOUR_MS;
        self.told_ms.retain(recent);
        self.digest_ms = self.digest_ms.filter(recent);
    }
}
