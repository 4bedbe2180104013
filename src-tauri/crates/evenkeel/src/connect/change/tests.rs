use serde_json::json;

use super::*;

const OURS: &str = "ek-0123456789abcdefghijklmnopqrstuv";

fn edit(path: &[&str], value: Value) -> Edit {
    Edit { place: Place::at(path), value: Some(value), only_if_absent: false, companion: false }
}

fn none(_: &Value) -> bool {
    false
}

fn is_ours(value: &Value) -> bool {
    marker("127.0.0.1:9950".parse().expect("an address"))(value)
}

fn edits() -> Vec<Edit> {
    vec![
        edit(&["env", "URL"], json!("http://127.0.0.1:9950")),
        edit(&["env", "TOKEN"], json!(OURS)),
        Edit { value: None, ..edit(&["env", "KEY"], json!(0)) },
    ]
}

#[test]
fn the_way_back_gives_the_very_same_bytes() {
    for text in [
        "",
        "{}",
        "\n\n",
        "{ \"env\": {} }",
        "{\"env\":{\"URL\":\"https://é.example\",\"KEY\":\"sk-1\"},\"x\":[1,2]}",
        "\u{feff}// über\r\n{\r\n\t\"x\": 1, // y\r\n\t\"env\": { \"KEY\": \"k\", \"A\": \"ü\", },\r\n}",
        "{\n  \"env\": {\n    \"KEY\": \"first\", // why\n    \"URL\": \"http://127.0.0.1:9951\"\n  }\n}\n",
    ] {
        let (after, changed) = apply(Format::Json, text, &edits(), &none).expect("applied");
        assert_ne!(after, text);
        let undone = undo(Format::Json, &after, &changed).expect("undone");
        assert_eq!(undone, Undone { text: text.to_owned(), left: Vec::new() });
    }
}

#[test]
fn later_changes_of_the_owner_stay() {
    let text = "{\n  \"env\": {\n    \"URL\": \"https://mine\"\n  }\n}\n";
    let (after, changed) = apply(Format::Json, text, &edits(), &none).expect("applied");
    let edited = after.replace("{\n  \"env\"", "{\n  // new\n  \"theme\": \"dark\",\n  \"env\"");
    assert_eq!(standing(Format::Json, &edited, &changed), Ok(Standing::Ours));
    let undone = undo(Format::Json, &edited, &changed).expect("undone");
    assert_eq!(
        undone.text,
        "{\n  // new\n  \"theme\": \"dark\",\n  \"env\": {\n    \"URL\": \"https://mine\"\n  }\n}\n"
    );
    assert!(undone.left.is_empty());

    let rotated = after.replace(OURS, "sk-own");
    assert_eq!(standing(Format::Json, &rotated, &changed), Ok(Standing::Mixed));
    let undone = undo(Format::Json, &rotated, &changed).expect("undone");
    assert_eq!(undone.left, ["env.TOKEN"]);
    assert!(undone.text.contains("sk-own") && undone.text.contains("https://mine"), "{}", undone.text);
}

#[test]
fn what_was_put_back_by_hand_is_no_longer_ours() {
    let text = "{\"env\": {\"URL\": \"https://mine\"}}";
    let (_, changed) = apply(Format::Json, text, &edits(), &none).expect("applied");
    let by_hand = "{\"env\": {\"URL\": \"https://mine\"} }";
    assert_eq!(standing(Format::Json, by_hand, &changed), Ok(Standing::Gone));
    assert_eq!(undo(Format::Json, by_hand, &changed).expect("undone").text, by_hand);
}

#[test]
fn objects_made_for_a_value_go_with_it_and_others_stay() {
    let (after, changed) = apply(Format::Json, "{\"a\": 1}", &edits(), &none).expect("applied");
    let touched = after.replace("1,", "2,");
    assert_eq!(
        Format::Json.read(&undo(Format::Json, &touched, &changed).expect("undone").text),
        Ok(json!({"a": 2}))
    );
    let (after, changed) = apply(Format::Json, "{\"a\": 1, \"env\": {}}", &edits(), &none).expect("applied");
    let touched = after.replace("1,", "2,");
    let text = undo(Format::Json, &touched, &changed).expect("undone").text;
    assert_eq!(Format::Json.read(&text), Ok(json!({"a": 2, "env": {}})));
}

#[test]
fn our_own_value_is_never_taken_for_what_was_there_before() {
    let left_behind =
        format!("{{\"env\": {{\"URL\": \"http://127.0.0.1:9950\", \"TOKEN\": \"{OURS}\", \"A\": \"b\"}}}}");
    let (after, changed) = apply(Format::Json, &left_behind, &edits(), &is_ours).expect("applied");
    assert!(changed.keys.iter().all(|key| key.before.is_none()), "{:?}", changed.keys);
    let undone = undo(Format::Json, &after, &changed).expect("undone");
    assert_eq!(Format::Json.read(&undone.text), Ok(json!({"env": {"A": "b"}})));
}

#[test]
fn markers_are_our_keys_and_our_address_and_nothing_that_looks_like_them() {
    for (text, ours) in [
        (OURS, true),
        ("http://127.0.0.1:9950", true),
        ("http://127.0.0.1:9950/v1", true),
        ("http://localhost:9950/v1", true),
        ("http://127.0.0.1:99501", false),
        ("http://127.0.0.1:4000", false),
        ("ek-short", false),
        ("https://api.openai.com/v1", false),
    ] {
        assert_eq!(is_ours(&json!(text)), ours, "{text}");
    }
}

#[test]
fn an_entry_that_was_there_word_for_word_stays_its_owner_s() {
    let entry = Edit { place: Place::entry_of(&["list"]), ..edit(&["list"], json!("A=b")) };
    let (after, changed) = apply(Format::Yaml, "list:\n- A=b\n", &[entry], &none).expect("applied");
    assert_eq!(after, "list:\n- A=b\n");
    assert!(changed.keys.is_empty());
}

#[test]
fn a_default_leaves_what_is_there() {
    let default = Edit { only_if_absent: true, ..edit(&["model"], json!("ours")) };
    let (after, changed) = apply(Format::Json, "{\"model\": \"mine\"}", &[default], &none).expect("applied");
    assert_eq!(after, "{\"model\": \"mine\"}");
    assert!(changed.keys.is_empty());
}

#[test]
fn a_companion_may_change_and_goes_with_what_it_belongs_to() {
    let companion = Edit { only_if_absent: true, companion: true, ..edit(&["p", "at"], json!("then")) };
    let edits = [edit(&["p", "url"], json!("ours")), companion];
    let (after, changed) = apply(Format::Json, "{\"a\": 1}", &edits, &none).expect("applied");
    let used = after.replace("then", "now");
    assert_eq!(standing(Format::Json, &used, &changed), Ok(Standing::Ours));
    let undone = undo(Format::Json, &used, &changed).expect("undone");
    assert_eq!(Format::Json.read(&undone.text), Ok(json!({"a": 1})));
    assert!(undone.left.is_empty());
    let theirs = used.replace("ours", "theirs");
    let undone = undo(Format::Json, &theirs, &changed).expect("undone");
    assert_eq!((undone.text.as_str(), undone.left), (theirs.as_str(), vec!["p.url".to_owned()]));
}
