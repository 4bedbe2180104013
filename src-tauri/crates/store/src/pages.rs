//! Pages on their way to a person: written before they are sent, so that none is lost with the process.
//!
//! A page that was sent just before a crash is sent again; one that was queued twice is one page, for its key says
//! which it is.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use crate::{error::StoreError, queue::Change, read::Reader, span, store::Store};

/// How far a page has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// To be sent when it is due, again if it was tried before.
    Queued,
    /// Somebody has it.
    Delivered,
    /// Given up.
    Failed,
}

impl PageState {
    /// The word in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            PageState::Queued => "queued",
            PageState::Delivered => "delivered",
            PageState::Failed => "failed",
        }
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Unique: a second one with the same key is the same page.
    pub key: String,
    /// When the alert asked for it.
    pub made: Timestamp,
    /// When to send it, or try again.
    pub due: Timestamp,
    /// How far it got.
    pub state: PageState,
    /// How often it was tried.
    pub tries: u32,
    /// At most 50 characters.
    pub title: String,
    /// At most 180.
    pub body: String,
    /// Which incident it is about.
    pub incident: Option<String>,
    /// Its facts, for those who send it on.
    pub json: Option<String>,
}

const PUT: &str = "INSERT INTO pages (key, made_us, due_us, state, tries, title, body, incident, json)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (key) DO NOTHING";
const COLUMNS: &str = "key, made_us, due_us, state, tries, title, body, incident, json";

impl Store {
    /// Says what became of a try; false if there is no such page.
    pub async fn page_tried(
        &self,
        key: &str,
        state: PageState,
        next_try: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = key.to_owned();
        let apply = Change::Apply(Box::new(move |connection| {
            connection.execute(
                "UPDATE pages SET state = ?2, due_us = ?3, tries = tries + 1 WHERE key = ?1",
                params![key, state.as_str(), next_try.as_microsecond()],
            )
        }));
        self.change(apply).await
    }

    /// Queued pages that are due by then, the one that waits longest first.
    pub async fn pages_due(&self, by: Timestamp) -> Result<Vec<Page>, StoreError> {
        self.read(move |reader| reader.pages_due(by)).await
    }

    /// The newest pages, newest first.
    pub async fn pages(&self, limit: u32) -> Result<Vec<Page>, StoreError> {
        self.read(move |reader| reader.pages(limit)).await
    }

    /// One page.
    pub async fn page(&self, key: String) -> Result<Option<Page>, StoreError> {
        self.read(move |reader| reader.page(&key)).await
    }
}

pub(crate) fn put(connection: &rusqlite::Connection, page: &Page) -> rusqlite::Result<usize> {
    connection.prepare_cached(PUT)?.execute(params![
        page.key,
        page.made.as_microsecond(),
        page.due.as_microsecond(),
        page.state.as_str(),
        page.tries,
        page.title,
        page.body,
        page.incident,
        page.json
    ])
}

impl Reader {
    /// Queued pages that are due by then, the one that waits longest first.
    pub fn pages_due(&self, by: Timestamp) -> Result<Vec<Page>, StoreError> {
        self.snapshot(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM pages WHERE state = 'queued' AND due_us <= ?1 ORDER BY due_us, key"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([by.as_microsecond()], page)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The newest pages, newest first; `limit` is 1,000 at most.
    pub fn pages(&self, limit: u32) -> Result<Vec<Page>, StoreError> {
        self.snapshot(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM pages ORDER BY made_us DESC, key DESC LIMIT ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([limit.clamp(1, crate::PAGE_MAX)], page)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One page.
    pub fn page(&self, key: &str) -> Result<Option<Page>, StoreError> {
        self.snapshot(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM pages WHERE key = ?1");
            Ok(connection.prepare_cached(&sql)?.query_row([key], page).optional()?)
        })
    }
}

fn page(row: &Row<'_>) -> rusqlite::Result<Page> {
    let state: String = row.get("state")?;
    Ok(Page {
        key: row.get("key")?,
        made: span::from_micros(row.get("made_us")?),
        due: span::from_micros(row.get("due_us")?),
        // The table takes no fourth word.
        state: match state.as_str() {
            "queued" => PageState::Queued,
            "delivered" => PageState::Delivered,
            _ => PageState::Failed,
        },
        tries: row.get("tries")?,
        title: row.get("title")?,
        body: row.get("body")?,
        incident: row.get("incident")?,
        json: row.get("json")?,
    })
}
