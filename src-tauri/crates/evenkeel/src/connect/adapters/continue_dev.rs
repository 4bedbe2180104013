//! Continue: two models of our own in its list. Those of its owner stay, with their own addresses and keys.

use std::path::PathBuf;

use serde_json::json;

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

/// What each of the two is called in its menu, its provider there, and the model.
const MODELS: [(&str, &str, &str); 2] =
    [("Evenkeel GPT", "openai", "gpt-5-mini"), ("Evenkeel Claude", "anthropic", "claude-sonnet-4-5")];

pub(super) struct Continue;

impl Adapter for Continue {
    fn id(&self) -> &'static str {
        "continue"
    }

    fn name(&self) -> &'static str {
        "Continue"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["cn"]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        around.path_in("CONTINUE_GLOBAL_DIR").unwrap_or_else(|| around.home.join(".continue"))
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        self.trace(around).join("config.yaml")
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        let file = self.file(around);
        let old = self.trace(around).join("config.json");
        if !file.exists() && old.exists() {
            // It reads the older form only as long as there is none of the newer.
            return Err(format!(
                "Its settings are in {}, which it would no longer read beside a config.yaml",
                old.display()
            ));
        }
        let mut edits = vec![
            Edit::default(&["name"], "Local Config"),
            Edit::default(&["version"], "1.0.0"),
            Edit::default(&["schema"], "v1"),
        ];
        edits.extend(MODELS.iter().map(|(name, provider, model)| {
            let entry = json!({
                "name": name,
                "provider": provider,
                "model": model,
                // With the version for both: it adds no more than /messages.
                "apiBase": target.with_version(),
                "apiKey": target.key,
                "roles": ["chat", "edit", "apply"],
            });
            Edit::entry(&["models"], entry)
        }));
        let notes =
            vec![format!("Choose \"{}\" or \"{}\" in Continue's list of models.", MODELS[0].0, MODELS[1].0)];
        Ok(Plan { file, format: Format::Yaml, edits, notes })
    }
}
