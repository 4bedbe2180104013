//! Changes of settings that the dashboard asks for, written to `evenkeel.toml` and in force when the answer
//! comes.
//!
//! The file belongs to its owner, who may have it open in an editor: a change names the version it was made
//! to, and is refused where the file is another one by now. The whole text is checked before anything is
//! written, and written before anything of it is in force; a change that can't come into force is taken back.

use std::{collections::VecDeque, io, path::Path};

use evenkeel_config::edit::{self, Change};
use evenkeel_store::hash_key;

use super::{
    Running,
    settings::{self, Rejected, Settings},
};
use crate::{
    admin::types::{EditConfig, Meanwhile, Problem},
    failure::{Code, Failure},
    files,
    promises::gate::Waits,
};

/// A page asks for one change at a time, and a person makes no more than this in one go.
const MOST_CHANGES: usize = 100;
/// A reason is a sentence or two.
const LONGEST_REASON: usize = 500;
/// How many texts are remembered, and how many lines of a difference are told.
const REMEMBERED: usize = 8;
const MOST_LINES: usize = 40;

/// Why settings were not changed.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What happened and what to do.
    pub(crate) failure: Failure,
    /// Key by key.
    pub(crate) problems: Vec<Problem>,
    /// What became of the file.
    pub(crate) meanwhile: Option<Meanwhile>,
}

/// The texts that were handed out lately, with their versions; the newest last.
#[derive(Debug, Default)]
pub(crate) struct HandedOut(VecDeque<(String, String)>);

impl HandedOut {
    fn remember(&mut self, version: &str, text: &str) {
        if self.0.iter().any(|(known, _)| known == version) {
            return;
        }
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back((version.to_owned(), text.to_owned()));
    }

    fn text(&self, version: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == version).map(|(_, text)| text.as_str())
    }
}

impl Running {
    /// Names the text of the file as it is now.
    pub(crate) async fn config_version(&self) -> String {
        let text = self.read_text().await.ok().flatten();
        let version = version(text.as_deref());
        self.handed_out.lock().remember(&version, text.as_deref().unwrap_or_default());
        version
    }

    /// Makes the changes, or says why not.
    pub(crate) async fn edit_config(&self, wanted: EditConfig) -> Result<(), Refusal> {
        let EditConfig { version: made_to, reason, dry_run, changes } = wanted;
        if changes.len() > MOST_CHANGES {
            let message = format!("{} changes at once are too many.", changes.len());
            return Err(Failure::new(Code::InvalidRequest, message)
                .hint(format!("Ask for up to {MOST_CHANGES}."))
                .into());
        }
        let changes: Vec<Change> = changes.into_iter().map(Change::from).collect();
        let reason = reason.as_deref().and_then(on_one_line);
        // Neither a tenant's change nor the watch on the file may come between reading and writing.
        let _one = self.changing_tenants.lock().await;
        let mut last_seen = self.last_seen.lock().await;
        let text = self.read_text().await?;
        if let Some(made_to) = made_to
            && made_to != version(text.as_deref())
        {
            return Err(self.changed_meanwhile(&made_to, text.as_deref()));
        }
        let before = text.clone().unwrap_or_default();
        let edited = edit::apply(&before, &changes)
            .map_err(|problem| self.invalid(&before, vec![self.told(&problem)]))?;
        if edited == before && text == self.settings.load().text {
            return Ok(());
        }
        let settings = self
            .understand(Some(edited.clone()))
            .map_err(|Rejected { problems, .. }| self.invalid(&before, problems))?;
        if dry_run {
            return Ok(());
        }
        self.asks(&settings, reason.as_deref()).await?;
        self.write(edited.clone()).await?;
        *last_seen = Some(edited);
        if let Err(failure) = self.put_in_force(settings, reason.as_deref()).await {
            self.write(before).await?;
            *last_seen = text;
            return Err(failure.into());
        }
        Ok(())
    }

    /// A change that a frozen budget asks a reason for waits until one is given.
    async fn asks(&self, settings: &Settings, reason: Option<&str>) -> Result<(), Refusal> {
        let old = self.settings.load_full();
        match self.reason_for(&old.config, &settings.config, reason).await {
            Ok(_) => Ok(()),
            Err(Waits { question, .. }) => Err(Failure::new(Code::BudgetFrozen, question)
                .hint("Say why in a sentence; it is kept with the budget.")
                .into()),
        }
    }

