//! `evenkeel practice`: the faults of the two simulated providers.

use super::{Done, Stop, args::Practice, context::Context, words};
use crate::admin::types::{PracticeProvider, PracticeStatus, SetFault};

pub(crate) fn run(context: &Context, command: &Practice) -> Result<Done, Stop> {
    let router = context.needs_router()?;
    match command {
        Practice::Status => {
            let status: PracticeStatus = router.get("/api/practice")?;
            if context.json { Done::json(&status) } else { Ok(Done::text(in_words(&status))) }
        }
        Practice::Fault { provider, fault, value } => {
            let body = SetFault { fault: fault.clone(), value: value.clone() };
            let path = format!("/api/practice/{}", percent(provider));
            let provider: PracticeProvider = router.put(&path, &body)?;
            if context.json { Done::json(&provider) } else { Ok(Done::text(sentence(&provider))) }
        }
    }
}

fn in_words(status: &PracticeStatus) -> String {
    if status.providers.is_empty() {
        return "Real providers are in use; the practice providers are off.".to_owned();
    }
    let rows: Vec<_> = status
        .providers
        .iter()
        .map(|provider| {
            vec![
                provider.name.clone(),
                fault(provider),
                provider.listen.clone(),
                words::number(provider.requests),
            ]
        })
        .collect();
    words::table(&["PROVIDER", "FAULT", "ADDRESS", "REQUESTS"], &rows, &[3])
}

fn fault(provider: &PracticeProvider) -> String {
    match &provider.value {
        Some(value) => format!("{} {value}", provider.fault),
        None => provider.fault.clone(),
    }
}

fn sentence(provider: &PracticeProvider) -> String {
    if provider.fault == "none" {
        format!("{} works again.", provider.name)
    } else {
        format!("{} now fails with: {}.", provider.name, fault(provider))
    }
}

/// A name as one segment of a path.
pub(crate) fn percent(segment: &str) -> String {
    segment
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_name_stays_one_segment() {
        assert_eq!(percent("practice-a"), "practice-a");
        assert_eq!(percent("a/b ?é"), "a%2Fb%20%3F%C3%A9");
    }
}
