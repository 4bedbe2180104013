//! Stage 4: an answer that is known already.
//!
//! - here: whether the cache may answer, and when
//! - `known`: an answer from the cache, on its way to a client
//! - `keep`: an answer from a provider, on its way into the cache
//! - `flight`: several that ask the same at once
//!
//! Under `on_failure` a request that a provider answers never waits for the cache: not even its key is reckoned on
//! the way, but on the cache's own thread when the answer is put there.

mod flight;
mod keep;
mod known;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use evenkeel_cache::{Cache, Prompt, Stored};
use evenkeel_config::{self as config, CacheServe};
use serde::Serialize;

use crate::Router;
use crate::admit::Admitted;
use crate::endpoint::Endpoint;
use crate::plan::Plan;
use crate::refusal::{Code, Refusal};

use flight::Ended;
pub(crate) use flight::{Flight, Flights};
pub(crate) use keep::{Keep, Pieces};
use known::Form;
pub(crate) use known::{Known, Why};

/// Where the router finds the cache; empty until it is open, and where there is none.
pub type Shelf = Arc<ArcSwapOption<Cache>>;

/// What one request's header says about the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CacheControl {
    /// As configured.
    #[default]
    Configured,
    /// Neither read nor written.
    Off,
    /// The cache or nobody.
    Only,
    /// What is stored doesn't count, and is replaced.
    Refresh,
}

/// Whether and when the cache may answer this request, and whether it keeps the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CachePolicy {
    /// Neither read nor written.
    #[default]
    Off,
    /// Where no provider answers.
    OnFailure,
    /// Before any provider is asked.
    Always,
    /// In the providers' place.
    Only,
    /// Only written.
    Refresh,
}

impl CachePolicy {
    /// What the request asks for within what is configured. Practice answers are nobody's memory.
    pub(crate) fn of(asked: CacheControl, config: &config::Cache, practice: bool) -> Self {
        if practice {
            return Self::Off;
        }
        match asked {
            CacheControl::Off => Self::Off,
            CacheControl::Only => Self::Only,
            CacheControl::Refresh | CacheControl::Configured if config.serve == CacheServe::Never => {
                Self::Off
            }
            CacheControl::Refresh => Self::Refresh,
            CacheControl::Configured if config.serve == CacheServe::Always => Self::Always,
            CacheControl::Configured => Self::OnFailure,
        }
    }

    /// The word for header and ledger where the answer is not the cache's.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::OnFailure | Self::Always | Self::Only | Self::Refresh => "miss",
        }
    }

    /// Whether it answers where a provider would have to be paid, or where none answers.
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::OnFailure | Self::Always | Self::Only)
    }

    fn is_written(self) -> bool {
        matches!(self, Self::OnFailure | Self::Always | Self::Refresh)
    }
}

/// What the cache says before anybody is asked.
pub(crate) enum First {
    Known(Box<Known>),
    /// Nobody is to be asked.
    Nothing(Refusal),
    /// A provider has to answer.
    Ask,
}

/// The cache, as one request sees it.
pub(crate) struct Recall {
    cache: Option<Arc<Cache>>,
    policy: CachePolicy,
    fresh_for: Duration,
    form: Form,
    prompt: Prompt,
    /// Others wait for this one's answer.
    flight: Option<Flight>,
    /// Whose answers count where the request is pinned.
    pinned: Option<Vec<String>>,
}

impl Recall {
    /// `None` for what is no exchange.
    pub(crate) fn new(
        router: &Router,
        admitted: &Admitted,
        plan: &Plan,
        config: &config::Cache,
    ) -> Option<Self> {
        let (Endpoint::Exchange(api), Some(ask)) = (admitted.entered.endpoint, &admitted.ask) else {
            return None;
        };
        let tags = &admitted.entered.tags;
        Some(Self {
            cache: router.shelf.load_full(),
            policy: plan.cache,
            fresh_for: config.fresh_for,
            form: Form { api, stream: ask.stream, usage: ask.include_usage },
            prompt: Prompt {
                api,
                body: admitted.body.clone(),
                tenant: tags.tenant.clone(),
                route: plan.route.clone(),
                prompt_version: tags.prompt_version.clone(),
                key: None,
            },
            flight: None,
            pinned: plan
                .pin
                .as_ref()
                .map(|_| plan.targets.iter().map(|target| target.provider().to_owned()).collect()),
        })
    }

