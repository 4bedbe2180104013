//! `evenkeel config show|schema|path`.

use super::{Done, Stop, args::Config, context::Context};
use crate::admin::types::{ConfigView, Problem};

pub(crate) fn run(context: &Context, command: Config) -> Result<Done, Stop> {
    match command {
        Config::Schema => Done::json(&evenkeel_config::json_schema()),
        Config::Path => {
            let path = match context.router()? {
                // It may have been started with another file.
                Some(router) => router.get::<ConfigView>("/api/config")?.file,
                None => context.paths.config_file().display().to_string(),
            };
            if context.json { Done::json(&serde_json::json!({ "path": path })) } else { Ok(Done::text(path)) }
        }
        Config::Show => {
            let view = match context.router()? {
                Some(router) => router.get("/api/config")?,
                None => at_rest(context)?,
            };
            if context.json {
                return Done::json(&view);
            }
            let mut done = Done::text(&view.effective);
            if let Some(error) = &view.config_error {
                done = done.note(format!("{} is not in force as it is now: {error}", view.file));
            }
            Ok(done)
        }
    }
}

fn at_rest(context: &Context) -> Result<ConfigView, Stop> {
    let parsed = context.config()?;
    let file = context.paths.config_file().display().to_string();
    Ok(ConfigView {
        exists: context.paths.config_file().exists(),
        effective: evenkeel_config::effective_toml(&parsed.config),
        problems: parsed.notices.iter().map(|notice| Problem::in_file(&file, notice)).collect(),
        file,
        ..ConfigView::default()
    })
}
