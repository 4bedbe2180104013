//! `evenkeel dashboard`: a fresh link that logs one browser in.

use super::{Done, Stop, context::Context};
use crate::{
    admin::types::DashboardLink,
    failure::{Code, Failure},
};

pub(crate) fn run(context: &Context, open: bool) -> Result<Done, Stop> {
    let link: DashboardLink = context.needs_router()?.post("/api/dashboard", &())?;
    if open {
        open::that_detached(&link.url).map_err(|error| {
            Failure::new(Code::CommandFailed, format!("No browser could be opened: {error}."))
                .hint(format!("Open this yourself: {}", link.url))
        })?;
    }
    if context.json {
        return Done::json(&link);
    }
    if open {
        return Ok(Done::text("Opened the dashboard in your browser."));
    }
    let minutes = link.valid_s / 60;
    Ok(Done::text(&link.url).note(format!("Works once, within {minutes} minutes.")))
}
