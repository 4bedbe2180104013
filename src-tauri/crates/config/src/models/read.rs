//! Reads the file of models. Strict, because a typing error here would be a wrong fact in every release:
//! unknown keys, unknown vendors and models without a tier are refused.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Deserialize;

use super::{Catalogue, Effort, Embedding, Model, Thinking, Tier, ToolsInChat, Vendor};
use crate::Glob;

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    #[error("{entry}: {problem}")]
    Entry { entry: String, problem: String },
}

fn problem(entry: &str, problem: impl Into<String>) -> ReadError {
    ReadError::Entry { entry: entry.to_owned(), problem: problem.into() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    prefixes: Vec<String>,
    vendor: Vec<VendorLines>,
    family: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VendorLines {
    name: String,
    hosts: Vec<String>,
    #[serde(default)]
    dated: Vec<String>,
    source: String,
    date: String,
}

#[derive(Deserialize)]
struct Family {
    vendor: String,
    models: Vec<Line>,
    #[serde(flatten)]
    facts: Facts,
    #[serde(flatten)]
    unknown: toml::Table,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    tier: Option<Tier>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    current: bool,
    #[serde(default)]
    stands_in_for: Vec<Tier>,
    of: Option<String>,
    #[serde(flatten)]
    facts: Facts,
    #[serde(flatten)]
    unknown: toml::Table,
}

/// The facts as far as they are given in one place.
#[derive(Deserialize, Clone, Default)]
struct Facts {
    context: Option<u64>,
    max_output: Option<u64>,
    slow_start: Option<bool>,
    thinking: Option<Thinking>,
    efforts: Option<Vec<Effort>>,
    sampling: Option<bool>,
    one_of_temperature_and_top_p: Option<bool>,
    structured_output: Option<bool>,
    images: Option<bool>,
    documents: Option<bool>,
    max_completion_tokens: Option<bool>,
    tools_without_thinking: Option<bool>,
    responses_only: Option<bool>,
    forced_tools: Option<bool>,
    prefill: Option<bool>,
    min_cacheable: Option<u64>,
    retired: Option<bool>,
    dimensions: Option<u64>,
}

impl Facts {
    /// These, and where they are silent the others.
    fn or(self, other: &Self) -> Self {
        let other = other.clone();
        Self {
            context: self.context.or(other.context),
            max_output: self.max_output.or(other.max_output),
            slow_start: self.slow_start.or(other.slow_start),
            thinking: self.thinking.or(other.thinking),
            efforts: self.efforts.or(other.efforts),
            sampling: self.sampling.or(other.sampling),
            one_of_temperature_and_top_p: self
                .one_of_temperature_and_top_p
                .or(other.one_of_temperature_and_top_p),
            structured_output: self.structured_output.or(other.structured_output),
            images: self.images.or(other.images),
            documents: self.documents.or(other.documents),
            max_completion_tokens: self.max_completion_tokens.or(other.max_completion_tokens),
            tools_without_thinking: self.tools_without_thinking.or(other.tools_without_thinking),
            responses_only: self.responses_only.or(other.responses_only),
            forced_tools: self.forced_tools.or(other.forced_tools),
            prefill: self.prefill.or(other.prefill),
            min_cacheable: self.min_cacheable.or(other.min_cacheable),
            retired: self.retired.or(other.retired),
            dimensions: self.dimensions.or(other.dimensions),
        }
    }

    fn tools_in_chat(&self) -> ToolsInChat {
        let can_rest = self.efforts.as_ref().is_some_and(|efforts| efforts.contains(&Effort::None));
        let must_rest = self.tools_without_thinking.unwrap_or(false);
        if self.responses_only.unwrap_or(false) || (must_rest && !can_rest) {
            ToolsInChat::Never
        } else if must_rest {
            ToolsInChat::WithoutThinking
        } else {
            ToolsInChat::Freely
        }
    }
}

/// Reads the text of a file of models.
pub(super) fn catalogue(text: &str) -> Result<Catalogue, ReadError> {
    let File { prefixes, vendor: vendors, family: families } = toml::from_str(text)?;
    let mut originals: HashMap<String, Facts> = HashMap::new();
    let mut models = Vec::new();
    for family in families {
        if let Some(key) = family.unknown.keys().next() {
            return Err(problem(&family.vendor, format!("a family has no key {key}")));
        }
        let Some(vendor) = vendors.iter().find(|vendor| vendor.name == family.vendor) else {
            return Err(problem(&family.vendor, "there is no vendor of this name"));
        };
        for line in family.models {
            let name = line.name.clone();
            let (model, facts) = model(line, &family.facts, vendor, &originals)?;
            // Other hosts go on serving what its own vendor has retired.
            originals.insert(name, Facts { retired: None, ..facts });
            models.push(model);
        }
    }
    let vendors = vendors
        .into_iter()
        .map(|VendorLines { name, hosts, dated: _, source, date }| Vendor { name, hosts, source, date })
        .collect();
    index(vendors, models, prefixes)
}

fn model(
    line: Line,
    family: &Facts,
    vendor: &VendorLines,
    originals: &HashMap<String, Facts>,
) -> Result<(Model, Facts), ReadError> {
    let Line { name, tier, mut aliases, current, stands_in_for, of, facts, unknown } = line;
    if let Some(key) = unknown.keys().next() {
        return Err(problem(&name, format!("a model has no key {key}")));
    }
    let mut facts = facts.or(family);
    if let Some(of) = &of {
        let original = originals.get(of).ok_or_else(|| problem(&name, format!("{of} isn't above")))?;
        facts = facts.or(original);
    }
    if tier.is_none() != facts.dimensions.is_some() {
        return Err(problem(&name, "a model has either a tier or dimensions"));
    }
    aliases.extend(vendor.dated.iter().map(|ending| format!("{name}{ending}")));
    let model = Model {
        vendor: vendor.name.clone(),
        aliases: aliases.iter().map(|alias| Glob::new(alias)).collect(),
        tier,
        current,
        stands_in_for,
        of,
        context: facts.context,
        max_output: facts.max_output,
        slow_start: facts.slow_start.unwrap_or(false),
        thinking: facts.thinking.unwrap_or_default(),
        efforts: facts.efforts.clone().unwrap_or_default(),
        sampling: facts.sampling.unwrap_or(true),
        one_of_temperature_and_top_p: facts.one_of_temperature_and_top_p.unwrap_or(false),
        structured_output: facts.structured_output.unwrap_or(true),
        images: facts.images.unwrap_or(false),
        documents: facts.documents.unwrap_or(false),
        max_completion_tokens: facts.max_completion_tokens.unwrap_or(false),
        tools_in_chat: facts.tools_in_chat(),
        forced_tools: facts.forced_tools.unwrap_or(true),
        prefill: facts.prefill.unwrap_or(true),
        min_cacheable: facts.min_cacheable,
        retired: facts.retired.unwrap_or(false),
        embedding: facts.dimensions.map(|dimensions| Embedding { dimensions }),
        name,
    };
    Ok((model, facts))
}

fn index(vendors: Vec<Vendor>, models: Vec<Model>, prefixes: Vec<String>) -> Result<Catalogue, ReadError> {
    let mut names = HashMap::new();
    let mut aliases = Vec::new();
    for (index, model) in models.iter().enumerate() {
        if names.insert(model.name.clone(), index).is_some() {
            return Err(problem(&model.name, "two models have this name"));
        }
        aliases.extend(model.aliases.iter().map(|alias| (alias.clone(), index)));
    }
    aliases.sort_by_key(|(alias, index)| (Reverse(alias.as_str().len()), *index));
    Ok(Catalogue { vendors, models, names, aliases, prefixes })
}
