//! Cline: its provider for hosts that speak OpenAI's dialect, made the one in use.

use std::path::PathBuf;

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

const PROVIDER: &str = "openai-compatible";

pub(super) struct Cline;

impl Cline {
    fn data(around: &Surroundings) -> PathBuf {
        let folder = || around.path_in("CLINE_DIR").unwrap_or_else(|| around.home.join(".cline"));
        around.path_in("CLINE_DATA_DIR").unwrap_or_else(|| folder().join("data"))
    }
}

impl Adapter for Cline {
    fn id(&self) -> &'static str {
        "cline"
    }

    fn name(&self) -> &'static str {
        "Cline"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["cline"]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        Self::data(around)
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        around
            .path_in("CLINE_PROVIDER_SETTINGS_PATH")
            .unwrap_or_else(|| Self::data(around).join("settings").join("providers.json"))
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        let of = |key| ["providers", PROVIDER, "settings", key];
        let edits = vec![
            // The form that its own `cline auth` writes; it drops a file that lacks some of it.
            Edit::default(&["version"], 1),
            Edit::set(&["lastUsedProvider"], PROVIDER),
            Edit::default(&["modes"], serde_json::Map::new()),
            Edit::set(&of("provider"), PROVIDER),
            Edit::set(&of("baseUrl"), target.with_version()),
            Edit::set(&of("apiKey"), target.key.as_str()),
            Edit::companion(&of("model"), "gpt-5-mini"),
            Edit::companion(&["providers", PROVIDER, "updatedAt"], "2026-01-01T00:00:00.000Z"),
            Edit::companion(&["providers", PROVIDER, "tokenSource"], "manual"),
        ];
        let notes = vec![
            "Close Cline's windows first: it writes this file itself and may write back what it knows.".to_owned(),
            "A Cline of before 2026 keeps its settings where nobody else can change them. There, choose \"OpenAI \
             Compatible\" and enter the address and the key by hand."
                .to_owned(),
        ];
        Ok(Plan { file: self.file(around), format: Format::Json, edits, notes })
    }
}