    fn changed_meanwhile(&self, made_to: &str, text: Option<&str>) -> Refusal {
        let now = version(text);
        let text = text.unwrap_or_default();
        let mut handed_out = self.handed_out.lock();
        let meanwhile = match handed_out.text(made_to) {
            Some(was) => difference(was, text, &now),
            None => Meanwhile { version: now.clone(), line: None, was: Vec::new(), is: Vec::new() },
        };
        handed_out.remember(&now, text);
        let failure =
            Failure::new(Code::ConfigChanged, "evenkeel.toml was changed meanwhile. Nothing was written.")
                .hint("Read it again, and make the change to what is there now.");
        Refusal { failure, problems: Vec::new(), meanwhile: Some(meanwhile) }
    }

    /// Mistakes of the change, or of the file before it.
    fn invalid(&self, before: &str, problems: Vec<Problem>) -> Refusal {
        let errors = problems.into_iter().filter(|problem| problem.severity == "error");
        let mut problems: Vec<Problem> = errors.collect();
        let file = self.paths.config_file();
        let failure = if let Err(rejected) = settings::understand(file, Some(before.to_owned()), None) {
            problems = rejected.problems;
            let message = format!("{} has a mistake: {}", file.display(), rejected.error);
            Failure::new(Code::ConfigInvalid, message).hint("Correct it first; Settings shows every mistake.")
        } else {
            let first = problems.first();
            let (message, fix) = first.map(|it| (it.message.clone(), it.fix.clone())).unwrap_or_default();
            Failure::new(Code::SettingInvalid, message).hint(fix)
        };
        Refusal { failure, problems, meanwhile: None }
    }

    fn told(&self, problem: &evenkeel_config::Problem) -> Problem {
        Problem::in_file(&self.paths.config_file().display().to_string(), problem)
    }

    async fn read_text(&self) -> Result<Option<String>, Failure> {
        let file = self.paths.config_file().to_owned();
        on_a_thread("read the settings file", move || settings::read_text(&file)).await
    }

    async fn write(&self, text: String) -> Result<(), Failure> {
        let file = self.paths.config_file().to_owned();
        on_a_thread("write the settings file", move || {
            let folder = file.parent().filter(|folder| !folder.exists());
            let made = folder.map_or(Ok(()), files::create_private_folder);
            made.and_then(|()| files::rewrite(&file, &text)).map_err(|error| unwritable(&file, &error))
        })
        .await
    }
}

/// Disks can be slow, and everything else of the router runs on one thread.
async fn on_a_thread<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Failure::internal(what, &error)))
}

fn unwritable(file: &Path, error: &io::Error) -> Failure {
    let file = file.display();
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Make room on the disk, and save again.",
        io::ErrorKind::ReadOnlyFilesystem => {
            "The disk is mounted read-only. Make the change where the file comes from."
        }
        io::ErrorKind::PermissionDenied => {
            "Make the file and its folder writable for the account that runs Evenkeel, or change it by hand."
        }
        _ => "Make sure that the file and its folder are there and writable.",
    };
    let message = format!("{file} can't be written: {}. Nothing was changed.", files::reason(error));
    Failure::new(Code::ConfigUnwritable, message).hint(hint)
}

/// A text's name: the same text has the same one, and no file has one of its own.
fn version(text: Option<&str>) -> String {
    let Some(text) = text else { return "none".to_owned() };
    let hash = hash_key(text);
    let number = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:016x}")
}

/// Somebody's words on one line; `None` if there are none.
fn on_one_line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|letter| !letter.is_control()).take(LONGEST_REASON).collect();
    (!line.is_empty()).then_some(line)
}

/// The lines between the first and the last that differ.
fn difference(was: &str, is: &str, version: &str) -> Meanwhile {
    let (was, is): (Vec<_>, Vec<_>) = (was.lines().collect(), is.lines().collect());
    let first = was.iter().zip(&is).take_while(|(was, is)| was == is).count();
    let most = was.len().min(is.len()) - first;
    let last = was.iter().rev().zip(is.iter().rev()).take(most).take_while(|(was, is)| was == is).count();
    let between = |lines: &[&str]| -> Vec<String> {
        let changed = lines.get(first..lines.len() - last).unwrap_or_default();
        changed.iter().take(MOST_LINES).map(|line| shown(line)).collect()
    };
    let line = u32::try_from(first + 1).ok();
    Meanwhile { version: version.to_owned(), line, was: between(&was), is: between(&is) }
}

/// A line as it may be shown: a key that somebody pasted into the file isn't repeated.
fn shown(line: &str) -> String {
    if evenkeel_config::looks_like_a_secret(line) {
        "(a secret, not shown)".to_owned()
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests;
