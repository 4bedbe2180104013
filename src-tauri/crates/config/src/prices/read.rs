//! Reads the file of prices, as strictly as the one of models. This is the only place where an amount is a
//! floating-point number.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Deserialize;

use super::{Above, Entry, ModelPrice, Origin, PriceBook, Rates, whole};
use crate::{Glob, Price, Usd};

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    #[error("{model}: {problem}")]
    Entry { model: String, problem: &'static str },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vendor: Vec<Vendor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vendor {
    name: String,
    source: String,
    date: String,
    web_search: Option<f64>,
    models: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(flatten)]
    dollars: Dollars,
    #[serde(default)]
    above: Vec<Long>,
    #[serde(default)]
    later: Vec<Later>,
    #[serde(flatten)]
    unknown: toml::Table,
}

#[derive(Deserialize)]
struct Long {
    tokens: u64,
    #[serde(flatten)]
    dollars: Dollars,
    #[serde(flatten)]
    unknown: toml::Table,
}

#[derive(Deserialize)]
struct Later {
    from: String,
    #[serde(flatten)]
    dollars: Dollars,
    #[serde(flatten)]
    unknown: toml::Table,
}

#[derive(Deserialize)]
struct Dollars {
    input: f64,
    output: f64,
    cached_input: Option<f64>,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
}

/// Reads the text of a file of prices.
pub(super) fn book(text: &str) -> Result<PriceBook, ReadError> {
    let File { vendor: vendors } = toml::from_str(text)?;
    let mut book = PriceBook { entries: Vec::new(), names: HashMap::new(), aliases: Vec::new() };
    for Vendor { name: vendor, source, date, web_search, models } in vendors {
        let web_search = web_search.map(|dollars| {
            let problem = "its web_search is negative, too large or finer than a micro-dollar";
            usd(dollars).ok_or_else(|| ReadError::Entry { model: vendor.clone(), problem })
        });
        let web_search = web_search.transpose()?;
        let origin = Origin::Shipped { vendor, source, date };
        for line in models {
            let index = book.entries.len();
            if book.names.insert(line.name.clone(), index).is_some() {
                return Err(ReadError::Entry { model: line.name, problem: "two prices have this name" });
            }
            book.aliases.extend(line.aliases.iter().map(|alias| (Glob::new(alias), index)));
            book.entries.push(entry(line, web_search, &origin)?);
        }
    }
    book.aliases.sort_by_key(|(alias, index)| (Reverse(alias.as_str().len()), *index));
    Ok(book)
}

fn entry(line: Line, web_search: Option<Usd>, origin: &Origin) -> Result<Entry, ReadError> {
    let Line { name, aliases: _, dollars, above, later, unknown } = line;
    let rates = |dollars: &Dollars, unknown: &toml::Table| {
        let problem = |problem| ReadError::Entry { model: name.clone(), problem };
        if !unknown.is_empty() {
            return Err(problem("there is a key that no price has"));
        }
        rates(dollars).ok_or_else(|| problem("an amount is negative, too large or finer than a micro-dollar"))
    };
    let price =
        |rates, above| ModelPrice { model: name.clone(), rates, above, web_search, origin: origin.clone() };
    let mut long = Vec::new();
    for Long { tokens, dollars, unknown } in above {
        long.push(Above { tokens, rates: rates(&dollars, &unknown)? });
    }
    let mut changes = Vec::new();
    for Later { from, dollars, unknown } in later {
        changes.push((from, price(rates(&dollars, &unknown)?, Vec::new())));
    }
    Ok(Entry { now: price(rates(&dollars, &unknown)?, long), later: changes })
}

fn rates(dollars: &Dollars) -> Option<Rates> {
    let Dollars { input, output, cached_input, cache_write_5m, cache_write_1h } = *dollars;
    let optional = |dollars: Option<f64>| dollars.map_or(Some(None), |dollars| usd(dollars).map(Some));
    whole(&Price {
        model: String::new(),
        input: Some(usd(input)?),
        output: Some(usd(output)?),
        cached_input: optional(cached_input)?,
        cache_write_5m: optional(cache_write_5m)?,
        cache_write_1h: optional(cache_write_1h)?,
    })
}

/// `None` also for what would have to be rounded: a price of less than a micro-dollar would become none.
fn usd(dollars: f64) -> Option<Usd> {
    let micros = dollars * 1e6;
    let is_whole = (micros - micros.round()).abs() < 1e-3;
    Usd::from_dollars(dollars).filter(|_| is_whole)
}
