//! `evenkeel serve --practice --demo-data`: a month of made-up requests in the practice book, to look around in.
//!
//! Every one of them is marked, by its id and its tenant, and none of them ever stands beside a request that somebody
//! sent: a folder that holds anything else is left alone, and one that was filled is not used for real providers.
//! The rows take the way of all rows, so that roll-ups, budget and charts are made of them as of any others.

mod month;

#[cfg(test)]
mod tests;

use evenkeel_store::{RequestsQuery, Store, StoreError};
use jiff::Timestamp;

use crate::failure::{Code, Failure};

/// Since when a folder holds demo data.
const MARKER: &str = "demo_data";
/// As many rows are handed over before the writer is waited for: less than its queue holds.
const AT_ONCE: usize = 4_000;

/// Fills an empty folder; one that was filled before stays as it is.
pub(crate) async fn fill(store: &Store, now: Timestamp) -> Result<(), Failure> {
    if is_demo(store).await? {
        return Ok(());
    }
    let first = RequestsQuery { limit: 1, ..RequestsQuery::default() };
    if !store.requests(first).await.map_err(|error| unfilled(&error))?.requests.is_empty() {
        return Err(Failure::new(
            Code::FolderUnusable,
            "This folder has requests of its own; demo data is never mixed with them.",
        )
        .hint("Choose an empty folder: evenkeel --home DIR serve --practice --demo-data"));
    }
    // First, so that a start that is cut short leaves no made-up rows in a folder that seems to be a real one.
    store.set_setting(MARKER, Some(now.to_string())).await.map_err(|error| unfilled(&error))?;
    let month = month::of(now);
    store.seen(month.awake).await.map_err(|error| unfilled(&error))?;
    for window in month.windows {
        store.add_budget_window(window).await.map_err(|error| unfilled(&error))?;
    }
    for event in month.events {
        store.note(event);
    }
    for rows in month.rows.chunks(AT_ONCE) {
        for row in rows {
            store.record(row.clone());
        }
        store.flush().await.map_err(|error| unfilled(&error))?;
    }
    tracing::info!(
        requests = month.rows.len(),
        "DEMO DATA: a month of made-up requests in the practice book"
    );
    Ok(())
}

/// Keeps real requests out of a folder that was filled.
pub(crate) async fn keep_apart(store: &Store, practice: bool) -> Result<(), Failure> {
    if practice || !is_demo(store).await? {
        return Ok(());
    }
    Err(Failure::new(
        Code::FolderUnusable,
        "This folder holds demo data, and real requests don't belong there.",
    )
    .hint("Choose another folder: evenkeel --home DIR; or look around in this one with --practice."))
}

async fn is_demo(store: &Store) -> Result<bool, Failure> {
    store.setting(MARKER).await.map(|marker| marker.is_some()).map_err(|error| unfilled(&error))
}

fn unfilled(error: &StoreError) -> Failure {
    Failure::new(Code::StoreFailed, format!("The demo data can't be written: {error}."))
}
