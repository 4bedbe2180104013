//! What is answered, without its dialect: a function of the provider's name and the prompt, and of nothing else.

use crate::{
    ask::{Ask, Demand, Tool, tokens},
    random,
    sample::sample,
};

/// Words of the prompt that an answer repeats.
const ECHOED: usize = 12;

/// An answer before it has a shape.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) content: Content,
    pub(crate) end: End,
    pub(crate) output_tokens: u64,
}

/// What an answer consists of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    Calls(Vec<Call>),
}

/// A tool to be called, its arguments as JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) tool: String,
    pub(crate) arguments: String,
}

/// Why an answer ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Complete,
    /// The length that the client allowed was reached.
    Length,
    /// This stop sequence of the client came up.
    Stop(String),
    Calls,
}

/// The text with which a practice provider answers a prompt (the last text of the user), so that a test can
/// say what it expects.
pub fn practice_text(provider: &str, prompt: &str) -> String {
    format!(
        "This is a practice answer from {provider}, a simulated provider inside Evenkeel: no model has read \
         your prompt. {}",
        echo("It began with", prompt).unwrap_or_else(|| "It had no text.".to_owned())
    )
}

impl Reply {
    /// Answers a request.
    pub(crate) fn to(ask: &Ask, provider: &str) -> Self {
        if !ask.results.is_empty() {
            return Self::text(after_tools(ask, provider), ask);
        }
        let tools = called(ask);
        if tools.is_empty() {
            return Self::text(free_text(ask, provider), ask);
        }
        let calls: Vec<Call> = tools
            .into_iter()
            .map(|tool| Call { tool: tool.name.clone(), arguments: sample(&tool.schema).to_string() })
            .collect();
        let bytes = calls.iter().map(|call| call.tool.len() + call.arguments.len()).sum();
        Self { content: Content::Calls(calls), end: End::Calls, output_tokens: tokens(bytes) }
    }

    fn text(mut text: String, ask: &Ask) -> Self {
        let mut end = End::Complete;
        let stop = ask.stops.iter().filter_map(|stop| Some((text.find(stop.as_str())?, stop))).min();
        if let Some((at, stop)) = stop {
            end = End::Stop(stop.clone());
            text.truncate(at);
        }
        if let Some(limit) = ask.limit.filter(|limit| tokens(text.len()) > *limit) {
            end = End::Length;
            let bytes = usize::try_from(limit).unwrap_or(usize::MAX).saturating_mul(4);
            text.truncate(text.floor_char_boundary(bytes));
        }
        let output_tokens = tokens(text.len());
        Self { content: Content::Text(text), end, output_tokens }
    }

    /// How many pieces the answer comes in.
    pub(crate) fn pieces(&self) -> usize {
        match &self.content {
            Content::Text(text) => words(text).len(),
            Content::Calls(calls) => calls.iter().map(|call| slices(&call.arguments).len()).sum(),
        }
    }
}

/// What the delays of an answer depend on: the same prompt always takes the same time.
pub(crate) fn fingerprint(ask: &Ask) -> u64 {
    random::hash(ask.text.as_bytes())
}

/// A text word by word, each with the white space before it.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, character) in text.char_indices() {
        let white = character.is_whitespace();
        if white && in_word {
            words.push(&text[start..at]);
            start = at;
        }
        in_word = !white;
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Arguments in the short slices in which vendors stream them.
pub(crate) fn slices(arguments: &str) -> Vec<&str> {
    let mut slices = Vec::new();
    let mut rest = arguments;
    while !rest.is_empty() {
        let (slice, tail) = rest.split_at(rest.floor_char_boundary(8));
        slices.push(slice);
        rest = tail;
    }
    slices
}

fn free_text(ask: &Ask, provider: &str) -> String {
    match &ask.shape {
        Some(schema) => sample(schema).to_string(),
        None => practice_text(provider, &ask.text),
    }
}

fn after_tools(ask: &Ask, provider: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for result in &ask.results {
        if !names.contains(&result.tool.as_str()) {
            names.push(&result.tool);
        }
    }
    let results = if ask.results.len() == 1 { "result" } else { "results" };
    let last = ask.results.last().map_or("", |result| result.text.as_str());
    format!(
        "This is a practice answer from {provider}, which got the {results} of {}. {}",
        names.join(" and "),
        echo("The last one began with", last).unwrap_or_else(|| "The last one had no text.".to_owned())
    )
}

/// `It began with: "the first words of the text…".`
fn echo(lead: &str, text: &str) -> Option<String> {
    let mut rest = text.split_whitespace();
    let first: Vec<&str> = rest.by_ref().take(ECHOED).collect();
    let more = if rest.next().is_some() { "…" } else { "" };
    (!first.is_empty()).then(|| format!("{lead}: \"{}{more}\".", first.join(" ")))
}

/// The tools to call: the one that is demanded, else those that the user's text mentions by their whole name.
fn called(ask: &Ask) -> Vec<&Tool> {
    let mut tools: Vec<&Tool> = match &ask.demand {
        Demand::Never => Vec::new(),
        Demand::Named(name) => ask.tools.iter().filter(|tool| tool.name == *name).collect(),
        Demand::Free => mentioned(ask),
        Demand::Any => {
            let mentioned = mentioned(ask);
            if mentioned.is_empty() { ask.tools.iter().take(1).collect() } else { mentioned }
        }
    };
    tools.truncate(if ask.one_call { 1 } else { tools.len() });
    tools
}

fn mentioned(ask: &Ask) -> Vec<&Tool> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let said: Vec<&str> = ask.text.split(|c: char| !part_of_name(c)).collect();
    ask.tools.iter().filter(|tool| said.contains(&tool.name.as_str())).collect()
}

#[cfg(test)]
mod tests;
