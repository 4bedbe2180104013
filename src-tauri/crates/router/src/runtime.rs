//! What a configuration becomes once it runs; swapped whole on a reload, so that a request sees either
//! the old one or the new one and never a mixture.

use std::collections::HashMap;
use std::sync::Arc;

use evenkeel_config::{Config, PriceBook};

use crate::known::Known;
use crate::secrets::Secrets;
use crate::upstream::{self, Upstream};

/// A configuration with its providers ready to be asked.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) config: Arc<Config>,
    pub(crate) upstreams: HashMap<String, Arc<Upstream>>,
    /// What is known of models, with the configuration's own prices over the shipped ones.
    pub(crate) known: Known,
}

impl Runtime {
    pub(crate) fn new(config: Arc<Config>, secrets: &Secrets) -> Self {
        let upstreams = upstream::all(&config, secrets);
        let known = Known::new(PriceBook::with(&config.prices));
        Self { config, upstreams, known }
    }

    /// Providers whose settings or key are other ones than before, those that are gone included.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<String> {
        let same = |name: &String, upstream: &Arc<Upstream>| {
            self.upstreams
                .get(name)
                .is_some_and(|now| now.config == upstream.config && now.key.is_same(&upstream.key))
        };
        let changed = before.upstreams.iter().filter(|(name, upstream)| !same(name, upstream));
        changed.map(|(name, _)| name.clone()).collect()
    }

    /// Builds every provider's client; blocks while root certificates load.
    pub(crate) fn warm(&self) {
        for upstream in self.upstreams.values() {
            upstream.warm();
        }
    }
}
