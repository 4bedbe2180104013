//! Claude Code: variables in its own settings, which win over those of the shell.

use std::{fs, path::PathBuf};

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

const URL: [&str; 2] = ["env", "ANTHROPIC_BASE_URL"];
const TOKEN: [&str; 2] = ["env", "ANTHROPIC_AUTH_TOKEN"];
/// The other kind of key. With both it sends both, and asks its owner about it.
const KEY: [&str; 2] = ["env", "ANTHROPIC_API_KEY"];
/// Each of these sends it to a cloud's own address, whatever the base URL says.
const ELSEWHERE: [&str; 3] = ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"];

pub(super) struct ClaudeCode;

impl Adapter for ClaudeCode {
    fn id(&self) -> &'static str {
        "claude-code"
    }

    fn name(&self) -> &'static str {
        "Claude Code"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["claude"]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        around.path_in("CLAUDE_CONFIG_DIR").unwrap_or_else(|| around.home.join(".claude"))
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        self.trace(around).join("settings.json")
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        let file = self.file(around);
        let edits =
            vec![Edit::set(&URL, target.plain()), Edit::set(&TOKEN, target.key.as_str()), Edit::absent(&KEY)];
        let document =
            fs::read_to_string(&file).ok().and_then(|text| Format::Json.read(&text).ok()).unwrap_or_default();
        let mut notes = vec!["A session that is open takes it up when it is started again.".to_owned()];
        let elsewhere = ELSEWHERE.iter().find(|name| document["env"].get(**name).is_some_and(is_on));
        if let Some(name) = elsewhere {
            notes
                .push(format!("{name} is set in this file, so Claude Code goes there instead. Take it out."));
        }
        Ok(Plan { file, format: Format::Json, edits, notes })
    }
}

fn is_on(value: &serde_json::Value) -> bool {
    !matches!(value.as_str(), Some("" | "0" | "false"))
}
