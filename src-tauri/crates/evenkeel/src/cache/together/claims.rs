//! Whose word on a provider is taken, and when it is taken back.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use evenkeel_cache::Together;
use evenkeel_router::{KeyState, Learnt, Outcome, Router};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::Present;
use crate::app::Running;

/// As many breakers as one router has at most.
const MOST: usize = 512;

/// One router's word that a provider is not worth asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) provider: String,
    pub(super) base_url: String,
    pub(super) model: Option<String>,
    pub(super) reason: Outcome,
    /// A mark of the key that it was asked with, where the reason lies in the account.
    pub(super) key: Option<[u8; 32]>,
    /// Tells this opening from the next one; none while its router is trying it.
    pub(super) until_us: Option<i64>,
    /// How long it stays open. A span and no time, for clocks differ.
    pub(super) left_ms: u64,
}

/// The providers as this router has them.
#[derive(Debug, Default)]
pub(super) struct Known(pub(super) HashMap<String, Provider>);

#[derive(Debug, Clone)]
pub(super) struct Provider {
    pub(super) base_url: String,
    /// A mark of its key; none where the key is missing.
    pub(super) key: Option<[u8; 32]>,
}

impl Known {
    pub(super) fn now(running: &Running, router: &Router, boards: &Together) -> Self {
        let config = &running.settings().config;
        let mark = |key: &KeyState| match key {
            KeyState::Present(key) => Some(boards.mark(key.expose_secret().as_bytes())),
            KeyState::NotNeeded => Some(boards.mark(b"")),
            KeyState::Missing => None,
        };
        let of = |view: evenkeel_router::ProviderView| {
            let base_url = config.provider(&view.name)?.base_url.to_string();
            Some((view.name, Provider { base_url, key: mark(&view.key) }))
        };
        Self(router.snapshot().providers.into_iter().filter_map(of).collect())
    }

    /// What this router found out itself.
    pub(super) fn own(&self, router: &Router) -> Vec<Claim> {
        let now = Timestamp::now();
        let claim = |own: evenkeel_router::Own| {
            let provider = self.0.get(&own.provider)?;
            let left = own.until.map_or(Duration::ZERO, |until| {
                Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
            });
            Some(Claim {
                base_url: provider.base_url.clone(),
                key: provider.key.filter(|_| is_of_account(own.reason)),
                provider: own.provider,
                model: own.model,
                reason: own.reason,
                until_us: own.until.map(Timestamp::as_microsecond),
                left_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
            })
        };
        router.own_breakers().into_iter().filter_map(claim).collect()
    }

    /// Whether it is about a provider of ours, at the same place and, where that matters, with the same key.
    fn concerns(&self, claim: &Claim) -> bool {
        self.0.get(&claim.provider).is_some_and(|own| {
            own.base_url == claim.base_url
                && (!is_of_account(claim.reason) || (own.key.is_some() && own.key == claim.key))
        })
    }
}

/// Whether the reason lies in the key that it was asked with, and says nothing about another one's.
fn is_of_account(reason: Outcome) -> bool {
    matches!(reason, Outcome::Credentials | Outcome::Billing | Outcome::RateLimited | Outcome::Unserved)
}

/// A provider and a model of it, or all of it.
pub(super) type Which = (String, Option<String>);

/// What the others' words change here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) learn: Vec<Learnt>,
    pub(super) unlearn: Vec<Which>,
}

/// The words that were taken.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// The opening that was last heard of, by router: each is taken once, so that what an answer closed here stays
    /// closed though the other one hasn't tried again yet.
    heard: HashMap<(String, Which), Option<i64>>,
    learnt: HashSet<Which>,
}

impl Claims {
    pub(super) fn hear(&mut self, router: &Router, known: &Known, present: &[(String, Duration, Present)]) {
        let changes = self.take(known, present);
        for learnt in &changes.learn {
            router.learn_breaker(learnt);
        }
        for (provider, model) in &changes.unlearn {
            router.unlearn_breaker(provider, model.as_deref());
        }
    }

    /// From what everybody who is there says now.
    pub(super) fn take(&mut self, known: &Known, present: &[(String, Duration, Present)]) -> Changes {
        let mut changes = Changes::default();
        let (mut heard, mut claimed) = (HashMap::new(), HashSet::new());
        for (from, age, present) in present {
            for claim in present.breakers.iter().take(MOST).filter(|claim| known.concerns(claim)) {
                let which = (claim.provider.clone(), claim.model.clone());
                let whose = (from.clone(), which.clone());
                let before = self.heard.get(&whose).copied().flatten();
                let left = Duration::from_millis(claim.left_ms).saturating_sub(*age);
                if claim.until_us.is_some() && claim.until_us != before && !left.is_zero() {
                    changes.learn.push(Learnt {
                        provider: claim.provider.clone(),
                        model: claim.model.clone(),
                        reason: claim.reason,
                        left,
                    });
                    self.learnt.insert(which.clone());
                }
                heard.insert(whose, claim.until_us.or(before));
                claimed.insert(which);
            }
        }
        self.heard = heard;
        changes.unlearn = self.learnt.extract_if(|which| !claimed.contains(which)).collect();
        changes
    }

    /// Nobody is listened to any more.
    pub(super) fn take_back(&mut self, router: &Router) {
        for (provider, model) in self.learnt.drain() {
            router.unlearn_breaker(&provider, model.as_deref());
        }
        self.heard.clear();
    }
}
