//! What is kept beside the requests: declared windows, reasons, alerts' states, pages.

use crate::sample::second;
use evenkeel_store::{AlertState, BudgetWindow, Page, PageState, Reason, Store, WindowKind};
use tempfile::TempDir;

fn open() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn page(key: &str) -> Page {
    Page {
        key: key.into(),
        made: second(1),
        due: second(10),
        state: PageState::Queued,
        tries: 0,
        title: "Success is below 99.5 %".into(),
        body: "97.20 % of 214 requests in 5 min.".into(),
        incident: Some("i-1".into()),
        json: Some("{}".into()),
    }
}

#[tokio::test]
async fn a_declared_window_is_found_by_the_time_it_touches_and_can_end_early() {
    let (_folder, store) = open();
    let window = |kind, from, to| BudgetWindow {
        id: 0,
        kind,
        reason: "new prompt".into(),
        from: second(from),
        to: second(to),
        made: second(from),
    };
    store.add_budget_window(window(WindowKind::Deploy, 0, 100)).await.unwrap();
    store.add_budget_window(window(WindowKind::Experiment, 50, 200)).await.unwrap();
    let kinds = async |from, to| {
        let windows = store.budget_windows(second(from), second(to)).await.unwrap();
        windows.into_iter().map(|window| window.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(0, 50).await, [WindowKind::Deploy]);
    assert_eq!(kinds(99, 100).await, [WindowKind::Deploy, WindowKind::Experiment]);
    assert_eq!(kinds(200, 300).await, []);
    let experiment = store.budget_windows(second(150), second(160)).await.unwrap().remove(0);
    assert_eq!(BudgetWindow { id: 0, ..experiment.clone() }, window(WindowKind::Experiment, 50, 200));
    assert!(store.end_budget_window(experiment.id, second(120)).await.unwrap());
    assert!(!store.end_budget_window(experiment.id, second(120)).await.unwrap());
    assert_eq!(kinds(150, 160).await, []);
}

#[tokio::test]
async fn reasons_are_kept_in_order() {
    let (_folder, store) = open();
    let reason = |at, text: &str| Reason { at: second(at), what: "routes".into(), reason: text.into() };
    for (at, text) in [(2, "second"), (1, "first"), (9, "later")] {
        store.add_reason(reason(at, text)).await.unwrap();
    }
    assert_eq!(store.reasons(second(0), second(9)).await.unwrap(), [reason(1, "first"), reason(2, "second")]);
}

#[tokio::test]
async fn an_alert_s_state_survives_a_restart() {
    let (folder, store) = open();
    let state = |key: &str, json: &str| AlertState { key: key.into(), json: json.into(), updated: second(3) };
    store.put_raised(vec![state("b", "1"), state("a", "2")], Vec::new()).await.unwrap();
    store.put_raised(vec![state("b", "3")], Vec::new()).await.unwrap();
    store.shut_down().unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.alert_states().await.unwrap(), [state("a", "2"), state("b", "3")]);
    assert!(store.remove_alert_state("a").await.unwrap());
    assert!(!store.remove_alert_state("a").await.unwrap());
}

#[tokio::test]
async fn a_page_queued_twice_is_one_page_and_is_due_until_somebody_has_it() {
    let (_folder, store) = open();
    for _ in 0..2 {
        store.put_raised(Vec::new(), vec![page("success:Everything:i-1:1")]).await.unwrap();
    }
    store.put_raised(Vec::new(), vec![Page { due: second(5), ..page("other") }]).await.unwrap();
    let due = async |by| {
        let pages = store.pages_due(second(by)).await.unwrap();
        pages.into_iter().map(|page| page.key).collect::<Vec<_>>()
    };
    assert_eq!(due(4).await, [""; 0]);
    assert_eq!(due(10).await, ["other", "success:Everything:i-1:1"]);
    assert!(store.page_tried("other", PageState::Queued, second(60)).await.unwrap());
    assert_eq!(due(10).await, ["success:Everything:i-1:1"], "it waits for its next try");
    assert!(store.page_tried("other", PageState::Delivered, second(60)).await.unwrap());
    let other = store.page("other".into()).await.unwrap().unwrap();
    assert_eq!(other, Page { due: second(60), state: PageState::Delivered, tries: 2, ..page("other") });
    assert_eq!(due(1_000).await, ["success:Everything:i-1:1"]);
    assert!(!store.page_tried("nobody's", PageState::Failed, second(0)).await.unwrap());
    assert_eq!(store.pages(10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_page_and_the_state_that_asked_for_it_are_written_together() {
    let (_folder, store) = open();
    let state = AlertState { key: "a".into(), json: "firing".into(), updated: second(0) };
    store.put_raised(vec![state.clone()], vec![page("p")]).await.unwrap();
    // A page that was queued before is left as it is, and the state is written all the same.
    let state = AlertState { json: "resolved".into(), ..state };
    let again = Page { title: "another".into(), ..page("p") };
    store.put_raised(vec![state.clone()], vec![again]).await.unwrap();
    assert_eq!(store.alert_states().await.unwrap(), [state]);
    assert_eq!(store.pages(10).await.unwrap(), [page("p")]);
}
