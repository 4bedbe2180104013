//! `evenkeel requests`: the ledger as a table, one request with its attempts, JSON or CSV.

mod csv;
mod detail;
mod list;

use jiff::{Timestamp, tz::TimeZone};

use super::{Done, Stop, args::Requests, client::Client, context::Context, practice::percent, words};
use crate::{
    admin::{
        requests::{ledger_failure, unknown_request},
        types::{RequestDetail, RequestRow, RequestsPage},
    },
    failure::{Code, Failure},
};

/// Rows when nothing says how many.
const DEFAULT_LIMIT: u32 = 50;
/// Rows in one answer of the router or the database.
const PAGE: u32 = 1000;

pub(crate) fn run(context: &Context, args: &Requests) -> Result<Done, Stop> {
    let source = Source::open(context)?;
    if let Some(id) = &args.id {
        let detail = source.one(id)?;
        if context.json {
            return Done::json(&detail);
        }
        if args.csv {
            return Ok(Done::text(csv::write(std::slice::from_ref(&detail.row))));
        }
        return Ok(Done::text(detail::in_words(&detail, &TimeZone::system())));
    }
    let since = match &args.since {
        None => None,
        Some(text) => Some(words::since(text, Timestamp::now()).ok_or_else(|| {
            Failure::new(Code::Usage, format!("--since {text} is not a span of time."))
                .hint("Write it like 90s, 30m, 1h, 7d, or as 2026-11-23T09:00:00Z.")
        })?),
    };
    let limit = args.limit.unwrap_or(if since.is_some() { u32::MAX } else { DEFAULT_LIMIT });
    let page = source.list(&Wanted { since, tenant: args.tenant.clone(), failed: args.failed, limit })?;
    if context.json {
        return Done::json(&page);
    }
    if args.csv {
        return Ok(Done::text(csv::write(&page.requests)));
    }
    if page.requests.is_empty() && (args.failed || args.tenant.is_some() || since.is_some()) {
        return Ok(Done::text("No request is like that."));
    }
    Ok(Done::text(list::in_words(&page, Timestamp::now(), &TimeZone::system())))
}

/// Which rows.
struct Wanted {
    since: Option<Timestamp>,
    tenant: Option<String>,
    failed: bool,
    limit: u32,
}

/// Where rows come from: the running router, else the database, read-only.
enum Source {
    Router(Client),
    Folder(evenkeel_store::Reader),
}

impl Source {
    fn open(context: &Context) -> Result<Self, Stop> {
        if let Some(router) = context.router()? {
            return Ok(Self::Router(router));
        }
        Ok(Self::Folder(context.reader()?.ok_or_else(|| context.not_running())?))
    }

    fn one(&self, id: &str) -> Result<RequestDetail, Stop> {
        match self {
            Self::Router(router) => router.get(&format!("/api/requests/{}", percent(id))),
            Self::Folder(reader) => {
                let row = reader.request(id).map_err(ledger_failure)?;
                Ok(RequestDetail::from(&row.ok_or_else(|| unknown_request(id))?))
            }
        }
    }

    fn list(&self, wanted: &Wanted) -> Result<RequestsPage, Stop> {
        let mut all = RequestsPage { requests: Vec::new(), next: None };
        loop {
            let have = u32::try_from(all.requests.len()).unwrap_or(u32::MAX);
            let limit = wanted.limit.saturating_sub(have).min(PAGE);
            let page = self.page(wanted, all.next.take(), limit)?;
            let empty = page.requests.is_empty();
            all.requests.extend::<Vec<RequestRow>>(page.requests);
            all.next = page.next;
            let have = u32::try_from(all.requests.len()).unwrap_or(u32::MAX);
            if empty || all.next.is_none() || have >= wanted.limit {
                return Ok(all);
            }
        }
    }

    fn page(&self, wanted: &Wanted, before: Option<String>, limit: u32) -> Result<RequestsPage, Stop> {
        match self {
            Self::Router(router) => {
                let mut path = format!("/api/requests?limit={limit}&failed={}", wanted.failed);
                for (name, value) in [
                    ("since", wanted.since.map(|since| since.to_string())),
                    ("tenant", wanted.tenant.clone()),
                    ("before", before),
                ] {
                    if let Some(value) = value {
                        path.extend(["&", name, "=", &percent(&value)]);
                    }
                }
                router.get(&path)
            }
            Self::Folder(reader) => {
                let query = evenkeel_store::RequestsQuery {
                    since: wanted.since,
                    tenant: wanted.tenant.clone(),
                    failed: wanted.failed,
                    before,
                    limit,
                    mode: None,
                };
                Ok(reader.requests(&query).map_err(ledger_failure)?.into())
            }
        }
    }
}
