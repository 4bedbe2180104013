//! The dashboard's window: built when somebody wants to see it, hidden when closed, and destroyed a minute
//! later, for a hidden page costs as much memory as one that is looked at.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, CloseRequestApi, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::tray::{self, Tray};

/// Its label; capabilities/dashboard.json grants by it.
const LABEL: &str = "main";
/// In logical pixels, width and height.
const SIZE: (f64, f64) = (960.0, 640.0);
const SMALLEST: (f64, f64) = (720.0, 520.0);
/// How long a closed window can come back at once.
const GRACE: Duration = Duration::from_mins(1);
/// Milliseconds in place of [`GRACE`], for tests.
const GRACE_VARIABLE: &str = "EVENKEEL_TEST_WINDOW_GRACE";

/// Counts what was done to the window, so that a timer knows whether it still means the same closing.
#[derive(Default)]
pub(crate) struct Changes(AtomicU64);

impl Changes {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Shows the dashboard, at `place` (the page's own address behind `#/`) if one is given. On the main thread.
pub(crate) fn show(app: &AppHandle, place: Option<&str>) {
    app.state::<Changes>().next();
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => show_again(&window, place),
        None => build(app, place),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window could not be opened");
    }
}

fn show_again(window: &WebviewWindow, place: Option<&str>) -> tauri::Result<()> {
    if let Some(place) = place {
        window.eval(format!("location.hash = '#/{place}'"))?;
    }
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

fn build(app: &AppHandle, place: Option<&str>) -> tauri::Result<()> {
    let page = place.map_or_else(|| "index.html".to_owned(), |place| format!("index.html#/{place}"));
    let wanted = Instant::now();
    let mut builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(page.into()));
    if cfg!(not(target_os = "macos")) && !app.state::<Tray>().is_there() {
        builder = builder.menu(tray::menu_without_tray(app)?);
    }
    let window = builder
        .title("Evenkeel")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        // The window never becomes a browser: a link that leads elsewhere leads nowhere.
        .on_navigation(is_own)
        .on_page_load(move |_, load| {
            if load.event() == PageLoadEvent::Finished {
                let ms = u64::try_from(wanted.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::debug!(ms, "the dashboard is loaded");
            }
        })
        .build()?;
    draw_without_driver(&window)
}

/// Text and a few lines need no graphics driver, and one costs this window 75 MB and 150 ms where the driver
/// is software, and on some cards its content.
#[cfg(target_os = "linux")]
fn draw_without_driver(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    window.with_webview(|webview| {
        if let Some(settings) = WebViewExt::settings(&webview.inner()) {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
fn draw_without_driver(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// The tray has a row for that, and a window of this kind looks better without a menu.
pub(crate) fn leave_quitting_to_the_tray(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.remove_menu()
    {
        tracing::debug!(%error, "the window keeps its menu");
    }
}

/// What closing the window does: with a tray it hides, without one it stays reachable in the task bar.
pub(crate) fn close(app: &AppHandle, api: &CloseRequestApi) {
    api.prevent_close();
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let result = if app.state::<Tray>().is_there() { window.hide() } else { window.minimize() };
    if let Err(error) = result {
        tracing::warn!(%error, "the window could not be put away");
        return;
    }
    if app.state::<Tray>().is_there() {
        destroy_later(app.clone(), app.state::<Changes>().next());
    }
}

fn destroy_later(app: AppHandle, closing: u64) {
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(grace()).await;
        let handle = app.clone();
        // It fails only while the app is ending, and then the window goes anyway.
        let _ = app.run_on_main_thread(move || destroy(&handle, closing));
    });
}

fn destroy(app: &AppHandle, closing: u64) {
    let same = app.state::<Changes>().0.load(Ordering::Relaxed) == closing;
    if let Some(window) = app.get_webview_window(LABEL).filter(|_| same)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "the hidden window could not be destroyed");
    }
}

fn grace() -> Duration {
    let test = std::env::var(GRACE_VARIABLE).ok().and_then(|ms| ms.parse().ok());
    test.map_or(GRACE, Duration::from_millis)
}

/// Whether an address is the embedded dashboard, which Tauri serves under a scheme of its own, or on Windows
/// under a host name that only the webview resolves.
fn is_own(url: &Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn the_window_stays_in_the_dashboard() {
        for own in
            ["tauri://localhost/index.html", "http://tauri.localhost/", "https://tauri.localhost/#requests"]
        {
            assert!(is_own(&own.parse().unwrap()), "{own}");
        }
        for other in
            ["https://example.com/", "http://127.0.0.1:9950/dashboard/", "https://tauri.localhost.example/"]
        {
            assert!(!is_own(&other.parse().unwrap()), "{other}");
        }
    }
}
