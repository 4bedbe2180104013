//! Requests of real tools, changed in one place: which changes may go unnoticed is a list to be reviewed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;

/// Captured requests, by API.
fn captured() -> Vec<(Api, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in [
        "src/translate/request/from_chat/tests/bodies",
        "src/translate/request/from_messages/tests/bodies",
        "fuzz/corpus/requests",
    ] {
        files.extend(fs::read_dir(root.join(folder)).unwrap().map(|file| file.unwrap().path()));
    }
    files.sort();
    let mut captured = Vec::new();
    for file in files {
        let Ok(body) = serde_json::from_slice::<Value>(&fs::read(&file).unwrap()) else { continue };
        for api in [Api::ChatCompletions, Api::Responses, Api::Messages] {
            if key(api, body.to_string().as_bytes(), &SCOPE).is_ok() {
                captured.push((api, body.clone()));
            }
        }
    }
    captured
}

/// Every place in a value, as a JSON pointer and as a kind of place: without numbers.
fn places(value: &Value, pointer: &str, kind: &str, into: &mut Vec<(String, String)>) {
    into.push((pointer.to_owned(), kind.to_owned()));
    match value {
        Value::Array(elements) => {
            for (n, element) in elements.iter().enumerate() {
                places(element, &format!("{pointer}/{n}"), &format!("{kind}[]"), into);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let step = name.replace('~', "~0").replace('/', "~1");
                let kind = if kind.is_empty() { name.clone() } else { format!("{kind}.{name}") };
                places(member, &format!("{pointer}/{step}"), &kind, into);
            }
        }
        _ => {}
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!("x"), json!(0), json!({"x": 1})],
        Value::Bool(value) => vec![json!(!value), json!("x")],
        Value::Number(number) => vec![json!(number.as_f64().unwrap() + 1.5), json!("x")],
        Value::String(text) => {
            vec![json!(format!("{text}x")), json!(format!("x{text}")), json!(["x", text]), json!(7)]
        }
        Value::Array(elements) => {
            let mut longer = elements.clone();
            longer.push(json!({"type": "x"}));
            let mut all = vec![Value::Array(longer)];
            if let [first, .., last] = &elements[..]
                && first != last
            {
                let mut turned = elements.clone();
                turned.reverse();
                all.push(Value::Array(turned));
            }
            if !elements.is_empty() {
                all.push(Value::Array(elements[1..].to_vec()));
            }
            all
        }
        Value::Object(members) => {
            let mut larger = members.clone();
            larger.insert("x-evenkeel".to_owned(), json!(1));
            vec![Value::Object(larger)]
        }
    }
}

/// Bookkeeping, marks for a cache, ids of items that are sent in full, and the two that look odd: the content
/// whose first text is empty, and the system prompt's line of accounting.
#[test]
fn a_change_that_goes_unnoticed_is_one_of_these() {
    let captured = captured();
    assert!(captured.len() > 25, "{}", captured.len());
    let mut unnoticed = BTreeSet::new();
    let mut tried = 0;
    for (api, body) in captured {
        let before = key_of(api, &body.to_string());
        let mut all = Vec::new();
        places(&body, "", "", &mut all);
        for (pointer, kind) in all {
            for value in other(body.pointer(&pointer).unwrap()) {
                let mut changed = body.clone();
                *changed.pointer_mut(&pointer).unwrap() = value;
                tried += 1;
                match key(api, changed.to_string().as_bytes(), &SCOPE) {
                    Ok(after) if after == before => {
                        unnoticed.insert(format!("{api:?}: {kind}"));
                    }
                    Ok(_) | Err(_) => {}
                }
            }
        }
    }
    assert!(tried > 5_000, "{tried}");
    insta::assert_snapshot!("unnoticed", unnoticed.into_iter().collect::<Vec<_>>().join("\n"));
}

/// As above, and what says what is so without it.
#[test]
fn a_field_that_is_left_out_is_another_question_unless_it_is_one_of_these() {
    let mut unnoticed = BTreeSet::new();
    for (api, body) in captured() {
        let before = key_of(api, &body.to_string());
        let mut all = Vec::new();
        places(&body, "", "", &mut all);
        for (pointer, kind) in all {
            let Some((parent, name)) = pointer.rsplit_once('/') else { continue };
            let mut changed = body.clone();
            let Some(Value::Object(members)) = changed.pointer_mut(parent) else { continue };
            members.remove(&name.replace("~1", "/").replace("~0", "~"));
            if key(api, changed.to_string().as_bytes(), &SCOPE) == Ok(before) {
                unnoticed.insert(format!("{api:?}: {kind}"));
            }
        }
    }
    insta::assert_snapshot!("left_out", unnoticed.into_iter().collect::<Vec<_>>().join("\n"));
}
