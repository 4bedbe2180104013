//! Money spent against daily and monthly caps.
//!
//! What a request may cost at most is reserved before it is sent and replaced by what it did cost when it
//! ends, so that any number of requests at once can't overshoot a cap that each of them by itself would keep.
//! Days and months are UTC, as in the roll-ups.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Whose money.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everybody's.
    All,
    /// One route's.
    Route(String),
    /// One tenant's.
    Tenant(String),
}

/// Which cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    Day,
    Month,
}

/// What one scope may spend, in micro-dollars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cap {
    pub(crate) scope: Scope,
    pub(crate) day: Option<i64>,
    pub(crate) month: Option<i64>,
}

/// A cap that a request would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Over {
    pub(crate) scope: Scope,
    pub(crate) period: Period,
    pub(crate) limit: i64,
    /// Spent and reserved so far.
    pub(crate) used: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    day: i64,
    month: i64,
    reserved: i64,
}

/// What one scope has spent and set aside, as routers that share their counters tell each other. In micro-dollars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spending {
    /// Whose money.
    pub scope: Scope,
    /// Spent on the day in question (UTC).
    pub day: i64,
    /// Spent in its month.
    pub month: i64,
    /// Set aside for requests under way.
    pub reserved: i64,
}

#[derive(Debug, Default)]
struct Book {
    today: Date,
    scopes: HashMap<Scope, Sums>,
    /// What the other routers said last.
    others: HashMap<Scope, Sums>,
}

/// All that was spent today and this month.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spend(Arc<Mutex<Book>>);

impl Spend {
    /// What the ledger knows of the time before this start.
    pub(crate) fn recall(&self, now: Timestamp, spent: impl IntoIterator<Item = (Scope, i64, i64)>) {
        let mut book = self.0.lock();
        book.follow(day_of(now));
        for (scope, day, month) in spent {
            let sums = book.scopes.entry(scope).or_default();
            sums.day += day;
            sums.month += month;
        }
    }

    /// Sets `amount` aside in every scope, or says which cap forbids it.
    pub(crate) fn reserve(&self, now: Timestamp, caps: &[Cap], amount: i64) -> Result<Reservation, Over> {
        let mut book = self.0.lock();
        book.follow(day_of(now));
        for Cap { scope, day, month } in caps {
            let sums = book.of_all_routers(scope);
            for (period, limit, spent) in [(Period::Day, day, sums.day), (Period::Month, month, sums.month)] {
                let used = spent.saturating_add(sums.reserved);
                if let Some(limit) = limit.filter(|limit| used.saturating_add(amount) > *limit) {
                    return Err(Over { scope: scope.clone(), period, limit, used });
                }
            }
        }
        let scopes: Vec<Scope> = caps.iter().map(|cap| cap.scope.clone()).collect();
        for scope in &scopes {
            book.scopes.entry(scope.clone()).or_default().reserved += amount;
        }
        Ok(Reservation { book: Arc::clone(&self.0), scopes, amount })
    }

    /// What a request that came at `at` did cost, whether or not anything was set aside for it. One that came
    /// before midnight and ends after it belongs to the day that is over, as in the ledger.
    pub(crate) fn spent(&self, at: Timestamp, scopes: &[Scope], amount: i64) {
        let day = day_of(at);
        let mut book = self.0.lock();
        if day > book.today {
            book.turn_to(day);
        }
        let (today, this_month) = (day == book.today, day.first_of_month() == book.today.first_of_month());
        for scope in scopes {
            let sums = book.scopes.entry(scope.clone()).or_default();
            sums.day += if today { amount } else { 0 };
            sums.month += if this_month { amount } else { 0 };
        }
    }
}

impl Spend {
    /// What this router alone has spent and set aside, with the day that it is about.
    pub(crate) fn own(&self, now: Timestamp) -> (Date, Vec<Spending>) {
        let mut book = self.0.lock();
        book.follow(day_of(now));
        let of_scope = |(scope, sums): (&Scope, &Sums)| Spending {
            scope: scope.clone(),
            day: sums.day,
            month: sums.month,
            reserved: sums.reserved,
        };
        (book.today, book.scopes.iter().map(of_scope).collect())
    }

