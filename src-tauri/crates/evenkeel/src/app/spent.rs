//! What was spent before this start, so that a restart is no way around a cap.

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
    let mut sums: Vec<(Scope, i64, i64)> = Vec::new();
    let mut add = |spent: Spent, day: i64| {
        let route = spent.route.map(Scope::Route);
        for scope in [Scope::All, Scope::Tenant(spent.tenant)].into_iter().chain(route) {
            let place = sums.iter().position(|(known, ..)| *known == scope).unwrap_or_else(|| {
                sums.push((scope, 0, 0));
                sums.len() - 1
            });
            if let Some((_, today, month)) = sums.get_mut(place) {
                *today += spent.micros * day;
                *month += spent.micros * (1 - day);
            }
        }
    };
    today.into_iter().for_each(|spent| add(spent, 1));
    this_month.into_iter().for_each(|spent| add(spent, 0));
    Ok(sums)
}
