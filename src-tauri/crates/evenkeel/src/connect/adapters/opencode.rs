//! opencode: address and key of its two vendors, in whichever of its files is read last.

use std::path::PathBuf;

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

pub(super) struct Opencode;

impl Opencode {
    fn folder(around: &Surroundings) -> PathBuf {
        around.path_in("OPENCODE_CONFIG_DIR").unwrap_or_else(|| around.xdg_config().join("opencode"))
    }
}

impl Adapter for Opencode {
    fn id(&self) -> &'static str {
        "opencode"
    }

    fn name(&self) -> &'static str {
        "opencode"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["opencode"]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        Self::folder(around)
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        if let Some(file) = around.path_in("OPENCODE_CONFIG") {
            return file;
        }
        let folder = Self::folder(around);
        let with_comments = folder.join("opencode.jsonc");
        if with_comments.exists() { with_comments } else { folder.join("opencode.json") }
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        // It writes this line itself into a file that lacks it.
        let mut edits = vec![Edit::default(&["$schema"], "https://opencode.ai/config.json")];
        for vendor in ["openai", "anthropic"] {
            edits.push(Edit::set(&["provider", vendor, "options", "baseURL"], target.with_version()));
            edits.push(Edit::set(&["provider", vendor, "options", "apiKey"], target.key.as_str()));
        }
        let notes = vec!["An opencode.json in a project wins over this one.".to_owned()];
        Ok(Plan { file: self.file(around), format: Format::Json, edits, notes })
    }
}
