//! Strategy "weighted": the spare is proven warm by real traffic, and nobody is told of a switch.

use evenkeel_router::Event;
use futures_util::future::join_all;
use tokio::sync::broadcast::error::TryRecvError;

use crate::harness;

#[tokio::test]
async fn a_tenth_of_the_requests_goes_to_the_spare_and_that_is_no_switch() {
    let rig = harness::practice("[[routes]]\nname = \"default\"\nstrategy = \"weighted\"\n").await;
    let mut events = rig.router_events();
    let (mut spare, mut switched) = (0, Vec::new());
    for _ in 0..15 {
        let at_once = (0..20).map(|number| rig.chat(number % 2 == 0));
        for answer in join_all(at_once).await {
            assert_eq!((answer.status, answer.header("x-evenkeel-attempts")), (200, "1"), "{}", answer.body);
            spare += usize::from(answer.header("x-evenkeel-served-by") == "secondary");
        }
        loop {
            match events.try_recv() {
                Ok(event @ Event::Switched { .. }) => switched.push(event.sentence()),
                Ok(_) => {}
                Err(TryRecvError::Empty) => break,
                Err(error) => panic!("an event may have been missed: {error}"),
            }
        }
    }
    // 30 are expected; so few or so many come once in a million runs.
    assert!((8..=60).contains(&spare), "{spare} of 300");
    assert_eq!(switched, [""; 0]);
    assert_eq!(rig.router.snapshot().serving.as_deref(), Some("practice-a"), "the spare only helps out");
    let rows = rig.until_rows(300).await;
    let in_ledger = rows.iter().filter(|row| row.provider.as_deref() == Some("practice-b")).count();
    assert_eq!(in_ledger, spare, "the ledger knows who answered");
}
