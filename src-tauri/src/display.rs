//! Whether there is a screen.

/// Asks the toolkit itself, for it panics later where this says no.
#[cfg(target_os = "linux")]
pub(crate) fn available() -> bool {
    gtk::init().is_ok()
}

/// macOS and Windows always have one for a program that may open windows.
#[cfg(not(target_os = "linux"))]
pub(crate) fn available() -> bool {
    true
}
