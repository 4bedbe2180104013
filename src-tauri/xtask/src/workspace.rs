//! Where things lie.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders that every command needs.
pub(crate) struct Workspace {
    /// The repository's top level.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the caller's settings put it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Workspace> {
        // Cargo sets the variable on `cargo run`; a copy started by hand falls back to where it was built.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root =
            manifest.ancestors().nth(2).context("xtask lies two folders below the top level")?.to_path_buf();
        // This program lies in TARGET/PROFILE/, which spares asking Cargo for its settings.
        let own = env::current_exe().context("cannot find the running program")?;
        let target = own.ancestors().nth(2).context("xtask lies outside a target folder")?.to_path_buf();
        Ok(Workspace { root, target })
    }

    /// The dashboard's sources.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// A program that Cargo built.
    pub(crate) fn program(&self, name: &str, release: bool) -> PathBuf {
        let profile = if release { "release" } else { "debug" };
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// `path` as a person would name it from the top level.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
