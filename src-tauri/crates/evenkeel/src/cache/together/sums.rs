//! What all other routers have spent, from what each of them last said.

use std::collections::HashMap;

use evenkeel_router::{Scope, Spending};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Micro-dollars of one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Total {
    pub(super) scope: Scope,
    pub(super) micros: i64,
}

/// Of a day and its month.
#[derive(Debug, Default)]
pub(super) struct Sums {
    today: Date,
    pub(super) day: Said,
    pub(super) month: Said,
}

/// Router by router. Who isn't heard keeps its last word: a Redis that begins anew, empty, makes nobody forget.
#[derive(Debug, Default)]
pub(super) struct Said(HashMap<String, Vec<Total>>);

impl Said {
    pub(super) fn hear(&mut self, words: impl Iterator<Item = (String, Vec<Total>)>) {
        self.0.extend(words);
    }

    fn totals(&self) -> impl Iterator<Item = &Total> {
        self.0.values().flatten()
    }
}

impl Sums {
    /// What was said of another day or month says nothing about this one.
    pub(super) fn turn_to(&mut self, today: Date) {
        if self.today.first_of_month() != today.first_of_month() {
            self.month.0.clear();
        }
        if self.today != today {
            self.day.0.clear();
        }
        self.today = today;
    }

    /// All of it, with what is set aside now.
    pub(super) fn all(&self, reserved: &[Total]) -> Vec<Spending> {
        let none = |scope: &Scope| Spending { scope: scope.clone(), day: 0, month: 0, reserved: 0 };
        let day = self.day.totals().map(|total| Spending { day: total.micros, ..none(&total.scope) });
        let month = self.month.totals().map(|total| Spending { month: total.micros, ..none(&total.scope) });
        let reserved = reserved.iter().map(|total| Spending { reserved: total.micros, ..none(&total.scope) });
        day.chain(month).chain(reserved).collect()
    }
}
