//! The watch on `evenkeel.toml`: a good edit is in force a moment later, a bad one changes nothing and
//! says why.
//!
//! The folder is watched, not the file, for editors write a new file and rename it over the old one.
//! A router with real providers never loses them to an edit that names none: a file that is half
//! written is empty for an instant, and its clients would meet the practice providers.

use std::{
    collections::HashSet,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use evenkeel_router::Event;
use notify::{RecursiveMode, Watcher};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    Running, routing,
    settings::{self, Rejected, Settings},
};
use crate::{
    admin::types::Problem,
    failure::{Code, Failure},
    promises::{counted, gate::Waits},
};

/// Editors write in several steps; the file is read once they are done.
const SETTLE: Duration = Duration::from_millis(100);
/// A file that is gone may be about to be renamed into place.
const GONE: Duration = Duration::from_millis(400);
/// How often to look where the system can't watch.
const LOOK: Duration = Duration::from_secs(2);

/// Watches until the app stops.
pub(super) async fn watch(running: Arc<Running>) {
    let (changed, mut due) = mpsc::channel(1);
    let watcher = start_watcher(running.paths.config_file(), changed);
    if let Err(error) = &watcher {
        tracing::warn!(%error, "the system can't watch evenkeel.toml; it is looked at every 2 s instead");
    }
    // An edit may have come between the start's reading and the watch.
    running.reload().await;
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = running.signals.stopping.cancelled() => return,
            Some(()) = due.recv() => sleep(SETTLE).await,
            _ = look.tick(), if watcher.is_err() => {}
        }
        while due.try_recv().is_ok() {}
        running.reload().await;
    }
}