    /// What all other routers together have spent on that day, in the place of what they said before. Of another
    /// day than the book's it says nothing.
    pub(crate) fn others_spent(&self, day: Date, spent: impl IntoIterator<Item = Spending>) {
        let mut book = self.0.lock();
        if day != book.today {
            return;
        }
        let mut others: HashMap<Scope, Sums> = HashMap::new();
        for Spending { scope, day, month, reserved } in spent {
            let sums = others.entry(scope).or_default();
            sums.day = sums.day.saturating_add(day);
            sums.month = sums.month.saturating_add(month);
            sums.reserved = sums.reserved.saturating_add(reserved);
        }
        book.others = others;
    }
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Book {
    fn of_all_routers(&self, scope: &Scope) -> Sums {
        let own = self.scopes.get(scope).copied().unwrap_or_default();
        let others = self.others.get(scope).copied().unwrap_or_default();
        Sums {
            day: own.day.saturating_add(others.day),
            month: own.month.saturating_add(others.month),
            reserved: own.reserved.saturating_add(others.reserved),
        }
    }

    /// Goes with the clock. A clock that is set back by some seconds around midnight doesn't bring yesterday
    /// back, for that would forget what was spent; one that was days ahead is believed once it is set right.
    fn follow(&mut self, today: Date) {
        let far_back = today.tomorrow().is_ok_and(|tomorrow| self.today > tomorrow);
        if today > self.today || far_back {
            self.turn_to(today);
        }
    }

    /// A new day or month begins with nothing spent; what is reserved stays so.
    fn turn_to(&mut self, today: Date) {
        let new_month = (today.year(), today.month()) != (self.today.year(), self.today.month());
        for sums in self.scopes.values_mut().chain(self.others.values_mut()) {
            sums.day = 0;
            if new_month {
                sums.month = 0;
            }
        }
        self.scopes.retain(|_, sums| sums.month != 0 || sums.reserved != 0);
        self.today = today;
    }
}

/// Money set aside; free again on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    book: Arc<Mutex<Book>>,
    scopes: Vec<Scope>,
    amount: i64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut book = self.book.lock();
        for scope in &self.scopes {
            if let Some(sums) = book.scopes.get_mut(scope) {
                sums.reserved -= self.amount;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn acme(day: Option<i64>, month: Option<i64>) -> Vec<Cap> {
        vec![Cap { scope: Scope::Tenant("acme".to_owned()), day, month }]
    }

    #[test]
    fn of_64_at_once_only_ten_fit_under_a_cap_for_ten() {
        let (spend, now) = (Spend::default(), at("2026-11-23T10:00:00Z"));
        let caps = acme(None, Some(1_000));
        let held: Vec<_> = (0..64).filter_map(|_| spend.reserve(now, &caps, 100).ok()).collect();
        assert_eq!(held.len(), 10);
        let over = spend.reserve(now, &caps, 100).expect_err("an eleventh");
        assert_eq!((over.period, over.limit, over.used), (Period::Month, 1_000, 1_000));
    }

    #[test]
    fn what_was_not_used_is_free_again_and_what_was_is_gone() {
        let (spend, now) = (Spend::default(), at("2026-11-23T10:00:00Z"));
        let caps = acme(Some(1_000), None);
        let held = spend.reserve(now, &caps, 900).expect("it fits");
        assert!(spend.reserve(now, &caps, 900).is_err());
        drop(held);
        spend.spent(now, &[Scope::Tenant("acme".to_owned())], 50);
        assert!(spend.reserve(now, &caps, 950).is_ok());
        assert!(spend.reserve(now, &caps, 951).is_err());
    }

    #[test]
    fn a_day_ends_at_midnight_utc_and_a_month_with_its_last_day() {
        let spend = Spend::default();
        let caps = acme(Some(100), Some(150));
        let scope = [Scope::Tenant("acme".to_owned())];
        spend.spent(at("2026-11-29T23:59:59Z"), &scope, 100);
        assert!(spend.reserve(at("2026-11-29T23:59:59Z"), &caps, 1).is_err());
        assert!(spend.reserve(at("2026-11-30T00:00:00Z"), &caps, 50).is_ok());
        assert!(spend.reserve(at("2026-11-30T00:00:00Z"), &caps, 51).is_err(), "the month's cap");
        assert!(spend.reserve(at("2026-12-01T00:00:00Z"), &caps, 100).is_ok());
    }

    #[test]
    fn a_request_that_ends_after_midnight_makes_nobody_forget_what_was_spent_since() {
        let spend = Spend::default();
        let (before, after) = (at("2026-11-29T23:59:59Z"), at("2026-11-30T00:00:01Z"));
        let caps = acme(Some(100), Some(150));
        let scope = [Scope::Tenant("acme".to_owned())];
        assert!(spend.reserve(after, &caps, 1).is_ok());
        spend.spent(after, &scope, 90);
        spend.spent(before, &scope, 40);
        let over = spend.reserve(after, &caps, 11).expect_err("today's 90 are still known");
        assert_eq!((over.period, over.used), (Period::Day, 90), "and yesterday's 40 are not today's");
        assert!(spend.reserve(at("2026-12-01T00:00:00Z"), &caps, 100).is_ok());
        spend.spent(at("2026-12-01T00:00:00Z"), &scope, 60);
        spend.spent(after, &scope, 40);
        let over = spend.reserve(at("2026-12-01T00:00:00Z"), &caps, 100).expect_err("the new month's 60");
        assert_eq!(over.used, 60);
    }

    #[test]
    fn a_clock_set_back_by_a_second_at_midnight_opens_no_second_yesterday() {
        let spend = Spend::default();
        let caps = acme(Some(100), None);
        let scope = [Scope::Tenant("acme".to_owned())];
        spend.spent(at("2026-11-30T00:00:00Z"), &scope, 90);
        assert!(spend.reserve(at("2026-11-29T23:59:59Z"), &caps, 90).is_err());
        assert!(spend.reserve(at("2026-11-30T00:00:01Z"), &caps, 90).is_err());
        assert!(spend.reserve(at("2026-11-20T00:00:00Z"), &caps, 90).is_ok(), "it had been days ahead");
    }

    fn elsewhere(day: i64, month: i64, reserved: i64) -> [Spending; 1] {
        [Spending { scope: Scope::Tenant("acme".to_owned()), day, month, reserved }]
    }

    #[test]
    fn what_another_router_spent_or_set_aside_counts_once_however_often_it_says_so() {
        let (spend, now) = (Spend::default(), at("2026-11-23T10:00:00Z"));
        let caps = acme(Some(1_000), None);
        let (today, own) = spend.own(now);
        assert!(own.is_empty());
        for _ in 0..3 {
            spend.others_spent(today, elsewhere(500, 500, 100));
        }
        let held = spend.reserve(now, &caps, 400).expect("it fits to the last");
        assert_eq!(spend.reserve(now, &caps, 1).expect_err("and no more").used, 1_000);
        assert_eq!(spend.own(now).1[0].reserved, 400, "the others' is not told as our own");
        drop(held);
        spend.others_spent(today, []);
        assert!(spend.reserve(now, &caps, 1_000).is_ok());
    }

    #[test]
    fn what_another_router_spent_yesterday_is_of_this_month_and_not_of_today() {
        let spend = Spend::default();
        let (before, after) = (at("2026-11-29T23:59:59Z"), at("2026-11-30T00:00:00Z"));
        let (yesterday, _) = spend.own(before);
        spend.others_spent(yesterday, elsewhere(100, 140, 0));
        assert!(spend.reserve(before, &acme(Some(100), None), 1).is_err());
        assert!(spend.reserve(after, &acme(Some(100), Some(150)), 10).is_ok());
        assert!(spend.reserve(after, &acme(Some(100), Some(150)), 11).is_err());
        spend.others_spent(yesterday, elsewhere(100, 140, 0));
        assert!(
            spend.reserve(after, &acme(Some(10), None), 10).is_ok(),
            "a word of yesterday comes too late"
        );
        assert!(spend.reserve(at("2026-12-01T00:00:00Z"), &acme(None, Some(150)), 150).is_ok());
    }

    #[test]
    fn one_tenants_cap_is_nobody_elses() {
        let (spend, now) = (Spend::default(), at("2026-11-23T10:00:00Z"));
        spend.spent(now, &[Scope::Tenant("other".to_owned()), Scope::All], 5_000);
        assert!(spend.reserve(now, &acme(Some(100), None), 100).is_ok());
    }
}
