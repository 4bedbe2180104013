//! The configuration in force, and why the file as it is now may not be it.

use std::{fs, io, net::SocketAddr, path::Path, sync::Arc};

use evenkeel_config::{Config, KeySource};

use crate::{
    admin::types::Problem,
    failure::{Code, Failure},
    files, keys,
};

/// A configuration that was read and found valid.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As the file has it, with the address that is really listened on.
    pub config: Arc<Config>,
    /// The address that the file itself names.
    pub file_listen: SocketAddr,
    /// Warnings and notices about it.
    pub notices: Vec<Problem>,
    /// The file's text, to tell a change from a touch.
    pub text: Option<String>,
}

impl Settings {
    /// Says what its owner should know.
    pub fn log(&self, practice: bool) {
        for notice in &self.notices {
            tracing::info!("{}", notice.in_one_line());
        }
        // Those of the keychain are spoken of once it has answered.
        for provider in self.config.providers.iter().filter(|_| !practice) {
            let KeySource::Env(name) = &provider.key else { continue };
            if keys::provider::variable(name).is_none() {
                tracing::warn!("{} has no key. {}", provider.name, keys::provider::how_to_give(provider));
            }
        }
    }
}

/// A changed file that is not in force.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// The first mistake with its place, in one line.
    pub error: String,
    /// All of them.
    pub problems: Vec<Problem>,
}

/// The file's text; `None` if there is no file, which is as good as an empty one.
pub fn read_text(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(
            Code::ConfigUnreadable,
            format!("{} can't be read: {}.", path.display(), files::reason(&error)),
        )
        .hint("Make the file readable for the account that runs Evenkeel, in UTF-8.")),
    }
}

/// Reads a text as a configuration. `listen` replaces the file's address.
pub fn understand(
    path: &Path,
    text: Option<String>,
    listen: Option<SocketAddr>,
) -> Result<Settings, Rejected> {
    let file = path.display().to_string();
    let parsed = evenkeel_config::parse(text.as_deref().unwrap_or_default()).map_err(|problems| {
        Rejected::new(problems.iter().map(|problem| Problem::in_file(&file, problem)).collect())
    })?;
    let file_listen = parsed.config.server.listen;
    let config = match listen {
        None => parsed.config,
        Some(listen) => parsed.config.with_listen(listen).map_err(|error| {
            let (message, fix) = split_sentence(&error.to_string());
            Rejected::new(vec![whole_file(path, message, fix)])
        })?,
    };
    let notices = parsed.notices.iter().map(|notice| Problem::in_file(&file, notice)).collect();
    Ok(Settings { config: Arc::new(config), file_listen, notices, text })
}

impl Rejected {
    fn new(problems: Vec<Problem>) -> Self {
        let first = problems.iter().find(|problem| problem.severity == "error").or(problems.first());
        let error = first.map_or_else(String::new, |problem| {
            let key = if problem.key.is_empty() { String::new() } else { format!("{}: ", problem.key) };
            let line = if problem.line == 0 { String::new() } else { format!("line {}: ", problem.line) };
            format!("{line}{key}{}", problem.message)
        });
        Self { error, problems }
    }

    /// A refusal that no line of the file is to blame for.
    pub fn of_the_whole(path: &Path, message: &str, fix: &str) -> Self {
        let problem = whole_file(path, message.to_owned(), fix.to_owned());
        Self { error: problem.message.clone(), problems: vec![problem] }
    }
}

fn whole_file(path: &Path, message: String, fix: String) -> Problem {
    Problem {
        severity: "error".to_owned(),
        file: path.display().to_string(),
        line: 0,
        column: 0,
        key: String::new(),
        message,
        fix,
    }
}

/// What is wrong, and what to do: the first sentence and the rest.
fn split_sentence(text: &str) -> (String, String) {
    match text.split_once(". ") {
        Some((first, rest)) => (format!("{first}."), rest.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let text = Some("[server]\nlisten = \"nowhere\"\n".to_owned());
        let rejected = understand(Path::new("/x/evenkeel.toml"), text, None).expect_err("a bad address");
        assert!(rejected.error.starts_with("line 2: server.listen: "), "{}", rejected.error);
        assert_eq!(rejected.problems[0].file, "/x/evenkeel.toml");
    }

    #[test]
    fn the_command_line_beats_the_file() {
        let listen = "127.0.0.1:1234".parse().expect("an address");
        let settings = understand(Path::new("x"), None, Some(listen)).expect("an empty file is fine");
        assert_eq!(settings.config.server.listen, listen);
    }

    #[test]
    fn the_network_without_keys_is_refused_however_it_was_asked_for() {
        let text = Some("[server]\nrequire_key = false\n".to_owned());
        let listen = "0.0.0.0:1234".parse().expect("an address");
        let rejected = understand(Path::new("x"), text, Some(listen)).expect_err("not without keys");
        assert!(rejected.error.contains("require_key"), "{:?}", rejected.problems);
    }

    #[test]
    fn a_missing_file_is_an_empty_one() {
        assert_eq!(read_text(Path::new("/nowhere/evenkeel.toml")).expect("fine"), None);
    }
}
