//! Stage 3: what a request may cost, checked before each attempt for that target's prices.
//!
//! A secondary may cost three times the primary, so one verdict for the whole plan would be wrong for one of
//! the two. Over a limit, the configured steps are tried in their order, each on the request as the client
//! sent it, until it fits. The most that a request can cost is reserved against the caps until it is settled.

use bytes::Bytes;
use evenkeel_config::prices::ModelPrice;
use evenkeel_config::{OnExceed, PromptCaching};
use evenkeel_dialect::Api;
use evenkeel_dialect::ask::Ask;
use evenkeel_dialect::estimate::Weight;
use evenkeel_dialect::trim::{self, Shortened};
use jiff::Timestamp;
use serde::Serialize;

use crate::cost::{self, Writes};
use crate::known::{Facts, Known};
use crate::learn::Learner;
use crate::limits::Limits;
use crate::spend::{Over, Period, Reservation, Scope, Spend};
use crate::target::Target;

/// How long an answer is taken to be where neither client, limit nor model says.
const UNKNOWN_OUTPUT: u64 = 8_192;
/// An estimate is no count: this much more than it says has to go, so that what is left fits in truth.
const MARGIN: f64 = 1.05;
/// The shortest prompt that hosts cache by themselves, in tokens.
const CACHED_UNASKED: u64 = 1_024;

/// A step that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Degradation {
    Truncated,
    Cheaper,
    Cached,
}

impl Degradation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Cheaper => "cheaper",
            Self::Cached => "cached",
        }
    }
}

/// What a request will be at one target, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Estimate {
    pub(crate) input_tokens: u64,
    /// Of all the answers that were asked for.
    pub(crate) output_tokens: u64,
    /// Micro-dollars; `None` where the model has no price.
    pub(crate) cost: Option<i64>,
}

/// A request that is within its limits at one target.
#[derive(Debug)]
pub(crate) struct Fitted {
    /// The client's own body, without its oldest turns if those had to go.
    pub(crate) body: Bytes,
    /// The routing fields of that body.
    pub(crate) ask: Ask,
    /// The model to ask for.
    pub(crate) model: Option<String>,
    /// The most output to ask for; `None` leaves what the client said.
    pub(crate) max_output: Option<u64>,
    pub(crate) degraded: Vec<Degradation>,
    /// Turns that were dropped.
    pub(crate) turns: usize,
    /// Held until the request is settled.
    pub(crate) reservation: Option<Reservation>,
}

/// Why a request doesn't go to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It is over a limit. For the client: the estimate, the limit, and what to do.
    Exceeded(String),
    /// The next step is an answer from the cache, which somebody has to look for.
    AskCache,
}

/// What the check needs to know.
pub(crate) struct Scales<'a> {
    pub(crate) api: Api,
    pub(crate) body: &'a Bytes,
    pub(crate) ask: &'a Ask,
    pub(crate) limits: &'a Limits,
    pub(crate) known: &'a Known,
    /// As the price book writes it.
    pub(crate) day: &'a str,
    pub(crate) learner: &'a Learner,
    pub(crate) spend: &'a Spend,
    /// What earlier tries of this request cost, in micro-dollars.
    pub(crate) paid: i64,
    pub(crate) now: Timestamp,
    /// The cache may have an answer, and nobody has looked yet.
    pub(crate) may_recall: bool,
}

