//! What the router wrote down about a cell's requests, read as anybody would read it.

use anyhow::{Context, Result};
use serde_json::Value;

use super::super::subject::Subject;

/// The sums over a cell's rows.
#[derive(Default, Debug)]
pub(super) struct Ledger {
    pub(super) rows: usize,
    pub(super) attempts: usize,
    /// Rows of streams that broke in the client's hands.
    pub(super) broken: usize,
    /// US dollars, of the rows that have a cost; `None` if none has.
    pub(super) cost_usd: Option<f64>,
}

/// Reads every row; a cell never has more than one page of them.
pub(super) async fn read(subject: &Subject) -> Result<Ledger> {
    let page = subject.admin("/api/requests?limit=1000").await?;
    let rows = page["requests"].as_array().context("the ledger is no list")?;
    let mut ledger = Ledger { rows: rows.len(), ..Ledger::default() };
    for row in rows {
        ledger.attempts += row["attempts"].as_array().map_or(0, Vec::len);
        ledger.broken += usize::from(row["outcome"] == "broken_stream");
        if let Some(cost) = cost(row) {
            *ledger.cost_usd.get_or_insert(0.0) += cost;
        }
    }
    Ok(ledger)
}

fn cost(row: &Value) -> Option<f64> {
    row["cost_usd"].as_f64()
}
