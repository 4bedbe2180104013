//! Which tools an answer calls.

use std::collections::HashSet;

use crate::ask::{Ask, Demand, Tool, turn};

/// The tools to call: the one that is demanded, else those that are mentioned by their whole name.
///
/// A tool that gave back its result is not called again before the user has said something new, even if it is
/// demanded: a client that repeats its request in a loop would never come to an end. What a result mentions
/// counts like what the user says, so that one tool can lead to the next.
pub(crate) fn wanted(ask: &Ask) -> Vec<&Tool> {
    if ask.tools.is_empty() {
        return Vec::new();
    }
    let results = ask.results();
    let mut tools: Vec<&Tool> = match &ask.demand {
        Demand::Named(name) if results.is_empty() => {
            ask.tools.iter().filter(|tool| tool.name == *name).collect()
        }
        Demand::Any if results.is_empty() => {
            let mentioned = mentioned(ask, []);
            if mentioned.is_empty() { ask.tools.iter().take(1).collect() } else { mentioned }
        }
        Demand::Never | Demand::Named(_) => Vec::new(),
        Demand::Free | Demand::Any => {
            let called = turn::called(&ask.turns);
            let heard = turn::heard(&ask.turns);
            let results = results.iter().map(|result| result.text.as_str());
            let mut mentioned = mentioned(ask, results.chain(heard.iter().map(String::as_str)));
            mentioned.retain(|tool| !called.contains(&tool.name.as_str()));
            mentioned
        }
    };
    if ask.one_call {
        tools.truncate(1);
    }
    tools
}

/// The tools that the user or one of these results names.
fn mentioned<'a: 'r, 'r>(ask: &'a Ask, results: impl IntoIterator<Item = &'r str>) -> Vec<&'a Tool> {
    let texts = std::iter::once(ask.text()).chain(results);
    let said: HashSet<&str> = texts.flat_map(|text| text.split(|c: char| !is_part_of_name(c))).collect();
    ask.tools.iter().filter(|tool| said.contains(tool.name.as_str())).collect()
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}