impl Scales<'_> {
    /// The request as it may go to `target`.
    pub(crate) fn fit(&self, target: &Target) -> Result<Fitted, Unfit> {
        let mut fitted = Fitted {
            body: self.body.clone(),
            ask: self.ask.clone(),
            model: target.model.clone(),
            max_output: None,
            degraded: Vec::new(),
            turns: 0,
            reservation: None,
        };
        if !self.limits.hold() {
            return Ok(fitted);
        }
        let mut weight = Weight::of(&fitted.body);
        let mut verdict = self.weigh(&mut fitted, &weight, target);
        for step in &self.limits.steps {
            let Err(excess) = &verdict else { break };
            match step {
                OnExceed::Truncate => {
                    let Some(Shortened { body, turns }) = self.shorter(&fitted, &weight, excess) else {
                        continue;
                    };
                    let Ok(ask) = Ask::read(self.api, &body) else { continue };
                    (fitted.body, fitted.ask, fitted.turns) = (body, ask, turns);
                    fitted.degraded.push(Degradation::Truncated);
                    weight = Weight::of(&fitted.body);
                }
                OnExceed::Cheaper => {
                    let cheaper = target.upstream.config.cheaper_model.clone();
                    let Some(cheaper) = cheaper.filter(|model| Some(model) != fitted.model.as_ref()) else {
                        continue;
                    };
                    fitted.model = Some(cheaper);
                    fitted.degraded.push(Degradation::Cheaper);
                }
                OnExceed::Cached if self.may_recall => return Err(Unfit::AskCache),
                OnExceed::Cached => continue,
                OnExceed::Reject => break,
            }
            verdict = self.weigh(&mut fitted, &weight, target);
        }
        verdict.map(|()| fitted).map_err(|excess| Unfit::Exceeded(excess.in_words(target.provider())))
    }

    /// Estimates, caps the output, and reserves what it may cost.
    fn weigh(&self, fitted: &mut Fitted, weight: &Weight, target: &Target) -> Result<(), Excess> {
        let model = fitted.model.as_deref().unwrap_or(&fitted.ask.model);
        let input_tokens = self.learner.tokens(model, weight);
        let Facts { model: known, price } = self.known.of(model, self.day);
        let shortest = known.and_then(|known| known.min_cacheable);
        let known = known.and_then(|known| known.max_output);
        let asked = fitted.ask.max_output;
        fitted.max_output = match (asked, self.limits.output) {
            (Some(asked), Some(limit)) if asked > limit => Some(limit),
            (None, Some(limit)) => Some(known.map_or(limit, |known| known.min(limit))),
            _ => None,
        };
        if (fitted.max_output, asked, known) == (None, None, None) && self.limits.money() && price.is_some() {
            // Nobody knows where this model ends by itself, so what is reckoned with is what it may say.
            fitted.max_output = Some(UNKNOWN_OUTPUT);
        }
        let each = fitted.max_output.or(asked).or(known).unwrap_or(UNKNOWN_OUTPUT);
        let output_tokens = each.saturating_mul(u64::from(fitted.ask.choices.max(1)));
        let writes = if self.limits.money() {
            writes(&fitted.body, target, (input_tokens, shortest))
        } else {
            Writes::Nothing
        };
        let cost = price.as_ref().map(|price| cost::worst(price, input_tokens, output_tokens, writes));
        let estimate = Estimate { input_tokens, output_tokens, cost };
        if let Some(limit) = self.limits.input.filter(|limit| input_tokens > *limit) {
            let surplus = input_tokens - limit;
            return Err(Excess { estimate, over: What::Input { limit }, surplus });
        }
        let Some((price, cost)) = price.as_ref().zip(cost) else {
            let refused = self.limits.money() && self.limits.refuses_unpriced;
            let over = What::Unpriced { model: model.to_owned() };
            return if refused { Err(Excess { estimate, over, surplus: 0 }) } else { Ok(()) };
        };
        let paid = self.paid;
        if let Some(limit) = self.limits.cost.filter(|limit| cost > *limit - paid) {
            let surplus = tokens_over(price, estimate, limit - paid, writes);
            return Err(Excess { estimate, over: What::Cost { limit, paid }, surplus });
        }
        fitted.reservation = None;
        match self.spend.reserve(self.now, &self.limits.caps, cost) {
            Ok(reservation) => {
                fitted.reservation = Some(reservation);
                Ok(())
            }
            Err(over) => {
                let surplus = tokens_over(price, estimate, over.limit - over.used, writes);
                Err(Excess { estimate, over: What::Cap(over), surplus })
            }
        }
    }

    fn shorter(&self, fitted: &Fitted, weight: &Weight, excess: &Excess) -> Option<Shortened> {
        if excess.surplus == 0 {
            return None;
        }
        let model = fitted.model.as_deref().unwrap_or(&fitted.ask.model);
        let tokens = self.learner.tokens(model, weight).max(1);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lengths of a body that fits into memory; the cast saturates"
        )]
        let bytes = (fitted.body.len() as f64 * excess.surplus as f64 / tokens as f64 * MARGIN).ceil() as u64;
        trim::shorten(self.api, &fitted.body, bytes)
    }
}

