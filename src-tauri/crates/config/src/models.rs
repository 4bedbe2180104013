//! The shipped facts about models: what each can do, and which one stands in for which.
//!
//! A router that sends a request to another vendor has to name a model that this vendor has, and must not ask
//! it for what it refuses. Neither can be learnt from a request, so the facts are shipped, in
//! `assets/models.toml`, which also says what each of them means. This module reads them once and answers
//! three questions: what is this model, what stands in for it there, and what does that provider serve.
//!
//! A model that isn't in the file is no mistake: it is asked for by its own name, with the usual assumptions.

mod model;
mod read;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use model::{Effort, Embedding, Model, Thinking, Tier, ToolsInChat};

use crate::{Glob, Provider, preset};

const SHIPPED: &str = include_str!("../../../../assets/models.toml");

/// Who serves models, and where the facts about them come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    /// As a provider of it is usually called in `evenkeel.toml`, such as `openai`.
    pub name: String,
    /// The host names of its API.
    pub hosts: Vec<String>,
    /// The page that the facts are from.
    pub source: String,
    /// The day on which they were gathered, such as `2026-11-23`.
    pub date: String,
}

/// All known models. The order of the file is the order of preference between vendors.
#[derive(Debug, Default)]
pub struct Catalogue {
    vendors: Vec<Vendor>,
    models: Vec<Model>,
    names: HashMap<String, usize>,
    /// Longest first, so that the most particular pattern wins.
    aliases: Vec<(Glob, usize)>,
    prefixes: Vec<String>,
}

impl Catalogue {
    /// The catalogue of this release.
    pub fn shipped() -> &'static Self {
        // The tests read the same text, so a file that can't be read never leaves the workshop.
        static CATALOGUE: LazyLock<Catalogue> =
            LazyLock::new(|| read::catalogue(SHIPPED).unwrap_or_default());
        &CATALOGUE
    }

    /// Every model, vendor by vendor, retired ones too.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// Every vendor, in the order of preference.
    pub fn vendors(&self) -> &[Vendor] {
        &self.vendors
    }

    /// What is known of a model: by its name, then by the longest pattern among the aliases that it fits, then
    /// the same without a prefix such as `openai/` or `models/`.
    pub fn find(&self, name: &str) -> Option<&Model> {
        let mut name = name;
        loop {
            if let Some(model) = self.named(name) {
                return Some(model);
            }
            name = self.without_prefix(name)?;
        }
    }

    /// The name of the model to ask for where `asked` isn't served: the same model under the host's own name,
    /// else the current one of its tier. `served` are the patterns of what the provider serves.
    ///
    /// `None`: the asked model is unknown or an embedding model (vectors of two models can't be mixed), or
    /// none that is served could stand in for it.
    ///
    /// Patterns alone don't tell whose models they mean; [`Catalogue::twin_for`] looks at the provider too.
    pub fn twin(&self, asked: &str, served: &[Glob]) -> Option<&str> {
        self.stand_in(asked, |model| serves(served, model))
    }

    /// The same for a provider. One that is known by its address or name gets only models that its vendor has,
    /// whatever its patterns fit: `mistral*` at an Ollama means other models than at Mistral.
    pub fn twin_for(&self, asked: &str, provider: &Provider) -> Option<&str> {
        let whose = self.whose(provider);
        self.stand_in(asked, |model| whose.includes(model) && serves(&provider.models, model))
    }

    /// The models that fit one of the patterns and can still be asked for, in the order of the file.
    pub fn served(&self, globs: &[Glob]) -> Vec<&Model> {
        self.models.iter().filter(|model| !model.retired && serves(globs, model)).collect()
    }

    /// The models that a provider is known to serve, by its patterns and its vendor.
    pub fn served_by(&self, provider: &Provider) -> Vec<&Model> {
        let whose = self.whose(provider);
        let mut models = self.served(&provider.models);
        models.retain(|model| whose.includes(model));
        models
    }

    fn named(&self, name: &str) -> Option<&Model> {
        let by_alias = || self.aliases.iter().find(|(glob, _)| glob.matches(name)).map(|(_, index)| index);
        self.names.get(name).or_else(by_alias).and_then(|index| self.models.get(*index))
    }

    fn without_prefix<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.prefixes.iter().find_map(|prefix| name.strip_prefix(prefix.as_str()))
    }

    fn stand_in(&self, asked: &str, is_served: impl Fn(&Model) -> bool) -> Option<&str> {
        let asked = self.find(asked)?;
        let tier = asked.tier?;
        let served = || self.models.iter().filter(|model| !model.retired && is_served(model));
        served()
            .find(|model| model.original() == asked.original())
            .or_else(|| served().find(|model| model.stands_for(tier)))
            .map(|model| model.name.as_str())
    }

    fn whose(&self, provider: &Provider) -> Whose<'_> {
        let host = provider.base_url.host_str().unwrap_or_default();
        let by_host = self.vendors.iter().find(|vendor| vendor.hosts.iter().any(|known| known == host));
        let by_name = || self.vendors.iter().find(|vendor| vendor.name == provider.name);
        match by_host.or_else(by_name) {
            Some(vendor) => Whose::Of(&vendor.name),
            None if preset::of(&provider.name).is_some() => Whose::Own,
            None => Whose::Anyones,
        }
    }
}

/// Whose models a provider may have.
enum Whose<'c> {
    /// Those of the vendor of this name.
    Of(&'c str),
    /// Whatever its user has put there; nothing is known of them.
    Own,
    /// Nobody knows, so its patterns are taken at their word.
    Anyones,
}

impl Whose<'_> {
    fn includes(&self, model: &Model) -> bool {
        match self {
            Self::Of(vendor) => model.vendor == *vendor,
            Self::Own => false,
            Self::Anyones => true,
        }
    }
}

fn serves(globs: &[Glob], model: &Model) -> bool {
    globs.iter().any(|glob| glob.matches(&model.name))
}

#[cfg(test)]
mod tests;
