//! The ledger's rows out of SQL.
//!
//! The index is named in each query, because SQLite without statistics guesses, and a wrong guess turns a page
//! of fifty into a scan of a million.

use std::str::FromStr;

use evenkeel_slo::Cause;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, TransactionBehavior, params_from_iter};

use crate::{
    error::StoreError,
    read::time,
    rows::{AttemptRow, LedgerRow, PAGE_MAX, RequestsPage, RequestsQuery, Tokens},
};

#[cfg(test)]
mod tests;

const COLUMNS: &str = "seq, id, at_us, mode, tenant, feature, route, dialect, endpoint, stream, prompt_version,
    model_asked, model, provider, served_by, status, outcome, counted, cause, first_token_ms, total_ms,
    tokens_input, tokens_output, tokens_cached, tokens_cache_write, tokens_reasoning, cost_micros, saved_micros,
    cache, degraded";

const ATTEMPTS: &str = "SELECT n, provider, model, outcome, status, first_token_ms, total_ms, cost_micros,
    tokens_input, tokens_output, tokens_cached, tokens_cache_write, tokens_reasoning, provider_request_id, detail
    FROM attempts WHERE request = ?1 ORDER BY place";

/// A page; see [`Reader::requests`](crate::Reader::requests).
pub(crate) fn page(connection: &mut Connection, query: &RequestsQuery) -> Result<RequestsPage, StoreError> {
    // One transaction, so that pruning between two statements can't leave a request without its attempts.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let after = match &query.before {
        Some(id) => Some(position(&transaction, id)?),
        None => None,
    };
    let limit = query.limit.clamp(1, PAGE_MAX) as usize;
    let (sql, values) = page_sql(query, after, limit);
    let mut requests = {
        let mut statement = transaction.prepare_cached(&sql)?;
        let rows = statement.query_and_then(params_from_iter(values), |row| {
            Ok::<_, StoreError>((row.get::<_, i64>("seq")?, request(row)?))
        })?;
        rows.collect::<Result<Vec<_>, _>>()?
    };
    let more = requests.len() > limit;
    requests.truncate(limit);
    for (seq, row) in &mut requests {
        row.attempts = attempts(&transaction, *seq)?;
    }
    let next = if more { requests.last().map(|(_, row)| row.id.clone()) } else { None };
    Ok(RequestsPage { requests: requests.into_iter().map(|(_, row)| row).collect(), next })
}

/// One request with its plan.
pub(crate) fn one(connection: &mut Connection, id: &str) -> Result<Option<LedgerRow>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let found = {
        let sql = format!("SELECT {COLUMNS}, plan FROM requests WHERE id = ?1");
        let mut statement = transaction.prepare_cached(&sql)?;
        let mut rows = statement.query_and_then([id], |row| {
            let plan = row.get("plan")?;
            Ok::<_, StoreError>((row.get::<_, i64>("seq")?, LedgerRow { plan, ..request(row)? }))
        })?;
        rows.next().transpose()?
    };
    let Some((seq, mut row)) = found else { return Ok(None) };
    row.attempts = attempts(&transaction, seq)?;
    Ok(Some(row))
}

/// Where a page begins: strictly older than this arrival and sequence number.
pub(crate) type Position = (i64, i64);

