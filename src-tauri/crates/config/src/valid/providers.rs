//! `[providers.NAME]`: presets filled in, addresses and credentials checked.

use url::{Host, Url};

use super::word::{self, Link};
use crate::preset::{self, PRESETS, Preset};
use crate::raw::unknown::nearest;
use crate::raw::{At, Named, Text};
use crate::report::{Place, Report};
use crate::{Dialect, Glob, KeySource, PromptCaching, Provider, Server, Watch, raw, secret};

const BASE_URL: Link = Link {
    schemes: &["https", "http"],
    example: "https://api.openai.com/v1",
    password: "Take it out, and give the key with key = \"env:NAME\".",
    query: false,
};

const PROXY: Link = Link {
    schemes: &["http", "https"],
    example: "http://proxy.example:3128",
    password: "Take it out; leave proxy empty and set HTTPS_PROXY in the environment, where it may stand.",
    query: false,
};

/// The providers that could be made out, and the names and places of all, so that a route to a provider
/// with a mistake in it isn't a second mistake.
pub(super) struct Providers {
    pub(super) good: Vec<Provider>,
    pub(super) names: Vec<String>,
    /// Where each of `names` is defined.
    pub(super) places: Vec<Place>,
}

pub(super) fn check(
    at: Option<At<Named<raw::Provider>>>,
    server: &Server,
    report: &mut Report<'_>,
) -> Providers {
    let entries = at.map(|at| at.value.0).unwrap_or_default();
    let (names, places) = entries.iter().map(|(name, at)| (name.clone(), at.place.clone())).unzip();
    let good = entries.into_iter().filter_map(|(name, at)| provider(name, at, server, report)).collect();
    Providers { good, names, places }
}

/// `None`: it has no usable address, which has been reported.
fn provider(
    name: String,
    at: At<raw::Provider>,
    server: &Server,
    report: &mut Report<'_>,
) -> Option<Provider> {
    let At { value: raw, place } = at;
    provider_name(&name, &place, report);
    let preset = preset::of(&name);
    missing(&name, &raw, preset, &place, report);
    let dialects = match (raw.dialect, preset) {
        (Some(at), _) => at.value.0,
        (None, Some(preset)) => vec![preset.dialect],
        (None, None) => vec![Dialect::OpenAi],
    };
    let key = key(raw.key, preset, report);
    let base_url = match &raw.base_url {
        Some(at) => address(at, server, &key, report),
        None => preset.and_then(|preset| Url::parse(preset.base_url).ok()),
    };
    let headers = headers(raw.headers, report);
    let proxy = word::text(raw.proxy).and_then(|at| word::url(&at, &PROXY, report));
    Some(Provider {
        dialects,
        base_url: base_url?,
        key,
        models: models(raw.models, preset),
        default_model: word::plain(raw.default_model),
        watch: raw.watch.map_or(Watch::Always, |at| at.value),
        responses: raw.responses.map_or(preset.is_some_and(|preset| preset.responses), |at| at.value.0),
        cheaper_model: word::plain(raw.cheaper_model),
        headers,
        proxy,
        prompt_caching: raw.prompt_caching.map_or(PromptCaching::FiveMinutes, |at| at.value),
        name,
    })
}

fn provider_name(name: &str, place: &Place, report: &mut Report<'_>) {
    if matches!(name, "primary" | "secondary") {
        report.error(
            place,
            format!("A provider can't be called \"{name}\": pin = \"{name}\" means a place in a route."),
            "Give it another name.",
        );
    } else {
        word::name(name, "provider", place, report);
    }
}

/// Says what a provider without a preset still needs.
fn missing(name: &str, raw: &raw::Provider, preset: Option<&Preset>, place: &Place, report: &mut Report<'_>) {
    if preset.is_some() || (raw.dialect.is_some() && raw.base_url.is_some()) {
        return;
    }
    let needs = match (&raw.dialect, &raw.base_url) {
        (None, None) => "dialect and base_url",
        (None, Some(_)) => "dialect",
        _ => "base_url",
    };
    let fix = if let Some(known) = nearest(name, PRESETS.iter().map(|preset| preset.name)) {
        format!("Did you mean [providers.{known}]? Else add {needs}.")
    } else {
        let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        format!("Add {needs}. Only for {} are they filled in.", known.join(", "))
    };
    report.error(place, format!("Provider {} needs {needs}.", secret::quoted(name)), fix);
}

