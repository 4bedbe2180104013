//! The shell's own start-up file, for everything else that is started in a terminal.
//!
//! The block asks this program each time instead of holding the address and the key: people keep such files in
//! repositories, and a new key or port is in force in the next terminal.

use std::path::{Path, PathBuf};

use super::{Adapter, Edit, Plan, Target};
use crate::connect::{surroundings::Surroundings, text::Format};

pub(super) struct Shell;

/// Shells by what they have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bash,
    Zsh,
    Fish,
    Power,
    Other,
}

impl Kind {
    fn of(around: &Surroundings) -> Self {
        let shell = around.variable("SHELL").map(PathBuf::from);
        match shell.as_deref().and_then(Path::file_stem).and_then(|name| name.to_str()) {
            Some("bash") => Self::Bash,
            Some("zsh") => Self::Zsh,
            Some("fish") => Self::Fish,
            Some("pwsh" | "powershell") => Self::Power,
            None if cfg!(windows) => Self::Power,
            _ => Self::Other,
        }
    }

    fn file(self, around: &Surroundings) -> PathBuf {
        let home = &around.home;
        match self {
            // Terminals on macOS are login shells, which read only the first of these.
            Self::Bash if cfg!(target_os = "macos") => home.join(".bash_profile"),
            Self::Bash => home.join(".bashrc"),
            Self::Zsh => around.path_in("ZDOTDIR").unwrap_or_else(|| home.clone()).join(".zshrc"),
            Self::Fish => around.xdg_config().join("fish").join("config.fish"),
            Self::Power => {
                let folder = if cfg!(windows) {
                    dirs::document_dir().unwrap_or_else(|| home.join("Documents")).join("PowerShell")
                } else {
                    around.xdg_config().join("powershell")
                };
                folder.join("Microsoft.PowerShell_profile.ps1")
            }
            Self::Other => home.join(".profile"),
        }
    }

    /// The lines of the block. A program that is gone must not greet its owner with an error in each terminal.
    fn lines(self, program: &str) -> String {
        match self {
            Self::Fish => {
                format!(
                    "if {program} --version >/dev/null 2>&1\n    {program} env --shell fish 2>/dev/null | source\nend"
                )
            }
            Self::Power => format!(
                "try {{ {program} env --shell powershell 2>$null | Out-String | Invoke-Expression }} catch {{ }}"
            ),
            _ => format!("eval \"$({program} env --shell sh 2>/dev/null)\""),
        }
    }
}

impl Adapter for Shell {
    fn id(&self) -> &'static str {
        "shell"
    }

    fn name(&self) -> &'static str {
        "Shell profile"
    }

    fn programs(&self) -> &'static [&'static str] {
        &[]
    }

    fn trace(&self, around: &Surroundings) -> PathBuf {
        around.home.clone()
    }

    fn file(&self, around: &Surroundings) -> PathBuf {
        Kind::of(around).file(around)
    }

    fn plan(&self, around: &Surroundings, target: &Target) -> Result<Plan, String> {
        let kind = Kind::of(around);
        let lines = kind.lines(&target.program);
        let edit = Edit::set(&["block"], lines);
        let notes = vec!["It is in force in the next terminal.".to_owned()];
        Ok(Plan { file: kind.file(around), format: Format::Shell, edits: vec![edit], notes })
    }
}
