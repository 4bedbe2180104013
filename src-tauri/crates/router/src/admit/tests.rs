use evenkeel_store::Tenant;
use http::{HeaderName, HeaderValue};

use super::*;

fn book() -> TenantBook {
    let tenant = |name: &str, key: &str, features: &[&str]| Tenant {
        name: name.to_owned(),
        features: features.iter().map(|&feature| feature.to_owned()).collect(),
        key_hash: Some(evenkeel_store::hash_key(key)),
        created_at: Timestamp::UNIX_EPOCH,
        last_used_at: None,
    };
    TenantBook::new(&[tenant("local", "ek-local", &[]), tenant("acme", "ek-acme", &["support-bot"])], &[])
}

fn enter_with(config: &str, path: &str, pairs: &[(&'static str, &str)]) -> Result<Entered, Refusal> {
    let config = evenkeel_config::parse(config).expect("a valid file").config;
    let mut request = http::Request::post(path).body(()).expect("a request");
    for (name, value) in pairs {
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
    }
    let arrival = ("id".to_owned(), Timestamp::UNIX_EPOCH, Instant::now());
    let entered = enter(request.into_parts().0, arrival, &config, &book())?;
    entered.usable()?;
    Ok(entered)
}

fn chat(pairs: &[(&'static str, &str)]) -> Result<Entered, Refusal> {
    enter_with("", "/v1/chat/completions", pairs)
}

#[test]
fn the_local_key_is_taken_from_either_header() {
    for pairs in [
        &[("authorization", "Bearer ek-acme")][..],
        &[("authorization", "bearer ek-acme")],
        &[("x-api-key", "ek-acme")],
        &[("authorization", "Bearer sk-ant-other"), ("x-api-key", "ek-acme")],
    ] {
        let entered = chat(pairs).expect("a known key");
        assert_eq!(entered.tags.tenant, "acme");
        assert_eq!(entered.tags.feature.as_deref(), Some("support-bot"));
    }
}

#[test]
fn no_key_an_unknown_key_and_a_providers_key_get_three_answers() {
    let none = chat(&[]).expect_err("no key");
    let unknown = chat(&[("x-api-key", "ek-gone")]).expect_err("unknown");
    let provider = chat(&[("authorization", "Bearer sk-proj-abc")]).expect_err("a provider's");
    for refusal in [&none, &unknown, &provider] {
        assert_eq!(refusal.code, Code::InvalidLocalKey);
        assert!(refusal.message.contains("evenkeel env"), "{}", refusal.message);
    }
    assert!(none.message.starts_with("No local key"));
    assert!(unknown.message.contains("rotated"));
    assert!(!provider.message.contains("sk-proj-abc"), "never repeats a key");
}

#[test]
fn without_require_key_any_key_is_local() {
    let open = "[server]\nrequire_key = false\n";
    let path = "/v1/chat/completions";
    assert_eq!(enter_with(open, path, &[]).expect("no key needed").tags.tenant, "local");
    let named = enter_with(open, path, &[("x-api-key", "whatever"), ("x-evenkeel-tenant", "acme")]);
    assert_eq!(named.expect("any tenant may be named").tags.tenant, "acme");
    let known = enter_with(open, path, &[("x-api-key", "ek-acme")]);
    assert_eq!(known.expect("a known key still tags").tags.tenant, "acme");
}

#[test]
fn a_tenant_key_speaks_for_itself_alone() {
    let other = chat(&[("x-api-key", "ek-acme"), ("x-evenkeel-tenant", "local")]).expect_err("not its own");
    assert_eq!((other.code, other.param.as_deref()), (Code::InvalidRequest, Some("x-evenkeel-tenant")));
    let unknown = chat(&[("x-api-key", "ek-local"), ("x-evenkeel-tenant", "nobody")]).expect_err("unknown");
    assert!(unknown.message.contains("acme, local"), "{}", unknown.message);
    let named =
        chat(&[("x-api-key", "ek-local"), ("x-evenkeel-tenant", "acme"), ("x-evenkeel-feature", "mail")]);
    let tags = named.expect("local may name any").tags;
    assert_eq!((tags.tenant.as_str(), tags.feature.as_deref()), ("acme", Some("mail")));
}

#[test]
fn bad_control_headers_are_named() {
    for (name, value) in [
        ("x-evenkeel-cache", "sometimes"),
        ("x-evenkeel-bypass", "yes please"),
        ("x-evenkeel-max-cost", "cheap"),
        ("x-evenkeel-feature", "a-name-that-goes-on-and-on-until-nobody-could-read-it-in-any-report-at-all"),
    ] {
        let refusal = chat(&[("x-api-key", "ek-local"), (name, value)]).expect_err(value);
        assert_eq!((refusal.code, refusal.param.as_deref()), (Code::InvalidRequest, Some(name)));
        assert!(refusal.message.contains(name), "{}", refusal.message);
    }
}

#[test]
fn other_addresses_are_unknown_before_any_key_is_asked_for() {
    let refusal = enter_with("", "/v2/chat", &[]).expect_err("nothing there");
    assert_eq!(refusal.code, Code::UnknownEndpoint);
    assert!(refusal.message.contains("http://127.0.0.1:9950/v1"), "{}", refusal.message);
}

#[test]
fn the_callers_id_is_kept_if_it_can_be() {
    let mut headers = HeaderMap::new();
    headers.insert(headers::ID, HeaderValue::from_static("order-17:a"));
    assert_eq!(id_of(&headers).0, "order-17:a");
    headers.insert(headers::ID, HeaderValue::from_static("has spaces"));
    let (made, verdict) = id_of(&headers);
    assert_eq!(made.len(), 26, "a ULID stands in");
    assert_eq!(verdict.expect_err("it is refused").param.as_deref(), Some("x-evenkeel-id"));
}