fn key(at: Option<At<Text>>, preset: Option<&Preset>, report: &mut Report<'_>) -> KeySource {
    let Some(At { value: Text(text), place }) = at else {
        return if preset.is_some_and(|preset| preset.keyless) {
            KeySource::None
        } else {
            KeySource::Keychain
        };
    };
    if secret::looks_like_one(&text) {
        return KeySource::None; // Reported with all other secrets.
    }
    match text.as_str() {
        "keychain" => KeySource::Keychain,
        "none" => KeySource::None,
        _ => match text.strip_prefix("env:").map(str::trim) {
            Some(variable) if word::is_variable(variable) => KeySource::Env(variable.to_owned()),
            _ => {
                // Whatever stands here may be the key itself, in a form nobody has seen yet: never repeat it.
                report.error(
                    &place,
                    "key says where the key comes from, and never is the key itself.",
                    "Write \"env:NAME\" with the name of an environment variable, \"keychain\" or \"none\".",
                );
                KeySource::None
            }
        },
    }
}

fn models(at: Option<At<Vec<At<raw::Pattern>>>>, preset: Option<&Preset>) -> Vec<Glob> {
    match (at, preset) {
        (Some(at), _) => at.value.into_iter().map(|at| at.value.0).collect(),
        (None, Some(preset)) => preset.models.iter().map(|pattern| Glob::new(pattern)).collect(),
        // A host nobody knows may serve anything, and is often the only one there is.
        (None, None) => vec![Glob::new("*")],
    }
}

fn address(at: &At<Text>, server: &Server, key: &KeySource, report: &mut Report<'_>) -> Option<Url> {
    let url = word::url(at, &BASE_URL, report)?;
    if server.is_reached_by(&url) {
        report.error(
            &at.place,
            format!(
                "base_url is Evenkeel's own address ({}): requests would go round in circles.",
                server.listen
            ),
            "Write the provider's address, or listen on another port.",
        );
        return None;
    }
    if url.scheme() == "http" && *key != KeySource::None && !is_near(&url) {
        report.warning(
            &at.place,
            "The key would travel unencrypted: base_url begins with http://.",
            "Write https:// if the host speaks it.",
        );
    }
    Some(url)
}

/// Whether the host is this machine or one on a private network.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Some(Host::Domain(name)) => {
            let last = name.rsplit('.').next().unwrap_or(name);
            last == name || matches!(last, "localhost" | "local" | "internal")
        }
        None => false,
    }
}

fn headers(at: Option<At<Named<Text>>>, report: &mut Report<'_>) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, At { value: Text(value), place }) in at.map(|at| at.value.0).unwrap_or_default() {
        let lower = name.to_ascii_lowercase();
        if let Some((message, fix)) = header_problem(&lower, &value) {
            report.error(&place, message, fix);
        } else if headers.iter().any(|(other, _)| *other == lower) {
            let message = format!("The header {} stands here twice.", secret::quoted(&lower));
            report.error(&place, message, "Keep one; letter case makes no difference.");
        } else {
            headers.push((lower, value));
        }
    }
    headers
}

/// Headers that belong to one connection or one message, which the router makes itself.
const OURS: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn header_problem(name: &str, value: &str) -> Option<(String, &'static str)> {
    if secret::is_credential_header(name) || (secret::is_credential(value) && !secret::looks_like_one(value))
    {
        let message = format!(
            "The header {} carries a secret. Secrets never stand in evenkeel.toml.",
            secret::quoted(name)
        );
        return Some((
            message,
            "Remove it; give the key with key = \"env:NAME\" and Evenkeel sends the header itself.",
        ));
    }
    if !is_header_name(name) {
        let message = format!("{} can't be the name of a header.", secret::quoted(name));
        return Some((message, "Use letters, digits and hyphens only."));
    }
    if OURS.contains(&name) || name.starts_with("x-evenkeel-") {
        let message = format!("The header {} is set by Evenkeel itself.", secret::quoted(name));
        return Some((message, "Remove it."));
    }
    let printable = |c: char| c == '\t' || (' '..='~').contains(&c);
    if !value.chars().all(printable) {
        let message = format!("The value of the header {} can't be sent.", secret::quoted(name));
        return Some((message, "Use plain ASCII characters on one line."));
    }
    None
}

/// A token of RFC 9110, section 5.6.2.
fn is_header_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.len() <= 128 && name.chars().all(fits)
}
