//! What holds for the shipped file as a whole.

use super::*;
use crate::preset::PRESETS;
use crate::prices::PriceBook;

/// Read here, not taken from [`Catalogue::shipped`], which would hide that it can't be read.
fn shipped() -> Catalogue {
    read::catalogue(SHIPPED).unwrap_or_else(|error| panic!("assets/models.toml: {error}"))
}

/// Models that can be asked to chat.
fn live<'c>(catalogue: &'c Catalogue, vendor: &'c str) -> impl Iterator<Item = &'c Model> {
    let of_vendor = move |model: &&Model| model.vendor == vendor && model.tier.is_some() && !model.retired;
    catalogue.models.iter().filter(of_vendor)
}

fn is_day(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let within = |text: &str, digits: usize, from: u32, to: u32| {
        text.len() == digits && text.parse().is_ok_and(|number| (from..=to).contains(&number))
    };
    within(year, 4, 2026, 2100) && within(month, 2, 1, 12) && within(day, 2, 1, 31)
}

#[test]
fn the_shipped_catalogue_is_the_whole_file() {
    assert_eq!(Catalogue::shipped().models.len(), shipped().models.len());
    assert!((120..=200).contains(&shipped().models.len()), "{}", shipped().models.len());
}

#[test]
fn every_vendor_says_where_its_facts_are_from_and_of_which_day() {
    let catalogue = shipped();
    let mut names: Vec<&String> = Vec::new();
    let mut hosts: Vec<&String> = Vec::new();
    for vendor in &catalogue.vendors {
        assert!(vendor.source.starts_with("https://"), "{vendor:?}");
        assert!(is_day(&vendor.date), "{vendor:?}");
        assert!(!vendor.hosts.is_empty() && live(&catalogue, &vendor.name).count() > 1, "{vendor:?}");
        names.push(&vendor.name);
        hosts.extend(&vendor.hosts);
    }
    for list in [&mut names, &mut hosts] {
        let all = list.len();
        list.sort();
        list.dedup();
        assert_eq!(list.len(), all, "one stands there twice: {list:?}");
    }
}

#[test]
fn one_model_of_each_vendor_stands_in_for_each_tier() {
    let catalogue = shipped();
    for vendor in &catalogue.vendors {
        for tier in Tier::ALL {
            let of_tier = || live(&catalogue, &vendor.name).filter(|model| model.tier == Some(tier));
            let current = of_tier().filter(|model| model.current).count();
            assert_eq!(current, usize::from(of_tier().next().is_some()), "{} {tier:?}", vendor.name);
            let stand_ins = live(&catalogue, &vendor.name).filter(|model| model.stands_for(tier)).count();
            assert_eq!(stand_ins, 1, "{} {tier:?}", vendor.name);
        }
    }
    assert!(catalogue.models.iter().all(|model| model.current || model.stands_in_for.is_empty()));
    assert!(catalogue.models.iter().all(|model| !model.current || (!model.retired && model.tier.is_some())));
}

#[test]
fn a_stand_in_can_call_functions() {
    for model in shipped().models.iter().filter(|model| model.current) {
        assert_ne!(model.tools_in_chat, ToolsInChat::Never, "{}", model.name);
        assert!(model.context.is_some_and(|context| context >= 128_000), "{}", model.name);
    }
}

#[test]
fn no_name_means_two_models() {
    let catalogue = shipped();
    for (index, model) in catalogue.models.iter().enumerate() {
        for other in catalogue.models.iter().skip(index + 1) {
            for (one, two) in [(model, other), (other, model)] {
                for alias in &one.aliases {
                    assert!(!alias.matches(&two.name), "{alias} of {} is the name of {}", one.name, two.name);
                    let both = two.aliases.iter().find(|theirs| alias.matches(theirs.as_str()));
                    assert_eq!(both, None, "{alias} of {} and an alias of {}", one.name, two.name);
                }
            }
        }
    }
}

#[test]
fn numbers_and_levels_make_sense() {
    for model in shipped().models {
        let name = &model.name;
        let context = model.context.unwrap_or_else(|| panic!("{name} has no context window"));
        assert!((2048..=2_000_000).contains(&context), "{name}");
        assert!(model.max_output.is_none_or(|most| most <= context && most >= 2048), "{name}");
        assert_eq!(model.thinking == Thinking::Effort, !model.efforts.is_empty(), "{name}");
        assert!(model.efforts.is_sorted_by(|one, two| one < two), "{name}");
        assert!(model.sampling || !model.one_of_temperature_and_top_p, "{name}");
        assert!(model.min_cacheable.is_none_or(|least| (256..=8192).contains(&least)), "{name}");
    }
}

#[test]
fn what_messages_demands_is_known_of_every_claude() {
    let catalogue = shipped();
    for model in catalogue.models.iter().filter(|model| model.vendor == "anthropic") {
        assert!(model.max_output.is_some() && model.min_cacheable.is_some(), "{}", model.name);
    }
}

#[test]
fn only_openais_own_models_want_max_completion_tokens() {
    for model in shipped().models.iter().filter(|model| model.tier.is_some()) {
        assert_eq!(model.max_completion_tokens, model.vendor == "openai", "{}", model.name);
    }
}

#[test]
fn every_model_has_a_price() {
    for model in shipped().models {
        let price = PriceBook::shipped().price(&model.name);
        assert!(price.is_some(), "{} has no price", model.name);
        for alias in &model.aliases {
            let named = alias.as_str().replace(['*', '?'], "1");
            assert_eq!(PriceBook::shipped().price(&named), price, "{named}");
        }
    }
}

/// A pattern of a preset that leaves one out would send its requests elsewhere.
#[test]
fn a_well_known_provider_serves_every_model_of_its_vendor() {
    let catalogue = shipped();
    for preset in PRESETS {
        let patterns = globs(preset.models);
        for model in catalogue.models.iter().filter(|model| model.vendor == preset.name) {
            assert!(serves(&patterns, model), "{} doesn't fit the patterns of {}", model.name, preset.name);
        }
    }
    let known = |name: &str| catalogue.vendors.iter().any(|vendor| vendor.name == name);
    assert!(PRESETS.iter().all(|preset| known(preset.name) || preset.name == "ollama"));
}

#[test]
fn the_documentation_shows_who_stands_in() {
    let page = include_str!("../../../../../../docs/configuration.md");
    let catalogue = shipped();
    for vendor in &catalogue.vendors {
        let cells = Tier::ALL.map(|tier| {
            let stand_in = live(&catalogue, &vendor.name).find(|model| model.stands_for(tier));
            stand_in.map_or("", |model| model.name.as_str())
        });
        let row = format!("| `{}` | `{}` |", vendor.name, cells.join("` | `"));
        assert!(page.contains(&row), "docs/configuration.md lacks {row}");
    }
}

/// The example of the documentation works, and says what it claims to.
#[test]
fn the_documented_overrides_work() {
    let page = include_str!("../../../../../../docs/configuration.md");
    let section = page.split("## Models and pairs").nth(1).unwrap();
    let example = section.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(crate::parse(example).unwrap().notices, []);
}
