//! What people say about the error budget: windows in which it may be spent, and reasons given while it was gone.

use jiff::Timestamp;
use rusqlite::params;

use crate::{error::StoreError, queue::Change, read::Reader, span, store::Store};

/// What a declared window is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowKind {
    /// Something is being rolled out.
    Deploy,
    /// Something is being tried.
    Experiment,
}

impl WindowKind {
    /// The word in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            WindowKind::Deploy => "deploy",
            WindowKind::Experiment => "experiment",
        }
    }
}

/// A time in which failures are put down to what was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetWindow {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub kind: WindowKind,
    /// In the words of whoever declared it.
    pub reason: String,
    /// From here on.
    pub from: Timestamp,
    /// Up to here, not with it.
    pub to: Timestamp,
    /// When it was declared.
    pub made: Timestamp,
}

/// Why something was changed although the budget was gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// When.
    pub at: Timestamp,
    /// What was changed.
    pub what: String,
    /// In the words of whoever changed it.
    pub reason: String,
}

impl Store {
    /// Declares a window; its `id` is not looked at.
    pub async fn add_budget_window(&self, window: BudgetWindow) -> Result<(), StoreError> {
        let apply = Change::Apply(Box::new(move |connection| {
            connection.execute(
                "INSERT INTO budget_windows (kind, reason, from_us, to_us, made_us) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    window.kind.as_str(),
                    window.reason,
                    window.from.as_microsecond(),
                    window.to.as_microsecond(),
                    window.made.as_microsecond()
                ],
            )
        }));
        self.change(apply).await.map(drop)
    }

    /// Ends a window early; false if there is none of that number that would last longer.
    pub async fn end_budget_window(&self, id: i64, at: Timestamp) -> Result<bool, StoreError> {
        let apply = Change::Apply(Box::new(move |connection| {
            connection.execute(
                "UPDATE budget_windows SET to_us = max(?2, from_us) WHERE id = ?1 AND to_us > ?2",
                params![id, at.as_microsecond()],
            )
        }));
        self.change(apply).await
    }

    /// The declared windows that touch a time, oldest first; see [`Reader::budget_windows`].
    pub async fn budget_windows(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<BudgetWindow>, StoreError> {
        self.read(move |reader| reader.budget_windows(from, to)).await
    }

    /// Keeps a reason for good.
    pub async fn add_reason(&self, reason: Reason) -> Result<(), StoreError> {
        let apply = Change::Apply(Box::new(move |connection| {
            connection.execute(
                "INSERT INTO reasons (at_us, what, reason) VALUES (?1, ?2, ?3)",
                params![reason.at.as_microsecond(), reason.what, reason.reason],
            )
        }));
        self.change(apply).await.map(drop)
    }

    /// The reasons given from `from` on and before `to`, oldest first.
    pub async fn reasons(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Reason>, StoreError> {
        self.read(move |reader| reader.reasons(from, to)).await
    }
}

impl Reader {
    /// The declared windows that touch the time from `from` up to `to`, oldest first.
    pub fn budget_windows(&self, from: Timestamp, to: Timestamp) -> Result<Vec<BudgetWindow>, StoreError> {
        self.snapshot(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, kind, reason, from_us, to_us, made_us FROM budget_windows
                 WHERE to_us > ?1 AND from_us < ?2 ORDER BY from_us, id",
            )?;
            let rows = statement.query_map([from.as_microsecond(), to.as_microsecond()], |row| {
                let kind: String = row.get("kind")?;
                Ok(BudgetWindow {
                    id: row.get("id")?,
                    // The table takes no third word.
                    kind: if kind == "deploy" { WindowKind::Deploy } else { WindowKind::Experiment },
                    reason: row.get("reason")?,
                    from: span::from_micros(row.get("from_us")?),
                    to: span::from_micros(row.get("to_us")?),
                    made: span::from_micros(row.get("made_us")?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The reasons given from `from` on and before `to`, oldest first.
    pub fn reasons(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Reason>, StoreError> {
        self.snapshot(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT at_us, what, reason FROM reasons WHERE at_us >= ?1 AND at_us < ?2 ORDER BY at_us, seq",
            )?;
            let rows = statement.query_map([from.as_microsecond(), to.as_microsecond()], |row| {
                Ok(Reason {
                    at: span::from_micros(row.get("at_us")?),
                    what: row.get("what")?,
                    reason: row.get("reason")?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
