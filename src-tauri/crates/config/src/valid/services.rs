//! `[cache]`, `[alerts]`, `[prices]` and `[export]`.

use super::word::{self, Link};
use crate::raw::{self, At, Named, Text};
use crate::report::Report;
use crate::{
    Alerts, Cache, CacheBackend, Export, Helicone, Langfuse, Otlp, Price, PriceBook, QuietHours, RedisUrl,
    secret,
};

const REDIS: Link = Link {
    schemes: &["redis", "rediss"],
    example: "redis://127.0.0.1:6379",
    password: "Put the whole address into an environment variable and write redis_url = \"env:NAME\".",
    query: false,
};

const WEB: Link = Link {
    schemes: &["https", "http"],
    example: "https://example.com",
    password: "Take it out; secrets of exports and webhooks are kept in the keychain.",
    query: true,
};

pub(super) fn cache(at: Option<At<raw::Cache>>, report: &mut Report<'_>) -> Cache {
    let usual = Cache::default();
    let Some(At { value: raw, place }) = at else { return usual };
    let fresh_place = raw.fresh_for.as_ref().or(raw.keep_for.as_ref()).map(|at| at.place.clone());
    let redis_given = word::text(raw.redis_url);
    let backend_place = raw.backend.as_ref().map_or(place, |at| at.place.clone());
    let cache = Cache {
        backend: raw.backend.map_or(usual.backend, |at| at.value),
        redis_url: redis_given.as_ref().and_then(|at| redis_url(at, report)),
        serve: raw.serve.map_or(usual.serve, |at| at.value),
        fresh_for: word::time(raw.fresh_for, usual.fresh_for, report),
        keep_for: word::time(raw.keep_for, usual.keep_for, report),
        max_size: word::size(raw.max_size, usual.max_size, report),
    };
    if cache.backend == CacheBackend::Redis && redis_given.is_none() {
        report.error(
            &backend_place,
            "backend = \"redis\" needs redis_url.",
            "Add redis_url = \"redis://127.0.0.1:6379\", or \"env:NAME\" if the address holds a password.",
        );
    }
    if let Some(place) = fresh_place
        && cache.fresh_for > cache.keep_for
    {
        report.error(&place, "fresh_for is longer than keep_for.", "Make keep_for at least as long.");
    }
    cache
}

fn redis_url(at: &At<Text>, report: &mut Report<'_>) -> Option<RedisUrl> {
    let text = at.value.0.as_str();
    if text == "keychain" {
        return Some(RedisUrl::Keychain);
    }
    match text.strip_prefix("env:").map(str::trim) {
        Some(name) if word::is_variable(name) => Some(RedisUrl::Env(name.to_owned())),
        Some(_) => {
            let message = "What follows env: is not the name of an environment variable.";
            report.error(
                &at.place,
                message,
                "Use letters, digits and underscores, such as \"env:REDIS_URL\".",
            );
            None
        }
        None => word::url(at, &REDIS, report).map(RedisUrl::Url),
    }
}

pub(super) fn alerts(at: Option<At<raw::Alerts>>, report: &mut Report<'_>) -> Alerts {
    let usual = Alerts::default();
    let Some(At { value: raw, .. }) = at else { return usual };
    Alerts {
        sensitivity: raw.sensitivity.map_or(usual.sensitivity, |at| at.value),
        evaluate_every: word::time(raw.evaluate_every, usual.evaluate_every, report),
        success_hold: word::time(raw.success_hold, usual.success_hold, report),
        p95_hold: word::time(raw.p95_hold, usual.p95_hold, report),
        cost_hold: word::time(raw.cost_hold, usual.cost_hold, report),
        resolve_hold: word::time(raw.resolve_hold, usual.resolve_hold, report),
        reopen_within: word::time(raw.reopen_within, usual.reopen_within, report),
        lookback: word::time(raw.lookback, usual.lookback, report),
        notices: raw.notices.map_or(usual.notices, |at| at.value.0),
        repeat_every: word::time(raw.repeat_every, usual.repeat_every, report),
        quiet_hours: word::text(raw.quiet_hours).and_then(|at| quiet_hours(&at, report)),
        webhook: word::text(raw.webhook).and_then(|at| word::url(&at, &WEB, report)),
    }
}

fn quiet_hours(at: &At<Text>, report: &mut Report<'_>) -> Option<QuietHours> {
    let text = at.value.0.as_str();
    let span = text.split_once('-').and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
    match span {
        Some((from_minute, to_minute)) if from_minute != to_minute => {
            Some(QuietHours { from_minute, to_minute })
        }
        Some(_) => {
            let message = "quiet_hours begin and end at the same time.";
            report.error(&at.place, message, "Write a span such as \"22:00-07:00\", or \"\" for none.");
            None
        }
        None => {
            let message = format!("{} is not a span of the day.", secret::quoted(text));
            report.error(&at.place, message, "Write two times, such as \"22:00-07:00\".");
            None
        }
    }
}

/// `07:30` as minutes since midnight.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| part.len() <= 2 && !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if !digits(hour) || minute.len() != 2 || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

pub(super) fn prices(at: Option<At<Named<raw::Price>>>, report: &mut Report<'_>) -> Vec<Price> {
    let mut prices = Vec::new();
    for (model, At { value: raw, place }) in at.map(|at| at.value.0).unwrap_or_default() {
        if model.trim().is_empty() {
            report.error(&place, "A price needs the name of a model.", "Write [prices.\"MODEL\"].");
        }
        let price = Price {
            model,
            input: word::usd(raw.input, report),
            output: word::usd(raw.output, report),
            cached_input: word::usd(raw.cached_input, report),
            cache_write_5m: word::usd(raw.cache_write_5m, report),
            cache_write_1h: word::usd(raw.cache_write_1h, report),
        };
        if price == (Price { model: price.model.clone(), ..Price::default() }) {
            report.warning(
                &place,
                "This price says nothing.",
                "Add input and output, in US dollars per million tokens, or remove it.",
            );
        } else if (price.input.is_none() || price.output.is_none())
            && PriceBook::shipped().price(&price.model).is_none()
        {
            report.warning(
                &place,
                format!(
                    "What {} costs stays unknown: no price of it is shipped that could complete this one.",
                    secret::quoted(&price.model)
                ),
                "Add input and output, in US dollars per million tokens.",
            );
        }
        prices.push(price);
    }
    prices
}

pub(super) fn export(raw: raw::Export, report: &mut Report<'_>) -> Export {
    let langfuse = raw.langfuse.and_then(|at| langfuse(at, report));
    let helicone =
        raw.helicone.map(|at| Helicone { content: at.value.content.is_some_and(|content| content.value.0) });
    let endpoint = raw.otlp.and_then(|at| word::text(at.value.endpoint));
    let otlp = endpoint.and_then(|at| word::url(&at, &WEB, report)).map(|endpoint| Otlp { endpoint });
    Export { langfuse, helicone, otlp }
}

fn langfuse(at: At<raw::Langfuse>, report: &mut Report<'_>) -> Option<Langfuse> {
    let At { value: raw, place } = at;
    let host = match word::text(raw.host) {
        Some(at) => word::url(&at, &WEB, report),
        None => url::Url::parse("https://cloud.langfuse.com").ok(),
    };
    let public_key = word::text(raw.public_key);
    if public_key.is_none() {
        report.error(
            &place,
            "The export to Langfuse needs public_key.",
            "Add the project's public key, which begins with pk-lf-; the secret key is kept in the keychain.",
        );
    }
    let content = raw.content.is_some_and(|content| content.value.0);
    Some(Langfuse { host: host?, public_key: public_key?.value.0, content })
}
