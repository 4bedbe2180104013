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
    let text = "[providers.ollama]\nresponses = true\n\n[cache]\nserve = \"never\"\n";
    let notices = parse(text).unwrap().notices;
    let seen: Vec<(Severity, u32, u32, &str)> = notices
        .iter()
        .map(|notice| (notice.severity, notice.line, notice.column, notice.key.as_str()))
        .collect();
    assert_eq!(
        seen,
        [(Severity::Notice, 2, 13, "providers.ollama.responses"), (Severity::Notice, 4, 1, "cache")]
    );
    assert_eq!(notices[0].message, "responses is checked, but not yet in effect in this release.");
}

#[test]
fn of_the_alerts_only_notices_have_their_effect() {
    let text = "[alerts]\nnotices = false\nsensitivity = \"quiet\"\n";
    let notices = parse(text).unwrap().notices;
    let keys: Vec<&str> = notices.iter().map(|notice| notice.key.as_str()).collect();
    assert_eq!(keys, ["alerts.sensitivity"]);
}

#[test]
fn a_value_that_says_what_happens_anyway_is_not_worth_a_notice() {
    let text = "[providers.ollama]\ncheaper_model = \"\"\nprompt_caching = \"off\"\n[[routes]]\nstrategy = \"ordered\"\n";
    assert_eq!(parse(text).unwrap().notices, []);
}
