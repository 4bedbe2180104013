//! What every command knows: where things lie, how to answer, and whether a router runs.

use std::fs;

use evenkeel_config::{Config, Parsed};

use super::{Stop, args::Args, client::Client};
use crate::{
    admin::types::Problem,
    failure::{Code, Failure},
    keys,
    paths::Paths,
    run_file::RunFile,
};

/// Given to each command.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) paths: Paths,
    pub(crate) json: bool,
}

impl Context {
    pub(crate) fn new(args: &Args) -> Result<Self, Stop> {
        Ok(Self { paths: Paths::resolve(args.home.as_deref())?, json: args.json })
    }

    /// The running router, if there is one and this account may use it.
    pub(crate) fn router(&self) -> Result<Option<Client>, Stop> {
        let Some(run) = RunFile::of_running(&self.paths) else { return Ok(None) };
        let path = self.paths.admin_token();
        let token = keys::token::read(&path).ok_or_else(|| {
            Failure::new(Code::Unauthorized, format!("{} can't be read.", path.display()))
                .hint("Use the account that runs Evenkeel, or restart Evenkeel to have the file made again.")
        })?;
        Ok(Some(Client::new(run, token)))
    }

    /// The running router, for commands that can't do without.
    pub(crate) fn needs_router(&self) -> Result<Client, Stop> {
        self.router()?.ok_or_else(|| self.not_running().into())
    }

    /// The database, read-only; `None` if nothing was ever recorded here.
    pub(crate) fn reader(&self) -> Result<Option<evenkeel_store::Reader>, Stop> {
        if !self.paths.database().exists() {
            return Ok(None);
        }
        let reader = evenkeel_store::Store::read_only(self.paths.data()).map_err(crate::app::open_failure)?;
        Ok(Some(reader))
    }

    /// Does what the router would do, with the data folder's lock held for as long as it takes.
    pub(crate) fn with_store<T>(
        &self,
        change: impl AsyncFnOnce(evenkeel_store::Store) -> Result<T, Failure>,
    ) -> Result<T, Stop> {
        self.paths.prepare()?;
        let runtime = super::runtime()?;
        let store = crate::app::open_store(&self.paths)?;
        let changed = runtime.block_on(change(store.clone()));
        store.shut_down().map_err(|error| Failure::internal("close the database", &error))?;
        Ok(changed?)
    }

    pub(crate) fn not_running(&self) -> Failure {
        Failure::new(Code::NotRunning, "Evenkeel is not running.")
            .hint(format!("Start it with: {} serve", self.program()))
    }

    /// How to call this program in a line that the user copies, with the folder that was given.
    pub(crate) fn program(&self) -> String {
        super::shell::program(self.paths.home())
    }

    /// The configuration as the file has it now; a missing file is an empty one.
    pub(crate) fn config(&self) -> Result<Parsed, Stop> {
        let text = self.config_text()?;
        evenkeel_config::parse(&text).map_err(|problems| {
            let file = self.paths.config_file().display().to_string();
            let first = problems.first().map(|problem| Problem::in_file(&file, problem));
            let (mistake, fix) = first.map(|it| (it.mistake(), it.fix)).unwrap_or_default();
            let all = format!("All mistakes: {} check --offline", self.program());
            Failure::new(Code::ConfigInvalid, mistake).hint(format!("{fix} {all}")).into()
        })
    }

    pub(crate) fn config_text(&self) -> Result<String, Stop> {
        Ok(crate::app::settings::read_text(self.paths.config_file())?.unwrap_or_default())
    }

    /// The configuration for commands that only need its addresses and can live with the defaults.
    pub(crate) fn config_or_default(&self) -> Config {
        fs::read_to_string(self.paths.config_file())
            .ok()
            .and_then(|text| evenkeel_config::parse(&text).ok())
            .map(|parsed| parsed.config)
            .unwrap_or_default()
    }
}
