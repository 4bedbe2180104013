use evenkeel_router::{Outcome, Scope};

use super::{
    claims::{Known, Provider},
    *,
};

fn known(key: Option<[u8; 32]>) -> Known {
    let provider = Provider { base_url: "https://a.example/".to_owned(), key };
    Known([("openai".to_owned(), provider)].into())
}

fn claim(reason: Outcome, until_us: Option<i64>) -> Claim {
    Claim {
        provider: "openai".to_owned(),
        base_url: "https://a.example/".to_owned(),
        model: Some("gpt".to_owned()),
        reason,
        key: None,
        until_us,
        left_ms: 10_000,
    }
}

fn says(claims: &[Claim]) -> Vec<(String, Duration, Present)> {
    let present = Present { reserved: Vec::new(), breakers: claims.to_vec() };
    vec![("one".to_owned(), Duration::from_secs(1), present)]
}

#[test]
fn an_opening_is_taken_once_and_taken_back_when_nobody_claims_it_any_more() {
    let (mut claims, known) = (Claims::default(), known(None));
    let open = says(&[claim(Outcome::ServerError, Some(7))]);
    let changes = claims.take(&known, &open);
    assert_eq!(changes.learn[0].left, Duration::from_secs(9), "less what passed on the way");
    assert_eq!(claims.take(&known, &open), claims::Changes::default(), "heard already");
    let trying = says(&[claim(Outcome::ServerError, None)]);
    assert_eq!(claims.take(&known, &trying), claims::Changes::default(), "not closed yet");
    let again = claims.take(&known, &says(&[claim(Outcome::ServerError, Some(8))]));
    assert_eq!(again.learn.len(), 1, "its probe failed");
    let closed = claims.take(&known, &says(&[]));
    assert_eq!(closed.unlearn, [("openai".to_owned(), Some("gpt".to_owned()))]);
    assert_eq!(claims.take(&known, &says(&[])), claims::Changes::default());
}

#[test]
fn a_router_that_is_gone_takes_its_word_with_it_unless_another_one_says_the_same() {
    let (mut claims, known) = (Claims::default(), known(None));
    let mut both = says(&[claim(Outcome::ServerError, Some(7))]);
    let second = says(&[claim(Outcome::ServerError, Some(9))]).remove(0).2;
    both.push(("two".to_owned(), Duration::ZERO, second));
    assert!(!claims.take(&known, &both).learn.is_empty());
    both.remove(0);
    assert!(claims.take(&known, &both).unlearn.is_empty());
    assert_eq!(claims.take(&known, &[]).unlearn.len(), 1);
}

#[test]
fn what_lies_in_an_account_is_believed_of_the_same_key_only() {
    let account =
        [Outcome::Credentials, Outcome::Billing, Outcome::RateLimited, Outcome::Unserved].into_iter();
    for reason in account {
        let said = Claim { key: Some([1; 32]), ..claim(reason, Some(7)) };
        let learnt =
            |key| Claims::default().take(&known(key), &says(std::slice::from_ref(&said))).learn.len();
        assert_eq!((learnt(Some([1; 32])), learnt(Some([2; 32])), learnt(None)), (1, 0, 0), "{reason:?}");
        let unmarked = says(&[claim(reason, Some(7))]);
        assert!(Claims::default().take(&known(None), &unmarked).learn.is_empty(), "{reason:?}");
    }
}

#[test]
fn a_provider_of_the_same_name_elsewhere_is_another_one() {
    let elsewhere =
        Claim { base_url: "https://b.example/".to_owned(), ..claim(Outcome::ServerError, Some(7)) };
    assert_eq!(Claims::default().take(&known(None), &says(&[elsewhere])), claims::Changes::default());
}

fn total(micros: i64) -> Vec<Total> {
    vec![Total { scope: Scope::All, micros }]
}

fn sum(sums: &Sums) -> (i64, i64) {
    let all = sums.all(&[]);
    (all.iter().map(|spent| spent.day).sum(), all.iter().map(|spent| spent.month).sum())
}

#[test]
fn each_routers_last_word_counts_once_and_is_not_forgotten_when_redis_is() {
    let mut sums = Sums::default();
    sums.turn_to("2026-11-29".parse().unwrap());
    for spent in [10, 20] {
        sums.day.hear([("one".to_owned(), total(spent)), ("two".to_owned(), total(5))].into_iter());
        sums.month.hear([("one".to_owned(), total(spent + 100))].into_iter());
    }
    assert_eq!(sum(&sums), (25, 120));
    sums.day.hear([("two".to_owned(), total(6))].into_iter());
    assert_eq!(sum(&sums), (26, 120));
    sums.turn_to("2026-11-30".parse().unwrap());
    assert_eq!(sum(&sums), (0, 120));
    sums.turn_to("2026-12-01".parse().unwrap());
    assert_eq!(sum(&sums), (0, 0));
    assert_eq!(sums.all(&total(3))[0].reserved, 3);
}
