//! The store as the rest of the program sees it: one binary, for linking SQLite three times helps nobody.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests, where a panic is the failure"
)]

mod figures;
mod folder;
mod kept;
mod kill;
mod ledger;
mod sample;
