//! One app at a time for each data folder: a second start shows the window of the first.
//!
//! Where there is no session bus to find the first one by, the folder's own lock still keeps the second from
//! starting, with a line that names the process.

use std::path::{Path, PathBuf};

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};

use crate::window;

/// The plugin; a second start ends in it, before a router is touched.
pub(crate) fn plugin(home: Option<&Path>) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_single_instance::Builder::new().callback(|app, arguments, _| {
        // What starts at login must not put itself in front of whoever works already.
        if !arguments.iter().any(|argument| argument == "--hidden") {
            show(app);
        }
    });
    match home {
        // Another folder is another router, and may run beside the one of the platform's own folder.
        Some(home) => builder.dbus_id(format!("app.evenkeel.desktop.{}", name_of(home))).build(),
        None => builder.build(),
    }
}

/// Called on a thread of the session bus.
fn show(app: &AppHandle) {
    let handle = app.clone();
    // It fails only while the app is ending, and then there is nothing to show.
    let _ = app.run_on_main_thread(move || window::show(&handle, None));
}

/// A folder as an element of a bus name, which takes letters, digits and underscores.
fn name_of(home: &Path) -> String {
    let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
    // Without a slash at its end, which means nothing.
    let home: PathBuf = home.components().collect();
    let bytes = home.as_os_str().as_encoded_bytes();
    // FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), for bus names are at most 255 long.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("home_{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_has_a_name_of_its_own_that_a_bus_takes() {
        let (one, other) = (name_of(Path::new("/home/ada/a b/é")), name_of(Path::new("/home/ada/work")));
        assert_ne!(one, other);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{one}");
        assert_eq!(one, name_of(Path::new("/home/ada/a b/é/")).as_str());
    }
}
