//! A configured provider, ready to be asked: address, key, headers and one warm connection pool.
//!
//! Clients are built late and off the request's path where possible: loading the system's root
//! certificates takes longer than everything else at start together.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use evenkeel_config::{Config, Dialect as Speaks, Provider, Watch};
use evenkeel_dialect::Dialect;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use parking_lot::{Mutex, RwLock};
use reqwest::{Client, ClientBuilder, Url};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::headers::{self, X_API_KEY};
use crate::question::LimitName;
use crate::reach::{self, Place};
use crate::redact;
use crate::secrets::{KeyState, Secrets};
use crate::silent::Silent;

/// Providers close idle connections after about a minute; we let go first.
const IDLE_CONNECTION: Duration = Duration::from_secs(50);

/// Clients name models freely, so the number of those that are remembered is bounded.
const MOST_LIMIT_NAMES: usize = 256;

/// One provider.
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) config: Provider,
    pub(crate) key: KeyState,
    headers: HeaderMap,
    /// It answered 400 to a field that we had added; from then on it gets requests as the client wrote
    /// them. Forgotten with the configuration, for a host's next version may have learnt it.
    plain: AtomicBool,
    /// Models that refused a limit on the output by the name that they are known to take it by.
    limit_names: RwLock<HashMap<String, LimitName>>,
    /// What waits there for its first token.
    pub(crate) silent: Silent,
    /// Where it is, as far as its address tells.
    pub(crate) place: Place,
    /// When it last began an answer: for a while after that there is a connection to it.
    last_heard: Mutex<Option<Instant>>,
    /// Tries whether it can be reached, and keeps no connection for the next time.
    prober: OnceLock<Result<Client, String>>,
    /// One a connect time-out, for routes may differ in it and a pool can't.
    clients: HashMap<Duration, OnceLock<Result<Client, String>>>,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All of them, by name.
pub(crate) fn all(config: &Config, secrets: &Secrets) -> HashMap<String, Arc<Upstream>> {
    let waits: Vec<Duration> = config.routes.iter().map(|route| route.deadlines.connect).collect();
    config
        .providers
        .iter()
        .map(|provider| (provider.name.clone(), Arc::new(Upstream::new(provider, secrets, &waits))))
        .collect()
}

impl Upstream {
    fn new(provider: &Provider, secrets: &Secrets, connect_waits: &[Duration]) -> Self {
        let headers = provider
            .headers
            .iter()
            .filter_map(|(name, value)| {
                // Names and values were validated with the configuration.
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                Some((name, HeaderValue::from_str(value).ok()?))
            })
            .collect();
        Self {
            name: provider.name.clone(),
            config: provider.clone(),
            key: secrets.get(&provider.name),
            headers,
            plain: AtomicBool::new(false),
            limit_names: RwLock::default(),
            silent: Silent::default(),
            place: place(&provider.base_url),
            last_heard: Mutex::default(),
            prober: OnceLock::new(),
            clients: connect_waits.iter().map(|wait| (*wait, OnceLock::new())).collect(),
        }
    }

    pub(crate) fn speaks(&self, dialect: Dialect) -> bool {
        self.config.speaks(spoken(dialect))
    }

    /// A provider's headers as the client may see them, without any that quotes our key.
    pub(crate) fn towards_client(&self, provider: &HeaderMap) -> HeaderMap {
        let mut crossing = headers::towards_client(provider);
        let quoting: Vec<_> = crossing
            .iter()
            .filter(|(_, value)| redact::is_in(&self.key, value.as_bytes()))
            .map(|(name, _)| name.clone())
            .collect();
        for name in quoting {
            crossing.remove(name);
        }
        crossing
    }

    pub(crate) fn refuses_splices(&self) -> bool {
        self.plain.load(Ordering::Relaxed)
    }

    /// By which name a model here takes a limit that the client didn't set.
    pub(crate) fn limit_name(&self, model: Option<&str>) -> LimitName {
        let names = self.limit_names.read();
        model.and_then(|model| names.get(model)).copied().unwrap_or_default()
    }

    pub(crate) fn remember_limit_name(&self, model: &str, name: LimitName) {
        let mut names = self.limit_names.write();
        if names.len() < MOST_LIMIT_NAMES || names.contains_key(model) {
            names.insert(model.to_owned(), name);
        }
    }

    pub(crate) fn remember_refusal_of_splices(&self) {
        self.plain.store(true, Ordering::Relaxed);
    }

    /// Whether non-streaming requests are sent as streams, so that their first token can be watched.
    pub(crate) fn watches_always(&self) -> bool {
        self.config.watch == Watch::Always
    }

    /// The client for a route's connect time-out. Built on first use; `warm` makes that early.
    ///
    /// Who comes before it is built waits elsewhere: certificates take long to load, and every other request is
    /// answered on this thread meanwhile.
    pub(crate) async fn client(self: &Arc<Self>, connect: Duration) -> Result<Client, String> {
        if let Some(built) = self.clients.get(&connect).and_then(OnceLock::get) {
            return built.clone();
        }
        let upstream = Arc::clone(self);
        let build = move || match upstream.clients.get(&connect) {
            Some(slot) => slot.get_or_init(|| upstream.build(connect)).clone(),
            None => upstream.build(connect),
        };
        tokio::task::spawn_blocking(build).await.map_err(|error| error.to_string())?
    }

