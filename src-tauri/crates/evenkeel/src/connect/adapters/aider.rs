//! Aider: its settings in the home folder, which hold for every repository that doesn't say otherwise.

use std::path::PathBuf;

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

/// What wins over the file.
const VARIABLES: [&str; 4] =
    ["OPENAI_API_BASE", "AIDER_OPENAI_API_BASE", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"];

pub(super) struct Aider;

impl Adapter for Aider {
    fn id(&self) -> &'static str {
        "aider"
    }

    fn name(&self) -> &'static str {
        "Aider"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["aider"]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        around.home.join(".aider")
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        around.home.join(".aider.conf.yml")
    }

    fn is_found(&self, around: &Surroundings) -> bool {
        self.trace(around).exists() || self.file(around).exists() || around.has_program("aider")
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        let edits = vec![
            Edit::set(&["openai-api-base"], target.with_version()),
            Edit::set(&["openai-api-key"], target.key.as_str()),
            Edit::set(&["anthropic-api-key"], target.key.as_str()),
            // There is no setting for this one, only a way to set a variable.
            Edit::entry(&["set-env"], format!("ANTHROPIC_API_BASE={}", target.plain())),
        ];
        let set: Vec<_> = VARIABLES.iter().filter(|name| around.variable(name).is_some()).copied().collect();
        let mut notes = vec!["A .aider.conf.yml in a repository wins over this one.".to_owned()];
        if !set.is_empty() {
            notes.push(format!("{} of this terminal wins over the file; unset it.", set.join(" and ")));
        }
        Ok(Plan { file: self.file(around), format: Format::Yaml, edits, notes })
    }
}
