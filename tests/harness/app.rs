//! A home folder of its own for each test, and commands run against it with an environment that has nothing
//! of the developer's shell in it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{PATIENCE, Server};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_evenkeel");

/// A data folder, and beside it what a terminal would show.
pub struct Home {
    folder: TempDir,
    terminal: TempDir,
    environment: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        Self { folder: folder(), terminal: folder(), environment: Vec::new() }
    }

    /// A folder with this configuration.
    pub fn with_config(text: &str) -> Self {
        let home = Self::new();
        home.write("evenkeel.toml", text);
        home
    }

    /// Sets a variable for every program started from here on.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a server's standard output and error go, one pair of files a start.
    pub fn terminal(&self) -> &Path {
        self.terminal.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes into the file that is there, as `echo > file` does.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the home can be written");
    }

    /// Puts a new file in place of the old one, as most editors do.
    pub fn replace(&self, name: &str, text: &str) {
        let draft = self.path(&format!(".{name}.swp"));
        fs::write(&draft, text).expect("the home can be written");
        fs::rename(draft, self.path(name)).expect("the home can be written");
    }

    /// Who may do what with a file: the last nine bits.
    pub fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).expect("it is there").permissions().mode() & 0o777
    }

    /// The environment of a plain login shell, without a display.
    pub fn clean<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs([("SHELL", "/bin/sh"), ("LANG", "C.UTF-8"), ("TZ", "UTC")])
            .env("HOME", self.terminal.path())
            .env("EVENKEEL_PRACTICE_PACE", "instant")
            // Whoever runs the tests has a keychain of their own, which is none of ours.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
    }

    /// The program with this home and these arguments, not started.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(PROGRAM);
        self.clean(&mut command).arg("--home").arg(self.folder()).args(arguments);
        command
    }

    /// Runs a command to its end.
    pub async fn cli(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments)).await
    }

    /// Runs a line in a real `sh`, with nothing but what the line itself sets.
    pub async fn shell(&self, line: &str) -> Ran {
        let mut command = Command::new("sh");
        self.clean(&mut command).args(["-c", line]);
        finish(command).await
    }

    /// Starts a router on a free port and waits until it can be asked.
    pub async fn serve(&self) -> Server {
        self.serve_with(&["serve", "--listen", "127.0.0.1:0"]).await
    }

    /// The same with other arguments.
    pub async fn serve_with(&self, arguments: &[&str]) -> Server {
        Server::start(self, arguments).await
    }
}

/// Runs a command to its end, which has to come.
pub async fn finish(command: Command) -> Ran {
    let shown = format!("{command:?}");
    let mut command = tokio::process::Command::from(command);
    let output = tokio::time::timeout(PATIENCE * 3, command.kill_on_drop(true).output());
    let output = output.await.unwrap_or_else(|_| panic!("{shown} does not end")).expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    // A process ended by a signal has no code; no test expects that of a command.
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Ran {
    /// The command must have worked.
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Standard output as a document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error document on standard error, which holds nothing else.
    pub fn error(&self) -> Value {
        let error: Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert!(super::missing_keys(&error, &["code", "message", "hint"]).is_empty(), "{error}");
        error
    }
}