fn start_watcher(file: &Path, changed: mpsc::Sender<()>) -> notify::Result<notify::RecommendedWatcher> {
    // The data folder may be the same one, and the database in it changes all the time.
    let (folders, names) = places(file);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let ours = event.as_ref().map_or(true, |event| {
            event.need_rescan()
                || event.paths.iter().any(|path| path.file_name().is_some_and(|name| names.contains(name)))
        });
        let reads = event.as_ref().is_ok_and(|event| event.kind.is_access());
        if ours && !reads {
            // A full channel means that a look is due already.
            let _ = changed.try_send(());
        }
    })?;
    for folder in &folders {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

/// The folder of the file, and of the file that a symbolic link there means.
fn places(file: &Path) -> (HashSet<PathBuf>, HashSet<OsString>) {
    let real = file.canonicalize().ok();
    let files = [Some(file.to_owned()), real].into_iter().flatten();
    files.filter_map(|file| Some((file.parent()?.to_owned(), file.file_name()?.to_owned()))).unzip()
}

impl Running {
    /// Looks at the file and puts it in force if it has changed and is good.
    pub(crate) async fn reload(&self) {
        let mut last_seen = self.last_seen.lock().await;
        let text = match self.read_settled().await {
            Ok(text) => text,
            Err(failure) => {
                let fix = failure.hint.as_deref().unwrap_or_default();
                self.reject(Rejected::of_the_whole(self.paths.config_file(), &failure.message, fix));
                return;
            }
        };
        if text == *last_seen && self.rejected.load().is_none() {
            return;
        }
        last_seen.clone_from(&text);
        if text == self.settings.load().text {
            // A mistake that was undone: what is in force is what the file says again.
            if self.rejected.swap(None).is_some() {
                self.emit(Event::ConfigReloaded);
            }
            return;
        }
        match self.understand(text) {
            Err(rejected) => self.reject(rejected),
            Ok(settings) => {
                if let Err(failure) = self.put_in_force(settings, None).await {
                    let fix = failure.hint.as_deref().unwrap_or_default();
                    self.reject(Rejected::of_the_whole(self.paths.config_file(), &failure.message, fix));
                }
            }
        }
    }

    async fn read_settled(&self) -> Result<Option<String>, Failure> {
        let file = self.paths.config_file();
        let text = settings::read_text(file)?;
        if text.is_none() && self.settings.load().text.is_some() {
            sleep(GONE).await;
            return settings::read_text(file);
        }
        Ok(text)
    }

    pub(super) fn understand(&self, text: Option<String>) -> Result<Settings, Rejected> {
        let file = self.paths.config_file();
        let in_force = self.settings.load();
        if text.is_none() {
            return Err(Rejected::of_the_whole(
                file,
                "The file is gone.",
                "Put it back, or restart Evenkeel to run without it.",
            ));
        }
        let mut settings = settings::understand(file, text, Some(self.listen))?;
        if settings.config.providers.is_empty() && !in_force.config.providers.is_empty() {
            return Err(Rejected::of_the_whole(
                file,
                "The file names no provider any more.",
                "Name one under [providers], or restart Evenkeel to run with the practice providers.",
            ));
        }
        if !self.listen_given && settings.file_listen != in_force.file_listen {
            settings.notices.push(Problem {
                severity: "notice".to_owned(),
                file: file.display().to_string(),
                line: 0,
                column: 0,
                key: "server.listen".to_owned(),
                message: format!("Evenkeel goes on listening on {}.", self.listen),
                fix: format!("Restart it to listen on {}.", settings.file_listen),
            });
        }
        Ok(settings)
    }

    fn reject(&self, rejected: Rejected) {
        let error = rejected.error.clone();
        let before = self.rejected.swap(Some(Arc::new(rejected)));
        if before.is_none_or(|before| before.error != error) {
            self.emit(Event::ConfigRejected { error });
        }
    }

    /// `reason` is why, if whoever changed it said so.
    pub(super) async fn put_in_force(&self, settings: Settings, reason: Option<&str>) -> Result<(), Failure> {
        let routing = self.routing.load_full();
        if let Err(Waits { message, fix, .. }) =
            self.may_change(&self.settings.load().config, &settings.config, reason).await
        {
            return Err(Failure::new(Code::BudgetFrozen, message).hint(fix));
        }
        let leaves_practice =
            routing.practice && !self.practice_forced && !settings.config.providers.is_empty();
        if leaves_practice {
            self.leave_practice(&settings).await?;
        } else {
            let practice = self.practice.as_ref().filter(|_| routing.practice);
            let effective = routing::effective(&settings.config, practice)?;
            let secrets = self.keys.secrets(&effective.providers);
            routing.router.reload(Arc::new(effective), &secrets);
            self.routing.store(Arc::new(routing.with_server(settings.config.server.clone())));
        }
        let promises = settings.config.slos.iter().map(counted).collect();
        if let Err(error) = self.store.set_promises(promises).await {
            tracing::error!(%error, "the promises of the changed configuration are not counted yet");
        }
        settings.log(self.routing.load().practice);
        self.earlier.remember(&self.settings.load().config);
        self.settings.store(Arc::new(settings));
        self.rejected.store(None);
        self.emit(Event::ConfigReloaded);
        self.keys_wanted.notify_one();
        self.cache.wake();
        Ok(())
    }

    /// Real providers at last: a router of their own, so that nothing of practice goes with them.
    async fn leave_practice(&self, settings: &Settings) -> Result<(), Failure> {
        let shared = routing::Shared {
            store: &self.store,
            events: &self.events,
            keys: &self.keys,
            stored_bypass: super::bypass::stored(&self.store).await,
            forced: super::force::stored(&self.store).await,
            breakers: super::breakers::stored(&self.store, false).await,
            spent: super::spent::before(&self.store, false)
                .await
                .map_err(|error| Failure::internal("read what was spent", &error))?,
            tenants: self
                .store
                .tenants()
                .await
                .map_err(|error| Failure::internal("read the tenants", &error))?,
            cache: self.cache.slot(),
        };
        let real = routing::make(&settings.config, None, shared)?;
        let practice = self.routing.swap(Arc::new(real));
        self.retired.lock().push(Arc::clone(&practice.router));
        tracing::info!("Practice is over: real providers answer from now on.");
        Ok(())
    }
}
