//! The rollback switch while 64 clients are waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use evenkeel_practice::Fault;

use crate::harness::{self, Rig};

const CLIENTS: usize = 64;
const EACH: usize = 4;

/// What a client saw: who served it, and whether that was a whole answer.
async fn ask(rig: &Rig, stream: bool) -> (String, bool) {
    let answer = rig.chat(stream).await;
    let whole = if stream {
        answer.body.ends_with("data: [DONE]\n\n")
    } else {
        answer.json()["choices"][0]["finish_reason"] == "stop"
    };
    (answer.header("x-evenkeel-served-by").to_owned(), answer.status == 200 && whole)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switching_loses_no_request_in_flight_and_holds_from_the_next_one_on() {
    let rig = Arc::new(harness::practice("").await);
    rig.fault("practice-a", Fault::Slow(Duration::from_millis(60))).await;
    let done = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let rig = Arc::clone(&rig);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                for turn in 0..EACH {
                    seen.push(ask(&rig, (client + turn) % 2 == 0).await);
                }
                seen
            })
        })
        .collect();

    let operator = {
        let (rig, done) = (Arc::clone(&rig), Arc::clone(&done));
        tokio::spawn(async move {
            let mut switches = 0;
            while !done.load(Ordering::Relaxed) {
                for (on, expected) in [(true, "bypass"), (false, "primary")] {
                    rig.router.set_bypass(on).expect("nothing holds it");
                    let (served_by, whole) = ask(&rig, true).await;
                    assert_eq!((served_by.as_str(), whole), (expected, true), "the very next request");
                    switches += 1;
                }
            }
            switches
        })
    };

    let mut served = Vec::new();
    for client in clients {
        served.extend(client.await.expect("no panic"));
    }
    done.store(true, Ordering::Relaxed);
    let switches = operator.await.expect("every switch held");

    assert_eq!(served.len(), CLIENTS * EACH);
    assert!(served.iter().all(|(_, whole)| *whole), "nobody lost an answer");
    let by = |who: &str| served.iter().filter(|(served_by, _)| served_by == who).count();
    assert!(by("bypass") > 0 && by("primary") > 0, "the load met both positions: {served:?}");
    assert_eq!(by("bypass") + by("primary"), CLIENTS * EACH);
    let rows = rig.until_rows(CLIENTS * EACH + switches).await;
    assert!(rows.iter().all(|row| row.outcome == "ok" && row.attempts.len() == 1));
    assert_eq!(rig.router.snapshot().in_flight, 0);
}
