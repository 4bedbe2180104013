//! A router on a real socket, with the practice providers or any others behind it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use evenkeel_cache::{Cache, Limits, Options as CacheOptions, SealingKey};
use evenkeel_config::{Config, Dialect};
use evenkeel_practice::{Fault, Options, Pace, Practice};
use evenkeel_router::{Clock, Event, Events, KeyState, Parts, Router, Secrets, Shelf, SystemClock};
use evenkeel_store::{LedgerRow, RequestsQuery, Store, Tenant, hash_key};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const LOCAL_KEY: &str = "ek-local";
pub const PROVIDER_KEY: &str = "sk-canary-provider";

pub struct Rig {
    pub router: Arc<Router>,
    pub store: Store,
    pub events: Events,
    pub practice: Option<Practice>,
    pub http: reqwest::Client,
    address: SocketAddr,
    shelf: Shelf,
    limits: Limits,
    folder: TempDir,
}

/// Starts a router between practice providers of both dialects, so that nothing is translated; `extra` is more of
/// the file.
pub async fn practice(extra: &str) -> Rig {
    let options = Options { pace: Pace::Instant, ..Options::both_dialects() };
    let practice = Practice::start(options).await.expect("loopback ports");
    let url = |name| practice.base_url(name).and_then(|url| url.parse().ok()).expect("it listens");
    let mut config = config(extra).for_practice(url("practice-a"), url("practice-b"));
    for provider in &mut config.providers {
        provider.dialects = vec![Dialect::OpenAi, Dialect::Anthropic];
    }
    let mut rig = start(config, true, Arc::new(SystemClock), false).await;
    rig.practice = Some(practice);
    rig
}

/// Starts a router with two OpenAI providers at these addresses.
pub async fn between(primary: &str, secondary: &str, extra: &str) -> Rig {
    let text = format!(
        "{extra}\n[providers.first]\ndialect = \"openai\"\nbase_url = \"{primary}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n\
         [providers.second]\ndialect = \"openai\"\nbase_url = \"{secondary}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n"
    );
    start(config(&text), false, Arc::new(SystemClock), false).await
}

pub fn config(text: &str) -> Config {
    evenkeel_config::parse(text).unwrap_or_else(|problems| panic!("{problems:?}")).config
}

pub async fn start(config: Config, practice: bool, clock: Arc<dyn Clock>, env_bypass: bool) -> Rig {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let key = |name: &str| {
        let state =
            if practice { KeyState::NotNeeded } else { KeyState::Present(SecretString::from(PROVIDER_KEY)) };
        (name.to_owned(), state)
    };
    let secrets: Secrets = config.providers.iter().map(|provider| key(&provider.name)).collect();
    let tenant = |name: &str, key: &str, features: &[&str]| Tenant {
        name: name.to_owned(),
        features: features.iter().map(|&feature| feature.to_owned()).collect(),
        key_hash: Some(hash_key(key)),
        created_at: jiff::Timestamp::now(),
        last_used_at: None,
    };
    let events = Events::default();
    let limits = Limits {
        max_size: config.cache.max_size,
        keep_for: config.cache.keep_for,
        fresh_for: config.cache.fresh_for,
    };
    let shelf = Shelf::default();
    let router = Router::new(Parts {
        config: Arc::new(config),
        store: store.clone(),
        secrets,
        clock,
        events: events.clone(),
        practice,
        env_bypass,
        stored_bypass: None,
        forced: None,
        tenants: vec![tenant("local", LOCAL_KEY, &[]), tenant("acme", "ek-acme", &["support-bot"])],
        breakers: Vec::new(),
        spent: Vec::new(),
        shelf: Shelf::clone(&shelf),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    let app = router.http();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let http = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
    Rig { router, store, events, practice: None, http, address, shelf, limits, folder }
}

impl Rig {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Opens the cache of this router, as the program does a moment after its start.
    pub async fn open_cache(&self) {
        let options = CacheOptions {
            redis: None,
            folder: self.folder.path().to_owned(),
            key: SealingKey::generate().expect("randomness"),
            limits: self.limits,
            now: Arc::new(jiff::Timestamp::now),
            tell: Arc::new(|trouble| panic!("{trouble}")),
        };
        self.shelf.store(Some(Arc::new(Cache::open(options).await.expect("a cache"))));
    }

    fn cache(&self) -> Arc<Cache> {
        self.shelf.load_full().expect("the cache is open")
    }

    /// Everything that was answered so far is in the cache.
    pub async fn flush_cache(&self) {
        self.cache().flush().await;
    }

    /// How many answers are kept.
    pub async fn cached(&self) -> u64 {
        self.cache().stats().await.entries
    }

    pub async fn fault(&self, name: &str, fault: Fault) {
        let practice = self.practice.as_ref().expect("a practice rig");
        practice.set_fault(name, fault).await.expect("a practice provider");
    }

    pub fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.http
            .post(self.url(path))
            .header("authorization", format!("Bearer {LOCAL_KEY}"))
            .header("content-type", "application/json")
            // Every client of Anthropic's sends it, and the vendor insists on it.
            .header("anthropic-version", "2023-06-01")
            .body(body.to_string())
    }

    pub async fn chat(&self, stream: bool) -> Answer {
        Answer::of(self.post("/v1/chat/completions", &chat(stream)).send().await.expect("an answer")).await
    }

    pub fn router_events(&self) -> tokio::sync::broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// The newest row; the store sees every request whose last byte is out.
    pub async fn last_row(&self) -> LedgerRow {
        self.rows().await.into_iter().next().expect("a row")
    }

    pub async fn rows(&self) -> Vec<LedgerRow> {
        let query =
            RequestsQuery { since: None, tenant: None, failed: false, before: None, limit: 1000, mode: None };
        self.store.requests(query).await.expect("the ledger reads").requests
    }

    /// Polls until the ledger has `count` rows: for requests whose end nobody waits for.
    pub async fn until_rows(&self, count: usize) -> Vec<LedgerRow> {
        let until = tokio::time::Instant::now() + Duration::from_secs(10);
        loop {
            let rows = self.rows().await;
            if rows.len() >= count {
                return rows;
            }
            assert!(tokio::time::Instant::now() < until, "{} rows instead of {count}", rows.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub fn chat(stream: bool) -> Value {
    json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "Say hello to the keel" }], "stream": stream })
}

pub fn message(stream: bool) -> Value {
    json!({ "model": "claude-haiku-4-5", "max_tokens": 200, "messages": [{ "role": "user", "content": "Say hello to the keel" }], "stream": stream })
}

/// Collects the events of a kind that were told so far.
pub fn told(events: &mut tokio::sync::broadcast::Receiver<Event>, kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    while let Ok(event) = events.try_recv() {
        if event.kind() == kind {
            found.push(event.sentence());
        }
    }
    found
}

/// A response read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.expect("a whole body");
        Self { status, headers, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}
