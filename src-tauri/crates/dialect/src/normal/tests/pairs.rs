//! The table of pairs, see `pairs.txt`.

use std::collections::{HashMap, HashSet};

use super::*;

const TABLE: &str = include_str!("pairs.txt");

struct Case<'a> {
    same: bool,
    name: &'a str,
    requests: Vec<(Api, String)>,
}

fn cases() -> Vec<Case<'static>> {
    let mut cases: Vec<Case<'static>> = Vec::new();
    let mut open = false;
    for line in TABLE.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if line.is_empty() {
            open = false;
        } else if let Some((kind @ ("same" | "different"), name)) = line.split_once(": ") {
            assert!(!open, "an empty line is missing before {line}");
            cases.push(Case { same: kind == "same", name, requests: Vec::new() });
            open = true;
        } else {
            let (api, body) = line.split_once(char::is_whitespace).expect(line);
            assert!(open, "a request without a case: {line}");
            let api = api_of(api);
            cases.last_mut().expect(line).requests.push((api, filled(api, body.trim())));
        }
    }
    cases
}

/// The body with what it doesn't say; what it says stays as it is written.
fn filled(api: Api, body: &str) -> String {
    let said: serde_json::Map<String, serde_json::Value> = serde_json::from_str(body).expect(body);
    let limit = ("100", "max_tokens");
    let question = r#"[{"role":"user","content":"Hi"}]"#;
    let usual = match api {
        Api::ChatCompletions if said.contains_key("max_completion_tokens") => vec![(question, "messages")],
        Api::ChatCompletions | Api::Messages => vec![(question, "messages"), limit],
        Api::Responses => vec![("\"Hi\"", "input"), ("100", "max_output_tokens")],
        Api::Embeddings => vec![("\"Hi\"", "input")],
    };
    let usual = usual.into_iter().chain([("\"m\"", "model")]).filter(|(_, name)| !said.contains_key(*name));
    let mut members: Vec<String> = usual.map(|(value, name)| format!("\"{name}\":{value}")).collect();
    let inside = body[1..body.len() - 1].trim();
    members.extend((!inside.is_empty()).then(|| inside.to_owned()));
    format!("{{{}}}", members.join(","))
}

#[test]
fn requests_that_ask_the_same_have_one_key_and_no_others_do() {
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for case in cases() {
        assert!(case.requests.len() > 1, "{} compares nothing", case.name);
        let keys: Vec<Key> = case.requests.iter().map(|(api, body)| key_of(*api, body)).collect();
        for (n, one) in keys.iter().enumerate() {
            for (m, other) in keys.iter().enumerate().skip(n + 1) {
                pairs += 1;
                if (one == other) != case.same {
                    let show =
                        |n: usize| form(case.requests[n].0, case.requests[n].1.as_bytes(), &SCOPE).unwrap();
                    wrong.push(format!("{}: {n} and {m}\n  {}\n  {}", case.name, show(n), show(m)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} cases, {pairs} pairs", cases().len());
}

#[test]
fn the_table_has_eighty_cases_each_with_a_name_of_its_own() {
    let cases = cases();
    assert!(cases.len() >= 80, "{}", cases.len());
    let mut names = HashSet::new();
    for case in &cases {
        assert!(names.insert(case.name), "twice: {}", case.name);
    }
}

/// Not only within its case: no two cases of the table ask the same, but for those that ask the bare question.
#[test]
fn requests_of_different_cases_have_one_key_only_if_their_forms_are_one() {
    let mut forms: HashMap<Key, String> = HashMap::new();
    for case in cases() {
        for (api, body) in &case.requests {
            let form = form(*api, body.as_bytes(), &SCOPE).unwrap();
            let known = forms.entry(key_of(*api, body)).or_insert_with(|| form.clone());
            assert_eq!(*known, form);
        }
    }
    assert!(forms.len() > 200, "{}", forms.len());
}
