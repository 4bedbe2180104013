//! What a changed configuration asks while a budget is frozen.
//!
//! A freeze is a question, not a wall: a change of routes, models or prompt caching waits until somebody has said
//! why, and what repairs is free. A file is edited outside of our sight, so the reason is given beside it:
//! `evenkeel budget spend --reason …` opens a window, and while one is open such changes come into force and the
//! reason is kept with them.

use evenkeel_config::{Config, Dialect, Glob, PromptCaching, Provider, Route, RouteTarget, Watch};
use evenkeel_slo::standing::{Proposal, asks_reason};
use evenkeel_slo::words;
use url::Url;

use crate::app::Running;

/// How many configurations that were in force before can be gone back to without a reason.
const EARLIER: usize = 10;

/// The configurations that were in force in this run, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Earlier(parking_lot::Mutex<Vec<Config>>);

impl Earlier {
    /// Remembers one that is no longer in force.
    pub(crate) fn remember(&self, config: &Config) {
        let mut earlier = self.0.lock();
        if earlier.len() == EARLIER {
            earlier.remove(0);
        }
        earlier.push(config.clone());
    }

    /// Whether this is a way back: nothing in it differs from what was in force before.
    fn knows(&self, config: &Config) -> bool {
        self.0.lock().iter().any(|earlier| proposals(earlier, config).is_empty())
    }
}

/// A change that waits for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waits {
    /// What is asked, for somebody who can answer at once.
    pub(crate) question: String,
    /// What is asked, with the command that answers.
    pub(crate) message: String,
    /// How the answer is given.
    pub(crate) fix: String,
}

impl Running {
    /// Lets a changed configuration pass, or says what it waits for. A reason that was given is kept with it.
    pub(crate) async fn may_change(
        &self,
        old: &Config,
        new: &Config,
        reason: Option<&str>,
    ) -> Result<(), Waits> {
        if let Some((what, reason)) = self.reason_for(old, new, reason).await? {
            self.keep_reason(what, reason).await;
        }
        Ok(())
    }

    /// Why a change may pass although the budget is gone: what of it asks, and the reason that came with it or
    /// that was given beside it. `None` where nothing asks.
    pub(crate) async fn reason_for(
        &self,
        old: &Config,
        new: &Config,
        reason: Option<&str>,
    ) -> Result<Option<(String, String)>, Waits> {
        let proposals = proposals(old, new);
        if proposals.is_empty() || self.earlier.knows(new) {
            return Ok(None);
        }
        let frozen = self.frozen_promises().await;
        let asked = frozen.iter().find_map(|(slo, hold)| {
            let asking = proposals.iter().find(|proposal| asks_reason(hold, **proposal))?;
            Some((slo, words::asks_for_a_reason(hold, *asking)?))
        });
        let Some((slo, question)) = asked else { return Ok(None) };
        let what = in_words(&proposals);
        if let Some(reason) = reason {
            return Ok(Some((what, reason.to_owned())));
        }
        match self.reason_given().await {
            Some(window) => Ok(Some((what, window.reason))),
            None => Err(Waits {
                question: format!("{question} The change of {what} waits (promise {slo})."),
                message: format!(
                    "{question} The change of {what} waits (promise {slo}): \
                     evenkeel budget spend --kind deploy --reason \"…\""
                ),
                fix: "Say why, and it is in force at once; or take the change back.".to_owned(),
            }),
        }
    }
}

/// What of a changed configuration could make things worse.
fn proposals(old: &Config, new: &Config) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    if old.routes.iter().map(way).ne(new.routes.iter().map(way))
        || old.providers.iter().map(Place::of).ne(new.providers.iter().map(Place::of))
    {
        proposals.push(Proposal::Routes);
    }
    if old.routes.iter().map(asked_by_route).ne(new.routes.iter().map(asked_by_route))
        || old.providers.iter().map(asked_of).ne(new.providers.iter().map(asked_of))
    {
        proposals.push(Proposal::Models);
    }
    if old.providers.iter().map(caching).ne(new.providers.iter().map(caching)) {
        proposals.push(Proposal::PromptCaching);
    }
    proposals
}

/// The change in words: "routes and models".
fn in_words(proposals: &[Proposal]) -> String {
    let words = proposals.iter().map(|proposal| match proposal {
        Proposal::Models => "models",
        Proposal::PromptCaching => "prompt caching",
        _ => "routes",
    });
    words.collect::<Vec<_>>().join(" and ")
}

/// A route but for the models in it, and for its guardrails, which only ever make a request cheaper.
fn way(route: &Route) -> Route {
    let nameless = |target: &RouteTarget| RouteTarget { model: None, ..target.clone() };
    Route {
        primary: nameless(&route.primary),
        secondary: route.secondary.as_ref().map(nameless),
        guardrails: evenkeel_config::Guardrails::default(),
        ..route.clone()
    }
}

/// Where a provider is and how it is asked. Its key is none of it: keys are rotated freely.
#[derive(PartialEq)]
struct Place<'a> {
    name: &'a str,
    dialects: &'a [Dialect],
    base_url: &'a Url,
    watch: Watch,
    responses: bool,
    headers: &'a [(String, String)],
    proxy: Option<&'a Url>,
}

impl<'a> Place<'a> {
    fn of(provider: &'a Provider) -> Self {
        // Taken apart, so that a new setting must say on which side it is.
        let Provider {
            name,
            dialects,
            base_url,
            key: _,
            models: _,
            default_model: _,
            watch,
            responses,
            cheaper_model: _,
            headers,
            proxy,
            prompt_caching: _,
        } = provider;
        Self {
            name,
            dialects,
            base_url,
            watch: *watch,
            responses: *responses,
            headers,
            proxy: proxy.as_ref(),
        }
    }
}

fn asked_by_route(route: &Route) -> Vec<Option<&str>> {
    route.targets().map(|target| target.model.as_deref()).collect()
}

fn asked_of(provider: &Provider) -> (&[Glob], Option<&str>, Option<&str>) {
    (&provider.models, provider.default_model.as_deref(), provider.cheaper_model.as_deref())
}

fn caching(provider: &Provider) -> (&str, PromptCaching) {
    (&provider.name, provider.prompt_caching)
}

#[cfg(test)]
mod tests;
