//! `evenkeel alerts`: how the three alerts stand, and whether they reach anybody.

use std::time::Duration;

use super::{Done, Stop, args::Alerts, context::Context, practice::percent, words};
use crate::admin::types::{Acknowledge, AlertList, AlertRow, AlertTest, TestedPage};

/// The router waits for a notification service and a webhook, three times each.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) fn run(context: &Context, alerts: &Alerts) -> Result<Done, Stop> {
    let router = context.needs_router()?;
    match alerts {
        Alerts::List => {
            let list: AlertList = router.get("/api/alerts")?;
            if context.json { Done::json(&list) } else { Ok(Done::text(in_words(&list))) }
        }
        Alerts::Ack { id } => {
            let path = format!("/api/alerts/{}/ack", percent(id));
            let row: AlertRow = router.post(&path, &Acknowledge::default())?;
            if context.json {
                return Done::json(&row);
            }
            Ok(Done::text(format!("{} is acknowledged; it isn't told again for this incident.", row.id)))
        }
        Alerts::Test => {
            let test: AlertTest = router.post_patiently("/api/alerts/test", &(), PATIENCE)?;
            let failed = test.sent.iter().any(|sent| !sent.ok);
            let done = if context.json { Done::json(&test)? } else { Done::text(tested(&test.sent)) };
            Ok(done.exit(u8::from(failed)))
        }
    }
}

fn in_words(list: &AlertList) -> String {
    let row = |row: &AlertRow| {
        let seen = if row.acknowledged { ", acknowledged" } else { "" };
        vec![row.id.clone(), format!("{}{seen}", row.state), row.sentence.clone()]
    };
    let rows: Vec<Vec<String>> = list.alerts.iter().map(row).collect();
    words::table(&["ALERT", "STATE", ""], &rows, &[])
}

fn tested(sent: &[TestedPage]) -> String {
    let row = |sent: &TestedPage| {
        let came = sent.error.clone().unwrap_or_else(|| "taken".to_owned());
        vec![sent.kind.clone(), sent.channel.clone(), came]
    };
    let rows: Vec<Vec<String>> = sent.iter().map(row).collect();
    words::table(&["ALERT", "CHANNEL", "RESULT"], &rows, &[])
}
