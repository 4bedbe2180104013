//! The task that looks: begun by a suspicion, and gone as soon as somebody answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::Held;
use super::machine::{Look, Standing};
use super::probe;
use super::routes::Routes;
use crate::Router;
use crate::events::{Event, NetworkChange};

/// How often the system's routes are compared while nobody can be reached. Cheaper than being told of every change
/// of every interface, the same on every system, and it costs nothing while all is well.
const GLANCE: Duration = Duration::from_millis(500);

/// Looks until somebody can be reached, or the router stops.
pub(super) async fn run(router: Arc<Router>) {
    loop {
        let looked = look(&router).await;
        if !conclude(&router, looked).await {
            return;
        }
        if !pause(&router).await {
            router.reach.desk.lock().watching = false;
            return;
        }
    }
}

/// Tries everybody that is away or suspected to be, all at the same time.
async fn look(router: &Router) -> (BTreeSet<String>, Look) {
    let (suspected, mut names) = {
        let mut desk = router.reach.desk.lock();
        let away = desk.machine.standing().away().map(|away| away.providers.clone()).unwrap_or_default();
        (std::mem::take(&mut desk.suspected), away)
    };
    names.extend(suspected.iter().cloned());
    let runtime = router.runtime.load_full();
    let no_route = Routes::now().are_gone();
    let tried = names.into_iter().filter_map(|name| {
        let upstream = runtime.upstreams.get(&name)?;
        Some(async move { (name, (upstream.place, probe::find(upstream, no_route).await)) })
    });
    let found = join_all(tried).await.into_iter().collect();
    (suspected, Look { found, no_route })
}

/// Draws the conclusion, tells it, and lets go of what waited for it; whether to go on looking.
async fn conclude(router: &Router, (suspected, look): (BTreeSet<String>, Look)) -> bool {
    let reach = &router.reach;
    let (before, after, held, goes_on) = {
        let mut desk = reach.desk.lock();
        let before = desk.machine.standing().clone();
        let after = desk.machine.looked(&suspected, &look, router.clock.now()).clone();
        // Who came to be suspected while this look went on is looked at next.
        let more = !desk.suspected.is_empty();
        let held = if more { Vec::new() } else { std::mem::take(&mut desk.held) };
        reach.standing.send_replace(after.clone());
        desk.watching = more || after != Standing::Reachable;
        // Under the same lock: whoever suspects next finds either this look under way or all of its outcome.
        if !more {
            reach.looking.send_replace(false);
        }
        (before, after, held, desk.watching)
    };
    if after == Standing::Reachable && before != Standing::Reachable {
        // Connections from before lead nowhere, often without knowing it.
        router.renew();
    }
    if let Some(change) = change(router, &before, &after) {
        router.events.emit(Event::NetworkChanged(change));
    }
    for Held { provider, model, ended } in held {
        let ours = matches!(&after, Standing::Offline(away, _) if away.providers.contains(&provider));
        if !ours {
            router.breakers.report(&provider, model.as_deref(), ended).await;
        }
    }
    goes_on
}

/// Waits for the next look: its time, a change of the network, or a nudge. `false`: the router stops.
async fn pause(router: &Router) -> bool {
    let wait = router.reach.desk.lock().machine.next_wait();
    let (due, before) = (Instant::now() + wait, Routes::now());
    loop {
        if router.draining.load(Ordering::Relaxed) {
            return false;
        }
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        let nudged = tokio::select! {
            () = router.reach.nudged.notified() => true,
            () = sleep(left.min(GLANCE)) => Routes::now() != before,
        };
        if nudged {
            router.reach.desk.lock().machine.nudged();
            return true;
        }
    }
}

/// What there is to tell.
fn change(router: &Router, before: &Standing, after: &Standing) -> Option<NetworkChange> {
    match (before, after) {
        (Standing::Offline(..), Standing::Offline(..))
        | (Standing::Unreachable(_), Standing::Unreachable(_))
        | (Standing::Reachable, Standing::Reachable) => None,
        (_, Standing::Offline(_, witness)) => Some(NetworkChange::Offline { witness: *witness }),
        (_, Standing::Unreachable(away)) => {
            Some(NetworkChange::Unreachable { providers: away.providers.iter().cloned().collect() })
        }
        (Standing::Offline(away, _) | Standing::Unreachable(away), Standing::Reachable) => {
            let lasted = router.clock.now().duration_since(away.since).as_secs();
            Some(NetworkChange::Back {
                offline: matches!(before, Standing::Offline(..)),
                seconds: u64::try_from(lasted).unwrap_or_default(),
            })
        }
    }
}
