//! One request: what the client saw, what was tried, and what it counts for.

use std::fmt::Write;

use jiff::tz::TimeZone;

use super::super::words::{cell, milliseconds, number, or_dash, table};
use crate::admin::types::{AttemptRow, RequestDetail, RequestRow};

pub(super) fn in_words(detail: &RequestDetail, zone: &TimeZone) -> String {
    let row = &detail.row;
    let mut text = format!("{}\n\n", verdict(row));
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12}{value}");
    };
    fact("Id", cell(&row.id, 80));
    fact("When", row.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string());
    let feature = row.feature.as_ref().map(|feature| format!(", feature {feature}"));
    fact("From", format!("tenant {}{}", row.tenant, feature.unwrap_or_default()));
    let model = row.model_asked.as_ref().map(|model| format!(", model {}", cell(model, 60)));
    let stream = if row.stream { ", streaming" } else { "" };
    fact("Asked", format!("{}{}{stream}", row.endpoint, model.unwrap_or_default()));
    fact("Route", or_dash(row.route.clone()));
    fact("Answered", answered(row));
    let first = row.first_token_ms.map(|ms| format!("first token after {}, ", milliseconds(ms)));
    fact("Took", format!("{}{} in all", first.unwrap_or_default(), milliseconds(row.total_ms)));
    fact("Tokens", tokens(row));
    fact("Cost", row.cost_usd.map_or_else(|| "unknown".to_owned(), |usd| format!("${usd}")));
    fact("Counts", counts(row));
    if !row.attempts.is_empty() {
        text.push('\n');
        text.push_str(&attempts(&row.attempts));
    }
    text
}

/// The request in one sentence.
fn verdict(row: &RequestRow) -> String {
    let practice = if row.mode == "practice" { "PRACTICE. " } else { "" };
    let after = row.attempts.len().saturating_sub(1);
    let tries = match after {
        0 => String::new(),
        1 => " after one failed try".to_owned(),
        _ => format!(" after {after} failed tries"),
    };
    let took = milliseconds(row.total_ms);
    match (&row.provider, row.outcome.as_str()) {
        (Some(provider), "ok") => format!("{practice}{provider} answered in {took}{tries}."),
        (_, "cancelled") => format!("{practice}The client hung up after {took}."),
        _ => format!("{practice}The client saw a failure after {took}: {} ({}).", row.outcome, row.status),
    }
}

fn answered(row: &RequestRow) -> String {
    let Some(provider) = &row.provider else { return format!("by nobody, HTTP {}", row.status) };
    let role = row.served_by.as_ref().map(|role| format!(" ({role})"));
    let model = row.model.as_ref().map(|model| format!(", model {}", cell(model, 60)));
    format!("by {provider}{}{}, HTTP {}", role.unwrap_or_default(), model.unwrap_or_default(), row.status)
}

fn tokens(row: &RequestRow) -> String {
    let tokens = &row.tokens;
    let parts: Vec<String> = [
        (tokens.input, "in"),
        (tokens.output, "out"),
        (tokens.reasoning, "of them reasoning"),
        (tokens.cached, "read from the provider's cache"),
        (tokens.cache_write, "written to it"),
    ]
    .into_iter()
    .filter_map(|(count, name)| {
        // Input and output are worth a nought, the special cases only if they came about.
        let count = count.filter(|count| *count > 0 || matches!(name, "in" | "out"))?;
        Some(format!("{} {name}", number(count)))
    })
    .collect();
    if parts.is_empty() { "unknown".to_owned() } else { parts.join(", ") }
}

fn counts(row: &RequestRow) -> String {
    let cause = row.cause.as_ref().map(|cause| format!(" ({cause})"));
    match row.counted.as_str() {
        "good" => "as answered".to_owned(),
        "bad" => format!("as a failure{}", cause.unwrap_or_default()),
        _ => "not at all".to_owned(),
    }
}

fn attempts(attempts: &[AttemptRow]) -> String {
    let rows: Vec<Vec<String>> = attempts
        .iter()
        .map(|attempt| {
            vec![
                attempt.n.to_string(),
                cell(&attempt.provider, 14),
                or_dash(attempt.model.as_ref().map(|model| cell(model, 24))),
                attempt.outcome.clone(),
                or_dash(attempt.status.map(|status| status.to_string())),
                or_dash(attempt.first_token_ms.map(milliseconds)),
                milliseconds(attempt.total_ms),
            ]
        })
        .collect();
    let head = ["TRY", "PROVIDER", "MODEL", "RESULT", "HTTP", "FIRST", "TOTAL"];
    let mut text = table(&head, &rows, &[0, 4, 5, 6]);
    for attempt in attempts {
        let id = attempt.provider_request_id.as_ref().map(|id| format!(" [{}]", cell(id, 60)));
        let said = attempt.detail.as_ref().map(|detail| format!(" {}", cell(detail, 300)));
        if id.is_some() || said.is_some() {
            let (id, said) = (id.unwrap_or_default(), said.unwrap_or_default());
            let _ = writeln!(text, "Try {}: {}{id}{said}", attempt.n, attempt.provider);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::list::tests::row, *};

    #[test]
    fn a_rescued_request_reads_like_a_story() {
        let mut row = row("01KAQ0000000000000000000A1");
        row.provider = Some("anthropic".to_owned());
        row.served_by = Some("secondary".to_owned());
        let mut failed = row.attempts[0].clone();
        failed.outcome = "overloaded".to_owned();
        failed.status = Some(529);
        failed.first_token_ms = None;
        failed.total_ms = 40;
        failed.detail = Some("Overloaded".to_owned());
        failed.provider_request_id = Some("req_123".to_owned());
        row.attempts.insert(0, failed);
        row.attempts[1].n = 2;
        row.attempts[1].provider = "anthropic".to_owned();
        let detail = RequestDetail { row, plan: None };
        insta::assert_snapshot!(in_words(&detail, &TimeZone::UTC));
    }
}
