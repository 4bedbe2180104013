//! Breakers and spend counters of routers that share a Redis.
//!
//! About once a second each router leaves word of its own and reads the others'. It tells totals and never
//! differences, so a word that is told twice, or again after a restart, counts once. A request never waits for any of
//! it: the router is told what the others spent, and which providers they found not worth asking, and decides as
//! always.
//!
//! - [`sums`]: what all others have spent, from what each last said
//! - [`claims`]: whose word on a provider is taken, and when it is taken back
//!
//! Redis away: each goes on with what it last heard of the others' spending, for as long as that day and month last;
//! breakers learnt of the others are tried when their time has come, as any.

mod claims;
mod sums;

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use evenkeel_cache::{Board, Cache, Note, Together};
use evenkeel_config::CacheBackend;
use evenkeel_router::Router;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use self::{
    claims::{Claim, Claims},
    sums::{Sums, Total},
};
use super::is_wanted;
use crate::{app::Running, random};

/// The pause between two exchanges.
const EVERY: Duration = Duration::from_secs(1);
/// Who has said nothing for so long is gone: what it set aside is free, and its breakers are nobody's.
const ALIVE: Duration = Duration::from_secs(5);
/// When the note of one who is gone is removed.
const GONE: Duration = Duration::from_mins(10);
/// For clocks that differ, a day or month is kept a day longer than it lasts.
const A_DAY: Duration = Duration::from_hours(48);
const A_MONTH: Duration = Duration::from_hours(32 * 24);
/// The setting that holds this router's name among the others.
const NAME: &str = "router_id";

/// How it stands with one router at this moment.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Present {
    reserved: Vec<Total>,
    breakers: Vec<Claim>,
}

/// The connection to the others, and what they said.
struct Tie {
    /// The open cache that it came with.
    of: Weak<Cache>,
    boards: Together,
    sums: Sums,
    claims: Claims,
    /// The last exchange went well.
    well: Option<bool>,
}

/// Shares until the app stops.
pub(crate) async fn share(running: Arc<Running>) {
    let stopping = running.stopping();
    let work = async {
        let mut tie = None;
        loop {
            turn(&running, &mut tie).await;
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        biased;
        () = stopping.cancelled() => {}
        () = work => {}
    }
}

async fn turn(running: &Running, tie: &mut Option<Tie>) {
    let routing = running.routing();
    let settings = running.settings();
    let shares = settings.config.cache.backend == CacheBackend::Redis && is_wanted(&settings.config.cache);
    // What practice spends and suffers is nobody else's business.
    if routing.practice || !shares {
        if let Some(mut old) = tie.take() {
            routing.router.others_spent(routing.router.own_spending().0, Vec::new());
            old.claims.take_back(&routing.router);
        }
        return;
    }
    // Closed for a moment, while its key or the address changes: what was heard still holds.
    let Some(cache) = running.cache.slot().load_full() else { return };
    if tie.as_ref().is_none_or(|tie| !std::ptr::eq(tie.of.as_ptr(), Arc::as_ptr(&cache))) {
        let Some(me) = name(running).await else { return };
        let Some(boards) = cache.together(me) else { return };
        let (sums, claims) = tie.take().map(|old| (old.sums, old.claims)).unwrap_or_default();
        *tie = Some(Tie { of: Arc::downgrade(&cache), boards, sums, claims, well: None });
    }
    drop(cache);
    if let Some(tie) = tie {
        tie.exchange(running, &routing.router).await;
    }
}

/// This router's name among the others, made once. No secret, and the same after a restart.
async fn name(running: &Running) -> Option<String> {
    if let Ok(Some(kept)) = running.store().setting(NAME).await {
        return Some(kept);
    }
    let made = random::base62(22).ok()?;
    match running.store().set_setting(NAME, Some(made.clone())).await {
        Ok(()) => Some(made),
        // Under another name after every start, its spending would count twice.
        Err(error) => {
            tracing::debug!(%error, "this router's name could not be kept; it shares nothing yet");
            None
        }
    }
}

impl Tie {
    async fn exchange(&mut self, running: &Running, router: &Router) {
        let (today, own) = router.own_spending();
        let known = claims::Known::now(running, router, &self.boards);
        let total = |pick: fn(&evenkeel_router::Spending) -> i64| -> Vec<Total> {
            own.iter().map(|spent| Total { scope: spent.scope.clone(), micros: pick(spent) }).collect()
        };
        let present = Present { reserved: total(|spent| spent.reserved), breakers: known.own(router) };
        let boards = vec![
            board(format!("day:{today}"), &total(|spent| spent.day), A_DAY, None),
            board(month(today), &total(|spent| spent.month), A_MONTH, None),
            board("now".to_owned(), &present, GONE, Some(GONE)),
        ];
        self.sums.turn_to(today);
        match self.boards.exchange(boards).await {
            Ok(heard) => {
                let mut heard = heard.into_iter();
                self.sums.day.hear(read(heard.next()));
                self.sums.month.hear(read(heard.next()));
                let present: Vec<(String, Duration, Present)> = heard
                    .next()
                    .into_iter()
                    .flatten()
                    .filter(|note| note.age <= ALIVE)
                    .filter_map(|note| Some((note.from, note.age, serde_json::from_slice(&note.text).ok()?)))
                    .collect();
                let reserved: Vec<Total> =
                    present.iter().flat_map(|(_, _, present)| present.reserved.iter().cloned()).collect();
                router.others_spent(today, self.sums.all(&reserved));
                self.claims.hear(router, &known, &present);
                if self.well.replace(true) != Some(true) {
                    tracing::info!("breakers and spend counters are shared over Redis");
                }
            }
            Err(detail) => {
                // What they have set aside is settled by now, or never will be; what they spent is spent.
                router.others_spent(today, self.sums.all(&[]));
                if self.well.replace(false) != Some(false) {
                    tracing::info!(
                        detail,
                        "breakers and spend counters are this router's alone; what the others were last known to \
                         have spent still counts"
                    );
                }
            }
        }
    }
}

fn month(today: Date) -> String {
    format!("month:{}-{:02}", today.year(), today.month())
}

fn board(name: String, note: &impl Serialize, keep_for: Duration, forget_after: Option<Duration>) -> Board {
    Board { name, note: serde_json::to_vec(note).unwrap_or_default(), keep_for, forget_after }
}

/// What can't be read is another version's, and passed over.
fn read(notes: Option<Vec<Note>>) -> impl Iterator<Item = (String, Vec<Total>)> {
    notes.into_iter().flatten().filter_map(|note| Some((note.from, serde_json::from_slice(&note.text).ok()?)))
}
