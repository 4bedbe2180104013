//! What holds for the shipped file as a whole, and that it is read strictly.

use super::*;

const VENDOR: &str = "[[vendor]]\nname = \"v\"\nsource = \"https://v.example\"\ndate = \"2026-01-01\"\n";

fn shipped() -> PriceBook {
    read::book(SHIPPED).unwrap_or_else(|error| panic!("assets/prices.toml: {error}"))
}

fn each_rate(mut check: impl FnMut(&str, &Rates)) {
    for entry in shipped().entries {
        for price in std::iter::once(&entry.now).chain(entry.later.iter().map(|(_, price)| price)) {
            check(&price.model, &price.rates);
            price.above.iter().for_each(|above| check(&price.model, &above.rates));
        }
    }
}

#[test]
fn the_shipped_book_is_the_whole_file() {
    assert_eq!(PriceBook::shipped().entries.len(), shipped().entries.len());
    assert!((120..=200).contains(&shipped().entries.len()), "{}", shipped().entries.len());
}

#[test]
fn every_price_has_a_page_and_a_day() {
    for price in shipped().prices() {
        let Origin::Shipped { vendor, source, date } = &price.origin else { panic!("{price:?}") };
        let known = Catalogue::shipped().vendors().iter().any(|known| known.name == *vendor);
        assert!(known && source.starts_with("https://"), "{price:?}");
        let digits = date.bytes().filter(u8::is_ascii_digit).count();
        assert!(date.len() == 10 && digits == 8 && date.starts_with("20"), "{price:?}");
    }
}

#[test]
fn reading_a_cache_never_costs_more_than_it_saves() {
    each_rate(|model, rates| {
        assert!(rates.cached_input <= rates.input, "{model}");
        assert!(rates.cache_write_5m >= rates.input, "{model}");
        assert!(rates.cache_write_1h >= rates.cache_write_5m, "{model}");
    });
}

/// A factor of a thousand is the slip that a hand-kept table makes: prices a token, or a thousand tokens.
#[test]
fn prices_are_of_the_order_that_prices_are() {
    each_rate(|model, rates| {
        let free = rates.input.is_zero();
        assert!(free == model.starts_with("gemma-"), "{model}");
        assert!(free || (20_000..=30_000_000 * 2).contains(&rates.input.micros()), "{model}");
        assert!(rates.output.micros() <= 300_000_000, "{model}");
        let chats = Catalogue::shipped().find(model).is_none_or(|known| known.tier.is_some());
        assert_eq!(chats && !free, !rates.output.is_zero(), "{model}");
        assert!(!chats || rates.output >= rates.input, "{model}");
    });
}

#[test]
fn longer_requests_and_later_days_come_in_order() {
    for Entry { now, later } in shipped().entries {
        assert!(now.above.is_sorted_by(|one, two| one.tokens < two.tokens), "{}", now.model);
        for above in &now.above {
            assert!(above.tokens >= 32_000 && above.rates.input > now.rates.input, "{}", now.model);
        }
        let Origin::Shipped { date, .. } = &now.origin else { panic!() };
        let days: Vec<&String> = std::iter::once(date).chain(later.iter().map(|(from, _)| from)).collect();
        assert!(days.is_sorted_by(|one, two| one < two), "{}: {days:?}", now.model);
    }
}

#[test]
fn no_alias_takes_a_price_from_another_model() {
    let book = shipped();
    for (alias, index) in &book.aliases {
        assert!(book.names.keys().all(|name| !alias.matches(name)), "{alias}");
        assert_eq!(
            Catalogue::shipped().find(alias.as_str()),
            None,
            "{alias} of {}",
            book.entries[*index].now.model
        );
    }
}

/// Every chat model of the two vendors that matter most, by way of the catalogue.
#[test]
fn no_model_of_openai_or_anthropic_is_without_a_price_of_its_own() {
    for model in Catalogue::shipped().models() {
        if matches!(model.vendor.as_str(), "openai" | "anthropic") {
            assert!(shipped().names.contains_key(&model.name), "{}", model.name);
        }
    }
}

#[test]
fn slips_are_refused_by_name() {
    let refused = |models: &str| {
        let text = format!("{VENDOR}models = [{models}]");
        read::book(&text).map(|_| ()).unwrap_err().to_string()
    };
    let amount = "a: an amount is negative, too large or finer than a micro-dollar";
    assert_eq!(refused("{ name = \"a\", input = -1, output = 1 }"), amount);
    assert_eq!(refused("{ name = \"a\", input = 1, output = 0.0000001 }"), amount);
    assert_eq!(
        refused("{ name = \"a\", input = 1, output = 1, above = [{ tokens = 1, input = nan, output = 1 }] }"),
        amount
    );
    let line = "{ name = \"a\", input = 1, output = 1 }";
    assert_eq!(refused(&format!("{line}, {line}")), "a: two prices have this name");
    let unknown = "a: there is a key that no price has";
    assert_eq!(refused("{ name = \"a\", input = 1, output = 1, cached = 1 }"), unknown);
    assert_eq!(
        refused(
            "{ name = \"a\", input = 1, output = 1, later = [{ from = \"x\", input = 1, output = 1, o = 1 }] }"
        ),
        unknown
    );
    assert!(refused("{ name = \"a\", input = 1 }").contains("output"));
}