fn position(connection: &Connection, id: &str) -> Result<Position, StoreError> {
    connection
        .prepare_cached("SELECT at_us, seq FROM requests WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| StoreError::NoSuchCursor { id: id.to_owned() })
}

/// The query and its values. One row more than asked for tells whether there is a next page.
pub(crate) fn page_sql(
    query: &RequestsQuery,
    after: Option<Position>,
    limit: usize,
) -> (String, Vec<Box<dyn ToSql>>) {
    let index = if query.failed {
        "requests_failed"
    } else if query.tenant.is_some() {
        "requests_tenant"
    } else if query.mode.is_some() {
        "requests_mode"
    } else {
        "requests_at"
    };
    let mut conditions: Vec<&str> = Vec::new();
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    if query.failed {
        conditions.push("failed = 1");
    }
    if let Some(tenant) = &query.tenant {
        conditions.push("tenant = ?");
        values.push(Box::new(tenant.clone()));
    }
    if let Some(mode) = query.mode {
        conditions.push("mode = ?");
        values.push(Box::new(mode.as_str()));
    }
    if let Some(since) = query.since {
        conditions.push("at_us >= ?");
        values.push(Box::new(since.as_microsecond()));
    }
    if let Some((at, seq)) = after {
        conditions.push("(at_us, seq) < (?, ?)");
        values.push(Box::new(at));
        values.push(Box::new(seq));
    }
    let condition =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT {COLUMNS} FROM requests INDEXED BY {index} {condition}
         ORDER BY at_us DESC, seq DESC LIMIT {}",
        limit + 1
    );
    (sql, values)
}

/// Without plan and attempts.
fn request(row: &Row<'_>) -> Result<LedgerRow, StoreError> {
    let cause: Option<String> = row.get("cause")?;
    Ok(LedgerRow {
        id: row.get("id")?,
        at: time(row.get("at_us")?)?,
        mode: word(row, "mode")?,
        tenant: row.get("tenant")?,
        feature: row.get("feature")?,
        route: row.get("route")?,
        dialect: row.get("dialect")?,
        endpoint: row.get("endpoint")?,
        stream: row.get("stream")?,
        prompt_version: row.get("prompt_version")?,
        model_asked: row.get("model_asked")?,
        model: row.get("model")?,
        provider: row.get("provider")?,
        served_by: row.get("served_by")?,
        status: row.get("status")?,
        outcome: row.get("outcome")?,
        counted: word(row, "counted")?,
        // A cause that a later version invented is still a bad request: better unknown than unreadable.
        cause: cause.map(|cause| cause.parse().unwrap_or(Cause::Unknown)),
        first_token_ms: count(row, "first_token_ms")?,
        total_ms: count(row, "total_ms")?.unwrap_or_default(),
        tokens: tokens(row)?,
        cost_micros: row.get("cost_micros")?,
        saved_micros: row.get("saved_micros")?,
        cache: row.get("cache")?,
        degraded: row.get("degraded")?,
        attempts: Vec::new(),
        plan: None,
    })
}

fn attempts(connection: &Connection, request: i64) -> Result<Vec<AttemptRow>, StoreError> {
    let mut statement = connection.prepare_cached(ATTEMPTS)?;
    let rows = statement.query_and_then([request], |row| {
        Ok(AttemptRow {
            n: row.get("n")?,
            provider: row.get("provider")?,
            model: row.get("model")?,
            outcome: row.get("outcome")?,
            status: row.get("status")?,
            first_token_ms: count(row, "first_token_ms")?,
            total_ms: count(row, "total_ms")?.unwrap_or_default(),
            cost_micros: row.get("cost_micros")?,
            tokens: tokens(row)?,
            provider_request_id: row.get("provider_request_id")?,
            detail: row.get("detail")?,
        })
    })?;
    rows.collect()
}

fn tokens(row: &Row<'_>) -> Result<Tokens, StoreError> {
    Ok(Tokens {
        input: count(row, "tokens_input")?,
        output: count(row, "tokens_output")?,
        cached: count(row, "tokens_cached")?,
        cache_write: count(row, "tokens_cache_write")?,
        reasoning: count(row, "tokens_reasoning")?,
    })
}

/// SQLite's integers are signed, ours are counts.
pub(crate) fn count(row: &Row<'_>, column: &str) -> Result<Option<u64>, StoreError> {
    let number: Option<i64> = row.get(column)?;
    number
        .map(u64::try_from)
        .transpose()
        .map_err(|_| StoreError::Damaged { detail: format!("{column} is negative") })
}

pub(crate) fn word<T: FromStr<Err: std::fmt::Display>>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| StoreError::Damaged { detail: format!("{column}: {error}") })
}
