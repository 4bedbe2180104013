//! One provider with the model that it will be asked for.
//!
//! A target is one value: address, key, dialect and model belong together and are never mixed. Which model that
//! is, is decided here: the route's own word, the asked one, the provider's default, or a stand-in.

use std::sync::Arc;

use evenkeel_config::RouteTarget;
use evenkeel_config::models::{Catalogue, Model};
use evenkeel_dialect::translate::{ModelTraits, Thinking, ToolsInChat};
use evenkeel_dialect::{Api, Dialect};
use serde::Serialize;
use serde::ser::Serializer;

use crate::admit::Admitted;
use crate::bill;
use crate::breaker::Permit;
use crate::endpoint::Endpoint;
use crate::known::Facts;
use crate::runtime::Runtime;
use crate::upstream::Upstream;

/// Which of the route's two providers a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asked first.
    Primary,
    /// Takes over.
    Secondary,
}

impl Role {
    /// As the `x-evenkeel-served-by` header says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// One provider with the model that it will be asked for.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one target, not a state")]
pub(crate) struct Target {
    pub(crate) role: Role,
    #[serde(rename = "provider", serialize_with = "name_of")]
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) model: Option<String>,
    /// The dialect that it is asked in.
    pub(crate) dialect: Dialect,
    /// The exchange that it is asked for; `None` for what is passed through.
    #[serde(skip)]
    pub(crate) api: Option<Api>,
    /// A non-streaming request is sent as a stream here, so that its first token can be watched.
    pub(crate) watched: bool,
    /// Its breaker is open: it is asked only because nothing else is left, and once.
    pub(crate) resting: bool,
    /// It was resting, and this request finds out whether it still has to.
    #[serde(rename = "probe", serialize_with = "is_there")]
    pub(crate) permit: Option<Arc<Permit>>,
    /// The shortest prompt that the model caches, in tokens.
    #[serde(skip)]
    pub(crate) min_cacheable: Option<u64>,
    /// The client asked for no thinking, in words that this target is asked with as well.
    #[serde(skip)]
    pub(crate) without_thinking: bool,
    /// The model is known to start late, so it has longer for its first token.
    pub(crate) slow: bool,
    /// What the model can do, as far as a translation depends on it.
    #[serde(skip)]
    pub(crate) traits: Arc<ModelTraits>,
}

impl Target {
    /// Asked in the client's own dialect where the provider speaks it.
    pub(crate) fn new(
        admitted: &Admitted,
        upstream: Arc<Upstream>,
        role: Role,
        model: Option<String>,
    ) -> Self {
        let api = match admitted.entered.endpoint {
            Endpoint::Exchange(api) => Some(asked_as(api, &upstream)),
            Endpoint::Models | Endpoint::CountTokens | Endpoint::PassThrough | Endpoint::Unknown => None,
        };
        let dialect = api.map_or(admitted.entered.dialect, Api::dialect);
        Self {
            role,
            upstream,
            model,
            dialect,
            api,
            watched: false,
            min_cacheable: None,
            without_thinking: false,
            slow: false,
            resting: false,
            permit: None,
            traits: Arc::default(),
        }
    }

    /// From what the client called to what the provider is called with, if that is something else.
    pub(crate) fn translates_from(&self, admitted: &Admitted) -> Option<(Api, Api)> {
        match (admitted.entered.endpoint, self.api) {
            (Endpoint::Exchange(from), Some(to)) if from != to => Some((from, to)),
            _ => None,
        }
    }

    /// The same provider with another model.
    pub(crate) fn with_model(mut self, model: String, facts: &Facts, practice: bool) -> Self {
        let known = facts.model;
        // A practice provider takes no time to think, whatever model it is asked for.
        self.slow = known.is_some_and(|known| known.slow_start && !self.thinks_not(known)) && !practice;
        self.min_cacheable = known.and_then(|known| known.min_cacheable);
        self.traits = Arc::new(known.map(traits_of).unwrap_or_default());
        self.model = Some(model);
        self
    }

    /// Whether the model leaves its thinking off, as the client asked.
    fn thinks_not(&self, known: &Model) -> bool {
        let takes_none = || known.efforts.iter().any(|effort| effort.as_str() == "none");
        self.without_thinking && (self.api == Some(Api::Messages) || takes_none())
    }

    pub(crate) fn provider(&self) -> &str {
        &self.upstream.name
    }
}

/// A provider of the route that is not asked, and why.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Skipped {
    pub(crate) provider: String,
    pub(crate) reason: String,
    #[serde(skip)]
    pub(crate) why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It doesn't speak the client's dialect.
    Dialect,
    /// It serves no model for this request.
    Model,
}

