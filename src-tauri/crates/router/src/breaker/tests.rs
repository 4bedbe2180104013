use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, advance};

use super::*;
use crate::clock::SystemClock;

struct Rig {
    breakers: Breakers,
    told: Arc<Mutex<Vec<BreakerChange>>>,
}

impl Rig {
    fn new() -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = {
            let told = Arc::clone(&told);
            Arc::new(move |change| told.lock().push(change))
        };
        Self { breakers: Breakers::new(Arc::new(SystemClock), TaskTracker::new(), tell), told }
    }

    async fn fails(&self, outcome: Outcome) {
        self.breakers.report("openai", Some("gpt"), Ended::new(outcome, Instant::now())).await;
    }

    async fn answers(&self) {
        self.breakers.report("openai", Some("gpt"), Ended::new(Outcome::Ok, Instant::now())).await;
    }

    async fn opened() -> Self {
        let rig = Self::new();
        for _ in 0..3 {
            rig.fails(Outcome::ServerError).await;
        }
        assert_eq!(rig.asks(), "refused");
        rig
    }

    /// Without keeping the permit.
    fn asks(&self) -> &'static str {
        word(&self.breakers.admission("openai", "gpt"))
    }

    fn states(&self) -> Vec<BreakerState> {
        self.told.lock().iter().map(|change| change.state).collect()
    }
}

fn word(admission: &Admission) -> &'static str {
    match admission {
        Admission::Pass => "pass",
        Admission::Probe(_) => "probe",
        Admission::Refused => "refused",
    }
}

