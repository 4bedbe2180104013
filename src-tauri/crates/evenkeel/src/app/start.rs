//! The order in which an app comes to life: nothing is touched before the folder is ours, and nothing
//! is announced before the address answers.

use std::{sync::Arc, time::Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use evenkeel_practice::Practice;
use evenkeel_router::{Event, Events, SystemClock};
use evenkeel_store::Store;
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::{
    Options, StartError, away,
    away::Away,
    bind, breakers, bypass, force, listener, notices, open_store, practice, reload, routing,
    running::{Running, Signals},
    settings::{self, Settings},
    spent,
    subscribers::{self, Live},
    tasks::Tasks,
    tenants::Tenants,
    tools, version, wake,
};
use crate::{
    admin::sessions::Sessions,
    alerts::{
        self, Alerts,
        deliver::{self, Channel},
    },
    cache::{Keeper, keep, share},
    demo,
    failure::{Code, Failure},
    files,
    keys::{self, KeyRing},
    notices::Desk,
    promises::{board::Board, counted, gate::Earlier},
    run_file::RunFile,
};

pub(super) async fn start(options: Options) -> Result<Arc<Running>, StartError> {
    options.paths.prepare()?;
    let settings = read_settings(&options)?;
    let began = Timestamp::now();

    let paths = options.paths.clone();
    let store = tokio::task::spawn_blocking(move || open_store(&paths))
        .await
        .map_err(|error| Failure::internal("open the database", &error))??;
    match Box::pin(start_on(options, settings, store.clone(), began)).await {
        Ok(running) => Ok(running),
        Err(error) => {
            // The folder is let go at once, for the next try may come before this process ends.
            let _ = store.shut_down();
            Err(error)
        }
    }
}

fn read_settings(options: &Options) -> Result<Settings, StartError> {
    let file = options.paths.config_file();
    let text = settings::read_text(file)?;
    if text.is_none() && options.config_must_exist {
        let failure = Failure::new(Code::ConfigUnreadable, format!("There is no file {}.", file.display()))
            .hint("Check the path, or leave --config out to use the file in the usual place.");
        return Err(failure.into());
    }
    settings::understand(file, text, options.listen).map_err(|rejected| StartError::Config {
        file: file.display().to_string(),
        problems: rejected.problems,
    })
}

async fn start_on(
    options: Options,
    settings: Settings,
    store: Store,
    began: Timestamp,
) -> Result<Arc<Running>, StartError> {
    let (listener, listen) = listen(settings.config.server.listen)?;
    let settings = with_real_address(settings, listen);
    let token = keys::token::read_or_create(&options.paths.admin_token()).map_err(|error| {
        let path = options.paths.admin_token();
        Failure::new(
            Code::FolderUnusable,
            format!("{} can't be written: {}.", path.display(), files::reason(&error)),
        )
        .hint("Make the file yours and writable, or choose another folder: evenkeel --home DIR.")
    })?;
    let tenants = Tenants::new(store.clone(), options.paths.clone(), settings.config.tenants.clone());
    tenants.ensure_local().await?;

    // Before the first request, which is counted for them.
    let promises = settings.config.slos.iter().map(counted).collect();
    store.set_promises(promises).await.map_err(|error| Failure::internal("declare the promises", &error))?;

    let practised = options.practice || settings.config.providers.is_empty();
    demo::keep_apart(&store, practised).await?;
    if options.demo_data {
        demo::fill(&store, began).await?;
    }

    let events = Events::default();
    let keys = KeyRing::default();
    let cache = Keeper::default();
    let alerts = Alerts::paused(alerts::pause::stored(&store).await);
    let practice = practice_for(&options, &settings).await?;
    let shared = routing::Shared {
        store: &store,
        events: &events,
        keys: &keys,
        stored_bypass: bypass::stored(&store).await,
        forced: force::stored(&store).await,
        tenants: tenants.stored().await?,
        breakers: breakers::stored(&store, practice.is_some()).await,
        spent: spent::before(&store, practice.is_some())
            .await
            .map_err(|error| Failure::internal("read what was spent", &error))?,
        cache: cache.slot(),
    };
    let routing = routing::make(&settings.config, practice.as_ref(), shared)?;
    let run = RunFile { pid: std::process::id(), listen, kind: options.kind };
    let running = Arc::new(Running {
        run,
        listen,
        listen_given: options.listen.is_some(),
        practice_forced: options.practice,
        since: Instant::now(),
        store,
        events,
        routing: ArcSwap::from_pointee(routing),
        retired: parking_lot::Mutex::default(),
        last_seen: tokio::sync::Mutex::new(settings.text.clone()),
        settings: ArcSwap::from_pointee(settings),
        rejected: ArcSwapOption::empty(),
        practice,
        sessions: Sessions::default(),
        token,
        live: Live::default(),
        notices: Desk::default(),
        keys,
        cache,
        keys_wanted: tokio::sync::Notify::new(),
        keys_told: parking_lot::Mutex::default(),
        tasks: Tasks::default(),
        connections: Tasks::default(),
        signals: Signals::default(),
        began,
        promises: Board::default(),
        earlier: Earlier::default(),
        alerts,
        away: Away::default(),
        changing_tenants: tokio::sync::Mutex::default(),
        handed_out: parking_lot::Mutex::default(),
        paths: options.paths,
    });
    // It is removed at a clean end, and the folder is ours: whoever left it was killed.
    let crashed = running.paths.run_file().exists();
    run.write(&running.paths.run_file()).map_err(|error| {
        let path = running.paths.run_file();
        Failure::new(
            Code::FolderUnusable,
            format!("{} can't be written: {}.", path.display(), files::reason(&error)),
        )
        .hint("Make the folder yours and writable, or choose another one: evenkeel --home DIR.")
    })?;
    spawn(&running, listener);
    if crashed {
        running.emit(Event::CrashFound);
    }
    Ok(running)
}

/// Binds, and says which address it really is: port 0 takes any free one.
fn listen(address: std::net::SocketAddr) -> Result<(TcpListener, std::net::SocketAddr), Failure> {
    let listener = bind::bind(address)?;
    let adopted = (|| {
        listener.set_nonblocking(true)?;
        let listen = listener.local_addr()?;
        Ok::<_, std::io::Error>((TcpListener::from_std(listener)?, listen))
    })();
    adopted.map_err(|error| Failure::internal("listen", &error))
}

fn with_real_address(settings: Settings, listen: std::net::SocketAddr) -> Settings {
    let mut config = (*settings.config).clone();
    config.server.listen = listen;
    Settings { config: Arc::new(config), ..settings }
}

async fn practice_for(options: &Options, settings: &Settings) -> Result<Option<Practice>, Failure> {
    if options.practice || settings.config.providers.is_empty() {
        return practice::start().await.map(Some);
    }
    Ok(None)
}

fn spawn(running: &Arc<Running>, listener: TcpListener) {
    let finished = || running.signals.finished.clone();
    let events = || running.events.subscribe();
    running.tasks.spawn("log", subscribers::log(events(), finished()));
    running.tasks.spawn("store", subscribers::keep(events(), finished(), running.store.clone()));
    running.tasks.spawn("breakers", breakers::keep(events(), finished(), Arc::clone(running)));
    running.tasks.spawn("away", away::count(events(), finished(), Arc::clone(running)));
    running.tasks.spawn("live", subscribers::show(events(), finished(), running.live.clone()));
    running.tasks.spawn("judge", subscribers::judge(events(), finished(), Arc::clone(running)));
    running.tasks.spawn("notices", notices::tell(events(), running.stopping(), Arc::clone(running)));
    running.tasks.spawn("alerts", alerts::watch::watch(events(), Arc::clone(running)));
    running.tasks.spawn("presses", alerts::pressed::listen(Arc::clone(running)));
    running.tasks.spawn("desktop pages", deliver::deliver(Arc::clone(running), Channel::Desktop));
    running.tasks.spawn("webhook pages", deliver::deliver(Arc::clone(running), Channel::Webhook));
    running.tasks.spawn("tools", tools::look(Arc::clone(running)));
    running.tasks.spawn("version", version::note(Arc::clone(running)));
    running.tasks.spawn("wake", wake::watch(Arc::clone(running), Arc::new(SystemClock)));
    running.tasks.spawn("listener", listener::listen(Arc::clone(running), listener));
    running.tasks.spawn("config", reload::watch(Arc::clone(running)));

    let practice = running.routing().practice;
    running.emit(Event::Started { listen: running.listen.to_string(), practice });
    running.settings().log(practice);
    running.tasks.spawn("keys", super::keys::watch(Arc::clone(running)));
    running.tasks.spawn("cache", keep(Arc::clone(running)));
    running.tasks.spawn("together", share(Arc::clone(running)));
}
