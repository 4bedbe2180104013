//! `evenkeel bypass on|off|status`: the rollback switch.

use super::{Done, Stop, args::Position, context::Context};
use crate::{
    admin::types::{BypassStatus, SetBypass, Status},
    app::{self, environment_bypass},
    failure::{Code, Failure},
    words,
};

pub(crate) fn run(context: &Context, position: Position) -> Result<Done, Stop> {
    let router = context.router()?;
    let bypass = match (router, position) {
        (Some(router), Position::Status) => router.get::<Status>("/api/status")?.bypass,
        (Some(router), _) => router.put("/api/bypass", &SetBypass { on: position == Position::On })?,
        (None, Position::Status) => super::status::at_rest(context).bypass,
        (None, _) => at_rest(context, position == Position::On)?,
    };
    if context.json {
        return Done::json(&bypass);
    }
    let done = Done::text(format!("Bypass is {}.", words::bypass(&bypass)));
    if position == Position::Off && environment_bypass() {
        return Ok(
            done.note("BYPASS_ROUTER is set in this shell, so env and run still go past the router here.")
        );
    }
    Ok(done)
}

/// Without a router the switch is moved in the database, where the next start finds it.
fn at_rest(context: &Context, on: bool) -> Result<BypassStatus, Stop> {
    if !on && environment_bypass() {
        return Err(app::bypass::environment_wins().into());
    }
    context.with_store(async |store| {
        app::bypass::store_switch(&store, on)
            .await
            .map_err(|error| Failure::internal("keep the switch", &error))
    })?;
    if !on && context.config_or_default().bypass {
        app::bypass::write_config_off(context.paths.config_file())?;
    }
    let bypass = super::status::at_rest(context).bypass;
    if bypass.on == on {
        Ok(bypass)
    } else {
        Err(Failure::new(Code::StoreFailed, "The switch did not move.").into())
    }
}
