//! The shape of the document. Fields may be added, never renamed or removed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Basis, NotCounted, Usd};
use crate::{
    Cause,
    budget::{BurnColour, ChangeKind},
    standing::{Band, Policy},
    words::Words,
};

/// The whole of `evenkeel slo --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "SloDocument.ts")]
pub struct SloDocument {
    /// When it was made.
    #[ts(type = "string")]
    #[ts(type = "string")]
    pub generated_at: Timestamp,
    /// Whose requests it is about.
    pub book: Book,
    /// The promises, in the configuration's order.
    pub slos: Vec<SloReport>,
}

/// Real requests and practice requests are never in one sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "Book.ts")]
pub enum Book {
    /// Requests of real providers.
    Real,
    /// Requests of the practice providers.
    Practice,
}

/// One promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "SloReport.ts")]
pub struct SloReport {
    /// Its name.
    pub name: String,
    /// The tenant it is about; `null`: all.
    pub tenant: Option<String>,
    /// The feature it is about; `null`: all.
    pub feature: Option<String>,
    /// The window looked at.
    pub window: WindowReport,
    /// How much of it the router saw.
    pub coverage: Coverage,
    /// Requests that count.
    pub n: u64,
    /// That requests are answered.
    pub success: SuccessReport,
    /// That answers start in time.
    pub latency: LatencyReport,
    /// That they cost no more.
    pub cost: CostReport,
    /// Good only because a retry or the other provider stepped in.
    pub rescued: u64,
    /// Answered from the cache; in the figures above.
    pub cached: u64,
    /// The figures without them.
    pub without_cache: SavedExcluded,
    /// What is on neither side of the rate.
    pub not_counted: NotCounted,
    /// What each cause spent, dearest first; sums to `success.bad`.
    pub spend: Vec<CauseSpend>,
    /// `null`: too little data.
    pub forecast: Option<ForecastReport>,
    /// Everything in one or two sentences.
    pub sentence: String,
    /// Whether all three are met: `null` while one can't be judged and none is missed.
    pub met: Option<bool>,
    /// `null`: changes are free.
    pub frozen: Option<FrozenReport>,
    /// The newest entries of the budget's ledger, newest first.
    pub entries: Vec<EntryReport>,
    /// The entries before those.
    pub older_entries: OlderEntries,
    /// The newest changes, newest first.
    pub changes: Vec<ChangeNote>,
    /// The same sentences one by one.
    pub words: Words,
}

/// A span of time; the last moment is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "WindowReport.ts")]
pub struct WindowReport {
    /// Its first moment.
    #[ts(type = "string")]
    #[ts(type = "string")]
    pub from: Timestamp,
    /// The first moment after it.
    #[ts(type = "string")]
    #[ts(type = "string")]
    pub to: Timestamp,
}

/// Hours, cut to hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "Coverage.ts")]
pub struct Coverage {
    /// In which the router was running.
    pub observed_h: f64,
    /// Of the whole window.
    pub window_h: f64,
}

/// That requests are answered. Percentages are cut, never rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "SuccessReport.ts")]
pub struct SuccessReport {
    /// Promised.
    pub target_percent: f64,
    /// Requests that were good.
    pub good: u64,
    /// Requests that were bad: what is spent.
    pub bad: u64,
    /// Measured; `null` without a request.
    pub rate_percent: Option<f64>,
    /// Lower end of the 95 % interval; `null` from 200 requests on.
    pub low_percent: Option<f64>,
    /// Its upper end.
    pub high_percent: Option<f64>,
    /// Bad requests that the target allows among so many.
    pub allowed: u64,
    /// What is left of them; below zero when overdrawn.
    pub left: i64,
    /// Burn rate over the last hour, rounded up to hundredths; `null` without a request.
    pub burn_1h: Option<f64>,
    /// Over the last six.
    pub burn_6h: Option<f64>,
    /// What the budget asks of whoever changes something.
    pub policy: Policy,
    /// Whether the target is met; `null` while there are too few requests to judge it.
    pub met: Option<bool>,
    /// Requests needed to judge it; `null` for 100 %, which none can prove.
    pub needed: Option<u64>,
    /// What the burn rates make of the tray.
    pub burn_colour: BurnColour,
}

