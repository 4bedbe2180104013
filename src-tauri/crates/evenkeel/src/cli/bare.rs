//! `evenkeel` alone: the desktop app where there is one and a display to show it on, else `serve`.

use std::{env, path::PathBuf, process::Command};

use super::{Done, Stop, args, context::Context, out, serve, shell};

const DESKTOP: &str = "evenkeel-desktop";

pub(crate) fn run(context: &Context) -> Result<Done, Stop> {
    let reason = match (has_display(), desktop()) {
        (true, Some(desktop)) => match start(context, &desktop) {
            Ok(done) => return Ok(done),
            Err(error) => format!("{} can't be started ({error})", desktop.display()),
        },
        (true, None) => format!("{DESKTOP} is not installed"),
        (false, _) => "There is no display".to_owned(),
    };
    out::error_line(&format!("{reason}; running in this terminal, as `evenkeel serve` does."));
    serve::run(context, &args::Serve::default())
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("WAYLAND_DISPLAY") || set("DISPLAY")
}

/// The desktop program beside this one, or on PATH.
fn desktop() -> Option<PathBuf> {
    let beside = env::current_exe().ok()?.with_file_name(format!("{DESKTOP}{}", env::consts::EXE_SUFFIX));
    if beside.is_file() { Some(beside) } else { shell::find_on_path(DESKTOP) }
}

fn start(context: &Context, desktop: &PathBuf) -> std::io::Result<Done> {
    let mut command = Command::new(desktop);
    if let Some(home) = context.paths.home() {
        command.arg("--home").arg(home);
    }
    #[cfg(unix)]
    {
        Err(std::os::unix::process::CommandExt::exec(&mut command))
    }
    #[cfg(not(unix))]
    {
        // A terminal on Windows waits for its own programs only; the app goes on without it.
        command.spawn().map(|_| Done::default())
    }
}