/// What a provider is called with for a client's call: the same where it can be, else what it speaks.
fn asked_as(api: Api, upstream: &Upstream) -> Api {
    let own = upstream.speaks(api.dialect()) && (api != Api::Responses || upstream.config.responses);
    match api {
        _ if own => api,
        Api::Embeddings => api,
        _ if upstream.speaks(Dialect::OpenAi) => Api::ChatCompletions,
        _ => Api::Messages,
    }
}

/// The target that a provider of a route is for this request, or why it is none.
pub(crate) fn target(
    admitted: &Admitted,
    upstream: Arc<Upstream>,
    wanted: &RouteTarget,
    role: Role,
    (runtime, practice): (&Runtime, bool),
) -> Result<Target, Skipped> {
    let Some(ask) = &admitted.ask else { return Ok(Target::new(admitted, upstream, role, None)) };
    let vectors = admitted.entered.endpoint == Endpoint::Exchange(Api::Embeddings);
    if vectors && !upstream.speaks(Dialect::OpenAi) {
        return Err(wrong_dialect(&upstream, admitted));
    }
    let model = if vectors {
        embedding_model(&upstream, &ask.model)
    } else {
        model_for(&upstream, wanted, &ask.model)
    };
    let Some(model) = model else {
        let reason = format!(
            "{} doesn't serve {:?}, has no default_model, and no known model of its own stands in for it",
            upstream.name, ask.model
        );
        return Err(Skipped { provider: upstream.name.clone(), reason, why: Why::Model });
    };
    // Several choices, audio and a mere receipt don't survive the way through a stream; they are sent as asked.
    let fit = ask.choices <= 1 && !ask.audio && !ask.background && !vectors;
    let watched = !ask.stream && upstream.watches_always() && fit;
    let target = Target::new(admitted, upstream, role, None);
    // Anthropic's newer models can't be told so in a translation: there they think as little as they can.
    let said = target.translates_from(admitted).is_none() || target.api != Some(Api::Messages);
    let target = Target { watched, without_thinking: ask.no_reasoning && said, ..target };
    let facts = runtime.known.of(&model, &bill::day(admitted.entered.at));
    Ok(target.with_model(model, &facts, practice))
}

/// Vectors of two models can't be compared, so there is no stand-in: the asked model itself, or nobody.
fn embedding_model(upstream: &Upstream, asked: &str) -> Option<String> {
    upstream.config.serves(asked).then(|| asked.to_owned())
}

/// What a translation has to know of a model.
fn traits_of(model: &Model) -> ModelTraits {
    ModelTraits {
        max_output: model.max_output,
        thinking: match model.thinking {
            evenkeel_config::models::Thinking::None => Thinking::None,
            evenkeel_config::models::Thinking::Budget => Thinking::Budget,
            evenkeel_config::models::Thinking::Effort => Thinking::Effort,
        },
        sampling: model.sampling,
        one_of_temperature_and_top_p: model.one_of_temperature_and_top_p,
        forced_tools: model.forced_tools,
        efforts: model.efforts.iter().map(|effort| effort.as_str().to_owned()).collect(),
        structured_output: model.structured_output,
        max_completion_tokens: model.max_completion_tokens,
        images: model.images,
        documents: model.documents,
        tools_in_chat: match model.tools_in_chat {
            evenkeel_config::models::ToolsInChat::Freely => ToolsInChat::Freely,
            evenkeel_config::models::ToolsInChat::WithoutThinking => ToolsInChat::WithoutThinking,
            evenkeel_config::models::ToolsInChat::Never => ToolsInChat::Never,
        },
    }
}

/// The route's own word, else the asked model where it is served, else the provider's default, else the model
/// that stands in for the asked one there.
fn model_for(upstream: &Upstream, wanted: &RouteTarget, asked: &str) -> Option<String> {
    wanted
        .model
        .clone()
        .or_else(|| upstream.config.serves(asked).then(|| asked.to_owned()))
        .or_else(|| upstream.config.default_model.clone())
        .or_else(|| Catalogue::shipped().twin_for(asked, &upstream.config).map(str::to_owned))
}

pub(crate) fn wrong_dialect(upstream: &Upstream, admitted: &Admitted) -> Skipped {
    Skipped {
        provider: upstream.name.clone(),
        reason: format!(
            "{} doesn't speak the {} dialect, and what bypasses the router or isn't known to it isn't translated",
            upstream.name,
            admitted.entered.dialect.as_str()
        ),
        why: Why::Dialect,
    }
}

#[expect(clippy::ref_option, reason = "serde hands the field over so")]
fn is_there<S: Serializer>(permit: &Option<Arc<Permit>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(permit.is_some())
}

fn name_of<S: Serializer>(upstream: &Arc<Upstream>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&upstream.name)
}
