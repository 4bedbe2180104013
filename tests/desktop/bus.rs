//! A session bus that nobody else is on, and that starts no services by itself.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A running bus.
pub(crate) struct Bus {
    daemon: Child,
    pub(crate) address: String,
}

impl Bus {
    /// Starts a bus with its socket in `folder`.
    pub(crate) fn open(folder: &Path) -> Result<Bus, Box<dyn Error>> {
        let file = folder.join("bus.conf");
        fs::write(&file, CONFIGURATION.replace("FOLDER", &folder.display().to_string()))?;
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address=1", "--config-file"])
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("cannot start dbus-daemon, which `cargo xtask test` installs: {error}")
            })?;
        let stdout = daemon.stdout.take().ok_or("dbus-daemon has no output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        Ok(Bus { daemon, address: address.trim().to_owned() })
    }

    /// A connection of the test's own.
    pub(crate) fn connect(&self) -> zbus::Result<zbus::blocking::Connection> {
        zbus::blocking::connection::Builder::address(self.address.as_str())?.build()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // It fails only if the daemon has gone already.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
