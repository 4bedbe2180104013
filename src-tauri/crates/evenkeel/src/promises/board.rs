//! How all promises stand, and whether changes are frozen.
//!
//! Looked at anew by whoever asks the admin API, and every few seconds while there is traffic; the tray and the
//! status in between take what was seen last.

use std::{collections::BTreeMap, sync::Arc};

use evenkeel_config::Slo;
use evenkeel_router::Event;
use evenkeel_slo::{
    budget::BurnColour,
    report::{SloDocument, SloReport, SloSummary},
    standing::Hold,
};
use evenkeel_store::{BudgetWindow, Reason, StoreError, WindowKind};
use jiff::Timestamp;
use tokio::sync::{Mutex, watch};

use super::{
    book, hold,
    measure::{self, Subject},
};
use crate::{
    app::Running,
    failure::{Code, Failure},
};

#[cfg(test)]
mod tests;

/// What was seen last.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    /// One for each promise, in the configuration's order.
    pub(crate) slos: Vec<SloSummary>,
    /// The worst burn rate of all.
    pub(crate) burn: Option<BurnColour>,
    /// Whether a budget is frozen.
    pub(crate) frozen: bool,
}

/// How the promises stand.
#[derive(Debug, Default)]
pub(crate) struct Board {
    seen: watch::Sender<Arc<Seen>>,
    /// The freezes as they were last kept, by book and promise. Also lets one look run at a time, for two might
    /// each tell of the same freeze.
    holds: Mutex<BTreeMap<(bool, String), Hold>>,
}

impl Board {
    /// What was seen last; waits for nothing.
    pub(crate) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.borrow())
    }

    /// Tells whenever something else is seen than before.
    pub(crate) fn changes(&self) -> watch::Receiver<Arc<Seen>> {
        self.seen.subscribe()
    }
}

/// A narrower look than all declared promises.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrow {
    /// Only this tenant's requests.
    pub(crate) tenant: Option<String>,
    /// Only this feature's.
    pub(crate) feature: Option<String>,
    /// Over this time instead of the promised window.
    pub(crate) window: Option<std::time::Duration>,
}

impl Running {
    /// The whole `slo` document, read now.
    pub(crate) async fn slo_document(&self, narrow: &Narrow) -> Result<SloDocument, Failure> {
        let now = Timestamp::now();
        let practice = self.routing().practice;
        let reports = self.reports(subjects(&self.settings().config.slos, narrow), practice, now).await;
        let slos = reports.map_err(|error| unreadable(&error))?;
        if narrow.tenant.is_none() && narrow.feature.is_none() && narrow.window.is_none() {
            self.remember(&slos);
        }
        Ok(SloDocument { generated_at: now, book: book(practice).1, slos })
    }

    /// Looks at every promise, freezes or lets go, and remembers what was seen.
    pub(crate) async fn look_at_promises(&self) -> Result<(), Failure> {
        let settings = self.settings();
        let practice = self.routing().practice;
        let now = Timestamp::now();
        self.freeze_or_let_go(&settings.config.slos, practice, now)
            .await
            .map_err(|error| unreadable(&error))?;
        self.slo_document(&Narrow::default()).await.map(drop)
    }

