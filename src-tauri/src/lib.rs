//! The desktop shell: the same router as `evenkeel serve`, in this process, with tray, window and notices.
//!
//! It is thin on purpose. It knows Tauri so that no other package has to, and it computes nothing.
//!
//! - `arguments`: what the command line may say
//! - `display`: whether there is a screen at all, asked before a toolkit can panic over it
//! - `instance`: one app at a time
//! - `backend`: the running app behind it all; the only file that knows the library `evenkeel`
//! - `api`, `commands`: what the window may call
//! - `tray`, `window`: what is on the screen
//! - `signals`: being asked to end

mod api;
mod arguments;
mod backend;
mod commands;
mod display;
mod instance;
mod signals;
mod tray;
mod window;

use std::process::{Command, ExitCode};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use tauri::{App, AppHandle, Manager, RunEvent, WindowEvent, Wry};

use crate::arguments::Arguments;
use crate::backend::{Backend, NoRouter};
use crate::signals::Signals;
use crate::tray::View;

/// Without a screen there is nothing to show; scripts tell this from a failure.
const NO_DISPLAY: u8 = 2;

/// Runs the desktop app until somebody quits it.
#[expect(clippy::print_stderr, reason = "what goes wrong at the start may have no window to appear in")]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if !display::available() {
        eprintln!(
            "evenkeel-desktop found no display to open a window on; `evenkeel serve` runs without one."
        );
        return ExitCode::from(NO_DISPLAY);
    }
    match open(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the router, then what is on the screen; ends in the opposite order, so that nothing is lost.
fn open(arguments: &Arguments) -> Result<ExitCode> {
    let runtime = evenkeel::runtime::start().context("cannot start the asynchronous runtime")?;
    let signals = runtime.block_on(async { Signals::listen() }).context("cannot listen for signals")?;
    // One set of threads for the router and for the window's own asynchronous work.
    tauri::async_runtime::set(runtime.handle().clone());
    // A second start ends in here, before it could find the data folder taken.
    let app = build(arguments).context("cannot start the desktop app")?;
    match runtime.block_on(Backend::start(arguments.home.as_deref())) {
        Ok((backend, log)) => {
            let backend = Arc::new(backend);
            let code = show(app, &backend, signals, arguments.hidden);
            runtime.block_on(backend.shut_down());
            // What is left was given its time, and a look-up of names without a network takes half a minute more.
            runtime.shutdown_background();
            drop(log);
            Ok(code)
        }
        Err(why) => {
            let code = explain(app, &why, signals);
            runtime.shutdown_background();
            Ok(code)
        }
    }
}

fn build(arguments: &Arguments) -> tauri::Result<App> {
    let mut login = tauri_plugin_autostart::Builder::new().arg("--hidden");
    if let Some(home) = &arguments.home {
        let home = std::path::absolute(home).unwrap_or_else(|_| home.clone());
        login = login.arg("--home").arg(arguments::at_login(&home.to_string_lossy()));
    }
    tauri::Builder::default()
        .plugin(instance::plugin(arguments.home.as_deref()))
        .plugin(login.build())
        .manage(window::Changes::default())
        .manage(tray::Tray::default())
        .manage(tray::Clipboard::default())
        .on_menu_event(|app, event| tray::clicked(app, event.id().as_ref()))
        .invoke_handler(tauri::generate_handler![
            api::api,
            commands::autostart,
            commands::autostart_state,
            commands::test_notice
        ])
        .build(tauri::generate_context!())
}

/// Shows tray and window until somebody quits or the process is asked to end.
fn show(app: App, backend: &Arc<Backend>, signals: Signals, hidden: bool) -> ExitCode {
    app.manage(backend.admin());
    app.manage(Some(Arc::clone(backend)));
    end_on(signals, app.handle());
    let backend = Arc::clone(backend);
    let code = app.run_return(move |app, event| match event {
        RunEvent::Ready => {
            tray::start(app, &View::of(&backend.status(), backend.waits_for_keys()), hidden);
            tauri::async_runtime::spawn(tray::follow(app.clone(), Arc::clone(&backend)));
            tauri::async_runtime::spawn(tray::open_on_demand(app.clone(), backend.events()));
            if !hidden {
                window::show(app, None);
            }
        }
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. } => {
            window::close(app, &api);
        }
        // Without a code it is only that the last window is gone; the router and the tray go on.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show(app, None),
        _ => {}
    });
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Says why there is no router, on the terminal and in a window, until that is closed.
#[expect(clippy::print_stderr, reason = "whoever started it from a terminal looks there")]
fn explain(app: App, why: &NoRouter, signals: Signals) -> ExitCode {
    eprintln!("{}", why.in_words());
    if why.another_one {
        return ExitCode::FAILURE;
    }
    app.manage(why.admin());
    app.manage(None::<Arc<Backend>>);
    app.manage(tray::Restart::after(why.port.clone()));
    let handle = app.handle().clone();
    end_on(signals, app.handle());
    let view = View::without_router(why);
    app.run_return(move |app, event| {
        if matches!(event, RunEvent::Ready) {
            tray::start(app, &view, false);
            window::show(app, None);
        }
    });
    if handle.state::<tray::Restart>().is_wanted() { again() } else { ExitCode::FAILURE }
}

/// Starts this program anew in its own place, with what it was started with.
#[expect(clippy::print_stderr, reason = "whoever started it from a terminal looks there")]
fn again() -> ExitCode {
    let mut program = match std::env::current_exe() {
        Ok(program) => Command::new(program),
        Err(error) => {
            eprintln!("Evenkeel could not be started again: {error}. Start it yourself.");
            return ExitCode::FAILURE;
        }
    };
    program.args(std::env::args_os().skip(1));
    #[cfg(unix)]
    let failed = Err(std::os::unix::process::CommandExt::exec(&mut program));
    #[cfg(not(unix))]
    let failed = program.spawn();
    match failed {
        Ok(_) => ExitCode::SUCCESS,
        Err::<std::process::Child, _>(error) => {
            eprintln!("Evenkeel could not be started again: {error}. Start it yourself.");
            ExitCode::FAILURE
        }
    }
}

/// Ends the app in order when the session or a terminal asks for it.
fn end_on(signals: Signals, app: &AppHandle<Wry>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        signals.end().await;
        app.exit(0);
    });
}
