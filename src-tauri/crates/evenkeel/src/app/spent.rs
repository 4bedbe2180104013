//! What was spent before this start, so that a restart is no way around a cap.

use std::collections::HashMap;

use evenkeel_router::Scope;
use evenkeel_store::{Mode, Spent, Store, StoreError};
use jiff::{Timestamp, ToSpan, Unit, tz::TimeZone};

/// Today's and this month's spending (UTC), by scope, in micro-dollars.
pub(super) async fn before(store: &Store, practice: bool) -> Result<Vec<(Scope, i64, i64)>, StoreError> {
    let mode = if practice { Mode::Practice } else { Mode::Real };
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let day = now.round(jiff::ZonedRound::new().smallest(Unit::Day).mode(jiff::RoundMode::Trunc));
    let day = day.unwrap_or_else(|_| now.clone());
    let month = day.checked_sub((i64::from(day.day()) - 1).days()).unwrap_or_else(|_| day.clone());
    let today = store.spent(mode, day.timestamp()).await?;
    let this_month = store.spent(mode, month.timestamp()).await?;
    let mut sums: HashMap<Scope, (i64, i64)> = HashMap::new();
    for Spent { tenant, route, micros } in today {
        for scope in scopes(tenant, route) {
            sums.entry(scope).or_default().0 += micros;
        }
    }
    for Spent { tenant, route, micros } in this_month {
        for scope in scopes(tenant, route) {
            sums.entry(scope).or_default().1 += micros;
        }
    }
    Ok(sums.into_iter().map(|(scope, (today, month))| (scope, today, month)).collect())
}

fn scopes(tenant: String, route: Option<String>) -> impl Iterator<Item = Scope> {
    [Scope::All, Scope::Tenant(tenant)].into_iter().chain(route.map(Scope::Route))
}