    async fn reports(
        &self,
        subjects: Vec<Subject>,
        practice: bool,
        now: Timestamp,
    ) -> Result<Vec<SloReport>, StoreError> {
        let mut reports = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let hold = self.hold(subject.slo(), practice).await;
            reports.push(
                Box::pin(measure::report(self.store(), &subject, practice, &hold, (self.began(), now)))
                    .await?,
            );
        }
        Ok(reports)
    }

    fn remember(&self, reports: &[SloReport]) {
        let seen = Seen {
            slos: reports.iter().map(SloSummary::from).collect(),
            burn: reports.iter().map(|report| report.success.burn_colour).max(),
            frozen: reports.iter().any(|report| report.frozen.is_some()),
        };
        self.promises.seen.send_if_modified(|last| {
            let differs = **last != seen;
            *last = Arc::new(seen);
            differs
        });
    }

    async fn hold(&self, slo: &Slo, practice: bool) -> Hold {
        let mut holds = self.promises.holds.lock().await;
        let key = (practice, slo.name.clone());
        if let Some(hold) = holds.get(&key) {
            return hold.clone();
        }
        let hold = hold::stored(self.store(), slo, practice).await;
        holds.insert(key, hold.clone());
        hold
    }

    async fn freeze_or_let_go(&self, slos: &[Slo], practice: bool, now: Timestamp) -> Result<(), StoreError> {
        for slo in slos {
            let seen = self.hold(slo, practice).await;
            self.follow(slo, practice, seen, now).await?;
        }
        Ok(())
    }

    /// What follows from what was `seen` and from the budget, which takes a while to read.
    async fn follow(&self, slo: &Slo, practice: bool, seen: Hold, now: Timestamp) -> Result<(), StoreError> {
        let budget = measure::budget(self.store(), slo, practice, now).await?;
        self.keep_hold(slo, practice, seen.next(now, &budget), Some(&seen)).await
    }

    /// `seen`: what this one follows from. If somebody has frozen or thawed it by hand meanwhile, theirs stays.
    async fn keep_hold(
        &self,
        slo: &Slo,
        practice: bool,
        hold: Hold,
        seen: Option<&Hold>,
    ) -> Result<(), StoreError> {
        let mut holds = self.promises.holds.lock().await;
        let key = (practice, slo.name.clone());
        let before = holds.get(&key).cloned().unwrap_or_default();
        if before == hold || seen.is_some_and(|seen| *seen != before) {
            return Ok(());
        }
        // On the disk first: what it refuses is tried again at the next look.
        hold::store(self.store(), slo, practice, &hold).await?;
        holds.insert(key, hold.clone());
        drop(holds);
        if before.is_frozen() != hold.is_frozen() {
            self.emit(Event::FreezeChanged { slo: slo.name.clone(), frozen: hold.is_frozen() });
        }
        Ok(())
    }

    /// The freezes of the real book, of which changes ask. Practice freezes nothing.
    pub(crate) async fn frozen_promises(&self) -> Vec<(String, Hold)> {
        // By the last answer, not by the last look.
        let looked = self.freeze_or_let_go(&self.settings().config.slos, false, Timestamp::now()).await;
        if let Err(error) = looked {
            tracing::warn!(%error, "whether the error budget is used up can't be read; the last look counts");
        }
        let mut frozen = Vec::new();
        for slo in &self.settings().config.slos {
            let hold = self.hold(slo, false).await;
            if hold.is_frozen() {
                frozen.push((slo.name.clone(), hold));
            }
        }
        frozen
    }

    /// Freezes every budget by hand.
    pub(crate) async fn freeze(&self, reason: Option<String>) -> Result<(), Failure> {
        let now = Timestamp::now();
        let practice = self.routing().practice;
        for slo in &self.settings().config.slos {
            let frozen = Hold::by_hand(now, reason.clone());
            self.keep_hold(slo, practice, frozen, None).await.map_err(|error| unkept(&error))?;
        }
        self.slo_document(&Narrow::default()).await.map(drop)
    }

    /// Lifts every freeze, whoever made it.
    pub(crate) async fn thaw(&self) -> Result<(), Failure> {
        let now = Timestamp::now();
        let practice = self.routing().practice;
        for slo in &self.settings().config.slos {
            let budget = measure::budget(self.store(), slo, practice, now)
                .await
                .map_err(|error| unreadable(&error))?;
            self.keep_hold(slo, practice, Hold::thawed(now, &budget), None)
                .await
                .map_err(|error| unkept(&error))?;
        }
        // A change that waited for a reason may now come.
        self.reload().await;
        self.slo_document(&Narrow::default()).await.map(drop)
    }

    /// Declares a window: failures in it are put down to what was declared, and a change that a freeze holds back
    /// has its reason.
    pub(crate) async fn declare(
        &self,
        kind: WindowKind,
        reason: String,
        lasts: std::time::Duration,
    ) -> Result<BudgetWindow, Failure> {
        let made = Timestamp::now();
        let to = made.checked_add(lasts).unwrap_or(Timestamp::MAX);
        let window = BudgetWindow { id: 0, kind, reason, from: made, to, made };
        self.store().add_budget_window(window.clone()).await.map_err(|error| unkept(&error))?;
        self.emit(Event::BudgetDeclared { kind: kind.as_str(), reason: window.reason.clone(), until: to });
        self.reload().await;
        Ok(window)
    }

    /// The reason that somebody has given for changing something now: the newest window that is still open.
    pub(crate) async fn reason_given(&self) -> Option<BudgetWindow> {
        let now = Timestamp::now();
        let after = now.checked_add(std::time::Duration::from_millis(1)).unwrap_or(now);
        let windows = self.store().budget_windows(now, after).await.ok()?;
        windows.into_iter().max_by_key(|window| window.made)
    }

    /// Keeps why something was changed although the budget is gone.
    pub(crate) async fn keep_reason(&self, what: String, reason: String) {
        let kept = self.store().add_reason(Reason { at: Timestamp::now(), what, reason }).await;
        if let Err(error) = kept {
            tracing::error!(%error, "the reason for this change could not be kept");
        }
    }
}

/// Which reports a look asks for. A tenant or feature that nobody promised anything about by itself is measured
/// against the narrowest promise that covers it.
pub(crate) fn subjects(slos: &[Slo], narrow: &Narrow) -> Vec<Subject> {
    let Narrow { tenant, feature, window } = narrow;
    if tenant.is_none() && feature.is_none() {
        return slos.iter().map(|slo| Subject::declared(slo).over(*window)).collect();
    }
    let declared: Vec<_> =
        slos.iter().filter(|slo| slo.tenant == *tenant && slo.feature == *feature).collect();
    if !declared.is_empty() {
        return declared.into_iter().map(|slo| Subject::declared(slo).over(*window)).collect();
    }
    let covers = |slo: &&Slo| {
        (slo.tenant.is_none() || slo.tenant == *tenant) && (slo.feature.is_none() || slo.feature == *feature)
    };
    let narrowness = |slo: &&Slo| usize::from(slo.tenant.is_some()) + usize::from(slo.feature.is_some());
    let judge = slos.iter().filter(covers).max_by_key(narrowness).cloned().unwrap_or_default();
    vec![Subject::undeclared(&judge, tenant.as_deref(), feature.as_deref()).over(*window)]
}

fn unreadable(error: &StoreError) -> Failure {
    Failure::new(Code::StoreFailed, format!("The figures can't be read: {error}."))
}

fn unkept(error: &StoreError) -> Failure {
    Failure::new(Code::StoreFailed, format!("That can't be kept: {error}."))
}
