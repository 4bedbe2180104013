//! Rows and changes as SQL. Only the writer calls this, inside its transaction.

use evenkeel_slo::Cause;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, named_params, params};

use crate::{
    promise,
    queue::{Change, Used},
    rows::{AttemptRow, DETAIL_MAX, EventRow, LedgerRow, Tenant},
};

const REQUEST: &str = "INSERT INTO requests
    (id, at_us, mode, tenant, feature, route, dialect, endpoint, stream, prompt_version, model_asked, model,
     provider, served_by, status, outcome, counted, cause, first_token_ms, total_ms, tokens_input, tokens_output,
     tokens_cached, tokens_cache_write, tokens_reasoning, cost_micros, saved_micros, cache, degraded, plan,
     rolled)
    VALUES
    (:id, :at, :mode, :tenant, :feature, :route, :dialect, :endpoint, :stream, :prompt_version, :model_asked,
     :model, :provider, :served_by, :status, :outcome, :counted, :cause, :first_token, :total, :input, :output,
     :cached, :cache_write, :reasoning, :cost, :saved, :cache, :degraded, :plan, 1)
    ON CONFLICT (id) DO NOTHING";

const ATTEMPT: &str = "INSERT INTO attempts
    (request, place, n, provider, model, outcome, status, first_token_ms, total_ms, cost_micros, tokens_input,
     tokens_output, tokens_cached, tokens_cache_write, tokens_reasoning, provider_request_id, detail)
    VALUES
    (:request, :place, :n, :provider, :model, :outcome, :status, :first_token, :total, :cost, :input, :output,
     :cached, :cache_write, :reasoning, :provider_request_id, :detail)";

/// A request with its attempts; its sequence number. It is marked as counted: whoever calls this adds it to the
/// roll-ups in the same transaction, or takes the mark off again.
pub(crate) fn request(connection: &Connection, row: &LedgerRow) -> rusqlite::Result<i64> {
    if !try_request(connection, row, &row.id)? {
        let id = free_id(connection, &row.id)?;
        tracing::debug!(asked = %row.id, stored = %id, "a request with this id is already in the ledger");
        try_request(connection, row, &id)?;
    }
    let seq = connection.last_insert_rowid();
    row.attempts
        .iter()
        .zip(0_i64..)
        .try_for_each(|(attempt_row, place)| attempt(connection, seq, place, attempt_row))?;
    Ok(seq)
}

/// False if the id is taken.
fn try_request(connection: &Connection, row: &LedgerRow, id: &str) -> rusqlite::Result<bool> {
    let inserted = connection.prepare_cached(REQUEST)?.execute(named_params! {
        ":id": id,
        ":at": row.at.as_microsecond(),
        ":mode": row.mode.as_str(),
        ":tenant": row.tenant,
        ":feature": row.feature,
        ":route": row.route,
        ":dialect": row.dialect,
        ":endpoint": row.endpoint,
        ":stream": row.stream,
        ":prompt_version": row.prompt_version,
        ":model_asked": row.model_asked,
        ":model": row.model,
        ":provider": row.provider,
        ":served_by": row.served_by,
        ":status": row.status,
        ":outcome": row.outcome,
        ":counted": row.counted.as_str(),
        ":cause": row.cause.map(Cause::as_str),
        ":first_token": row.first_token_ms.map(whole),
        ":total": whole(row.total_ms),
        ":input": row.tokens.input.map(whole),
        ":output": row.tokens.output.map(whole),
        ":cached": row.tokens.cached.map(whole),
        ":cache_write": row.tokens.cache_write.map(whole),
        ":reasoning": row.tokens.reasoning.map(whole),
        ":cost": row.cost_micros,
        ":saved": row.saved_micros,
        ":cache": row.cache,
        ":degraded": row.degraded,
        ":plan": row.plan,
    })?;
    Ok(inserted == 1)
}

