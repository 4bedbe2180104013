//! Zed: the addresses of its two vendors. It keeps keys in the system's keychain, and no file can give it one.

use std::path::PathBuf;

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

pub(super) struct Zed;

impl Adapter for Zed {
    fn id(&self) -> &'static str {
        "zed"
    }

    fn name(&self) -> &'static str {
        "Zed"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["zed", "zeditor"]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        if cfg!(windows) {
            return around.roaming().join("Zed");
        }
        if cfg!(target_os = "macos") {
            // It doesn't follow the variable there.
            return around.home.join(".config").join("zed");
        }
        around.path_in("FLATPAK_XDG_CONFIG_HOME").unwrap_or_else(|| around.xdg_config()).join("zed")
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        self.trace(around).join("settings.json")
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        let edits = vec![
            Edit::set(&["language_models", "openai", "api_url"], target.with_version()),
            Edit::set(&["language_models", "anthropic", "api_url"], target.plain()),
        ];
        let notes = vec![
            "Zed takes keys only in its window: open its agent settings and paste the local key for OpenAI and for \
             Anthropic. evenkeel env prints it."
                .to_owned(),
        ];
        Ok(Plan { file: self.file(around), format: Format::Json, edits, notes })
    }
}
