//! A desktop's notification service on a session bus of its own, and whoever sits in front of it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use crate::harness::{Home, until};
use crate::keychain::session::Session;

/// A display and a bus; the service comes and goes.
pub(super) struct Desk {
    session: Session,
    display: String,
    server: Child,
    dunst: Option<Child>,
    printed: Arc<Mutex<String>>,
    folder: TempDir,
}

impl Desk {
    /// A bus without a notification service.
    pub(super) async fn bare() -> Self {
        let session = Session::empty().await;
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        // It writes its number when it accepts connections.
        let stdout = server.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut number).expect("a number");
        let display = format!(":{}", number.trim());
        let folder = tempfile::tempdir().expect("a folder");
        // The person: a menu that picks the button whose word stands in a file.
        let chooser = folder.path().join("choose");
        let wanted = folder.path().join("wanted");
        fs::write(&chooser, format!("#!/bin/sh\ngrep -m 1 \"$(cat {})\"\n", wanted.display()))
            .expect("written");
        fs::set_permissions(&chooser, fs::Permissions::from_mode(0o755)).expect("ours");
        // The browser: an opener that writes down what it is asked to open.
        let opener = folder.path().join("bin/xdg-open");
        fs::create_dir(folder.path().join("bin")).expect("a folder");
        let link = folder.path().join("opened");
        fs::write(&opener, format!("#!/bin/sh\nprintf '%s' \"$1\" > {}\n", link.display())).expect("written");
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).expect("ours");
        let rules = format!("[global]\ndmenu = {}\nhistory_length = 20\n", chooser.display());
        fs::write(folder.path().join("dunstrc"), rules).expect("written");
        Self { session, display, server, dunst: None, printed: Arc::default(), folder }
    }

    /// The same with one that prints what it is asked to show.
    pub(super) async fn attended() -> Self {
        let mut desk = Self::bare().await;
        desk.come().await;
        desk
    }

    /// A home in this session.
    pub(super) fn home(&self, config: &str) -> Home {
        self.home_without_a_screen(config).set("DISPLAY", &self.display)
    }

    /// One whose router shares the message bus and nothing else, as a service of the system may.
    pub(super) fn home_without_a_screen(&self, config: &str) -> Home {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        self.session.home(config).set("PATH", &path)
    }

    /// What the browser was asked to open last.
    pub(super) fn opened(&self) -> Option<String> {
        fs::read_to_string(self.path("opened")).ok().filter(|link| !link.is_empty())
    }

    /// The message bus.
    pub(super) fn bus(&self) -> String {
        self.session.address()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LANG", "C.UTF-8")
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", self.session.address())
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// The service starts.
    pub(super) async fn come(&mut self) {
        let mut dunst = self
            .command("dunst")
            .arg("-conf")
            .arg(self.path("dunstrc"))
            .arg("-print")
            .stdout(Stdio::piped())
            .spawn()
            .expect("dunst is installed");
        let mut stdout = dunst.stdout.take().expect("a pipe");
        let kept = Arc::clone(&self.printed);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stdout.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]);
                kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            }
        });
        self.dunst = Some(dunst);
        until("a notification service", async || {
            let there = self.command("dunstctl").arg("is-paused").stdout(Stdio::null()).status();
            there.is_ok_and(|status| status.success()).then_some(())
        })
        .await;
    }

    /// It ends.
    pub(super) fn go(&mut self) {
        if let Some(mut dunst) = self.dunst.take() {
            let _ = dunst.kill();
            let _ = dunst.wait();
        }
    }

    /// Everything that it was asked to show.
    pub(super) fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often it showed this title.
    pub(super) fn count(&self, title: &str) -> usize {
        self.printed().matches(&format!("summary: '{title}")).count()
    }

    /// Somebody opens the menu of what is on the screen and takes the button with this word.
    pub(super) fn press(&self, word: &str) {
        fs::write(self.path("wanted"), word).expect("written");
        let pressed =
            self.command("dunstctl").arg("context").stdout(Stdio::null()).status().expect("it runs");
        assert!(pressed.success(), "{pressed}");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.go();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
