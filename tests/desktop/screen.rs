//! A display that nobody looks at, one for each test, with a session bus and a window manager where asked for.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::bus::Bus;

/// A running Xvfb, and the folders of a session on it.
pub(crate) struct Screen {
    server: Child,
    display: String,
    session: TempDir,
    bus: Option<Bus>,
    manager: Option<Child>,
}

impl Screen {
    /// Starts a server on a display number that is free.
    pub(crate) fn open() -> Result<Screen, Box<dyn Error>> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start Xvfb, which `cargo xtask test` installs: {error}"))?;
        let stdout = server.stdout.take().ok_or("Xvfb has no output")?;
        let mut number = String::new();
        // It writes its number when it accepts connections, and closes its output when it fails.
        BufReader::new(stdout).read_line(&mut number)?;
        let screen = Screen {
            server,
            display: format!(":{}", number.trim()),
            session: TempDir::new()?,
            bus: None,
            manager: None,
        };
        if number.trim().is_empty() {
            return Err("Xvfb ended before it had a display".into());
        }
        Ok(screen)
    }

    /// The same with a session bus and a window manager: a desktop without a tray.
    pub(crate) fn desktop() -> Result<Screen, Box<dyn Error>> {
        let mut screen = Screen::open()?;
        screen.bus = Some(Bus::open(screen.session.path())?);
        let manager = screen.command("openbox").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        screen.manager =
            Some(manager.map_err(|error| {
                format!("cannot start openbox, which `cargo xtask test` installs: {error}")
            })?);
        let works = || {
            let answer = screen.command("wmctrl").arg("-m").stderr(Stdio::null()).output();
            answer.is_ok_and(|answer| answer.status.success())
        };
        if crate::wait(works) { Ok(screen) } else { Err("openbox does not manage the display".into()) }
    }

    /// The session bus.
    pub(crate) fn bus(&self) -> Result<&Bus, Box<dyn Error>> {
        self.bus.as_ref().ok_or_else(|| "this screen has no session bus".into())
    }

    /// The home folder of whoever sits before it.
    pub(crate) fn home(&self) -> &Path {
        self.session.path()
    }

    /// Whether a window of the app can be seen.
    pub(crate) fn shows_window(&self) -> bool {
        let found =
            self.command("xdotool").args(["search", "--onlyvisible", "--name", "^Evenkeel$"]).output();
        found.is_ok_and(|output| !output.stdout.is_empty())
    }

    /// Whether there is a window, seen or hidden.
    pub(crate) fn has_window(&self) -> bool {
        let found = self.command("xdotool").args(["search", "--name", "^Evenkeel$"]).output();
        found.is_ok_and(|output| !output.stdout.is_empty())
    }

    /// The close button of the app's window.
    pub(crate) fn close_window(&self) -> Result<(), Box<dyn Error>> {
        let closed = self.command("wmctrl").args(["-F", "-c", "Evenkeel"]).status()?;
        if closed.success() { Ok(()) } else { Err("there is no window to close".into()) }
    }

    /// How X clients name the display.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// What somebody would paste now.
    pub(crate) fn clipboard(&self) -> String {
        let pasted =
            self.command("xclip").args(["-selection", "clipboard", "-o"]).stderr(Stdio::null()).output();
        pasted.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    }

    /// A command on this display, which finds nothing of the person who runs the tests.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.display)
            .env("HOME", self.session.path())
            .env("XDG_RUNTIME_DIR", self.session.path())
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        if let Some(bus) = &self.bus {
            command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address);
        }
        command
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(manager) = &mut self.manager {
            let _ = manager.kill();
            let _ = manager.wait();
        }
        // It fails only if the server has gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
