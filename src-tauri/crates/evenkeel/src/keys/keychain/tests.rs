use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

fn impatient() -> Keychain {
    Keychain { patience: Duration::from_millis(50), ..Keychain::default() }
}

/// A call that hangs until its sender says otherwise.
fn hanging() -> (Sender<()>, impl FnOnce() -> Result<(), Trouble> + Send + 'static) {
    let (release, held): (_, Receiver<()>) = channel();
    (release, move || {
        let _ = held.recv();
        Ok(())
    })
}

#[tokio::test]
async fn while_one_call_hangs_others_are_told_at_once_and_nothing_piles_up() {
    let keychain = impatient();
    let (release, hang) = hanging();
    assert_eq!(keychain.call(hang).await, Err(Trouble::Slow));
    let asked = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(
            keychain.call(|| -> Result<(), _> { panic!("it must not run") }).await,
            Err(Trouble::Waiting)
        );
    }
    // Had each of them waited, it would be five times as much.
    assert!(asked.elapsed() < keychain.patience * 20, "told at once: {:?}", asked.elapsed());

    release.send(()).expect("the thread waits");
    assert_eq!(keychain.freed().await, None);
    assert_eq!(keychain.call(|| Ok(7)).await, Ok(7), "it answers again");
}

#[tokio::test]
async fn a_question_that_is_turned_down_late_is_told_as_such() {
    let keychain = impatient();
    let (release, hang) = hanging();
    let asked = keychain.call(move || hang().and(Err::<(), _>(Trouble::Locked)));
    assert_eq!(asked.await, Err(Trouble::Slow));
    release.send(()).expect("the thread waits");
    assert_eq!(keychain.freed().await, Some(Trouble::Locked));
}

#[tokio::test]
async fn calls_take_turns_and_one_that_is_dropped_keeps_its_own() {
    let keychain = Keychain { patience: Duration::from_secs(20), ..Keychain::default() };
    let (release, hang) = hanging();
    {
        let first = keychain.call(hang);
        tokio::pin!(first);
        // The caller goes away while its call is under way.
        assert!(timeout_at(Instant::now() + Duration::from_millis(20), &mut first).await.is_err());
    }
    let second = keychain.call(|| Ok("second"));
    tokio::pin!(second);
    assert!(
        timeout_at(Instant::now() + Duration::from_millis(20), &mut second).await.is_err(),
        "not its turn"
    );
    release.send(()).expect("the thread waits");
    assert_eq!(second.await, Ok("second"));
}

#[tokio::test]
async fn a_call_that_panics_gives_the_turn_back() {
    let keychain = Keychain::default();
    let broken = keychain.call(|| -> Result<(), _> { panic!("on purpose") }).await;
    assert!(matches!(broken, Err(Trouble::Failed(_))), "{broken:?}");
    assert_eq!(keychain.call(|| Ok(1)).await, Ok(1));
}

#[tokio::test]
async fn unit_tests_have_no_keychain() {
    assert_eq!(Keychain::default().read("openai").await.err(), Some(Trouble::NoSession));
}
