//! The rollback switch over a restart: kept in the database, and turned off in the file where that
//! is what holds it.

use std::path::Path;

use evenkeel_store::{Reader, Store, StoreError};
use jiff::Timestamp;

use super::{BYPASS_VARIABLE, settings};
use crate::{
    failure::{Code, Failure},
    files,
};

/// Since when `bypass on` holds; absent while it doesn't.
const SETTING: &str = "bypass_since";

/// Since when `bypass on` holds, for a router that starts.
pub async fn stored(store: &Store) -> Option<Timestamp> {
    store.setting(SETTING).await.ok().flatten().and_then(|since| since.parse().ok())
}

/// The same without a router.
pub fn stored_in(reader: &Reader) -> Option<Timestamp> {
    reader.setting(SETTING).ok().flatten().and_then(|since| since.parse().ok())
}

/// Keeps the switch's position. On twice keeps the first moment.
pub async fn store_switch(store: &Store, on: bool) -> Result<(), StoreError> {
    let mut since = None;
    if on {
        since = Some(stored(store).await.unwrap_or_else(Timestamp::now).to_string());
    }
    store.set_setting(SETTING, since).await
}

/// Writes `bypass = false` into the file, for a founder who says "off" means it.
pub fn write_config_off(path: &Path) -> Result<(), Failure> {
    let text = settings::read_text(path)?.unwrap_or_default();
    let failed = |what: String| {
        Failure::new(Code::ConfigUnwritable, format!("{} says bypass = true and {what}.", path.display()))
            .hint("Change it to bypass = false yourself, or the bypass is on again at the next start.")
    };
    let text = evenkeel_config::edit::set_bypass(&text, false)
        .map_err(|error| failed(format!("can't be changed ({error})")))?;
    files::rewrite(path, &text)
        .map_err(|error| failed(format!("can't be written ({})", files::reason(&error))))
}

/// `bypass off` against the environment.
pub fn environment_wins() -> Failure {
    Failure::new(
        Code::BypassEnvironment,
        format!("{BYPASS_VARIABLE}=true in the environment keeps the bypass on."),
    )
    .hint(format!("Unset {BYPASS_VARIABLE} where Evenkeel is started, and start it again."))
}
