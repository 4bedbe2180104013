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
