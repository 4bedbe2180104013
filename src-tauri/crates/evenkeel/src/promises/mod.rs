//! What is promised, and how it stands: from `[[slo]]` and the roll-ups to the `slo` document.
//!
//! `evenkeel-slo` judges and words, `evenkeel-store` counts; this room hands the one what the other has. It holds
//! no rule of its own, so that a figure on the tray, in the terminal and in a document is the same figure.
//!
//! - `measure`: one promise read and judged
//! - `board`: how all of them stand, remembered for whoever can't wait for the disk
//! - `hold`: the freeze, over a restart
//! - `gate`: what a changed configuration asks while a budget is frozen

pub(crate) mod board;
pub(crate) mod gate;
pub(crate) mod hold;
pub(crate) mod measure;

use evenkeel_config::{LatencyBasis, Slo};
use evenkeel_slo::{alerts, budget::Share, report, tally::Basis};
use evenkeel_store as store;

/// As the store counts for it.
pub(crate) fn counted(slo: &Slo) -> store::Promise {
    store::Promise {
        name: slo.name.clone(),
        tenant: slo.tenant.clone(),
        feature: slo.feature.clone(),
        basis: basis(slo),
        target_ms: p95_ms(slo),
    }
}

/// As its report judges it.
pub(crate) fn reported(slo: &Slo) -> report::Promise {
    report::Promise {
        name: slo.name.clone(),
        tenant: slo.tenant.clone(),
        feature: slo.feature.clone(),
        // The configuration takes from 50 to 100 only.
        success: Share::from_percent(slo.success).unwrap_or(Share::ALL),
        p95_ms: p95_ms(slo),
        basis: basis(slo),
        cost_micros: cost_micros(slo),
    }
}

/// As its alerts watch it.
pub(crate) fn watched(slo: &Slo) -> alerts::Promise {
    alerts::Promise {
        name: slo.name.clone(),
        everything: slo.tenant.is_none() && slo.feature.is_none(),
        success_ppm: alerts::Promise::ppm(slo.success),
        latency_ms: p95_ms(slo),
        basis: basis(slo),
        cost_micros: u64::try_from(cost_micros(slo)).unwrap_or_default(),
    }
}

/// The book that is open: practice requests never meet real ones.
pub(crate) fn book(practice: bool) -> (store::Mode, report::Book) {
    if practice {
        (store::Mode::Practice, report::Book::Practice)
    } else {
        (store::Mode::Real, report::Book::Real)
    }
}

fn basis(slo: &Slo) -> Basis {
    match slo.latency {
        LatencyBasis::FirstByte => Basis::FirstByte,
        LatencyBasis::FirstToken => Basis::FirstToken,
        LatencyBasis::Complete => Basis::Complete,
    }
}

fn p95_ms(slo: &Slo) -> u64 {
    u64::try_from(slo.p95.as_millis()).unwrap_or(u64::MAX)
}

fn cost_micros(slo: &Slo) -> i64 {
    i64::try_from(slo.cost.micros()).unwrap_or(i64::MAX)
}
