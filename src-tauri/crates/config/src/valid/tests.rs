use std::time::Duration;

use crate::{Config, Deadlines, Dialect, Glob, KeySource, Pin, Severity, parse};

fn config(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems:#?}")).config
}

const TWO: &str = "[providers.openai]\nkey = \"env:A\"\n[providers.anthropic]\nkey = \"env:B\"\n";

#[test]
fn an_empty_file_is_the_default() {
    let parsed = parse("").unwrap();
    assert_eq!(parsed.config, Config::default());
    assert_eq!(parsed.notices, []);
}

#[test]
fn providers_without_a_route_get_one_in_the_order_of_the_file() {
    let config = config("[providers.anthropic]\n[providers.openai]\n[providers.groq]\n");
    let [route] = config.routes.as_slice() else { panic!("{:?}", config.routes) };
    assert_eq!(route.name, "default");
    assert_eq!(route.primary.provider, "anthropic");
    assert_eq!(route.secondary.as_ref().unwrap().provider, "openai");
    assert_eq!(route.deadlines, Deadlines::default());
    assert!(route.matches("anything", None));
}

#[test]
fn one_provider_makes_a_route_without_a_secondary() {
    let route = &config("[providers.ollama]\n").routes[0];
    assert_eq!((route.primary.provider.as_str(), &route.secondary), ("ollama", &None));
}

#[test]
fn a_place_left_out_is_taken_by_the_first_provider_that_is_free() {
    let of = |targets: &str| {
        let route = config(&format!("{TWO}[[routes]]\n{targets}")).routes.remove(0);
        (route.primary.provider, route.secondary.unwrap().provider)
    };
    let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
    assert_eq!(of(""), pair("openai", "anthropic"));
    assert_eq!(of("primary = { provider = \"anthropic\" }"), pair("anthropic", "openai"));
    assert_eq!(of("secondary = { provider = \"openai\" }"), pair("anthropic", "openai"));
}

#[test]
fn a_route_without_any_provider_waits_for_practice() {
    let config = config("[[routes]]\nname = \"later\"\nretries = 2\n");
    assert_eq!(config.routes[0].primary.provider, "");
    let practice =
        config.for_practice("http://127.0.0.1:1".parse().unwrap(), "http://127.0.0.1:2".parse().unwrap());
    assert_eq!(practice.routes[0].primary.provider, "practice-a");
    assert_eq!(practice.routes[0].secondary.as_ref().unwrap().provider, "practice-b");
    let dialects: Vec<_> = practice.providers.iter().map(|provider| provider.dialects.as_slice()).collect();
    assert_eq!(dialects, [[Dialect::OpenAi], [Dialect::Anthropic]]);
    assert_eq!((practice.routes[0].name.as_str(), practice.routes[0].retries), ("later", 2));
}

#[test]
fn practice_keeps_a_route_but_for_its_providers_and_models() {
    let text = format!(
        "{TWO}[[routes]]\nname = \"r\"\nmodels = [\"gpt-*\"]\ntotal_timeout = \"9s\"\npin = \"anthropic\"\n\
         primary = {{ provider = \"openai\", model = \"gpt-5\" }}\n\
         secondary = {{ provider = \"anthropic\", model = \"claude-x\" }}\n"
    );
    let practice = config(&text)
        .for_practice("http://127.0.0.1:1".parse().unwrap(), "http://127.0.0.1:2".parse().unwrap());
    let route = &practice.routes[0];
    assert_eq!(route.models, [Glob::new("gpt-*")]);
    assert_eq!(route.deadlines.total, Duration::from_secs(9));
    assert!(route.targets().all(|target| target.model.is_none()));
    assert_eq!(route.pin, Some(Pin::Secondary));
    let names: Vec<&str> = practice.providers.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["practice-a", "practice-b"]);
    assert!(practice.providers.iter().all(|one| one.key == KeySource::None && !one.responses));
    let empty = Config::default()
        .for_practice("http://127.0.0.1:1".parse().unwrap(), "http://127.0.0.1:2".parse().unwrap());
    assert_eq!(empty.routes.len(), 1);
}

#[test]
fn addresses_of_endpoints_forgive_a_v1_too_many_or_too_few() {
    let url = |dialect, base: &str, path: &str| {
        let text = format!(
            "[providers.x]\nkey = \"none\"\ndialect = [\"openai\", \"anthropic\"]\nbase_url = \"{base}\"\n"
        );
        config(&text).providers[0].url(dialect, path).to_string()
    };
    let chat = "/v1/chat/completions";
    for (base, expected) in [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
        ("https://host.example", "https://host.example/v1/chat/completions"),
        ("https://host.example/v1beta/openai", "https://host.example/v1beta/openai/chat/completions"),
    ] {
        assert_eq!(url(Dialect::OpenAi, base, chat), expected);
    }
    for base in ["https://host.example", "https://host.example/", "https://host.example/v1"] {
        assert_eq!(url(Dialect::Anthropic, base, "/v1/messages"), "https://host.example/v1/messages");
    }
    assert_eq!(
        url(Dialect::Anthropic, "https://h.example/ai", "/v1/messages"),
        "https://h.example/ai/v1/messages"
    );
}

#[test]
fn a_key_is_in_the_keychain_unless_the_file_says_otherwise() {
    let parsed =
        parse("[providers.openai]\n\n[providers.anthropic]\nkey = \"keychain\"\n[providers.ollama]\n")
            .unwrap();
    let keys: Vec<_> = parsed.config.providers.iter().map(|provider| &provider.key).collect();
    assert_eq!(keys, [&KeySource::Keychain, &KeySource::Keychain, &KeySource::None]);
    assert_eq!(parsed.notices, []);
}

#[test]
fn another_address_is_checked_like_the_one_in_the_file() {
    let open = config("[server]\nrequire_key = false\n");
    let error = open.with_listen("0.0.0.0:1".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains("require_key = true"), "{error}");
    let circle = config("[providers.ollama]\n").with_listen("127.0.0.1:11434".parse().unwrap()).unwrap_err();
    assert!(circle.to_string().contains("\"ollama\""), "{circle}");
    let moved = config(TWO).with_listen("127.0.0.1:0".parse().unwrap()).unwrap();
    assert_eq!(moved.server.listen.port(), 0);
}

#[test]
fn a_limit_of_zero_lifts_a_limit_only_in_a_narrower_scope() {
    let config =
        config("[guardrails]\nmax_input_tokens = 0\n[tenants.a]\nguardrails = { max_input_tokens = 0 }\n");
    assert_eq!(config.guardrails.max_input_tokens, None);
    assert_eq!(config.tenant("a").unwrap().guardrails.max_input_tokens, Some(0));
}

#[test]
fn half_a_price_of_a_model_that_nobody_knows_is_told() {
    let parsed = parse("[prices.\"mine\"]\ninput = 1\n[prices.\"gpt-6-luna\"]\ninput = 1\n").unwrap();
    let told = |key: &str| {
        let mut warnings = parsed.notices.iter().filter(|notice| notice.severity == Severity::Warning);
        warnings.any(|warning| warning.key == key && warning.message.contains("costs stays unknown"))
    };
    assert!(told("prices.mine"), "{:#?}", parsed.notices);
    assert!(!told("prices.gpt-6-luna"), "the rest of it is shipped");
}
