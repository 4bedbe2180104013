//! The JSON Schema: complete, described, and in agreement with what `parse` does.

use std::fmt::Write as _;

use evenkeel_config::{Config, json_schema, parse};
use serde_json::Value;

/// Calls `visit` with every key of every table: the table, the key, its schema.
fn each_key(schema: &Value, visit: &mut impl FnMut(&str, &str, &Value)) {
    let tables =
        schema["$defs"].as_object().into_iter().flatten().map(|(name, table)| (name.as_str(), table));
    for (name, table) in std::iter::once(("File", schema)).chain(tables) {
        for (key, about) in table["properties"].as_object().into_iter().flatten() {
            visit(name, key, about);
        }
    }
}

#[test]
fn every_key_is_described_and_no_other_is_allowed() {
    let schema = json_schema();
    let mut keys = 0;
    each_key(&schema, &mut |table, key, about| {
        keys += 1;
        let description = about["description"].as_str().unwrap_or_default();
        assert!(description.len() > 5, "{table}.{key} has no description");
        assert!(!description.contains("  "), "{table}.{key}: {description}");
    });
    assert!(keys > 80, "only {keys} keys");
    assert_eq!(schema["additionalProperties"], Value::Bool(false));
    for (name, table) in schema["$defs"].as_object().unwrap() {
        assert_eq!(table["additionalProperties"], Value::Bool(false), "{name}");
    }
}

/// A file made of nothing but the defaults that the schema shows must mean what an empty one means.
#[test]
fn the_defaults_it_shows_are_the_real_ones() {
    let schema = json_schema();
    let toml_of = |wanted: &str| {
        let mut text = String::new();
        each_key(&schema, &mut |table, key, about| {
            if table == wanted && !about["default"].is_null() {
                writeln!(text, "{key} = {}", about["default"]).unwrap();
            }
        });
        text
    };
    let plain = format!(
        "{}[server]\n{}[guardrails]\n{}[cache]\n{}[[slo]]\n{}[alerts]\n{}",
        toml_of("File"),
        toml_of("Server"),
        toml_of("Guardrails"),
        toml_of("Cache"),
        toml_of("Slo"),
        toml_of("Alerts"),
    );
    assert_eq!(parse(&plain).unwrap().config, Config::default(), "{plain}");

    let base = "[providers.a]\ndialect = \"openai\"\nbase_url = \"https://a.example\"\n";
    let typed = format!("{base}{}[[routes]]\n{}", toml_of("Provider"), toml_of("Route"));
    assert_eq!(parse(&typed).unwrap().config, parse(base).unwrap().config, "{typed}");
}

#[test]
fn choices_and_durations_are_told_to_the_editor() {
    let schema = json_schema();
    let backend = &schema["$defs"]["Cache"]["properties"]["backend"];
    assert_eq!(backend["enum"], serde_json::json!(["sqlite", "redis"]));
    let idle = &schema["$defs"]["Route"]["properties"]["idle_timeout"];
    insta::assert_json_snapshot!(idle, @r#"
    {
      "type": "string",
      "pattern": "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$",
      "description": "Between two chunks.",
      "default": "30s"
    }
    "#);
}

/// The page for people lists every key with its default, and its small file works.
#[test]
fn the_documentation_lists_every_key_with_its_default() {
    let page = include_str!("../../../../docs/configuration.md");
    let schema = json_schema();
    each_key(&schema, &mut |table, key, about| {
        // The tables themselves are headings of the page.
        if table == "File" && key != "bypass" || table == "Export" {
            return;
        }
        let row = format!("| `{key}` |");
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with(&row)).collect();
        assert!(!rows.is_empty(), "{table}.{key} is not documented");
        if !about["default"].is_null() {
            let default = about["default"].to_string().replace(',', ", ");
            let shown = format!("{row} `{default}` |");
            assert!(rows.iter().any(|line| line.starts_with(&shown)), "{table}.{key}: {default}");
        }
    });
    let file = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(parse(file).unwrap().notices, []);
}
