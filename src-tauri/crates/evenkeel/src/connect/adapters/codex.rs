//! Codex: a profile in a file of its own, so that the plain `codex` stays as it was.

use std::path::PathBuf;

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

const PROVIDER: [&str; 2] = ["model_providers", "evenkeel"];

pub(super) struct Codex;

impl Adapter for Codex {
    fn id(&self) -> &'static str {
        "codex"
    }

    fn name(&self) -> &'static str {
        "Codex"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["codex"]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        around.path_in("CODEX_HOME").unwrap_or_else(|| around.home.join(".codex"))
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        self.trace(around).join("evenkeel.config.toml")
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        let of = |key| [PROVIDER[0], PROVIDER[1], key];
        let edits = vec![
            Edit::set(&["model_provider"], "evenkeel"),
            Edit::set(&of("name"), "Evenkeel"),
            Edit::set(&of("base_url"), target.with_version()),
            // The one wire format that it still speaks.
            Edit::set(&of("wire_api"), "responses"),
            Edit::set(&of("experimental_bearer_token"), target.key.as_str()),
            Edit::set(&of("supports_websockets"), false),
        ];
        let notes = vec!["Use it with: codex --profile evenkeel".to_owned()];
        Ok(Plan { file: self.file(around), format: Format::Toml, edits, notes })
    }
}
