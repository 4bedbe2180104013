//! The parts of the file that say what is allowed, promised, kept and told: guardrails, cache, SLOs,
//! alerts, prices, exports. What each means is fixed here; `not_yet` knows which of them have no effect so far.

use std::time::Duration;

use url::Url;

use crate::Usd;

/// Limits on one request and on spending. `None` means "not set here": a wider scope may set it.
/// A limit of zero means "no limit", also where a wider scope has one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guardrails {
    /// The most one request may cost.
    pub max_cost_per_request: Option<Usd>,
    /// The most input tokens one request may have.
    pub max_input_tokens: Option<u64>,
    /// The most output tokens one request may ask for.
    pub max_output_tokens: Option<u64>,
    /// The most that may be spent in a day.
    pub max_cost_per_day: Option<Usd>,
    /// The most that may be spent in a calendar month.
    pub max_cost_per_month: Option<Usd>,
    /// What to do, under a money limit, with a model whose price is unknown; unset: allow.
    pub on_unpriced: Option<OnUnpriced>,
    /// What to try, in order, when a request is over a limit; unset: [`OnExceed::ALL`].
    pub on_exceed: Option<Vec<OnExceed>>,
}

impl Guardrails {
    /// What holds for every request when the file sets nothing: no limits, and the usual steps.
    pub fn for_all() -> Self {
        Self {
            on_unpriced: Some(OnUnpriced::Allow),
            on_exceed: Some(OnExceed::ALL.to_vec()),
            ..Self::default()
        }
    }

    /// The same limits, with "no limit" written out as zero.
    pub(crate) fn spelled_out(&self) -> Self {
        Self {
            max_cost_per_request: self.max_cost_per_request.or(Some(Usd::from_micros(0))),
            max_input_tokens: self.max_input_tokens.or(Some(0)),
            max_output_tokens: self.max_output_tokens.or(Some(0)),
            max_cost_per_day: self.max_cost_per_day.or(Some(Usd::from_micros(0))),
            max_cost_per_month: self.max_cost_per_month.or(Some(Usd::from_micros(0))),
            on_unpriced: self.on_unpriced,
            on_exceed: self.on_exceed.clone(),
        }
    }
}

/// What to do with a model whose price is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnpriced {
    /// Let it pass, counted apart and warned about.
    Allow,
    /// Refuse it.
    Reject,
}

/// One step taken when a request is over a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExceed {
    /// Drop the oldest turns.
    Truncate,
    /// Ask the cheaper model.
    Cheaper,
    /// Answer from the cache, whatever the age.
    Cached,
    /// Refuse with 402.
    Reject,
}

impl OnExceed {
    /// All steps in the default order.
    pub const ALL: [Self; 4] = [Self::Truncate, Self::Cheaper, Self::Cached, Self::Reject];
}

/// `[cache]`: the travel-mode cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Where answers are kept.
    pub backend: CacheBackend,
    /// Where Redis is, if that is the backend.
    pub redis_url: Option<RedisUrl>,
    /// When a kept answer is given.
    pub serve: CacheServe,
    /// How long an answer counts as fresh.
    pub fresh_for: Duration,
    /// How long an answer is kept at all; never shorter than `fresh_for`.
    pub keep_for: Duration,
    /// The most space all answers take, in bytes.
    pub max_size: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            backend: CacheBackend::Sqlite,
            redis_url: None,
            serve: CacheServe::OnFailure,
            fresh_for: Duration::from_hours(1),
            keep_for: Duration::from_hours(30 * 24),
            max_size: 512 * 1024 * 1024,
        }
    }
}

/// Where cached answers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheBackend {
    /// In Evenkeel's own database.
    Sqlite,
    /// In a Redis that several routers share.
    Redis,
}

/// Where the address of Redis comes from. One with a password never stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisUrl {
    /// As written, without a password.
    Url(Url),
    /// From the environment variable of this name.
    Env(String),
    /// From the keychain.
    Keychain,
}

/// When a cached answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheServe {
    /// When no provider answers.
    OnFailure,
    /// Whenever a fresh one is there.
    Always,
    /// Never.
    Never,
}

