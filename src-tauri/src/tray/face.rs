//! The tray's icon: one shape for each state, so that nobody has to tell colours apart.

use tauri::image::Image;

/// The state of things at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// A full disc: requests are answered as promised.
    Kept,
    /// Half a disc: requests are answered, and somebody should look: slow or dear answers, an allowance that burns
    /// too fast, a provider that is out.
    Risk,
    /// A triangle: requests can't be answered, or fail more than promised.
    Broken,
    /// Two bars: requests go past the router, or alerts are paused.
    Paused,
    /// A ring: there is no network.
    Offline,
}

impl Face {
    /// The picture: in colour, or on macOS a template that the system paints.
    pub(crate) fn picture(self) -> Image<'static> {
        if cfg!(target_os = "macos") {
            return match self {
                Face::Kept => tauri::include_image!("./assets/tray/kept.template.png"),
                Face::Risk => tauri::include_image!("./assets/tray/risk.template.png"),
                Face::Broken => tauri::include_image!("./assets/tray/broken.template.png"),
                Face::Paused => tauri::include_image!("./assets/tray/paused.template.png"),
                Face::Offline => tauri::include_image!("./assets/tray/offline.template.png"),
            };
        }
        match self {
            Face::Kept => tauri::include_image!("./assets/tray/kept.png"),
            Face::Risk => tauri::include_image!("./assets/tray/risk.png"),
            Face::Broken => tauri::include_image!("./assets/tray/broken.png"),
            Face::Paused => tauri::include_image!("./assets/tray/paused.png"),
            Face::Offline => tauri::include_image!("./assets/tray/offline.png"),
        }
    }
}
