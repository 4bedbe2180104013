use super::*;

const ALL: [Outcome; 15] = [
    Outcome::Ok,
    Outcome::Connect,
    Outcome::FirstTokenTimeout,
    Outcome::BadRequest,
    Outcome::Unserved,
    Outcome::Credentials,
    Outcome::Billing,
    Outcome::RateLimited,
    Outcome::Overloaded,
    Outcome::ServerError,
    Outcome::Malformed,
    Outcome::StreamErrorEarly,
    Outcome::BrokenStream,
    Outcome::Cancelled,
    Outcome::Deadline,
];

/// The whole table in one picture; a changed cell has to be looked at.
#[test]
fn the_table_is_the_one_of_the_routing_rules() {
    let rows: Vec<String> = ALL
        .iter()
        .map(|outcome| {
            let retry = match outcome.retry() {
                Retry::Never => "no".to_owned(),
                Retry::AfterPause(pause) if pause.is_zero() => "at once".to_owned(),
                Retry::AfterPause(pause) => format!("after {} ms", pause.as_millis()),
                Retry::IfSoon => "if soon".to_owned(),
            };
            format!(
                "{:<20} retry {:<13} failover {:<6} breaker {:<8} transient {:<6} cause {}",
                outcome.as_str(),
                retry,
                outcome.fails_over(),
                format!("{:?}", outcome.verdict()),
                outcome.is_transient(),
                outcome.cause().as_str(),
            )
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn names_are_what_serde_writes() {
    for outcome in ALL {
        assert_eq!(serde_json::to_string(&outcome).expect("a name"), format!("\"{}\"", outcome.as_str()));
    }
}

/// Section 3 of the routing rules, cell by cell; what nothing is sent for stands below its last row.
#[test]
fn every_row_has_the_retry_the_failover_and_the_verdict_of_the_rules() {
    const AT_ONCE: Retry = Retry::AfterPause(Duration::ZERO);
    const PAUSE: Retry = Retry::AfterPause(Duration::from_millis(500));
    let rows = [
        (Outcome::Ok, Retry::Never, false, Verdict::Success),
        (Outcome::Connect, AT_ONCE, true, Verdict::Count),
        (Outcome::FirstTokenTimeout, Retry::Never, true, Verdict::Count),
        (Outcome::BadRequest, Retry::Never, false, Verdict::Nothing),
        (Outcome::Unserved, Retry::Never, true, Verdict::Open),
        (Outcome::Credentials, Retry::Never, true, Verdict::Open),
        (Outcome::Billing, Retry::Never, true, Verdict::Open),
        (Outcome::RateLimited, Retry::IfSoon, true, Verdict::Park),
        (Outcome::Overloaded, PAUSE, true, Verdict::Count),
        (Outcome::ServerError, AT_ONCE, true, Verdict::Count),
        (Outcome::Malformed, AT_ONCE, true, Verdict::Count),
        (Outcome::StreamErrorEarly, AT_ONCE, true, Verdict::Count),
        // Before the client has any of it, the other provider can still answer in one piece.
        (Outcome::BrokenStream, Retry::Never, true, Verdict::Count),
        (Outcome::Cancelled, Retry::Never, false, Verdict::Nothing),
        (Outcome::Deadline, Retry::Never, false, Verdict::Nothing),
        (Outcome::Untranslatable, Retry::Never, true, Verdict::Nothing),
        (Outcome::OverBudget, Retry::Never, true, Verdict::Nothing),
    ];
    for (outcome, retry, fails_over, verdict) in rows {
        assert_eq!(
            (outcome.retry(), outcome.fails_over(), outcome.verdict()),
            (retry, fails_over, verdict),
            "{outcome:?}"
        );
    }
}

/// The client is told to come back only after what waiting can cure.
#[test]
fn a_final_failure_is_never_called_transient() {
    for outcome in [
        Outcome::Credentials,
        Outcome::Billing,
        Outcome::BadRequest,
        Outcome::Unserved,
        Outcome::Untranslatable,
        Outcome::OverBudget,
        Outcome::Deadline,
    ] {
        assert!(!outcome.is_transient(), "{outcome:?}");
    }
}