/// `[[slo]]`: one promise to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// Its name; no two share one.
    pub name: String,
    /// Only this tenant's requests; `None`: all.
    pub tenant: Option<String>,
    /// Only this feature's requests; `None`: all.
    pub feature: Option<String>,
    /// Share of requests that succeed, in percent, from 50 to 100.
    pub success: f64,
    /// The latency that 95 % of requests stay within.
    pub p95: Duration,
    /// What the latency is measured to.
    pub latency: LatencyBasis,
    /// Average cost of a request.
    pub cost: Usd,
    /// The time looked back over.
    pub window: Duration,
}

impl Default for Slo {
    fn default() -> Self {
        Self {
            name: "Everything".to_owned(),
            tenant: None,
            feature: None,
            success: 99.5,
            p95: Duration::from_millis(2500),
            latency: LatencyBasis::FirstByte,
            cost: Usd::from_micros(15_000),
            window: Duration::from_hours(30 * 24),
        }
    }
}

/// What a latency is measured to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatencyBasis {
    /// The first meaningful byte handed to the client, streaming or not.
    FirstByte,
    /// The first token, of streams only.
    FirstToken,
    /// The last byte.
    Complete,
}

/// `[alerts]`: when the three alerts are raised and how they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// How much proof an alert needs.
    pub sensitivity: Sensitivity,
    /// Time between two evaluations.
    pub evaluate_every: Duration,
    /// How long success must stay below target.
    pub success_hold: Duration,
    /// How long p95 must stay over target.
    pub p95_hold: Duration,
    /// How long the average cost must stay over budget.
    pub cost_hold: Duration,
    /// How long all must be well before an alert is resolved.
    pub resolve_hold: Duration,
    /// A breach within this time after that is the same incident.
    pub reopen_within: Duration,
    /// How far back to reach for enough requests to judge by.
    pub lookback: Duration,
    /// Whether switches between providers are noted silently.
    pub notices: bool,
    /// Time until an alert that nobody acknowledged is told again.
    pub repeat_every: Duration,
    /// When only success alerts are told.
    pub quiet_hours: Option<QuietHours>,
    /// Where alerts are posted to besides.
    pub webhook: Option<Url>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            sensitivity: Sensitivity::Standard,
            evaluate_every: Duration::from_secs(15),
            success_hold: Duration::from_mins(5),
            p95_hold: Duration::from_mins(15),
            cost_hold: Duration::from_mins(15),
            resolve_hold: Duration::from_mins(5),
            reopen_within: Duration::from_mins(15),
            lookback: Duration::from_hours(2),
            notices: true,
            repeat_every: Duration::from_hours(4),
            quiet_hours: None,
            webhook: None,
        }
    }
}

/// How much proof an alert needs before it is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Supported at 1 %.
    Standard,
    /// Supported at 0.1 %.
    Quiet,
    /// The plain wording of the rules.
    Literal,
}

/// A daily span in local time, as minutes since midnight; it may run over midnight, and is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// First quiet minute of the day, 0 to 1439.
    pub from_minute: u16,
    /// First minute that is no longer quiet, 0 to 1439.
    pub to_minute: u16,
}

/// `[prices."MODEL"]`: US dollars per million tokens. What is unset comes from the shipped table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Price {
    /// The model's name.
    pub model: String,
    /// Input tokens.
    pub input: Option<Usd>,
    /// Output tokens.
    pub output: Option<Usd>,
    /// Input tokens read from the provider's cache.
    pub cached_input: Option<Usd>,
    /// Tokens written to the provider's cache for five minutes.
    pub cache_write_5m: Option<Usd>,
    /// Tokens written to the provider's cache for an hour.
    pub cache_write_1h: Option<Usd>,
}

/// `[export]`: where the ledger is sent besides; nothing by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Export {
    /// To Langfuse.
    pub langfuse: Option<Langfuse>,
    /// To Helicone.
    pub helicone: Option<Helicone>,
    /// To an OpenTelemetry collector.
    pub otlp: Option<Otlp>,
}

/// `[export.langfuse]`; the secret key is in the keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Langfuse {
    /// Where Langfuse is.
    pub host: Url,
    /// The public key of the project.
    pub public_key: String,
    /// Whether prompts and answers are sent too.
    pub content: bool,
}

/// `[export.helicone]`; the key is in the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Helicone {
    /// Whether prompts and answers are sent too.
    pub content: bool,
}

/// `[export.otlp]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otlp {
    /// Where the collector is.
    pub endpoint: Url,
}
