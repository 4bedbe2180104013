//! Stage 1: who asks, for what, and with which controls. Nothing is sent and nothing is decided here
//! but whether the request may come in.
//!
//! In two steps, because the ledger begins between them: until the local key is known a request is
//! nobody's and leaves no row; from then on everything that happens to it is written down.

use bytes::Bytes;
use evenkeel_config::{Config, Pin, Usd};
use evenkeel_dialect::Dialect;
use evenkeel_dialect::ask::Ask;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use jiff::Timestamp;
use tokio::time::Instant;
use ulid::Ulid;

use crate::body;
use crate::endpoint::{self, Endpoint};
use crate::headers;
use crate::recall::CacheControl;
use crate::redact;
use crate::refusal::{Code, Refusal};
use crate::tenants::{Holder, TenantBook};

/// A request whose sender is known and whose body isn't read yet.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) arrived: Instant,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) endpoint: Endpoint,
    pub(crate) dialect: Dialect,
    pub(crate) headers: HeaderMap,
    pub(crate) tags: Tags,
    pub(crate) controls: Controls,
    /// A header of ours that can't be followed. The sender is known all the same, so the ledger shall know
    /// of the request before it is refused.
    wrong: Option<Refusal>,
}

impl Entered {
    /// Whether its headers can be followed.
    pub(crate) fn usable(&self) -> Result<(), Refusal> {
        self.wrong.clone().map_or(Ok(()), Err)
    }
}

/// What the ledger files a request under.
#[derive(Debug, Clone)]
pub(crate) struct Tags {
    pub(crate) tenant: String,
    pub(crate) feature: Option<String>,
    pub(crate) prompt_version: Option<String>,
}

impl Tags {
    /// What a key says by itself.
    fn of(holder: Holder) -> Self {
        Self { tenant: holder.tenant, feature: holder.feature, prompt_version: None }
    }
}

/// What the caller's headers ask of the router itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Controls {
    pub(crate) pin: Option<Pin>,
    pub(crate) bypass: bool,
    /// The most that this request may cost.
    pub(crate) max_cost: Option<Usd>,
    pub(crate) cache: CacheControl,
}

/// A request that is read whole and understood as far as routing needs it.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) entered: Entered,
    pub(crate) body: Bytes,
    /// The routing fields of an exchange; `None` for what is passed through.
    pub(crate) ask: Option<Ask>,
}

/// The id under which everything about a request is found; the caller's own, if it sent a usable one.
pub(crate) fn id_of(request: &HeaderMap) -> (String, Result<(), Refusal>) {
    let Some(value) = request.get(headers::ID) else { return (Ulid::new().to_string(), Ok(())) };
    let usable = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    match value.to_str().ok().filter(usable) {
        Some(id) => (id.to_owned(), Ok(())),
        None => (
            Ulid::new().to_string(),
            Err(Refusal::invalid(
                headers::ID.as_str(),
                "x-evenkeel-id must be 1 to 128 letters, digits, or the characters - _ . :",
            )),
        ),
    }
}

/// Host, Origin, local key and control headers.
pub(crate) fn enter(
    parts: Parts,
    (id, at, arrived): (String, Timestamp, Instant),
    config: &Config,
    tenants: &TenantBook,
) -> Result<Entered, Refusal> {
    let path = endpoint::normalise(parts.uri.path());
    let endpoint = Endpoint::of(&parts.method, &path);
    let dialect = Dialect::for_path(&path, parts.headers.contains_key(headers::ANTHROPIC_VERSION));
    if endpoint == Endpoint::Unknown {
        return Err(Refusal::new(
            Code::UnknownEndpoint,
            format!(
                "Evenkeel serves nothing at {path}. OpenAI tools use the base URL http://{0}/v1, Anthropic tools http://{0}.",
                config.server.listen
            ),
        )
        .for_good());
    }
    let holder = holder(&parts.headers, config, tenants)?;
    let (tags, wrong_tags) = match tags(&parts.headers, &holder, tenants) {
        Ok(tags) => (tags, None),
        Err(refusal) => (Tags::of(holder), Some(refusal)),
    };
    let (controls, wrong_controls) = match controls(&parts.headers) {
        Ok(controls) => (controls, None),
        Err(refusal) => (Controls::default(), Some(refusal)),
    };
    Ok(Entered {
        id,
        at,
        arrived,
        tags,
        controls,
        wrong: wrong_tags.or(wrong_controls),
        method: parts.method,
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        path,
        endpoint,
        dialect,
    })
}

/// Reads the body and, of an exchange, the few fields that routing needs.
pub(crate) async fn read(
    entered: Entered,
    body: axum::body::Body,
    config: &Config,
) -> Result<Admitted, (Entered, Refusal)> {
    let body = match body::read(body, &entered.headers, config.server.max_body).await {
        Ok(body) => body,
        Err(refusal) => return Err((entered, refusal)),
    };
    let ask = match entered.endpoint {
        Endpoint::Exchange(api) => match Ask::read(api, &body) {
            Ok(ask) => Some(ask),
            Err(error) => {
                let param = error.param.clone();
                let refusal = Refusal::new(Code::InvalidRequest, error.message).for_good();
                return Err((entered, Refusal { param, ..refusal }));
            }
        },
        Endpoint::Models | Endpoint::CountTokens | Endpoint::PassThrough | Endpoint::Unknown => None,
    };
    Ok(Admitted { entered, body, ask })
}

