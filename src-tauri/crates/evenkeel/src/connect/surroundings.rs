//! What tools go by when they look for their settings: the home folder, and variables that say otherwise.

use std::{collections::HashMap, env, ffi::OsString, path::PathBuf};

/// The account's home and environment, as they were when asked. Tests make their own.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) home: PathBuf,
    variables: HashMap<OsString, OsString>,
}

impl Surroundings {
    /// Those of this process; `None` where the account has no home.
    pub(crate) fn of_this_process() -> Option<Self> {
        Some(Self { home: dirs::home_dir()?, variables: env::vars_os().collect() })
    }

    #[cfg(test)]
    pub(crate) fn at(home: &std::path::Path, variables: &[(&str, &std::path::Path)]) -> Self {
        let variables =
            variables.iter().map(|(name, value)| (OsString::from(name), value.as_os_str().to_owned()));
        Self { home: home.to_owned(), variables: variables.collect() }
    }

    /// A variable's value; an empty one counts as none, as it does for the tools.
    pub(crate) fn variable(&self, name: &str) -> Option<&OsString> {
        self.variables.get(&OsString::from(name)).filter(|value| !value.is_empty())
    }

    /// The folder or file that a variable names. One that is not absolute means another place in each folder a tool is
    /// started in, so it is taken from the home folder only if it begins with `~`.
    pub(crate) fn path_in(&self, name: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.variable(name)?);
        if let Ok(rest) = path.strip_prefix("~") {
            return Some(self.home.join(rest));
        }
        Some(std::path::absolute(&path).unwrap_or(path))
    }

    /// Where programs that follow the XDG rules keep their settings, on every system.
    pub(crate) fn xdg_config(&self) -> PathBuf {
        self.path_in("XDG_CONFIG_HOME").unwrap_or_else(|| self.home.join(".config"))
    }

    /// Windows' folder for settings that follow their owner.
    pub(crate) fn roaming(&self) -> PathBuf {
        self.path_in("APPDATA").unwrap_or_else(|| self.home.join("AppData").join("Roaming"))
    }

    /// Whether a program of this name is on PATH.
    pub(crate) fn has_program(&self, name: &str) -> bool {
        let Some(path) = self.variable("PATH") else { return false };
        let names = [name.to_owned(), format!("{name}.exe"), format!("{name}.cmd")];
        env::split_paths(path).any(|folder| names.iter().any(|name| folder.join(name).is_file()))
    }
}
