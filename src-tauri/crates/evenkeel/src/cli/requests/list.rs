//! The ledger as a table that fits into 100 columns.

use jiff::{Timestamp, tz::TimeZone};

use super::super::words::{cell, milliseconds, or_dash, table};
use crate::admin::types::{RequestRow, RequestsPage};

/// Columns on the narrowest terminal the table is made for.
const WIDTH: usize = 100;
/// Between two columns.
const GAP: usize = 2;

pub(super) fn in_words(page: &RequestsPage, now: Timestamp, zone: &TimeZone) -> String {
    if page.requests.is_empty() {
        return "No requests yet. Point a tool at Evenkeel (evenkeel env) and they show up here.".to_owned();
    }
    let several = page.requests.iter().any(|row| row.tenant != page.requests[0].tenant);
    let today = page.requests.iter().all(|row| is_today(row, now, zone));
    let mut head = vec!["TIME", "ID"];
    if several {
        head.push("TENANT");
    }
    head.extend(["MODEL", "PROVIDER", "RESULT", "TRIES", "TOTAL"]);
    let mut rows: Vec<Vec<String>> =
        page.requests.iter().map(|row| cells(row, several, today, zone)).collect();
    fit(&head, &mut rows);

    let mut text = String::new();
    if page.requests.iter().all(|row| row.mode == "practice") {
        text.push_str("PRACTICE: answered by the practice providers.\n");
    }
    text.push_str(&table(&head, &rows, &[head.len() - 2, head.len() - 1]));
    if page.next.is_some() {
        let older = format!("The newest {}; more with --limit N or --since 1h.\n", rows.len());
        text.push_str(&older);
    }
    text
}

fn is_today(row: &RequestRow, now: Timestamp, zone: &TimeZone) -> bool {
    row.at.to_zoned(zone.clone()).date() == now.to_zoned(zone.clone()).date()
}

fn cells(row: &RequestRow, several: bool, today: bool, zone: &TimeZone) -> Vec<String> {
    let format = if today { "%H:%M:%S" } else { "%m-%d %H:%M" };
    let at = row.at.to_zoned(zone.clone()).strftime(format).to_string();
    let mut cells = vec![at, cell(&row.id, 26)];
    if several {
        cells.push(cell(&row.tenant, 10));
    }
    let model = row.model.clone().or_else(|| row.model_asked.clone());
    cells.push(or_dash(model.map(|model| cell(&model, 40))));
    cells.push(or_dash(row.provider.as_ref().map(|name| cell(name, 12))));
    cells.push(result(row));
    cells.push(row.attempts.len().to_string());
    cells.push(milliseconds(row.total_ms));
    cells
}

/// `ok`, or the outcome with the status that the client saw.
fn result(row: &RequestRow) -> String {
    if row.outcome == "ok" { "ok".to_owned() } else { cell(&format!("{} {}", row.status, row.outcome), 18) }
}

/// Cuts columns that may be long, one after the other, until the rest fits. What stays in full is what
/// nothing else on the line tells: when, which, how long.
fn fit(head: &[&str], rows: &mut [Vec<String>]) {
    for (name, least) in [("MODEL", 12), ("RESULT", 13), ("PROVIDER", 9), ("TENANT", 8), ("MODEL", 8)] {
        let Some(column) = head.iter().position(|head| *head == name) else { continue };
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([head[column].chars().count()]).max().unwrap_or(0)
        };
        let others: usize = (0..head.len()).filter(|other| *other != column).map(width).sum();
        let room = WIDTH.saturating_sub(others + GAP * (head.len() - 1)).max(least);
        for row in &mut *rows {
            row[column] = cell(&row[column], room);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::admin::types::{AttemptRow, TokenCounts, Usd};

    pub(crate) fn row(id: &str) -> RequestRow {
        RequestRow {
            id: id.to_owned(),
            at: "2026-11-23T12:00:00Z".parse().expect("a time"),
            mode: "real".to_owned(),
            tenant: "local".to_owned(),
            feature: None,
            route: Some("default".to_owned()),
            dialect: "openai".to_owned(),
            endpoint: "/v1/chat/completions".to_owned(),
            stream: true,
            prompt_version: None,
            model_asked: Some("gpt-5-mini".to_owned()),
            model: Some("gpt-5-mini".to_owned()),
            provider: Some("openai".to_owned()),
            served_by: Some("primary".to_owned()),
            status: 200,
            outcome: "ok".to_owned(),
            counted: "good".to_owned(),
            cause: None,
            first_token_ms: Some(412),
            total_ms: 2_020,
            tokens: TokenCounts { input: Some(12), output: Some(34), ..TokenCounts::default() },
            cost_usd: Some(Usd(420)),
            saved_usd: None,
            cache: "off".to_owned(),
            degraded: None,
            attempts: vec![AttemptRow {
                n: 1,
                provider: "openai".to_owned(),
                model: Some("gpt-5-mini".to_owned()),
                outcome: "ok".to_owned(),
                status: Some(200),
                first_token_ms: Some(412),
                total_ms: 2_020,
                cost_usd: Some(Usd(420)),
                provider_request_id: None,
                detail: None,
            }],
        }
    }

    fn now() -> Timestamp {
        "2026-11-23T15:00:00Z".parse().expect("a time")
    }

    #[test]
    fn one_line_a_request_with_its_figures_under_each_other() {
        let mut failed = row("01KAQ0000000000000000000B2");
        failed.status = 502;
        failed.outcome = "providers_failed".to_owned();
        failed.provider = None;
        failed.total_ms = 12;
        let page = RequestsPage { requests: vec![row("01KAQ0000000000000000000A1"), failed], next: None };
        insta::assert_snapshot!(in_words(&page, now(), &TimeZone::UTC));
    }

    #[test]
    fn the_widest_rows_fit_into_a_hundred_columns() {
        let mut wide = row("01KAQ0000000000000000000A1");
        wide.model = Some("a-provider/with-a-very-long-model-name-2026-11-23-preview".to_owned());
        wide.provider = Some("a-provider-with-a-long-name".to_owned());
        wide.outcome = "first_token_timeout".to_owned();
        wide.tenant = "a-tenant-with-a-long-name".to_owned();
        wide.at = "2026-01-01T00:00:00Z".parse().expect("a time");
        let page = RequestsPage {
            requests: vec![wide, row("01KAQ0000000000000000000B2")],
            next: Some("x".to_owned()),
        };
        for line in in_words(&page, now(), &TimeZone::UTC).lines() {
            assert!(line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
        }
    }

    #[test]
    fn practice_is_said_first() {
        let mut practice = row("01A");
        practice.mode = "practice".to_owned();
        let page = RequestsPage { requests: vec![practice], next: None };
        assert!(in_words(&page, now(), &TimeZone::UTC).starts_with("PRACTICE"));
    }
}
