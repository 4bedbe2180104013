//! The documented example means what the documentation says, and so does an empty file.

use std::time::Duration;

use evenkeel_config::{
    Alerts, Cache, Config, Deadlines, Dialect, Glob, KeySource, OnExceed, PromptCaching, Server, Severity,
    Slo, Strategy, Usd, Watch, parse,
};

const EXAMPLE: &str = include_str!("fixtures/example.toml");

fn globs(texts: &[&str]) -> Vec<Glob> {
    texts.iter().map(|text| Glob::new(text)).collect()
}

#[test]
fn the_example_has_no_error_and_says_what_has_no_effect_yet() {
    let parsed = parse(EXAMPLE).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let seen = |wanted: Severity| -> Vec<&str> {
        let of = parsed.notices.iter().filter(|notice| notice.severity == wanted);
        of.map(|notice| notice.key.as_str()).collect()
    };
    assert_eq!(seen(Severity::Error), [""; 0]);
    assert_eq!(seen(Severity::Warning), [""; 0]);
    assert_eq!(seen(Severity::Notice), ["export"]);
}

#[test]
fn the_example_means_what_is_documented() {
    let Config {
        bypass,
        server,
        providers,
        routes,
        guardrails,
        cache,
        slos,
        tenants,
        alerts,
        prices,
        export,
    } = parse(EXAMPLE).unwrap().config;
    // These stand in the example with their defaults.
    assert!(!bypass);
    assert_eq!(server, Server::default());
    assert_eq!(cache, Cache::default());
    assert_eq!(alerts, Alerts::default());
    assert_eq!(slos, [Slo::default()]);

    let [openai, anthropic] = providers.as_slice() else { panic!("{providers:?}") };
    assert_eq!((openai.name.as_str(), openai.dialects.as_slice()), ("openai", [Dialect::OpenAi].as_slice()));
    assert_eq!(openai.base_url.as_str(), "https://api.openai.com/v1");
    assert_eq!(openai.key, KeySource::Keychain);
    assert_eq!(openai.models, globs(&["gpt-*", "o*", "text-embedding-*"]));
    assert_eq!((openai.watch, openai.responses), (Watch::Always, false));
    assert_eq!((&openai.default_model, &openai.cheaper_model, &openai.proxy), (&None, &None, &None));
    assert_eq!(openai.headers, []);
    assert_eq!(anthropic.dialects, [Dialect::Anthropic]);
    assert_eq!(anthropic.models, globs(&["claude-*"]));
    assert_eq!(anthropic.prompt_caching, PromptCaching::FiveMinutes);

    let [route] = routes.as_slice() else { panic!("{routes:?}") };
    assert_eq!((route.name.as_str(), route.strategy, route.retries), ("default", Strategy::Ordered, 1));
    assert_eq!((&route.models, &route.features), (&globs(&["*"]), &globs(&["*"])));
    assert_eq!((route.primary.provider.as_str(), route.primary.weight), ("openai", 9));
    let secondary = route.secondary.as_ref().unwrap();
    assert_eq!((secondary.provider.as_str(), secondary.weight), ("anthropic", 1));
    assert_eq!(secondary.model.as_deref(), Some("claude-haiku-4-5"));
    assert_eq!((route.deadlines, &route.pin), (Deadlines::default(), &None));

    assert_eq!(guardrails.max_cost_per_request, Some(Usd::from_micros(50_000)));
    assert_eq!((guardrails.max_input_tokens, guardrails.max_output_tokens), (Some(200_000), Some(8192)));
    assert_eq!((guardrails.max_cost_per_day, guardrails.max_cost_per_month), (None, None));
    assert_eq!(guardrails.on_exceed.as_deref(), Some(OnExceed::ALL.as_slice()));
    assert_eq!(tenants[0].features, ["support-bot"]);
    assert_eq!(tenants[0].guardrails.max_cost_per_month, Some(Usd::from_micros(50_000_000)));
    assert_eq!(prices[0].model, "my-own-model");
    assert_eq!(prices[0].cached_input, Some(Usd::from_micros(25_000)));
    assert_eq!(export.langfuse.unwrap().public_key, "pk-lf-…");
    assert!(!export.helicone.unwrap().content);
    assert_eq!(export.otlp, None);
}

#[test]
fn an_empty_file_means_the_documented_defaults() {
    let parsed = parse("").unwrap();
    assert_eq!(parsed.notices, []);
    let Config {
        bypass,
        server,
        providers,
        routes,
        guardrails,
        cache,
        slos,
        tenants,
        alerts,
        prices,
        export,
    } = parsed.config;
    assert!(!bypass);
    assert_eq!(server.listen.to_string(), "127.0.0.1:9950");
    assert!(server.require_key);
    assert_eq!(server.max_body, 33_554_432);
    assert_eq!((server.allow_hosts.len(), server.allow_origins.len()), (0, 0));
    assert_eq!((providers.len(), routes.len(), tenants.len(), prices.len()), (0, 0, 0, 0));
    assert_eq!(guardrails.max_cost_per_request, None);
    let hours = |hours: u64| Duration::from_hours(hours);
    assert_eq!((cache.fresh_for, cache.keep_for, cache.max_size), (hours(1), hours(720), 536_870_912));
    assert_eq!(slos.len(), 1);
    assert_eq!((slos[0].name.as_str(), slos[0].p95), ("Everything", Duration::from_millis(2500)));
    assert_eq!((slos[0].cost.micros(), slos[0].window), (15_000, hours(720)));
    assert_eq!((alerts.evaluate_every, alerts.repeat_every), (Duration::from_secs(15), hours(4)));
    assert_eq!(alerts.lookback, hours(2));
    assert_eq!(export, evenkeel_config::Export::default());
}

#[test]
fn time_outs_of_a_route_default_to_the_documented_ones() {
    let seconds = |seconds: u64| Duration::from_secs(seconds);
    assert_eq!(
        parse("[providers.ollama]\n").unwrap().config.routes[0].deadlines,
        Deadlines {
            connect: seconds(2),
            first_token: seconds(2),
            last_first_token: seconds(60),
            slow_first_token: seconds(60),
            idle: seconds(30),
            total: seconds(600),
        }
    );
}