    /// What is known before any provider is asked. The first of several that ask the same takes the flight and asks;
    /// the others wait for it, and ask for themselves if it brought nothing. If its client hangs up, the next of them
    /// takes its place, for a provider that is asked by all of them at once is what the flight is there to prevent.
    pub(crate) async fn first(&mut self, router: &Router, plan: &Plan) -> First {
        match self.policy {
            CachePolicy::Only => match self.look_up(router).await {
                Some(known) => First::Known(known),
                None => First::Nothing(self.nothing()),
            },
            CachePolicy::Always => loop {
                if let Some(known) = self.fresh(router).await {
                    return First::Known(known);
                }
                let Some(key) = self.prompt.key else { break First::Ask };
                match router.flights.board(key) {
                    Ok(flight) => {
                        // Somebody may have landed between the look and the boarding.
                        if let Some(known) = self.fresh(router).await {
                            return First::Known(known);
                        }
                        self.flight = Some(flight);
                        break First::Ask;
                    }
                    Err(landing) => {
                        // Whoever waits longer than the whole request may take has nothing from it.
                        match tokio::time::timeout_at(plan.total.at(), landing.wait()).await {
                            Ok(Ended::GivenUp) => {}
                            Ok(Ended::Landed) => {
                                break self.fresh(router).await.map_or(First::Ask, First::Known);
                            }
                            Err(_) => break First::Ask,
                        }
                    }
                }
            },
            CachePolicy::Off | CachePolicy::OnFailure | CachePolicy::Refresh => First::Ask,
        }
    }

    /// An answer of any age, for whoever gets none otherwise.
    pub(crate) async fn look_up(&mut self, router: &Router) -> Option<Box<Known>> {
        if !self.policy.is_read() {
            return None;
        }
        let (key, found) = self.cache.as_ref()?.find_for(self.prompt.clone()).await;
        self.prompt.key = key.or(self.prompt.key);
        let whose = |found: &Stored| self.pinned.as_ref().is_none_or(|these| these.contains(&found.provider));
        let found = found.filter(whose)?;
        let age = Duration::try_from(router.clock.now().duration_since(found.at)).unwrap_or_default();
        match Known::told(found, (self.form, &self.prompt.body), (age, age > self.fresh_for)).await {
            Ok(known) => Some(Box::new(known)),
            Err(error) => {
                tracing::debug!(%error, "a stored answer is of no use to this client");
                None
            }
        }
    }

    async fn fresh(&mut self, router: &Router) -> Option<Box<Known>> {
        self.look_up(router).await.filter(|known| !known.stale)
    }

    /// What is needed to keep this request's answer; `None` where it isn't kept.
    pub(crate) fn keep(&mut self) -> Option<Keep> {
        let flight = self.flight.take();
        let Some(cache) = self.cache.clone().filter(|_| self.policy.is_written()) else {
            // Nobody is to wait for what is not kept.
            if let Some(flight) = flight {
                flight.land();
            }
            return None;
        };
        Some(Keep { cache, prompt: self.prompt.clone(), api: self.form.api, flight })
    }

    fn nothing(&self) -> Refusal {
        let why = match &self.cache {
            Some(_) => "nothing is cached for this request",
            None => "there is no cache (serve = \"never\" under [cache], or it could not be opened)",
        };
        let message =
            format!("x-evenkeel-cache: only, and {why}. Leave the header out to have a provider asked.");
        Refusal::new(Code::Unreachable, message).for_good()
    }
}
