//! What the shipped facts say of a model, looked up once for each name.
//!
//! The catalogue knows most names by patterns, hundreds of them. A founder's product asks for a handful of models
//! all day, so the second look-up must cost no more than a hash.

use std::collections::HashMap;
use std::sync::Arc;

use evenkeel_config::PriceBook;
use evenkeel_config::models::{Catalogue, Model};
use evenkeel_config::prices::ModelPrice;
use parking_lot::RwLock;

/// Clients name models freely, so the number of names that are remembered is bounded.
const MOST: usize = 1_024;

/// What is known of one name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) model: Option<&'static Model>,
    /// What it costs on the day that was asked for.
    pub(crate) price: Option<Arc<ModelPrice>>,
}

/// By name, for one configuration.
#[derive(Debug)]
pub(crate) struct Known {
    prices: PriceBook,
    /// With the day that the prices are of: vendors announce changes from a day on.
    seen: RwLock<(String, HashMap<String, Facts>)>,
}

impl Known {
    pub(crate) fn new(prices: PriceBook) -> Self {
        Self { prices, seen: RwLock::default() }
    }

    /// `day` as the price book writes it.
    pub(crate) fn of(&self, name: &str, day: &str) -> Facts {
        {
            let seen = self.seen.read();
            if let Some(facts) = seen.1.get(name).filter(|_| seen.0 == day) {
                return facts.clone();
            }
        }
        let facts = Facts {
            model: Catalogue::shipped().find(name),
            price: self.prices.price_on(name, day).cloned().map(Arc::new),
        };
        let mut seen = self.seen.write();
        if seen.0 != day || seen.1.len() >= MOST {
            day.clone_into(&mut seen.0);
            seen.1.clear();
        }
        seen.1.insert(name.to_owned(), facts.clone());
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_the_same_the_second_time_and_anew_on_another_day() {
        let known = Known::new(PriceBook::shipped().clone());
        let first = known.of("gpt-4o-mini", "2026-11-23");
        let second = known.of("gpt-4o-mini", "2026-11-23");
        assert!(first.model.is_some() && first.price.is_some());
        assert!(Arc::ptr_eq(first.price.as_ref().expect("a price"), second.price.as_ref().expect("a price")));
        let later = known.of("gpt-4o-mini", "2027-11-23");
        assert!(!Arc::ptr_eq(first.price.as_ref().expect("a price"), later.price.as_ref().expect("a price")));
        assert!(known.of("nobody-knows-it", "2026-11-23").price.is_none());
    }

    #[test]
    fn invented_names_take_a_bounded_room() {
        let known = Known::new(PriceBook::default());
        for n in 0..MOST + 10 {
            known.of(&format!("model-{n}"), "2026-11-23");
        }
        assert!(known.seen.read().1.len() <= MOST);
    }
}
