//! The price book: what a million tokens of each model cost.
//!
//! The shipped prices are in `assets/prices.toml`; what `[prices]` of the user's file says comes on top. Only
//! the book is kept here: what a request cost is counted where its tokens are. Amounts are whole
//! micro-dollars from the moment they are read, because sums of floating-point dollars drift.
//!
//! A model without a price is unknown, never free.

mod read;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Catalogue, Glob, Price, Usd};

const SHIPPED: &str = include_str!("../../../../assets/prices.toml");

/// Prices of one model, per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Input that no cache takes part in.
    pub input: Usd,
    /// Output, hidden reasoning included.
    pub output: Usd,
    /// Input read from the vendor's prompt cache.
    pub cached_input: Usd,
    /// Input written to that cache for the shortest time that the vendor sells: at Anthropic five minutes.
    pub cache_write_5m: Usd,
    /// Input written to it for an hour.
    pub cache_write_1h: Usd,
}

/// Prices that hold for a whole request once it is long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Above {
    /// They hold for more input tokens than this, cached ones included.
    pub tokens: u64,
    /// The prices, per million tokens.
    pub rates: Rates,
}

/// Where a price comes from, to be shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// From the shipped table.
    Shipped {
        /// The vendor's name, such as `openai`.
        vendor: String,
        /// The page that the price is from.
        source: String,
        /// The day on which it was gathered, such as `2026-11-23`.
        date: String,
    },
    /// From `[prices]` in the user's file.
    Config,
}

/// What one model costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPrice {
    /// The name under which it stands in the book; a dated name has the price of the model it dates.
    pub model: String,
    /// Prices of an ordinary request.
    pub rates: Rates,
    /// Prices of long requests, shortest first.
    pub above: Vec<Above>,
    /// A thousand web searches that the vendor runs and counts in its usage.
    pub web_search: Option<Usd>,
    /// Where it comes from.
    pub origin: Origin,
}

impl ModelPrice {
    /// The prices for a request with so many input tokens, cached ones included.
    pub fn at(&self, input_tokens: u64) -> &Rates {
        let long = self.above.iter().rev().find(|above| input_tokens > above.tokens);
        long.map_or(&self.rates, |above| &above.rates)
    }

    /// The same price with what the user set in the place of it, whatever the length of the request: who
    /// names one price has one.
    fn overridden(mut self, own: &Price) -> Self {
        set(&mut self.rates, own);
        for above in &mut self.above {
            set(&mut above.rates, own);
        }
        self.origin = Origin::Config;
        self.model.clone_from(&own.model);
        self
    }
}

fn set(rates: &mut Rates, own: &Price) {
    let Price { model: _, input, output, cached_input, cache_write_5m, cache_write_1h } = own;
    for (rate, own) in [
        (&mut rates.input, input),
        (&mut rates.output, output),
        (&mut rates.cached_input, cached_input),
        (&mut rates.cache_write_5m, cache_write_5m),
        (&mut rates.cache_write_1h, cache_write_1h),
    ] {
        *rate = own.unwrap_or(*rate);
    }
}

/// The price of one model over time.
#[derive(Debug, Clone)]
struct Entry {
    now: ModelPrice,
    /// Changes that the vendor has announced: the first day of each, in order.
    later: Vec<(String, ModelPrice)>,
}

/// What all models cost.
#[derive(Debug, Clone, Default)]
pub struct PriceBook {
    entries: Vec<Entry>,
    names: HashMap<String, usize>,
    /// Longest first.
    aliases: Vec<(Glob, usize)>,
}

impl PriceBook {
    /// The prices of this release.
    pub fn shipped() -> &'static Self {
        // As with the models: the tests read the same text.
        static BOOK: LazyLock<PriceBook> = LazyLock::new(|| read::book(SHIPPED).unwrap_or_default());
        &BOOK
    }

    /// The shipped prices with the user's own over them. A price of the user's holds for every length of
    /// request and every day; what it leaves out is taken from the shipped one. Without a shipped one both
    /// `input` and `output` are needed, else the model has no price.
    pub fn with(own: &[Price]) -> Self {
        let mut book = Self::shipped().clone();
        for price in own {
            if let Some(entry) = Self::shipped().overridden(price) {
                book.names.insert(price.model.clone(), book.entries.len());
                book.entries.push(entry);
            }
        }
        book
    }

    /// What a model costs on the day that the book was made. `None`: nobody knows.
    pub fn price(&self, model: &str) -> Option<&ModelPrice> {
        Some(&self.entry(model)?.now)
    }

    /// What a model costs on a day, written as `2026-11-23`, with the changes that its vendor has announced.
    pub fn price_on(&self, model: &str, day: &str) -> Option<&ModelPrice> {
        let entry = self.entry(model)?;
        let change = entry.later.iter().rev().find(|(from, _)| from.as_str() <= day);
        Some(change.map_or(&entry.now, |(_, price)| price))
    }

    /// Every price, in the order of the book, the user's own last.
    pub fn prices(&self) -> impl Iterator<Item = &ModelPrice> {
        self.entries.iter().map(|entry| &entry.now)
    }

    /// By the name itself; else by the model that the name means, which knows dated names, prefixes and what
    /// the same model is called at its own vendor.
    fn entry(&self, model: &str) -> Option<&Entry> {
        let by_alias = || self.aliases.iter().find(|(glob, _)| glob.matches(model)).map(|(_, index)| index);
        let by_model = || {
            let known = Catalogue::shipped().find(model)?;
            self.names.get(&known.name).or_else(|| self.names.get(known.original()))
        };
        let index = self.names.get(model).or_else(by_alias).or_else(by_model)?;
        self.entries.get(*index)
    }

    fn overridden(&self, own: &Price) -> Option<Entry> {
        if let Some(Entry { now, later }) = self.entry(&own.model).cloned() {
            let later = later.into_iter().map(|(from, price)| (from, price.overridden(own))).collect();
            return Some(Entry { now: now.overridden(own), later });
        }
        let (model, above) = (own.model.clone(), Vec::new());
        let now = ModelPrice { model, rates: whole(own)?, above, web_search: None, origin: Origin::Config };
        Some(Entry { now, later: Vec::new() })
    }
}

/// A price that stands on its own. Where a vendor has no price for its cache, what passes through it costs
/// what it would have cost without.
fn whole(own: &Price) -> Option<Rates> {
    let input = own.input?;
    let cache_write_5m = own.cache_write_5m.unwrap_or(input);
    Some(Rates {
        input,
        output: own.output?,
        cached_input: own.cached_input.unwrap_or(input),
        cache_write_5m,
        cache_write_1h: own.cache_write_1h.unwrap_or(cache_write_5m),
    })
}

#[cfg(test)]
mod tests;
