//! The valid config: what the rest of the program reads. Every value here has been checked, so a reader
//! needs no second look: globs are never empty, time-outs never zero, names of providers exist.

mod policy;
mod provider;
mod route;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::{Host, Url};

pub use policy::{
    Alerts, Cache, CacheBackend, CacheServe, Export, Guardrails, Helicone, Langfuse, LatencyBasis, OnExceed,
    OnUnpriced, Otlp, Price, QuietHours, RedisUrl, Sensitivity, Slo,
};
pub use provider::{Dialect, KeySource, PromptCaching, Provider, Watch};
pub use route::{Deadlines, Pin, Route, RouteTarget, Strategy};

use crate::Glob;

/// A whole `evenkeel.toml`, checked. [`Config::default`] is what an empty file means.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Send every request to the primary untouched. The environment and the run-time switch come on top.
    pub bypass: bool,
    /// Where Evenkeel listens and whom it lets in.
    pub server: Server,
    /// The providers in the order of the file.
    pub providers: Vec<Provider>,
    /// The routes in the order of the file; the first that matches a request is taken.
    pub routes: Vec<Route>,
    /// Limits that hold for every request unless a route or tenant sets its own.
    pub guardrails: Guardrails,
    /// The travel-mode cache.
    pub cache: Cache,
    /// The promises to measure; one for everything when the file names none.
    pub slos: Vec<Slo>,
    /// The tenants that the file names. The tenant `local` exists without being named.
    pub tenants: Vec<Tenant>,
    /// When and how to raise the three alerts.
    pub alerts: Alerts,
    /// Prices that add to or override the shipped table.
    pub prices: Vec<Price>,
    /// Where the ledger is sent besides.
    pub export: Export,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bypass: false,
            server: Server::default(),
            providers: Vec::new(),
            routes: Vec::new(),
            guardrails: Guardrails::for_all(),
            cache: Cache::default(),
            slos: vec![Slo::default()],
            tenants: Vec::new(),
            alerts: Alerts::default(),
            prices: Vec::new(),
            export: Export::default(),
        }
    }
}

impl Config {
    /// The provider of that name.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    /// The tenant of that name, if the file has it.
    pub fn tenant(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.name == name)
    }

    /// The same config listening on another address, as `--listen` asks for.
    ///
    /// # Errors
    /// The address has the faults that the file's own `listen` is checked for: it can be reached from other
    /// machines while no key is required, or a provider's `base_url` points at it.
    pub fn with_listen(mut self, listen: SocketAddr) -> Result<Self, ListenError> {
        self.server.listen = listen;
        if !listen.ip().is_loopback() && !self.server.require_key {
            return Err(ListenError::NeedsKeys { listen });
        }
        match self.providers.iter().find(|provider| self.server.is_reached_by(&provider.base_url)) {
            Some(provider) => Err(ListenError::Circle { listen, provider: provider.name.clone() }),
            None => Ok(self),
        }
    }

    /// The same config with the two practice providers in place of the real ones: `practice-a` for OpenAI,
    /// `practice-b` for Anthropic, so that a failover between them crosses the dialects. Every route keeps its
    /// name, patterns, retries and deadlines, and asks `practice-a` first and `practice-b` second; models
    /// are as the client names them. A file without routes gets one, named `default`.
    #[must_use]
    pub fn for_practice(mut self, a_url: Url, b_url: Url) -> Self {
        self.providers = vec![
            Provider::practice("practice-a", Dialect::OpenAi, a_url),
            Provider::practice("practice-b", Dialect::Anthropic, b_url),
        ];
        if self.routes.is_empty() {
            self.routes.push(Route::default());
        }
        for route in &mut self.routes {
            route.pin = route.pin.take().and_then(|pin| pin.by_place(route));
            route.primary =
                RouteTarget { provider: "practice-a".to_owned(), model: None, ..route.primary.clone() };
            let weight = route.secondary.as_ref().map_or(Route::SECONDARY_WEIGHT, |target| target.weight);
            route.secondary = Some(RouteTarget { provider: "practice-b".to_owned(), weight, model: None });
        }
        self
    }
}

/// `[server]`: where Evenkeel listens and whom it lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Address and port to listen on; port 0 lets the system choose one.
    pub listen: SocketAddr,
    /// Whether a request must carry a local key. Always true when `listen` is not on loopback.
    pub require_key: bool,
    /// Largest request body, in bytes.
    pub max_body: u64,
    /// Host names besides loopback that `Host` may carry, in lower case, without a port.
    pub allow_hosts: Vec<String>,
    /// Browser origins that get CORS answers, as a browser sends them, such as `https://app.example`.
    pub allow_origins: Vec<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9950),
            require_key: true,
            max_body: 32 * 1024 * 1024,
            allow_hosts: Vec::new(),
            allow_origins: Vec::new(),
        }
    }
}

impl Server {
    /// Whether a request to this address would come back to Evenkeel.
    pub fn is_reached_by(&self, url: &Url) -> bool {
        if self.listen.port() == 0 || url.port_or_known_default() != Some(self.listen.port()) {
            return false;
        }
        let own = self.listen.ip();
        let is_own =
            |ip: IpAddr| ip == own || (own.is_unspecified() && (ip.is_loopback() || ip.is_unspecified()));
        match url.host() {
            Some(Host::Ipv4(ip)) => is_own(ip.into()),
            Some(Host::Ipv6(ip)) => is_own(ip.into()),
            Some(Host::Domain(name)) => {
                let local = name == "localhost" || name.ends_with(".localhost");
                (local && (own.is_loopback() || own.is_unspecified()))
                    || self.allow_hosts.iter().any(|host| host == name)
            }
            None => false,
        }
    }
}

/// `[tenants.NAME]`: one who uses Evenkeel with a local key of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// The name, as it stands in the ledger.
    pub name: String,
    /// The features the tenant has; the first one is the default tag of its requests.
    pub features: Vec<String>,
    /// Limits for this tenant, over those of `[guardrails]`.
    pub guardrails: Guardrails,
}

/// Why Evenkeel can't listen on an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// Other machines could use it without a key.
    #[error(
        "Listening on {listen}, which other machines can reach, demands require_key = true. \
         Set it in evenkeel.toml, or listen on 127.0.0.1."
    )]
    NeedsKeys {
        /// The address asked for.
        listen: SocketAddr,
    },
    /// A provider's address is this one.
    #[error(
        "The base_url of provider {provider:?} is {listen} itself: requests would go round in circles. \
         Listen on another port, or correct base_url in evenkeel.toml."
    )]
    Circle {
        /// The address asked for.
        listen: SocketAddr,
        /// The provider that points at it.
        provider: String,
    },
}

/// Names of features as patterns: what a route without `models` or `features` matches.
pub(crate) fn everything() -> Vec<Glob> {
    vec![Glob::new("*")]
}
