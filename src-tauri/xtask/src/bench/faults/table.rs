//! The table for a terminal, and the same as Markdown.

use std::time::Duration;

use super::Judged;
use super::cell::{Cell, Figures};

const COLUMNS: [(&str, usize); 13] = [
    ("fault", 15),
    ("mode", 6),
    ("dialect", 7),
    ("success", 8),
    ("told", 5),
    ("p50 ms", 8),
    ("p95 ms", 8),
    ("max ms", 8),
    ("p95 later", 9),
    ("tries", 6),
    ("slow", 5),
    ("cost $", 8),
    ("goals", 10),
];

/// Columns with words in them; the others hold figures.
const WORDS: usize = 3;

pub(super) fn head(markdown: bool) -> String {
    let names = COLUMNS.map(|(name, _)| name.to_owned());
    if !markdown {
        return join(&names, false);
    }
    let rules = std::array::from_fn(|at| if at < WORDS { "---" } else { "---:" }.to_owned());
    format!("{}\n{}", join(&names, true), join(&rules, true))
}

pub(super) fn line(cell: &Cell, judged: &Judged, markdown: bool) -> String {
    let Judged { figures, misses, runs } = judged;
    let Figures { requests, whole, reported, slow, slowest, first, settled, ledger, .. } = figures;
    let share = |part: u32| f64::from(part) / f64::from(*requests);
    let attempts = u32::try_from(ledger.attempts).map_or(f64::NAN, share);
    let cells = [
        cell.row.name.to_owned(),
        cell.mode().to_owned(),
        cell.dialect().to_owned(),
        format!("{:.1} %", share(*whole) * 100.0),
        reported.to_string(),
        millis(first.p50),
        millis(first.p95),
        millis(*slowest),
        settled.as_ref().map_or_else(unknown, |settled| millis(settled.p95)),
        format!("{attempts:.2}"),
        slow.to_string(),
        ledger.cost_usd.map_or_else(unknown, |cost| format!("{cost:.4}")),
        match (misses.is_empty(), runs) {
            (true, 1) => "met".to_owned(),
            (true, runs) => format!("met, run {runs}"),
            (false, _) => "MISSED".to_owned(),
        },
    ];
    join(&cells, markdown)
}

fn unknown() -> String {
    "-".to_owned()
}

fn millis(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}

fn join(cells: &[String; 13], markdown: bool) -> String {
    if markdown {
        return format!("| {} |", cells.join(" | "));
    }
    let padded: Vec<_> = cells
        .iter()
        .zip(COLUMNS)
        .enumerate()
        .map(
            |(at, (cell, (_, width)))| {
                if at < WORDS { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            },
        )
        .collect();
    padded.join("  ")
}
