use super::NOT_YET;
use crate::{Severity, json_schema, parse};

/// Follows a path of the table through the JSON Schema.
fn exists(key: &str) -> bool {
    let root = json_schema();
    let mut schema = &root;
    for step in key.split('.') {
        while let Some(name) = schema["$ref"].as_str() {
            schema = root.pointer(name.trim_start_matches('#')).unwrap();
        }
        schema = match step {
            "*" => &schema["additionalProperties"],
            "[]" => &schema["items"],
            name => &schema["properties"][name],
        };
    }
    schema.is_object()
}

#[test]
fn every_line_of_the_table_names_a_key_of_the_file() {
    for entry in NOT_YET {
        assert!(exists(entry.key), "{}", entry.key);
    }
}

#[test]
fn setting_such_a_key_is_noticed_where_it_stands() {
    let text = "[export.otlp]\nendpoint = \"\"\n";
    let notices = parse(text).unwrap().notices;
    let seen: Vec<(Severity, u32, u32, &str)> = notices
        .iter()
        .map(|notice| (notice.severity, notice.line, notice.column, notice.key.as_str()))
        .collect();
    assert_eq!(seen, [(Severity::Notice, 1, 2, "export")]);
    assert_eq!(notices[0].message, "export is checked, but not yet in effect in this release.");
}

#[test]
fn promises_and_alerts_have_their_effect() {
    let text = "[alerts]\nsensitivity = \"quiet\"\n[[slo]]\np95 = \"1s\"\n";
    assert_eq!(parse(text).unwrap().notices, []);
}

#[test]
fn the_cache_has_its_effect() {
    let text = "[guardrails]\nmax_input_tokens = 9\non_exceed = [\"truncate\", \"cached\", \"reject\"]\n\
                [cache]\nbackend = \"redis\"\nredis_url = \"redis://127.0.0.1\"\nserve = \"always\"\nmax_size = \"1GiB\"\n";
    assert_eq!(parse(text).unwrap().notices, []);
}
