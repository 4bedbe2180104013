//! A display that nobody looks at, one for each test.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running Xvfb, and the folders of a session on it.
pub(crate) struct Screen {
    server: Child,
    display: String,
    session: TempDir,
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
        let screen = Screen { server, display: format!(":{}", number.trim()), session: TempDir::new()? };
        if number.trim().is_empty() {
            return Err("Xvfb ended before it had a display".into());
        }
        Ok(screen)
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
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        command
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It fails only if the server has gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
