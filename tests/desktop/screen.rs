//! A display that nobody looks at, one for each test, with a session bus and a window manager where asked for.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::bus::Bus;
use crate::windows::Windows;

/// A running Xvfb, and the folders of a session on it. They end in this order.
pub(crate) struct Screen {
    manager: Option<Running>,
    bus: Option<Bus>,
    windows: Windows,
    display: String,
    _server: Running,
    session: TempDir,
}

/// A process that ends with whatever holds this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It fails only if it has gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Screen {
    /// Starts a server on a display number that is free.
    pub(crate) fn open() -> Result<Screen, Box<dyn Error>> {
        // Left to itself a server begins anew when its last client goes, and drops whoever comes just then.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start Xvfb, which `cargo xtask test` installs: {error}"))?;
        let stdout = server.stdout.take().ok_or("Xvfb has no output")?;
        let server = Running(server);
        let mut number = String::new();
        // It writes its number when it accepts connections, and closes its output when it fails.
        BufReader::new(stdout).read_line(&mut number)?;
        if number.trim().is_empty() {
            return Err("Xvfb ended before it had a display".into());
        }
        let display = format!(":{}", number.trim());
        Ok(Screen {
            manager: None,
            bus: None,
            windows: Windows::on(&display)?,
            display,
            _server: server,
            session: TempDir::new()?,
        })
    }

    /// The same with a session bus and a window manager: a desktop without a tray.
    pub(crate) fn desktop() -> Result<Screen, Box<dyn Error>> {
        let mut screen = Screen::open()?;
        screen.bus = Some(Bus::open(screen.session.path())?);
        let manager = screen.command("openbox").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let manager = manager
            .map_err(|error| format!("cannot start openbox, which `cargo xtask test` installs: {error}"))?;
        screen.manager = Some(Running(manager));
        let works = crate::wait(|| screen.windows.are_managed());
        if works { Ok(screen) } else { Err("openbox does not manage the display".into()) }
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
        self.windows.any_seen()
    }

    /// Whether there is a window, seen or hidden.
    pub(crate) fn has_window(&self) -> bool {
        self.windows.any()
    }

    /// The close button of the app's window.
    pub(crate) fn close_window(&self) -> Result<(), Box<dyn Error>> {
        crate::wait(|| self.windows.managed().is_some());
        self.windows.close(self.windows.managed().ok_or("there is no window to close")?)
    }

    /// Presses keys, once, when the app's window gets them.
    pub(crate) fn press(&self, keys: &str) -> Result<(), Box<dyn Error>> {
        let ready = || self.windows.managed().is_some_and(|window| self.windows.is_active(window));
        if !crate::wait(ready) {
            return Err("the window never got the focus".into());
        }
        // Without a window's name: what is sent to a window by name is marked as made up, and ignored.
        let pressed = self.command("xdotool").args(["key", keys]).status()?;
        if pressed.success() { Ok(()) } else { Err("the keys were not pressed".into()) }
    }

    /// Whether a question of this title is on the screen.
    pub(crate) fn asks(&self, title: &str) -> bool {
        let found = self.command("xdotool").args(["search", "--onlyvisible", "--name", title]).output();
        found.is_ok_and(|found| !found.stdout.is_empty())
    }

    /// Answers a question with these keys once it has the focus.
    pub(crate) fn answer(&self, title: &str, keys: &str) -> Result<(), Box<dyn Error>> {
        let active = || {
            let name = self.command("xdotool").args(["getactivewindow", "getwindowname"]).output();
            name.is_ok_and(|name| String::from_utf8_lossy(&name.stdout).trim() == title)
        };
        if !crate::wait(active) {
            return Err(format!("{title}: nobody asked").into());
        }
        let pressed = self.command("xdotool").args(["key", keys]).status()?;
        if pressed.success() { Ok(()) } else { Err("the keys were not pressed".into()) }
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
