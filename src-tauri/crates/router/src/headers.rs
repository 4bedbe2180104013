//! Header names of ours, and which of the others cross the router.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::guardrail::Degradation;

/// The request's id, on every response.
pub const ID: HeaderName = HeaderName::from_static("x-evenkeel-id");
/// Who produced the body: `primary`, `secondary`, `cache` or `bypass`.
pub const SERVED_BY: HeaderName = HeaderName::from_static("x-evenkeel-served-by");
/// The provider's configured name.
pub const PROVIDER: HeaderName = HeaderName::from_static("x-evenkeel-provider");
/// The model that was asked for at that provider.
pub const MODEL: HeaderName = HeaderName::from_static("x-evenkeel-model");
/// How many attempts it took.
pub const ATTEMPTS: HeaderName = HeaderName::from_static("x-evenkeel-attempts");
/// What the cache did: `hit`, `stale`, `miss` or `off`.
pub const CACHE: HeaderName = HeaderName::from_static("x-evenkeel-cache");
/// How old an answer from the cache is, in seconds.
pub const AGE: HeaderName = HeaderName::from_static("x-evenkeel-age");
/// Fields of the request that the answering provider's dialect has no word for and that it didn't get.
pub const DROPPED: HeaderName = HeaderName::from_static("x-evenkeel-dropped");
/// What was given up to stay within a limit: `truncated`, `cheaper`, `cached`.
pub const DEGRADED: HeaderName = HeaderName::from_static("x-evenkeel-degraded");
/// What the answer cost, in US dollars; of answers that don't stream.
pub const COST: HeaderName = HeaderName::from_static("x-evenkeel-cost-usd");
/// `true` where a count is Evenkeel's own estimate.
pub const ESTIMATED: HeaderName = HeaderName::from_static("x-evenkeel-estimated");
/// `true` while both providers are simulated.
pub const PRACTICE: HeaderName = HeaderName::from_static("x-evenkeel-practice");

pub(crate) const TENANT: HeaderName = HeaderName::from_static("x-evenkeel-tenant");
pub(crate) const FEATURE: HeaderName = HeaderName::from_static("x-evenkeel-feature");
pub(crate) const PROMPT_VERSION: HeaderName = HeaderName::from_static("x-evenkeel-prompt-version");
pub(crate) const PIN: HeaderName = HeaderName::from_static("x-evenkeel-pin");
pub(crate) const BYPASS: HeaderName = HeaderName::from_static("x-evenkeel-bypass");
pub(crate) const MAX_COST: HeaderName = HeaderName::from_static("x-evenkeel-max-cost");
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub(crate) const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");

const OURS: &str = "x-evenkeel-";

/// Headers that belong to one connection and never cross a proxy.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// What a client sends for this machine alone: its own address and key, the dashboard's cookie, where
/// it browses; and the encodings it takes, for an answer that we read has to arrive plain.
const STAYS_HERE: [HeaderName; 9] = [
    header::HOST,
    header::AUTHORIZATION,
    X_API_KEY,
    header::COOKIE,
    header::ORIGIN,
    header::REFERER,
    header::ACCEPT_ENCODING,
    header::CONTENT_LENGTH,
    header::EXPECT,
];

/// What a provider says about its own connection or host, and what no longer holds after us.
const STAYS_THERE: [HeaderName; 4] = [
    header::CONTENT_LENGTH,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    HeaderName::from_static("alt-svc"),
];

/// The client's headers as a provider of the same dialect may see them.
pub(crate) fn towards_provider(client: &HeaderMap) -> HeaderMap {
    crossing(client, &STAYS_HERE)
}

/// The client's headers as a provider of the other dialect may see them: none that speaks to a vendor, for it
/// is the wrong one, and none that describes a body which is no longer there.
pub(crate) fn towards_other_dialect(client: &HeaderMap) -> HeaderMap {
    let mut crossing = crossing(client, &STAYS_HERE);
    let foreign: Vec<_> = crossing.keys().filter(|name| speaks_to_a_vendor(name.as_str())).cloned().collect();
    for name in foreign {
        crossing.remove(name);
    }
    crossing
}

/// Of a translated answer: what its own vendor's SDK would read and the client's would misread stays behind.
pub(crate) fn from_other_dialect(provider: &mut HeaderMap) {
    let foreign: Vec<_> = provider.keys().filter(|name| speaks_to_a_vendor(name.as_str())).cloned().collect();
    for name in foreign {
        provider.remove(name);
    }
}

fn speaks_to_a_vendor(name: &str) -> bool {
    ["anthropic-", "openai-", "x-stainless-", "x-claude-", "x-codex-", "x-ratelimit-"]
        .iter()
        .any(|vendor| name.starts_with(vendor))
        || matches!(name, "content-type" | "content-encoding" | "accept" | "idempotency-key")
}

/// A provider's headers as the client may see them.
pub(crate) fn towards_client(provider: &HeaderMap) -> HeaderMap {
    crossing(provider, &STAYS_THERE)
}

fn crossing(headers: &HeaderMap, held_back: &[HeaderName]) -> HeaderMap {
    // A `connection` header may name further headers that end here.
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    headers
        .iter()
        .filter(|(name, _)| {
            !name.as_str().starts_with(OURS)
                && !HOP_BY_HOP.contains(name)
                && !held_back.contains(name)
                && !named.iter().any(|other| other == name.as_str())
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Sets a header from text; what no header can carry is left out rather than failing an answer.
pub(crate) fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Names the fields that the answering provider didn't get. Their names are the client's own text, so
/// nothing that isn't a field's name gets into a header, and not more than a screenful.
pub(crate) fn tell_dropped(out: &mut HeaderMap, dropped: &[String]) {
    const MOST: usize = 1024;
    let plain = |field: &String| {
        field.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.[]".contains(letter))
    };
    let mut names = String::new();
    for field in dropped.iter().filter(|field| plain(field)) {
        if names.len() + field.len() > MOST {
            break;
        }
        if !names.is_empty() {
            names.push_str(", ");
        }
        names.push_str(field);
    }
    if !names.is_empty() {
        put(out, DROPPED, &names);
    }
}

/// Says what was given up to stay within a limit.
pub(crate) fn tell_degraded(out: &mut HeaderMap, degraded: &[Degradation]) {
    if !degraded.is_empty() {
        let steps: Vec<&str> = degraded.iter().map(|step| step.as_str()).collect();
        put(out, DEGRADED, &steps.join(", "));
    }
}

/// A header's text; `None` when it is missing or no text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_key_and_our_own_headers_never_leave_this_machine() {
        let mut client = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer ek-local"),
            ("x-api-key", "ek-local"),
            ("cookie", "session=secret"),
            ("x-evenkeel-tenant", "acme"),
            ("connection", "close, x-private"),
            ("x-private", "1"),
            ("anthropic-beta", "context-1m-2025-08-07"),
            ("openai-organization", "org-1"),
            ("user-agent", "tool/1.0"),
        ] {
            client.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut crossed: Vec<_> =
            towards_provider(&client).keys().map(|name| name.as_str().to_owned()).collect();
        crossed.sort();
        assert_eq!(crossed, ["anthropic-beta", "openai-organization", "user-agent"]);
    }

    #[test]
    fn repeated_headers_all_cross() {
        let mut client = HeaderMap::new();
        client.append("anthropic-beta", HeaderValue::from_static("a"));
        client.append("anthropic-beta", HeaderValue::from_static("b"));
        assert_eq!(towards_provider(&client).get_all("anthropic-beta").iter().count(), 2);
    }
}
