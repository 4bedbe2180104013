//! A config written back as TOML, with presets and defaults spelled out: what `evenkeel config show` prints.
//!
//! The text reads as the same config again, which a test proves, so that it can serve as a starting point.

use std::fmt::Write as _;
use std::time::Duration;

use toml_edit::{Array, Key, Value};
use url::Url;

use crate::raw::Choice;
use crate::value::{duration, size};
use crate::{
    Alerts, Cache, Config, Dialect, Export, Glob, Guardrails, KeySource, Pin, Price, Provider, QuietHours,
    RedisUrl, Route, RouteTarget, Server, Slo, Tenant, Usd,
};

/// Writes the config as an `evenkeel.toml`.
pub fn effective_toml(config: &Config) -> String {
    let mut page = Page::default();
    page.set("bypass", config.bypass);
    server(&config.server, &mut page);
    for one in &config.providers {
        provider(one, &mut page);
    }
    for one in &config.routes {
        route(one, &mut page);
    }
    page.header("[guardrails]");
    guardrails(&config.guardrails.spelled_out(), &mut page);
    cache(&config.cache, &mut page);
    for one in &config.slos {
        slo(one, &mut page);
    }
    for one in &config.tenants {
        tenant(one, &mut page);
    }
    alerts(&config.alerts, &mut page);
    for one in &config.prices {
        price(one, &mut page);
    }
    export(&config.export, &mut page);
    page.text
}

/// The same as a document, for programs. No secret is in it.
pub fn effective_json(config: &Config) -> serde_json::Value {
    written_json(&effective_toml(config))
}

/// A file as a document: what its owner wrote, and nothing else. Empty for a text that isn't TOML.
pub fn written_json(text: &str) -> serde_json::Value {
    let table: toml::Table = text.trim_start_matches('\u{feff}').parse().unwrap_or_default();
    serde_json::to_value(table).unwrap_or_default()
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn header(&mut self, header: &str) {
        self.text.push('\n');
        self.text.push_str(header);
        self.text.push('\n');
    }

    fn named(&mut self, table: &str, name: &str, rest: &str) {
        self.header(&format!("[{table}.{}{rest}]", Key::new(name)));
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.raw(key, &value.into().to_string());
    }

    fn set_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    fn time(&mut self, key: &str, value: Duration) {
        self.set(key, duration::format(value));
    }

    fn usd(&mut self, key: &str, value: Option<Usd>) {
        if let Some(value) = value {
            self.raw(key, &value.to_string());
        }
    }

    fn count(&mut self, key: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.raw(key, &value.to_string());
        }
    }

    fn raw(&mut self, key: &str, value: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.text, "{key} = {value}");
    }
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Array {
    texts.into_iter().collect()
}

fn globs(globs: &[Glob]) -> Array {
    list(globs.iter().map(Glob::as_str))
}

fn server(server: &Server, page: &mut Page) {
    page.header("[server]");
    page.set("listen", server.listen.to_string());
    page.set("require_key", server.require_key);
    page.set("max_body", size::format(server.max_body));
    page.set("allow_hosts", list(server.allow_hosts.iter().map(String::as_str)));
    page.set("allow_origins", list(server.allow_origins.iter().map(String::as_str)));
}

fn provider(provider: &Provider, page: &mut Page) {
    page.named("providers", &provider.name, "");
    match provider.dialects.as_slice() {
        [one] => page.set("dialect", one.word()),
        several => page.set("dialect", list(several.iter().copied().map(Dialect::word))),
    }
    page.set("base_url", provider.base_url.as_str());
    match &provider.key {
        KeySource::Keychain => page.set("key", "keychain"),
        KeySource::Env(name) => page.set("key", format!("env:{name}")),
        KeySource::None => page.set("key", "none"),
    }
    page.set("models", globs(&provider.models));
    page.set("default_model", provider.default_model.as_deref().unwrap_or_default());
    page.set("watch", provider.watch.word());
    page.set("responses", provider.responses);
    page.set("cheaper_model", provider.cheaper_model.as_deref().unwrap_or_default());
    page.set("proxy", provider.proxy.as_ref().map_or("", Url::as_str));
    page.set("prompt_caching", provider.prompt_caching.word());
    if !provider.headers.is_empty() {
        page.named("providers", &provider.name, ".headers");
        for (name, value) in &provider.headers {
            page.set(&Key::new(name.as_str()).to_string(), value.as_str());
        }
    }
}

fn target(target: &RouteTarget) -> String {
    let mut text =
        format!("{{ provider = {}, weight = {}", Value::from(target.provider.as_str()), target.weight);
    if let Some(model) = &target.model {
        let _ = write!(text, ", model = {}", Value::from(model.as_str()));
    }
    text + " }"
}