/// Lets the machine see that its time has come.
async fn passes(seconds: u64) {
    tokio::task::yield_now().await;
    advance(Duration::from_secs(seconds)).await;
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_failed_is_asked() {
    let rig = Rig::new();
    rig.answers().await;
    assert_eq!(rig.asks(), "pass");
    assert!(rig.breakers.views("openai").is_empty());
}

#[tokio::test(start_paused = true)]
async fn three_failures_in_a_row_open_it_for_that_model_alone() {
    let rig = Rig::opened().await;
    assert_eq!(word(&rig.breakers.admission("openai", "another")), "pass");
    assert_eq!(word(&rig.breakers.admission("anthropic", "gpt")), "pass");
    let view = rig.breakers.views("openai").remove(0);
    assert_eq!(
        (view.model.as_str(), view.state, view.reason),
        ("gpt", BreakerState::Open, Outcome::ServerError)
    );
    assert!(view.until.is_some());
}

#[tokio::test(start_paused = true)]
async fn after_the_wait_one_request_tries_and_its_success_closes() {
    let rig = Rig::opened().await;
    passes(14).await;
    assert_eq!(rig.asks(), "refused");
    passes(1).await;
    let probe = rig.breakers.admission("openai", "gpt");
    assert_eq!(word(&probe), "probe");
    assert_eq!(rig.asks(), "refused", "only one at a time");
    rig.answers().await;
    assert_eq!(rig.asks(), "pass");
    drop(probe);
    assert_eq!(rig.asks(), "pass", "a permit that is given back late changes nothing");
    assert_eq!(rig.states(), [BreakerState::Open, BreakerState::HalfOpen, BreakerState::Closed]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_doubles_the_wait() {
    let rig = Rig::opened().await;
    passes(15).await;
    let probe = rig.breakers.admission("openai", "gpt");
    rig.fails(Outcome::FirstTokenTimeout).await;
    drop(probe);
    assert_eq!(rig.asks(), "refused");
    passes(29).await;
    assert_eq!(rig.asks(), "refused");
    passes(1).await;
    assert_eq!(rig.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_client_hangs_up_leaves_the_next_one_the_chance() {
    let rig = Rig::opened().await;
    passes(15).await;
    drop(rig.breakers.admission("openai", "gpt"));
    assert_eq!(rig.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn a_revoked_key_closes_the_whole_provider_at_once() {
    let rig = Rig::new();
    rig.fails(Outcome::Credentials).await;
    assert_eq!(word(&rig.breakers.admission("openai", "another")), "refused");
    assert_eq!(rig.breakers.views("openai")[0].model, "");
    passes(15).await;
    assert_eq!(rig.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_once_its_key_may_be_tried_again_is_not_asked_by_every_request() {
    let rig = Rig::new();
    rig.fails(Outcome::Credentials).await;
    passes(15).await;
    for _ in 0..3 {
        let probe = rig.breakers.admission("openai", "gpt");
        assert_eq!(word(&probe), "probe", "the key may work again");
        rig.fails(Outcome::FirstTokenTimeout).await;
    }
    assert_eq!(rig.asks(), "refused", "the model is open by now");
    assert_eq!(word(&rig.breakers.admission("openai", "another")), "probe", "the key is still in doubt");
    passes(15).await;
    assert_eq!(rig.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn a_breaker_written_down_with_a_wrong_clock_is_tried_within_minutes() {
    let rig = Rig::new();
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 365);
    rig.breakers.remember(vec![Remembered {
        provider: "openai".to_owned(),
        model: Some("gpt".to_owned()),
        reason: Outcome::ServerError,
        until,
    }]);
    assert_eq!(rig.asks(), "refused");
    passes(299).await;
    assert_eq!(rig.asks(), "refused");
    passes(1).await;
    assert_eq!(rig.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn a_new_key_resets_it() {
    let rig = Rig::new();
    rig.fails(Outcome::Credentials).await;
    rig.breakers.reset("openai");
    assert_eq!(rig.asks(), "pass");
    rig.fails(Outcome::ServerError).await;
    assert_eq!(rig.asks(), "pass", "and counting begins anew");
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_parks_until_the_host_says() {
    let rig = Rig::new();
    rig.breakers
        .report(
            "openai",
            Some("gpt"),
            Ended::new(Outcome::RateLimited, Instant::now()).retry_after(Some(Duration::from_secs(40))),
        )
        .await;
    assert_eq!(rig.breakers.views("openai")[0].state, BreakerState::Parked);
    passes(39).await;
    assert_eq!(rig.asks(), "refused");
    passes(1).await;
    assert_eq!(rig.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn a_success_of_one_who_had_no_other_choice_closes_it() {
    let rig = Rig::opened().await;
    rig.answers().await;
    assert_eq!(rig.asks(), "pass");
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_question_from_before_proves_nothing() {
    let before = Instant::now();
    advance(Duration::from_millis(5)).await;
    let rig = Rig::opened().await;
    rig.breakers.report("openai", Some("gpt"), Ended::new(Outcome::Ok, before)).await;
    assert_eq!(rig.asks(), "refused");
}

#[tokio::test(start_paused = true)]
async fn a_suspend_lets_the_next_request_try() {
    let rig = Rig::opened().await;
    tokio::task::yield_now().await;
    rig.breakers.reprobe();
    passes(0).await;
    assert_eq!(rig.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn a_clients_own_mistake_says_nothing_about_the_provider() {
    let rig = Rig::new();
    for outcome in [Outcome::BadRequest, Outcome::Cancelled, Outcome::Deadline, Outcome::Untranslatable] {
        for _ in 0..20 {
            rig.fails(outcome).await;
        }
    }
    assert_eq!(rig.asks(), "pass");
}

#[tokio::test(start_paused = true)]
async fn what_was_open_is_open_after_a_restart() {
    let before = Rig::opened().await;
    let remembered = before.breakers.to_remember();
    assert_eq!(remembered.len(), 1);
    let after = Rig::new();
    after.breakers.remember(remembered.clone());
    assert_eq!(after.asks(), "refused");

    let due = Remembered { until: jiff::Timestamp::UNIX_EPOCH, ..remembered[0].clone() };
    let long_after = Rig::new();
    long_after.breakers.remember(vec![due]);
    assert_eq!(long_after.asks(), "probe");
}

#[tokio::test(start_paused = true)]
async fn invented_models_make_a_bounded_number_of_breakers() {
    let rig = Rig::new();
    for n in 0..MOST + 50 {
        rig.breakers
            .report("openai", Some(&format!("model-{n}")), Ended::new(Outcome::Unserved, Instant::now()))
            .await;
    }
    assert_eq!(rig.breakers.views("openai").len(), MOST);
}

fn word_of_another(left: u64) -> Learnt {
    Learnt {
        provider: "openai".to_owned(),
        model: Some("gpt".to_owned()),
        reason: Outcome::ServerError,
        left: Duration::from_secs(left),
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_router_says_opens_it_is_not_passed_on_and_is_tried_after_its_wait() {
    let rig = Rig::new();
    rig.breakers.learn(&word_of_another(20));
    assert_eq!(rig.asks(), "refused");
    passes(0).await;
    assert_eq!(rig.breakers.views("openai").len(), 1);
    assert!(rig.breakers.own().is_empty() && rig.breakers.to_remember().is_empty());
    passes(20).await;
    let probe = rig.breakers.admission("openai", "gpt");
    assert_eq!(word(&probe), "probe");
    rig.fails(Outcome::ServerError).await;
    drop(probe);
    assert_eq!(rig.breakers.own().len(), 1, "a probe that failed here is this router's own experience");
    rig.breakers.unlearn("openai", Some("gpt"));
    passes(0).await;
    assert_eq!(rig.asks(), "refused", "and nobody else's to take back");
}

#[tokio::test(start_paused = true)]
async fn a_word_that_is_taken_back_closes_it_and_so_does_an_answer() {
    let rig = Rig::new();
    rig.breakers.learn(&word_of_another(20));
    passes(0).await;
    rig.breakers.unlearn("openai", Some("gpt"));
    passes(0).await;
    assert_eq!(rig.asks(), "pass");
    assert_eq!(rig.states(), [BreakerState::Open, BreakerState::Closed]);
    rig.breakers.learn(&word_of_another(20));
    passes(0).await;
    rig.answers().await;
    assert_eq!(rig.asks(), "pass");
    rig.fails(Outcome::Credentials).await;
    assert_eq!(rig.breakers.own().len(), 1, "what it finds out itself later is its own");
}

#[tokio::test(start_paused = true)]
async fn what_a_router_found_out_itself_is_not_changed_by_another_ones_word() {
    let rig = Rig::opened().await;
    rig.breakers.learn(&word_of_another(200));
    passes(15).await;
    assert_eq!(rig.asks(), "probe");
    rig.breakers.unlearn("openai", Some("gpt"));
    passes(0).await;
    assert_eq!(rig.breakers.own().len(), 1);
}
