//! The sentences of practice answers.

use crate::ask::{
    Tool,
    turn::{Attachment, Kind, Origin, ToolResult},
};

/// Words of a text that an answer repeats.
const ECHOED: usize = 12;

/// The text with which a practice provider answers a prompt (the last text of the user) that asks for nothing
/// else, so that a test can say what it expects.
pub fn practice_text(provider: &str, prompt: &str) -> String {
    format!(
        "This is a practice answer from {provider}, a simulated provider inside Evenkeel: no model has read \
         your prompt. {}",
        echo("It began with", prompt).unwrap_or_else(|| "It had no text.".to_owned())
    )
}

/// What is said once tools have given back their results.
pub(crate) fn after_tools(provider: &str, results: &[ToolResult]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for result in results {
        if !names.contains(&result.tool.as_str()) {
            names.push(&result.tool);
        }
    }
    let noun = if results.len() == 1 { "result" } else { "results" };
    let mut text = format!(
        "This is a practice answer from {provider}, which got the {noun} of {}.",
        names.join(" and ")
    );
    for ToolResult { tool, text: result } in results {
        let quoted = echo(&format!("{tool} gave"), result).unwrap_or_else(|| format!("{tool} gave no text."));
        text.push(' ');
        text.push_str(&quoted);
    }
    text
}

/// What is said before tools are called.
pub(crate) fn preamble(provider: &str, tools: &[&Tool]) -> String {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    format!("{provider} now calls {}.", names.join(" and "))
}

/// What is thought.
pub(crate) fn thinking(provider: &str, prompt: &str) -> String {
    format!(
        "This is practice thinking of {provider}: nothing is thought through here. {}",
        echo("The prompt begins with", prompt).unwrap_or_else(|| "The prompt has no text.".to_owned())
    )
}

/// How it declines.
pub(crate) fn refusal(provider: &str) -> String {
    format!("This is a practice refusal from {provider}: it declines because the prompt asked it to.")
}

/// What came beside the words: one sentence for each picture and document.
pub(crate) fn received(files: &[&Attachment]) -> String {
    let (mut images, mut documents) = (0, 0);
    let mut sentence = |file: &&Attachment| {
        let (noun, number) = match file.kind {
            Kind::Image => ("Image", &mut images),
            Kind::Document => ("Document", &mut documents),
        };
        *number += 1;
        format!(" {noun} {number}: {}.", one(file))
    };
    files.iter().map(&mut sentence).collect()
}

/// An attachment in a few words: what it is and how long, or where it is.
pub(crate) fn one(file: &Attachment) -> String {
    match &file.origin {
        Origin::Bytes { media_type, size: 1 } => format!("{media_type}, 1 byte"),
        Origin::Bytes { media_type, size } => format!("{media_type}, {size} bytes"),
        Origin::Url(url) => url.clone(),
        Origin::Stored(id) => format!("stored as {id}"),
    }
}

/// `It began with: "the first words of the text…".`
fn echo(lead: &str, text: &str) -> Option<String> {
    let mut rest = text.split_whitespace();
    let first: Vec<&str> = rest.by_ref().take(ECHOED).collect();
    let more = if rest.next().is_some() { "…" } else { "" };
    (!first.is_empty()).then(|| format!("{lead}: \"{}{more}\".", first.join(" ")))
}