    /// Builds every client now; blocks while certificates load.
    pub(crate) fn warm(&self) {
        for (connect, slot) in &self.clients {
            slot.get_or_init(|| self.build(*connect));
        }
    }

    /// An answer of it has begun.
    pub(crate) fn heard(&self, now: Instant) {
        *self.last_heard.lock() = Some(now);
    }

    /// Whether there should be a connection to it that has proven itself.
    pub(crate) fn was_heard(&self, now: Instant) -> bool {
        self.last_heard.lock().is_some_and(|last| now.saturating_duration_since(last) < IDLE_CONNECTION)
    }

    /// The client that tries whether it can be reached: over the same way as every request, on a new connection.
    pub(crate) async fn prober(self: &Arc<Self>) -> Result<Client, String> {
        if let Some(built) = self.prober.get() {
            return built.clone();
        }
        let upstream = Arc::clone(self);
        let build = move || {
            let own = |builder: ClientBuilder| builder.pool_max_idle_per_host(0);
            upstream.prober.get_or_init(|| upstream.build_with(reach::CONNECT, own)).clone()
        };
        tokio::task::spawn_blocking(build).await.map_err(|error| error.to_string())?
    }

    /// What costs nothing to ask it for.
    pub(crate) fn probed(&self) -> Url {
        let dialect = self.config.dialects.first().copied().unwrap_or(Speaks::OpenAi);
        self.config.url(dialect, "/v1/models")
    }

    fn build(&self, connect: Duration) -> Result<Client, String> {
        self.build_with(connect, |builder| builder)
    }

    fn build_with(
        &self,
        connect: Duration,
        own: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Client, String> {
        let mut builder = Client::builder()
            .connect_timeout(connect)
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE_CONNECTION)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        let base = &self.config.base_url;
        if base.scheme() == "http" {
            // No TLS, so no root certificates to load.
            builder = builder.tls_certs_only([]);
        }
        if let Some(proxy) = &self.config.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(|error| error.to_string())?);
        } else if is_loopback(base) {
            builder = builder.no_proxy();
        }
        own(builder).build().map_err(|error| error.to_string())
    }

    /// Our key in the place where this dialect's vendor expects it, and the configured headers.
    pub(crate) fn sign(&self, dialect: Dialect, headers: &mut HeaderMap) {
        if let KeyState::Present(key) = &self.key {
            let (name, text) = match dialect {
                Dialect::OpenAi => (header::AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
                Dialect::Anthropic => (X_API_KEY, key.expose_secret().to_owned()),
            };
            if let Ok(mut value) = HeaderValue::from_str(&text) {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// Where a path of ours lies at this provider.
    pub(crate) fn url(&self, dialect: Dialect, path: &str, query: Option<&str>) -> Url {
        let mut url = self.config.url(spoken(dialect), path);
        url.set_query(query);
        url
    }
}

/// Chooses the process's TLS provider; every HTTP client needs that done before it is built. Calling it
/// again changes nothing.
pub fn install_crypto() {
    // An error says only that somebody has chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The configuration's word for the dialect crate's.
fn spoken(dialect: Dialect) -> Speaks {
    match dialect {
        Dialect::OpenAi => Speaks::OpenAi,
        Dialect::Anthropic => Speaks::Anthropic,
    }
}

fn is_loopback(url: &Url) -> bool {
    place(url) == Place::Loopback
}

/// Where a host is, as far as its name or address tells. Names are not resolved: that may take long, and is itself
/// what fails without a network.
fn place(url: &Url) -> Place {
    let (loopback, near) = match url.host() {
        Some(url::Host::Ipv4(ip)) => {
            (ip.is_loopback() || ip.is_unspecified(), ip.is_private() || ip.is_link_local())
        }
        Some(url::Host::Ipv6(ip)) => {
            (ip.is_loopback() || ip.is_unspecified(), ip.is_unique_local() || ip.is_unicast_link_local())
        }
        Some(url::Host::Domain(name)) => {
            let last = name.rsplit('.').next().unwrap_or(name);
            (last == "localhost", last == name || matches!(last, "local" | "internal"))
        }
        None => (false, false),
    };
    match (loopback, near) {
        (true, _) => Place::Loopback,
        (_, true) => Place::Near,
        _ => Place::Far,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_provider_is_stands_in_its_address() {
        for (url, expected) in [
            ("http://127.0.0.1:11434/v1", Place::Loopback),
            ("http://[::1]:8000/v1", Place::Loopback),
            ("http://localhost:8000/v1", Place::Loopback),
            ("http://192.168.1.20:8000/v1", Place::Near),
            ("http://[fd00::20]:8000/v1", Place::Near),
            ("http://nas:8000/v1", Place::Near),
            ("http://nas.local:8000/v1", Place::Near),
            ("https://api.openai.com/v1", Place::Far),
            ("http://192.0.2.20/v1", Place::Far),
        ] {
            assert_eq!(place(&Url::parse(url).expect("a URL")), expected, "{url}");
        }
    }
}
