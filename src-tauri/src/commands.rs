//! The window's commands beside `api`: what belongs to this desktop and not to the router.

use std::sync::Arc;

use tauri::{AppHandle, State};
use tauri_plugin_autostart::ManagerExt;

use crate::backend::{self, ApiError, Backend};

/// Turns start at login on or off; answers whether it is on.
///
/// # Errors
/// When the system's list can't be changed.
#[tauri::command]
pub(crate) async fn autostart(app: AppHandle, on: bool) -> Result<bool, ApiError> {
    let login = app.autolaunch();
    let changed = if on { login.enable() } else { login.disable() };
    changed.map_err(|error| refused(&error))?;
    autostart_state(app.clone()).await
}

/// Whether Evenkeel starts at login.
///
/// # Errors
/// When the system's list can't be read.
#[tauri::command]
pub(crate) async fn autostart_state(app: AppHandle) -> Result<bool, ApiError> {
    app.autolaunch().is_enabled().map_err(|error| refused(&error))
}

/// Shows a test notice.
///
/// # Errors
/// When no notification service took it.
#[tauri::command]
pub(crate) async fn test_notice(backend: State<'_, Option<Arc<Backend>>>) -> Result<(), ApiError> {
    match backend.inner() {
        Some(backend) => backend.test_notice().await,
        None => backend::test_notice().await,
    }
}

fn refused(error: &tauri_plugin_autostart::Error) -> ApiError {
    backend::refusal(format!("Start at login could not be changed: {error}."))
}
