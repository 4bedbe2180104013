//! Tenants, routes and prompt versions; requests that have no key; and keys that must not change by accident.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const BODY: &[u8] = br#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;

fn in_scope(tenant: &str, route: &str, prompt_version: Option<&str>) -> Key {
    key(Api::ChatCompletions, BODY, &Scope { tenant, route, prompt_version }).unwrap()
}

#[test]
fn tenants_never_share_an_answer() {
    let mut seen = std::collections::HashSet::new();
    for tenant in ["local", "Local", "local ", "", "local\0", "a\",\"route\":\"b", "\u{e9}", "e\u{301}"] {
        assert!(seen.insert(in_scope(tenant, "default", None)), "{tenant:?}");
    }
}

#[test]
fn a_new_prompt_version_never_meets_an_old_answer() {
    let keys = [None, Some(""), Some("1"), Some("2"), Some("null"), Some("1 ")];
    let keys: std::collections::HashSet<Key> =
        keys.into_iter().map(|version| in_scope("t", "r", version)).collect();
    assert_eq!(keys.len(), 6);
}

#[test]
fn the_parts_of_a_scope_are_not_one_text_put_together() {
    assert_ne!(in_scope("ab", "c", None), in_scope("a", "bc", None));
    assert_ne!(in_scope("a", "b", Some("c")), in_scope("a", "bc", None));
    assert_ne!(in_scope("a", "b", Some("c")), in_scope("b", "a", Some("c")));
    assert_ne!(in_scope("", "a", None), in_scope("a", "", None));
}

proptest! {
    #[test]
    fn two_scopes_never_meet(
        one in any::<(String, String, Option<String>)>(),
        other in any::<(String, String, Option<String>)>(),
    ) {
        let key = |(tenant, route, version): &(String, String, Option<String>)| {
            in_scope(tenant, route, version.as_deref())
        };
        prop_assert_eq!(key(&one) == key(&other), one == other);
        // The same letters, cut in another place.
        let together = format!("{}{}", one.0, one.1);
        let moved = (together, String::new(), one.2.clone());
        prop_assert_eq!(key(&moved) == key(&one), moved == one);
    }
}

#[test]
fn what_can_be_taken_for_two_requests_has_no_key() {
    let error = |body: &str| key(Api::ChatCompletions, body.as_bytes(), &SCOPE).unwrap_err();
    let with =
        |more: &str| format!(r#"{{"model":"m","messages":[{{"role":"user","content":"Hi"}}],{more}}}"#);
    assert_eq!(error(&with(r#""seed":1,"seed":2"#)), KeyError::Twice { name: "seed".into() });
    assert_eq!(error(&with(r#""a":{"b":1,"\u0062":1}"#)), KeyError::Twice { name: "b".into() });
    assert_eq!(error(&with(r#""a":"\ud83d""#)), KeyError::HalfACharacter);
    assert_eq!(error(&with(r#""\ude00":1"#)), KeyError::HalfACharacter);
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(error(&with(&format!(r#""a":{deep}"#))), KeyError::TooDeep);
    let very_deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(error(&with(&format!(r#""a":{very_deep}"#))), KeyError::TooDeep);
    assert_eq!(
        error(&with(r#""seed":1,"seed":2"#)).to_string(),
        r#""seed" stands twice in one object of the body; send it once."#
    );
}

#[test]
fn what_is_no_request_has_no_key() {
    for (api, body) in [
        (Api::ChatCompletions, ""),
        (Api::ChatCompletions, "[]"),
        (Api::ChatCompletions, "{"),
        (Api::ChatCompletions, r#"{"model":"m"}"#),
        (Api::ChatCompletions, r#"{"messages":[]}"#),
        (Api::Messages, r#"{"model":"m","messages":[]}"#),
        (Api::Responses, r#"{"model":"m","input":7}"#),
        (Api::Embeddings, r#"{"model":"m"}"#),
    ] {
        let error = key(api, body.as_bytes(), &SCOPE).unwrap_err();
        assert!(matches!(error, KeyError::Invalid(_)), "{error:?}: {body}");
    }
}

#[test]
fn what_changes_at_the_vendor_meanwhile_has_no_key() {
    for (api, body, field) in [
        (Api::Responses, r#"{"model":"m","input":"Hi","conversation":"conv_1"}"#, "conversation"),
        (Api::Responses, r#"{"model":"m","input":"Hi","background":true}"#, "background"),
        (
            Api::Responses,
            r#"{"model":"m","input":"Hi","tools":[{"type":"code_interpreter","container":"cntr_1"}]}"#,
            "tools[].container",
        ),
        (Api::Messages, r#"{"model":"m","max_tokens":9,"messages":[],"container":"c"}"#, "container"),
        (Api::Messages, r#"{"model":"m","max_tokens":9,"messages":[],"container":{"id":"c"}}"#, "container"),
    ] {
        assert_eq!(key(api, body.as_bytes(), &SCOPE), Err(KeyError::NotRepeatable { field }), "{body}");
    }
}

/// A change here means that answers which are kept will not be found again: give the form its next number.
#[test]
fn the_form_has_not_changed_by_accident() {
    let tools = r#""tools":[{"name":"f","description":"Finds.","input_schema":{"type":"object"}}]"#;
    let talk = format!(
        r#"{{"model":"m","max_tokens":9,"system":"S ","temperature":0.50,{tools},"messages":[{{"role":"user","content":"H\u0069 "}},{{"role":"assistant","content":[{{"type":"tool_use","id":"t","name":"f","input":{{"b":1,"a":[]}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":"1","is_error":true}},{{"type":"image","source":{{"type":"url","url":"https://x.test/a"}}}}]}}],"thinking":{{"type":"adaptive"}}}}"#
    );
    let mut shown = String::new();
    let version = Scope { prompt_version: Some("7"), ..SCOPE };
    for (api, body, scope) in [
        (Api::ChatCompletions, std::str::from_utf8(BODY).unwrap(), SCOPE),
        (Api::Messages, talk.as_str(), SCOPE),
        (Api::Responses, r#"{"model":"m","input":"Hi","reasoning":{"effort":"low"},"odd":[1]}"#, version),
        (Api::Embeddings, r#"{"model":"m","input":["Hi"],"dimensions":256}"#, SCOPE),
    ] {
        let key = key(api, body.as_bytes(), &scope).unwrap();
        writeln!(shown, "{key}\n{}\n", form(api, body.as_bytes(), &scope).unwrap()).unwrap();
    }
    insta::assert_snapshot!("forms", shown);
}

#[test]
fn a_key_is_kept_as_bytes_and_shown_as_hexadecimal() {
    let key = key_of(Api::ChatCompletions, std::str::from_utf8(BODY).unwrap());
    assert_eq!(Key::from_bytes(*key.as_bytes()), key);
    assert_eq!(key.to_string().len(), 64);
    assert_eq!(Key::from_bytes([0x0a; 32]).to_string(), "0a".repeat(32));
}
