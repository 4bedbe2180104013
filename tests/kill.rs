//! `kill -9` under load: the ledger keeps every request that was answered more than 50 ms before, and the
//! database opens again, three times in a row.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::harness::{Home, Server, four_ways};

/// What was written down may lag behind what was answered by this much, and no more.
const LAG: Duration = Duration::from_millis(50);
const CLIENTS: usize = 8;
const ROUNDS: usize = 3;

/// Answers that were read to their last byte, with the moment.
type Answered = Arc<Mutex<Vec<(String, Instant)>>>;

fn load(server: &Server, stop: &Arc<AtomicBool>, answered: &Answered) -> Vec<tokio::task::JoinHandle<()>> {
    let client = |number: usize| {
        let (path, body) = four_ways()[number % 4].clone();
        let (stop, answered) = (Arc::clone(stop), Arc::clone(answered));
        let request = server.post(path, &body);
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                // An error is the kill itself.
                let Ok(response) = request.try_clone().expect("a plain body").send().await else { return };
                assert_eq!(response.status(), 200);
                let id = response.headers()["x-evenkeel-id"].to_str().expect("an id").to_owned();
                if response.bytes().await.is_err() {
                    return;
                }
                answered.lock().expect("no panic while held").push((id, Instant::now()));
            }
        })
    };
    (0..CLIENTS).map(client).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_older_than_50_ms_is_lost_and_the_database_opens_again() {
    let home = Home::new();
    let mut expected = HashSet::new();
    for round in 0..ROUNDS {
        let server = home.serve().await;
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Answered::default());
        let clients = load(&server, &stop, &answered);
        // At another moment of the writer's rhythm each time.
        let enough = 150 + 61 * round;
        crate::harness::until("enough load", async || {
            (answered.lock().expect("no panic while held").len() >= enough).then_some(())
        })
        .await;
        let killed = Instant::now();
        server.kill();
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.expect("every answer was good");
        }
        let answered = answered.lock().expect("no panic while held").clone();
        let safe = answered.into_iter().filter(|(_, at)| *at + LAG < killed).map(|(id, _)| id);
        expected.extend(safe);

        assert!(home.path("run.json").exists(), "a killed process can't tidy up");
        assert_eq!(home.cli(&["status"]).await.code, 4, "and nobody takes it for a running one");
    }
    let server = home.serve().await;
    assert_eq!(server.chat(true).await.status, 200);
    let page = home.cli(&["requests", "--json", "--since", "1h"]).await.ok().json();
    let rows = page["requests"].as_array().expect("rows");
    let found: HashSet<String> = rows.iter().filter_map(|row| Some(row["id"].as_str()?.to_owned())).collect();
    assert_eq!(found.len(), rows.len(), "a request stands there twice");
    let lost: Vec<_> = expected.difference(&found).collect();
    assert!(expected.len() > ROUNDS * 50 && lost.is_empty(), "{} of {} are lost", lost.len(), expected.len());
    assert!(rows.iter().all(|row| row["attempts"].as_array().is_some_and(|tries| !tries.is_empty())));
    server.stop().await;
}