/// That answers start in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "LatencyReport.ts")]
pub struct LatencyReport {
    /// What it is measured to.
    pub basis: Basis,
    /// What 95 of 100 shall stay within.
    pub target_ms: u64,
    /// Requests whose latency counts.
    pub n: u64,
    /// Those over the target.
    pub slow: u64,
    /// Measured; `null` without a request.
    pub p95_ms: Option<u64>,
    /// How many may be slow: 5 %.
    pub allowed: u64,
    /// What is left of them.
    pub left: i64,
    /// Whether the target is met; `null` while there are too few requests to judge it.
    pub met: Option<bool>,
    /// How much of the allowance is left, in a word.
    pub standing: Band,
}

/// That requests cost no more than promised, on average.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "CostReport.ts")]
pub struct CostReport {
    /// Promised average.
    pub target_usd: Usd,
    /// Spent in the window.
    pub total_usd: Usd,
    /// Measured average, rounded up; `null` without a priced request.
    pub average_usd: Option<Usd>,
    /// Requests whose price isn't known; in none of these sums.
    pub unpriced: u64,
    /// What is left of the money; below zero when overdrawn.
    pub left_usd: Usd,
    /// What the priced requests may cost together.
    pub allowed_usd: Usd,
    /// Whether the target is met; `null` while it can't be judged.
    pub met: Option<bool>,
    /// How much of the allowance is left, in a word.
    pub standing: Band,
}

/// The figures without saved answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "SavedExcluded.ts")]
pub struct SavedExcluded {
    /// The 95th percentile.
    pub p95_ms: Option<u64>,
    /// The average cost, rounded up.
    pub average_usd: Option<Usd>,
}

/// What a cause spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "CauseSpend.ts")]
pub struct CauseSpend {
    /// The cause.
    pub cause: Cause,
    /// Bad requests.
    pub bad: u64,
}

/// When the allowance is gone or back. All `null`: not within 30 days. Days begin at midnight UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ForecastReport.ts")]
pub struct ForecastReport {
    /// The first day on which it may be gone.
    #[ts(type = "string | null")]
    #[ts(type = "string | null")]
    pub exhausted_from: Option<Timestamp>,
    /// The last; `null` beside a first one: it may also last.
    #[ts(type = "string | null")]
    #[ts(type = "string | null")]
    pub exhausted_to: Option<Timestamp>,
    /// Once it is gone: when something is left again, if nothing else fails.
    #[ts(type = "string | null")]
    #[ts(type = "string | null")]
    pub recovers: Option<Timestamp>,
}

/// Changes ask for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "FrozenReport.ts")]
pub struct FrozenReport {
    /// Since when.
    #[ts(type = "string")]
    #[ts(type = "string")]
    pub since: Timestamp,
    /// By somebody, not by the budget.
    pub by_hand: bool,
    /// In their words.
    pub reason: Option<String>,
    /// About when it ends by itself.
    #[ts(type = "string | null")]
    #[ts(type = "string | null")]
    pub thaws: Option<Timestamp>,
}

/// One entry of the budget's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "EntryReport.ts")]
pub struct EntryReport {
    /// The cause.
    pub cause: Cause,
    /// The first bad request.
    #[ts(type = "string")]
    #[ts(type = "string")]
    pub from: Timestamp,
    /// The last one.
    #[ts(type = "string")]
    #[ts(type = "string")]
    pub to: Timestamp,
    /// How many.
    pub bad: u64,
    /// The reason that somebody gave.
    pub note: Option<String>,
}

/// Entries that are only counted here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "OlderEntries.ts")]
pub struct OlderEntries {
    /// How many.
    pub entries: u64,
    /// Their bad requests.
    pub bad: u64,
}

/// A change, and what failed after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ChangeNote.ts")]
pub struct ChangeNote {
    /// When.
    #[ts(type = "string")]
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What kind.
    pub kind: ChangeKind,
    /// In words.
    pub text: String,
    /// Bad requests in the hour from then on.
    pub bad_within_an_hour: u64,
}

/// One promise in `status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "SloSummary.ts")]
pub struct SloSummary {
    /// Its name.
    pub name: String,
    /// Measured success; `null` without a request.
    pub success_percent: Option<f64>,
    /// Measured latency.
    pub p95_ms: Option<u64>,
    /// Measured average cost.
    pub average_usd: Option<Usd>,
    /// Whether all three are met; `null` while one can't be judged and none is missed.
    pub met: Option<bool>,
    /// Failures left.
    pub budget_left: i64,
}

impl From<&SloReport> for SloSummary {
    fn from(report: &SloReport) -> Self {
        Self {
            name: report.name.clone(),
            success_percent: report.success.rate_percent,
            p95_ms: report.latency.p95_ms,
            average_usd: report.cost.average_usd,
            met: report.met,
            budget_left: report.success.left,
        }
    }
}
