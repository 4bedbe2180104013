//! A desktop session of its own: a message bus, and on it a keychain that this test alone uses.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::{Home, until};

const PASSWORD: &str = "open-sesame";
const SERVICE: &str = "app.evenkeel.desktop";

/// A bus that starts nothing by itself: with gnome-keyring installed, the usual one always finds a keychain.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// The session; dropping it ends both processes.
pub struct Session {
    folder: TempDir,
    bus: Child,
    keyring: Option<Child>,
}

impl Session {
    /// A bus with nothing on it.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("bus");
        let config = folder.path().join("bus.conf");
        fs::write(&config, BUS.replace("SOCKET", &socket.display().to_string())).expect("written");
        let bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        // The socket is there a moment before anybody listens on it, and a keyring comes to a bus only once.
        until("a bus", async || UnixStream::connect(&socket).ok().map(drop)).await;
        Self { folder, bus, keyring: None }
    }

    /// A bus with an unlocked keychain.
    pub async fn unlocked() -> Self {
        let mut session = Self::empty().await;
        session.start_keyring().await;
        session
    }

    /// A home without any session.
    pub fn none(config: &str) -> Home {
        Home::with_config(config).set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    }

    /// A home in this session.
    pub fn home(&self, config: &str) -> Home {
        Home::with_config(config).set("DBUS_SESSION_BUS_ADDRESS", &self.address())
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn address(&self) -> String {
        format!("unix:path={}", self.path("bus").display())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .env("XDG_RUNTIME_DIR", self.folder())
            .env("DBUS_SESSION_BUS_ADDRESS", self.address());
        command
    }

    /// Starts gnome-keyring with this session's keyring, made if there is none, and unlocked.
    pub async fn start_keyring(&mut self) {
        let said = || Stdio::from(File::create(self.path("keyring.log")).expect("a file"));
        let mut keyring = self
            .command("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .arg(format!("--control-directory={}", self.path("control").display()))
            .stdin(Stdio::piped())
            .stdout(said())
            .stderr(said())
            .spawn()
            .expect("gnome-keyring is installed");
        type_password(&mut keyring);
        self.keyring = Some(keyring);
        until("an unlocked keychain", async || self.is_unlocked().then_some(())).await;
    }

    fn is_unlocked(&self) -> bool {
        let collection = "/org/freedesktop/secrets/collection/login";
        let property = [
            "org.freedesktop.DBus.Properties.Get",
            "string:org.freedesktop.Secret.Collection",
            "string:Locked",
        ];
        let answer = self.ask(collection, &property);
        String::from_utf8_lossy(&answer.stdout).contains("boolean false")
    }

    fn ask(&self, object: &str, call: &[&str]) -> Output {
        self.command("dbus-send")
            .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", object])
            .args(call)
            .output()
            .expect("dbus-send is installed")
    }

    /// Locks it, as a screen saver does.
    pub fn lock(&self) {
        let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
        let answer =
            self.ask("/org/freedesktop/secrets", &["org.freedesktop.Secret.Service.Lock", collection]);
        assert!(answer.status.success(), "{answer:?}");
        assert!(!self.is_unlocked());
    }

    /// Unlocks it with its password: as a login does, by a new daemon on the same keyring.
    pub async fn unlock(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            keyring.kill().expect("it is killed");
            keyring.wait().expect("it ends");
        }
        self.start_keyring().await;
    }

    /// Stops it in the middle of whatever it does: it answers nothing, as one that waits for its owner.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let pid = self.keyring.as_ref().expect("a keyring").id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().expect("kill runs");
        assert!(status.success(), "kill -s {name} {pid}: {status}");
    }

    /// What another program finds in it.
    pub fn lookup(&self, provider: &str) -> Option<String> {
        let found = self
            .command("secret-tool")
            .args(["lookup", "service", SERVICE, "username", provider])
            .output()
            .expect("libsecret-tools is installed");
        found.status.success().then(|| String::from_utf8(found.stdout).expect("text"))
    }

    /// Takes a key out as another program would.
    pub fn clear(&self, provider: &str) {
        let mut tool = self.command("secret-tool");
        tool.args(["clear", "service", SERVICE, "username", provider]);
        assert!(tool.status().expect("libsecret-tools is installed").success());
    }

    /// Puts a key in as another program would.
    pub fn store(&self, provider: &str, key: &str) {
        let mut tool = self
            .command("secret-tool")
            .args(["store", "--label=key", "service", SERVICE, "username", provider])
            .stdin(Stdio::piped())
            .spawn()
            .expect("libsecret-tools is installed");
        tool.stdin.take().expect("a pipe").write_all(key.as_bytes()).expect("written");
        assert!(tool.wait().expect("it ends").success());
    }
}

fn type_password(program: &mut Child) {
    program.stdin.take().expect("a pipe").write_all(PASSWORD.as_bytes()).expect("written");
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.keyring.iter_mut().chain([&mut self.bus]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
