mod allowance;
mod burn;
mod forecast;
mod ledger;
mod timeline;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::Cause;

/// Second `n` of a Friday.
fn second(n: i64) -> Timestamp {
    "2026-11-20T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(n)
}

fn share(percent: f64) -> Share {
    Share::from_percent(percent).unwrap()
}

fn bad(at: i64, cause: Cause) -> BadRequest {
    BadRequest { at: second(at), cause }
}
