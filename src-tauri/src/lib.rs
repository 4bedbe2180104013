//! The desktop shell: the same router as `evenkeel serve`, in this process, with its dashboard in a window.
//!
//! It is thin on purpose. It knows Tauri so that no other package has to, and it computes nothing.
//!
//! - `arguments`: what the command line may say.
//! - `display`: whether there is a screen at all, asked before a toolkit can panic over it.
//! - `backend`: the running app behind the window; the only file that knows the library `evenkeel`.
//! - `api`: the one command that the window may call.
//! - `window`: the dashboard's window.
//! - `signals`: being asked to end.

mod api;
mod arguments;
mod backend;
mod display;
mod signals;
mod window;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::backend::Backend;
use crate::signals::Signals;

/// Without a screen there is nothing to show; scripts tell this from a failure.
const NO_DISPLAY: u8 = 2;

/// Runs the desktop app until its window is closed.
#[expect(clippy::print_stderr, reason = "what goes wrong at the start has no window to appear in")]
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

/// Starts the router, then the window; ends in the opposite order, so that nothing is lost.
fn open(arguments: &Arguments) -> Result<ExitCode> {
    let runtime = Runtime::new().context("cannot start the asynchronous runtime")?;
    let signals = runtime.block_on(async { Signals::listen() }).context("cannot listen for signals")?;
    let backend = runtime.block_on(Backend::start(arguments.home.as_deref()))?;
    // One set of threads for the router and for the window's own asynchronous work.
    tauri::async_runtime::set(runtime.handle().clone());
    let code = show(&backend, signals);
    runtime.block_on(backend.shut_down());
    code
}

/// Shows the window until it is closed or the app is asked to end.
fn show(backend: &Backend, signals: Signals) -> Result<ExitCode> {
    let app = tauri::Builder::default()
        .manage(backend.admin())
        .invoke_handler(tauri::generate_handler![api::api])
        .setup(|app| {
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                signals.end().await;
                handle.exit(0);
            });
            window::open(app.handle())?;
            Ok(())
        })
        .build(tauri::generate_context!())
        .context("cannot open the window")?;
    let code = app.run_return(|_, _| {});
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}