/// How many input tokens have to go for the rest to cost no more than `limit`; 0 if that is impossible.
fn tokens_over(price: &ModelPrice, estimate: Estimate, limit: i64, writes: Writes) -> u64 {
    let rates = price.at(estimate.input_tokens);
    let for_input = limit.saturating_sub(cost::worst(price, 0, estimate.output_tokens, writes));
    if for_input <= 0 {
        return 0;
    }
    estimate.input_tokens.saturating_sub(cost::affordable_input(rates, for_input, writes))
}

/// Whether the prompt may end up in the provider's cache: because the client marked it, because we may, or
/// because the host does so by itself, which then has a price for it.
fn writes(body: &[u8], target: &Target, (input_tokens, shortest): (u64, Option<u64>)) -> Writes {
    let text = std::str::from_utf8(body).unwrap_or_default();
    if text.contains("\"cache_control\"") {
        return if text.contains("\"1h\"") { Writes::Hour } else { Writes::Short };
    }
    if target.api != Some(Api::Messages) {
        return if input_tokens >= CACHED_UNASKED { Writes::Short } else { Writes::Nothing };
    }
    match target.upstream.config.prompt_caching {
        _ if shortest.is_none_or(|shortest| input_tokens < shortest) => Writes::Nothing,
        PromptCaching::Off => Writes::Nothing,
        PromptCaching::FiveMinutes => Writes::Short,
        PromptCaching::OneHour => Writes::Hour,
    }
}

/// Which limit a request is over.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Input {
        limit: u64,
    },
    /// `paid`: what earlier tries of the request have taken of it.
    Cost {
        limit: i64,
        paid: i64,
    },
    Cap(Over),
    Unpriced {
        model: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Excess {
    estimate: Estimate,
    over: What,
    /// What truncating has to save.
    surplus: u64,
}

impl Excess {
    fn in_words(&self, provider: &str) -> String {
        let Estimate { input_tokens, output_tokens, cost } = self.estimate;
        let cost = cost.map_or_else(|| "an unknown amount".to_owned(), dollars);
        let most = format!(
            "At {provider} this request would cost up to {cost} ({input_tokens} input and {output_tokens} output tokens, estimated)"
        );
        match &self.over {
            What::Input { limit } => format!(
                "This request has about {input_tokens} input tokens; the limit is {limit} (max_input_tokens). Send less, or raise the limit."
            ),
            What::Cost { limit, paid } if *paid > 0 => format!(
                "{most}, and {} of the limit of {} (max_cost_per_request) went to a try that broke off.",
                dollars(*paid),
                dollars(*limit)
            ),
            What::Cost { limit, .. } => format!(
                "{most}; the limit is {} (max_cost_per_request). Ask for fewer output tokens, send less, or raise the limit.",
                dollars(*limit)
            ),
            What::Cap(Over { scope, period, limit, used }) => {
                let whose = match scope {
                    Scope::All => "all tenants together".to_owned(),
                    Scope::Route(name) => format!("route {name:?}"),
                    Scope::Tenant(name) => format!("tenant {name:?}"),
                };
                let (name, of) = match period {
                    Period::Day => ("max_cost_per_day", "today (UTC)"),
                    Period::Month => ("max_cost_per_month", "this month (UTC)"),
                };
                format!(
                    "{most}, and {whose} may spend {} in all {of}, of which {} is spent or reserved ({name}).",
                    dollars(*limit),
                    dollars(*used)
                )
            }
            What::Unpriced { model } => format!(
                "The price of {model:?} is unknown, and on_unpriced = \"reject\". Add it under [prices] in evenkeel.toml."
            ),
        }
    }
}

/// Micro-dollars as a person reads them.
pub(crate) fn dollars(micros: i64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, (micros % 1_000_000).abs());
    let trimmed = text.trim_end_matches('0');
    let decimals = trimmed.len() - trimmed.find('.').unwrap_or(0) - 1;
    format!("${trimmed}{}", "0".repeat(2_usize.saturating_sub(decimals)))
}