fn route(route: &Route, page: &mut Page) {
    page.header("[[routes]]");
    page.set("name", route.name.as_str());
    page.set("models", globs(&route.models));
    page.set("features", globs(&route.features));
    page.set("strategy", route.strategy.word());
    if !route.primary.provider.is_empty() {
        page.raw("primary", &target(&route.primary));
    }
    if let Some(secondary) = &route.secondary {
        page.raw("secondary", &target(secondary));
    }
    page.count("retries", Some(route.retries.into()));
    page.time("connect_timeout", route.deadlines.connect);
    page.time("first_token_timeout", route.deadlines.first_token);
    page.time("last_first_token_timeout", route.deadlines.last_first_token);
    page.time("slow_first_token_timeout", route.deadlines.slow_first_token);
    page.time("idle_timeout", route.deadlines.idle);
    page.time("total_timeout", route.deadlines.total);
    page.set(
        "pin",
        match &route.pin {
            None => "",
            Some(Pin::Primary) => "primary",
            Some(Pin::Secondary) => "secondary",
            Some(Pin::Provider(name)) => name,
        },
    );
    if route.guardrails != Guardrails::default() {
        page.header("[routes.guardrails]");
        guardrails(&route.guardrails, page);
    }
}

fn guardrails(limits: &Guardrails, page: &mut Page) {
    page.usd("max_cost_per_request", limits.max_cost_per_request);
    page.count("max_input_tokens", limits.max_input_tokens);
    page.count("max_output_tokens", limits.max_output_tokens);
    page.usd("max_cost_per_day", limits.max_cost_per_day);
    page.usd("max_cost_per_month", limits.max_cost_per_month);
    page.set_some("on_unpriced", limits.on_unpriced.map(Choice::word));
    page.set_some(
        "on_exceed",
        limits.on_exceed.as_ref().map(|steps| list(steps.iter().copied().map(Choice::word))),
    );
}

fn cache(cache: &Cache, page: &mut Page) {
    page.header("[cache]");
    page.set("backend", cache.backend.word());
    match &cache.redis_url {
        None => page.set("redis_url", ""),
        Some(RedisUrl::Url(url)) => page.set("redis_url", url.as_str()),
        Some(RedisUrl::Env(name)) => page.set("redis_url", format!("env:{name}")),
        Some(RedisUrl::Keychain) => page.set("redis_url", "keychain"),
    }
    page.set("serve", cache.serve.word());
    page.time("fresh_for", cache.fresh_for);
    page.time("keep_for", cache.keep_for);
    page.set("max_size", size::format(cache.max_size));
}

fn slo(slo: &Slo, page: &mut Page) {
    page.header("[[slo]]");
    page.set("name", slo.name.as_str());
    page.set("tenant", slo.tenant.as_deref().unwrap_or_default());
    page.set("feature", slo.feature.as_deref().unwrap_or_default());
    page.set("success", slo.success);
    page.time("p95", slo.p95);
    page.set("latency", slo.latency.word());
    page.usd("cost", Some(slo.cost));
    page.time("window", slo.window);
}

fn tenant(tenant: &Tenant, page: &mut Page) {
    page.named("tenants", &tenant.name, "");
    page.set("features", list(tenant.features.iter().map(String::as_str)));
    if tenant.guardrails != Guardrails::default() {
        page.named("tenants", &tenant.name, ".guardrails");
        guardrails(&tenant.guardrails, page);
    }
}

fn alerts(alerts: &Alerts, page: &mut Page) {
    page.header("[alerts]");
    page.set("sensitivity", alerts.sensitivity.word());
    page.time("evaluate_every", alerts.evaluate_every);
    page.time("success_hold", alerts.success_hold);
    page.time("p95_hold", alerts.p95_hold);
    page.time("cost_hold", alerts.cost_hold);
    page.time("resolve_hold", alerts.resolve_hold);
    page.time("reopen_within", alerts.reopen_within);
    page.time("lookback", alerts.lookback);
    page.set("notices", alerts.notices);
    page.time("repeat_every", alerts.repeat_every);
    page.set("quiet_hours", alerts.quiet_hours.map_or_else(String::new, quiet_hours));
    page.set("webhook", alerts.webhook.as_ref().map_or("", Url::as_str));
}

fn quiet_hours(span: QuietHours) -> String {
    let QuietHours { from_minute: from, to_minute: to } = span;
    format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
}

fn price(price: &Price, page: &mut Page) {
    page.named("prices", &price.model, "");
    page.usd("input", price.input);
    page.usd("output", price.output);
    page.usd("cached_input", price.cached_input);
    page.usd("cache_write_5m", price.cache_write_5m);
    page.usd("cache_write_1h", price.cache_write_1h);
}

fn export(export: &Export, page: &mut Page) {
    if let Some(langfuse) = &export.langfuse {
        page.header("[export.langfuse]");
        page.set("host", langfuse.host.as_str());
        page.set("public_key", langfuse.public_key.as_str());
        page.set("content", langfuse.content);
    }
    if let Some(helicone) = &export.helicone {
        page.header("[export.helicone]");
        page.set("content", helicone.content);
    }
    if let Some(otlp) = &export.otlp {
        page.header("[export.otlp]");
        page.set("endpoint", otlp.endpoint.as_str());
    }
}

#[cfg(test)]
mod tests;