fn attempt(connection: &Connection, request: i64, place: i64, row: &AttemptRow) -> rusqlite::Result<()> {
    let detail = row.detail.as_deref().map(|detail| cut(detail, DETAIL_MAX));
    connection.prepare_cached(ATTEMPT)?.execute(named_params! {
        ":request": request,
        ":place": place,
        ":n": row.n,
        ":provider": row.provider,
        ":model": row.model,
        ":outcome": row.outcome,
        ":status": row.status,
        ":first_token": row.first_token_ms.map(whole),
        ":total": whole(row.total_ms),
        ":cost": row.cost_micros,
        ":input": row.tokens.input.map(whole),
        ":output": row.tokens.output.map(whole),
        ":cached": row.tokens.cached.map(whole),
        ":cache_write": row.tokens.cache_write.map(whole),
        ":reasoning": row.tokens.reasoning.map(whole),
        ":provider_request_id": row.provider_request_id,
        ":detail": detail,
    })?;
    Ok(())
}

/// `id-2`, `id-3` … the first that is free, or one close to it where pruning has left gaps.
///
/// Doubles until it meets a free one, then halves back: a caller who sends the same id a million times costs
/// twenty look-ups a row, not a million.
fn free_id(connection: &Connection, id: &str) -> rusqlite::Result<String> {
    let mut find = connection.prepare_cached("SELECT 1 FROM requests WHERE id = ?1")?;
    let mut taken = |n: u64| find.exists([format!("{id}-{n}")]);
    let (mut low, mut high) = (1, 2); // `id` itself is number 1
    while taken(high)? {
        low = high;
        high *= 2;
    }
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if taken(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(format!("{id}-{high}"))
}

/// Takes the mark off: these are counted later.
pub(crate) fn uncounted(connection: &Connection, seqs: impl Iterator<Item = i64>) -> rusqlite::Result<()> {
    let mut update = connection.prepare_cached("UPDATE requests SET rolled = 0 WHERE seq = ?1")?;
    for seq in seqs {
        update.execute([seq])?;
    }
    Ok(())
}

/// An event.
pub(crate) fn event(connection: &Connection, row: &EventRow) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO events (at_us, kind, text, data) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row.at.as_microsecond(), row.kind, row.text, row.data])?;
    Ok(())
}

/// Carries a change out; false if there was nothing to change (or a tenant to add was there).
pub(crate) fn change(connection: &Connection, change: &Change) -> rusqlite::Result<bool> {
    let changed = match change {
        Change::Flush => return Ok(true),
        Change::AddTenant(tenant) => add_tenant(connection, tenant)?,
        Change::RemoveTenant(name) => {
            connection.prepare_cached("DELETE FROM tenants WHERE name = ?1")?.execute([name])?
        }
        Change::SetTenantKey(name, hash) => connection
            .prepare_cached("UPDATE tenants SET key_hash = ?2 WHERE name = ?1")?
            .execute(params![name, hash.as_slice()])?,
        Change::SetSetting(key, Some(value)) => connection
            .prepare_cached(
                "INSERT INTO settings (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute([key, value])?,
        Change::SetSetting(key, None) => {
            connection.prepare_cached("DELETE FROM settings WHERE key = ?1")?.execute([key])?
        }
        Change::SetPromises(promises) => return promise::set(connection, promises),
        Change::Apply(apply) => apply(connection)?,
    };
    Ok(changed > 0)
}

fn add_tenant(connection: &Connection, tenant: &Tenant) -> rusqlite::Result<usize> {
    let features = serde_json::Value::from(tenant.features.clone()).to_string();
    connection
        .prepare_cached(
            "INSERT INTO tenants (name, features, key_hash, created_at_us, last_used_at_us)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO NOTHING",
        )?
        .execute(params![
            tenant.name,
            features,
            tenant.key_hash.as_ref().map(<[u8; 32]>::as_slice),
            tenant.created_at.as_microsecond(),
            tenant.last_used_at.map(Timestamp::as_microsecond),
        ])
}

/// When tenants were last seen. Never moves backwards; tenants without a row (config only) are left out.
pub(crate) fn used(transaction: &Transaction<'_>, used: &Used) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached(
        "UPDATE tenants SET last_used_at_us = max(coalesce(last_used_at_us, ?2), ?2) WHERE name = ?1",
    )?;
    for (name, at) in used {
        update.execute(params![name, at.as_microsecond()])?;
    }
    Ok(())
}

/// SQLite's integers are signed.
fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}
