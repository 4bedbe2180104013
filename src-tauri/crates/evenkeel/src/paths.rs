//! Where everything lies: one folder with `--home`, else the platform's own two.

use std::path::{Path, PathBuf};

use crate::{
    failure::{Code, Failure},
    files,
};

/// The places of one installation. Nothing is created by looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    config_file: PathBuf,
    data: PathBuf,
    home: Option<PathBuf>,
}

impl Paths {
    /// The places for `--home DIR` or `EVENKEEL_HOME`; without either, the platform's own folders.
    pub fn resolve(home: Option<&Path>) -> Result<Self, Failure> {
        match home.filter(|home| !home.as_os_str().is_empty()) {
            Some(home) => {
                let home = std::path::absolute(home).map_err(|error| {
                    Failure::new(
                        Code::FolderUnusable,
                        format!("{}: {}.", home.display(), files::reason(&error)),
                    )
                    .hint("Give --home a folder that exists or can be made.")
                })?;
                Ok(Self { config_file: home.join("evenkeel.toml"), data: home.clone(), home: Some(home) })
            }
            None => Self::of_the_platform(),
        }
    }

    fn of_the_platform() -> Result<Self, Failure> {
        let name = if cfg!(any(windows, target_os = "macos")) { "Evenkeel" } else { "evenkeel" };
        match (dirs::config_dir(), dirs::data_local_dir()) {
            (Some(config), Some(data)) => Ok(Self {
                config_file: config.join(name).join("evenkeel.toml"),
                data: data.join(name),
                home: None,
            }),
            _ => Err(Failure::new(Code::FolderUnusable, "This account has no home folder.")
                .hint("Name one: evenkeel --home DIR, or set EVENKEEL_HOME.")),
        }
    }

    /// The same places with the configuration read from `file` (`serve --config`).
    #[must_use]
    pub fn with_config_file(mut self, file: &Path) -> Self {
        self.config_file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        self
    }

    /// `evenkeel.toml`.
    pub fn config_file(&self) -> &Path {
        &self.config_file
    }

    /// The folder of the database, the lock, the token and the logs.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What `--home` or `EVENKEEL_HOME` said, made absolute.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The admin API's token.
    pub fn admin_token(&self) -> PathBuf {
        self.data.join("admin.token")
    }

    /// The local key of the tenant `local`.
    pub fn local_key(&self) -> PathBuf {
        self.data.join("local.key")
    }

    /// The key that seals the cache, where there is no keychain to keep it in.
    pub fn cache_key(&self) -> PathBuf {
        self.data.join("cache.key")
    }

    /// The ledger and everything else that is kept.
    pub fn database(&self) -> PathBuf {
        self.data.join("evenkeel.db")
    }

    /// Held by the one process that works on the data folder.
    pub fn lock_file(&self) -> PathBuf {
        self.data.join("evenkeel.lock")
    }

    /// `{pid, listen, kind}` of the running router.
    pub fn run_file(&self) -> PathBuf {
        self.data.join("run.json")
    }

    /// What was changed in the settings of connected tools.
    pub fn tools(&self) -> PathBuf {
        self.data.join("tools.json")
    }

    /// The log in use; older ones lie beside it.
    pub fn log_file(&self) -> PathBuf {
        self.data.join("logs").join("evenkeel.log")
    }

    /// Makes the folders that are missing and proves that they can be written.
    pub fn prepare(&self) -> Result<(), Failure> {
        let config_folder = self.config_file.parent().unwrap_or(Path::new("."));
        // The configuration may lie in a folder that is not ours to write; reading it is enough.
        if !config_folder.is_dir() {
            files::create_private_folder(config_folder).map_err(|error| unusable(config_folder, &error))?;
        }
        let logs = self.data.join("logs");
        files::create_private_folder(&logs).map_err(|error| unusable(&self.data, &error))?;
        let probe = self.data.join(format!(".write-{}", std::process::id()));
        files::write_private(&probe, "")
            .and_then(|()| std::fs::remove_file(&probe))
            .map_err(|error| unusable(&self.data, &error))
    }
}

fn unusable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Code::FolderUnusable,
        format!("Evenkeel can't write in {}: {}.", folder.display(), files::reason(error)),
    )
    .hint("Make the folder yours and writable, or choose another one: evenkeel --home DIR.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_holds_everything() {
        let paths = Paths::resolve(Some(Path::new("/tmp/somewhere"))).expect("resolved");
        assert_eq!(paths.config_file(), Path::new("/tmp/somewhere/evenkeel.toml"));
        assert_eq!(paths.run_file(), Path::new("/tmp/somewhere/run.json"));
        assert_eq!(paths.log_file(), Path::new("/tmp/somewhere/logs/evenkeel.log"));
    }

    #[test]
    fn an_empty_home_is_none() {
        let paths = Paths::resolve(Some(Path::new(""))).expect("resolved");
        assert_eq!(paths.home(), None);
    }

    #[test]
    fn a_relative_home_is_made_absolute() {
        let paths = Paths::resolve(Some(Path::new("here"))).expect("resolved");
        assert!(paths.data().is_absolute());
    }

    #[test]
    fn a_folder_that_is_a_file_is_one_clear_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("written");
        let failure =
            Paths::resolve(Some(&file)).and_then(|paths| paths.prepare()).expect_err("it can't be used");
        assert_eq!(failure.code, Code::FolderUnusable);
        assert!(failure.message.contains(&file.display().to_string()), "{}", failure.message);
    }
}
