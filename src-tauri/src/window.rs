//! The dashboard's window, built when it is needed.

use tauri::{AppHandle, Url, WebviewUrl, WebviewWindowBuilder};

/// Its label; capabilities/dashboard.json grants by it.
const LABEL: &str = "main";
/// In logical pixels, width and height.
const SIZE: (f64, f64) = (960.0, 640.0);
const SMALLEST: (f64, f64) = (720.0, 520.0);

/// Opens the dashboard.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Evenkeel")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        // The window never becomes a browser: a link that leads elsewhere leads nowhere.
        .on_navigation(is_own)
        .build()?;
    Ok(())
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