/// The key that a client presents, in whichever of the two places its SDK puts it. Where both are
/// filled, the one of our own form counts: some tools send a provider's key beside it.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers::text(headers, &header::AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, key)| key.trim());
    let plain = headers::text(headers, &headers::X_API_KEY);
    [bearer, plain]
        .into_iter()
        .flatten()
        .find(|key| key.starts_with("ek-"))
        .or(bearer)
        .or(plain)
        .filter(|key| !key.is_empty())
}

fn holder(headers: &HeaderMap, config: &Config, tenants: &TenantBook) -> Result<Holder, Refusal> {
    let key = presented(headers);
    if let Some(holder) = key.and_then(|key| tenants.holder(key)) {
        return Ok(holder);
    }
    if !config.server.require_key {
        return Ok(TenantBook::anyone());
    }
    let message = match key {
        None => {
            "No local key. Send `authorization: Bearer ek-…` or `x-api-key: ek-…`; `evenkeel env` prints a ready one."
        }
        Some(key) if key.starts_with("ek-") => {
            "This local key is unknown; it may have been rotated or removed. `evenkeel env` prints a valid one, `evenkeel tenant rotate NAME` makes a new one."
        }
        Some(_) => {
            "This is not a local key. Tools that talk to Evenkeel use its own keys (ek-…), never a provider's; `evenkeel env` prints one."
        }
    };
    Err(Refusal::new(Code::InvalidLocalKey, message).for_good())
}

fn tags(headers: &HeaderMap, holder: &Holder, tenants: &TenantBook) -> Result<Tags, Refusal> {
    let (tenant, default_feature) = match tag(headers, &headers::TENANT)? {
        None => (holder.tenant.clone(), holder.feature.clone()),
        Some(named) if named == holder.tenant => (named, holder.feature.clone()),
        Some(named) if !holder.any_tenant => {
            return Err(Refusal::invalid(
                headers::TENANT.as_str(),
                format!(
                    "x-evenkeel-tenant names {}, but this key belongs to {:?}. Leave the header out, or use that tenant's own key.",
                    redact::quoted(&named),
                    holder.tenant
                ),
            ));
        }
        Some(named) => match tenants.features(&named) {
            Some(features) => (named, features.first().cloned()),
            None => {
                return Err(Refusal::invalid(
                    headers::TENANT.as_str(),
                    format!(
                        "x-evenkeel-tenant names {}, which is no tenant here (there are: {}). `evenkeel tenant add NAME` makes one.",
                        redact::quoted(&named),
                        tenants.names().join(", ")
                    ),
                ));
            }
        },
    };
    Ok(Tags {
        tenant,
        feature: tag(headers, &headers::FEATURE)?.or(default_feature),
        prompt_version: tag(headers, &headers::PROMPT_VERSION)?,
    })
}

/// A tag is short printable text: it ends up in file names, exports and the client's paper.
fn tag(headers: &HeaderMap, name: &http::HeaderName) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Ok("") => Ok(None),
        Ok(text) if text.len() <= 64 => Ok(Some(text.to_owned())),
        _ => Err(Refusal::invalid(
            name.as_str(),
            format!("{name} must be plain ASCII text of at most 64 characters."),
        )),
    }
}

fn controls(headers: &HeaderMap) -> Result<Controls, Refusal> {
    let pin = headers::text(headers, &headers::PIN).filter(|pin| !pin.is_empty()).map(|pin| match pin {
        "primary" => Pin::Primary,
        "secondary" => Pin::Secondary,
        name => Pin::Provider(name.to_owned()),
    });
    let bypass = match headers::text(headers, &headers::BYPASS) {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(other) => {
            return Err(Refusal::invalid(
                headers::BYPASS.as_str(),
                format!("x-evenkeel-bypass is {}; it takes true or false.", redact::quoted(other)),
            ));
        }
    };
    let cache = match headers::text(headers, &headers::CACHE) {
        None | Some("") => CacheControl::Configured,
        Some("off") => CacheControl::Off,
        Some("only") => CacheControl::Only,
        Some("refresh") => CacheControl::Refresh,
        Some(other) => {
            return Err(Refusal::invalid(
                headers::CACHE.as_str(),
                format!("x-evenkeel-cache is {}; it takes off, only or refresh.", redact::quoted(other)),
            ));
        }
    };
    if let Some(text) = headers::text(headers, &headers::MAX_COST) {
        let Some(cost) = text.parse::<f64>().ok().and_then(Usd::from_dollars) else {
            return Err(Refusal::invalid(
                headers::MAX_COST.as_str(),
                format!(
                    "x-evenkeel-max-cost is {}; it takes US dollars, such as 0.02.",
                    redact::quoted(text)
                ),
            ));
        };
        return Ok(Controls { pin, bypass, max_cost: Some(cost), cache });
    }
    Ok(Controls { pin, bypass, max_cost: None, cache })
}

#[cfg(test)]
mod tests;
