//! The document for a terminal: the verdict, the three promises, then where the allowance went.

use std::fmt::Write;

use super::{Book, EntryReport, SloDocument, SloReport};
use crate::{
    figure,
    words::{dates, measured_to, one_line},
};

/// How many entries a terminal gets.
const ENTRIES: usize = 8;

/// What `evenkeel slo` prints, without colour and ending with a line break.
pub fn render(document: &SloDocument) -> String {
    if document.slos.is_empty() {
        return "No promise is configured: add an [[slo]] to evenkeel.toml.\n".to_owned();
    }
    let reports: Vec<String> = document.slos.iter().map(|slo| one(slo, document.book)).collect();
    reports.join("\n")
}

fn one(slo: &SloReport, book: Book) -> String {
    let mut text = format!("{}{}\n", one_line(&slo.name), about(slo, book));
    let words = &slo.words;
    for line in [Some(&words.verdict), Some(&words.lede), words.saved.as_ref()].into_iter().flatten() {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    text.push_str(&promises(slo));
    text.push('\n');
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<13}{value}");
    };
    fact("Forecast", &words.forecast);
    if let Some(policy) = &words.policy {
        fact("Policy", policy);
    }
    let rate =
        |rate: Option<f64>| rate.map_or_else(|| figure::UNKNOWN.to_owned(), |rate| format!("{rate:.2}"));
    let (hour, six) = (rate(slo.success.burn_1h), rate(slo.success.burn_6h));
    fact("Burn", &format!("{hour} over 1 h, {six} over 6 h (1 spends exactly the budget)"));
    fact("Rescued", &figure::counted(slo.rescued, "request", "requests"));
    if let Some(not_counted) = &words.not_counted {
        fact("Not counted", not_counted.trim_start_matches("Not counted: ").trim_end_matches('.'));
    }
    spent(slo, &mut text);
    text
}

fn about(slo: &SloReport, book: Book) -> String {
    let tenant = slo.tenant.as_deref().map(|tenant| format!("tenant {}", one_line(tenant)));
    let feature = slo.feature.as_deref().map(|feature| format!("feature {}", one_line(feature)));
    let window = format!("{} UTC", dates::span(slo.window.from, slo.window.to));
    let practice = (book == Book::Practice).then(|| "PRACTICE".to_owned());
    let all = [tenant, feature, Some(window), practice];
    format!(" ({})", all.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn promises(slo: &SloReport) -> String {
    let words = &slo.words;
    let p95 = format!("p95, {}", measured_to(slo.latency.basis));
    let rows = [("Success", &words.success), (p95.as_str(), &words.latency), ("Average cost", &words.cost)];
    let cells = rows.map(|(name, tile)| {
        let note = tile.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        let state = format!("{}{note}", tile.state);
        [
            name.to_owned(),
            tile.value.clone(),
            tile.target.clone(),
            tile.left.clone(),
            tile.standing.clone(),
            state,
        ]
    });
    let mut text = String::new();
    let width =
        |column: usize| cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    for row in &cells {
        let padded = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            1 => format!("{cell:>width$}"),
            5 => cell.clone(),
            _ => format!("{cell:<width$}"),
        });
        let _ = writeln!(text, "{}", padded.collect::<Vec<_>>().join("  "));
    }
    text
}

fn spent(slo: &SloReport, text: &mut String) {
    if slo.spend.is_empty() {
        return;
    }
    let causes =
        slo.spend.iter().map(|spend| format!("{} {}", figure::count(spend.bad), words_of(spend.cause)));
    let _ = writeln!(text, "{:<13}{}", "Spent", causes.collect::<Vec<_>>().join(", "));
    text.push('\n');
    let shown = || slo.entries.iter().take(ENTRIES);
    let at = |entry: &EntryReport| dates::moment(entry.from, slo.window.to);
    let width = shown().map(|entry| at(entry).chars().count()).max().unwrap_or(0);
    for entry in shown() {
        let _ = writeln!(text, "  {:>width$}  {}", at(entry), what(entry));
    }
    let more = slo.entries.len().saturating_sub(ENTRIES) as u64 + slo.older_entries.entries;
    if more > 0 {
        let _ = writeln!(text, "  and {} before", figure::counted(more, "entry", "entries"));
    }
}

fn what(entry: &EntryReport) -> String {
    let note = entry.note.as_deref().map(one_line).filter(|note| !note.is_empty());
    let note = note.map(|note| format!(": {note}")).unwrap_or_default();
    format!("{} failed, {}{note}", figure::count(entry.bad), words_of(entry.cause))
}

fn words_of(cause: crate::Cause) -> String {
    cause.as_str().replace('_', " ")
}
