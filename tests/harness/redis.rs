//! A real Redis, from the system's package, on a free port with a folder of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Only a failure waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Redis {
    pub port: u16,
    folder: TempDir,
    extra: Vec<String>,
    password: Option<String>,
    child: Option<Child>,
}

impl Redis {
    /// With lines of its configuration file, and the password of the plain connections that this fixture makes.
    pub fn with(extra: &[&str], password: Option<&str>) -> Self {
        let mut redis = Self {
            port: 0,
            folder: TempDir::new().expect("a folder"),
            extra: extra.iter().map(|&line| line.to_owned()).collect(),
            password: password.map(str::to_owned),
            child: None,
        };
        let begun = Instant::now();
        loop {
            redis.port = free_port();
            redis.run();
            if redis.answers() {
                return redis;
            }
            assert!(begun.elapsed() < PATIENCE, "no redis-server: install Debian's package redis-server");
        }
    }

    /// As a crash is: no word to anybody.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it ran");
            child.wait().expect("it ended");
        }
    }

    /// Again at the same place, empty.
    pub fn restart(&mut self) {
        self.kill();
        let begun = Instant::now();
        loop {
            self.run();
            if self.answers() {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "its port is taken");
        }
    }

    fn run(&mut self) {
        self.kill();
        let lines = [
            format!("port {}", self.port),
            "bind 127.0.0.1".to_owned(),
            "save \"\"".to_owned(),
            "appendonly no".to_owned(),
            format!("dir {}", self.folder.path().display()),
        ];
        let text = lines.iter().chain(&self.extra).fold(String::new(), |text, line| text + line + "\n");
        let file = self.folder.path().join("redis.conf");
        std::fs::write(&file, text).expect("its configuration");
        let mut command = Command::new("redis-server");
        command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("redis-server of Debian's package redis-server"));
    }

    /// False if it ended, for its port was taken meanwhile.
    fn answers(&mut self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let ended = self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            if ended {
                return false;
            }
            if self.try_command("PING").is_some_and(|answer| answer.starts_with("+PONG")) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// One inline command, and the first line of what it says; of a text, the text.
    pub fn command(&self, line: &str) -> String {
        self.try_command(line).expect("an answer of redis-server")
    }

    pub fn number(&self, line: &str) -> i64 {
        self.command(line).trim_start_matches(':').parse().expect("a number")
    }

    fn try_command(&self, line: &str) -> Option<String> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut ask = |line: &str| {
            (&stream).write_all(format!("{line}\r\n").as_bytes()).ok()?;
            let mut answer = String::new();
            reader.read_line(&mut answer).ok()?;
            let answer = answer.trim_end().to_owned();
            match answer.strip_prefix('$').and_then(|length| length.parse::<usize>().ok()) {
                Some(length) => {
                    let mut text = vec![0; length + 2];
                    reader.read_exact(&mut text).ok()?;
                    Some(String::from_utf8_lossy(&text[..length]).into_owned())
                }
                None => Some(answer),
            }
        };
        if let Some(password) = &self.password {
            ask(&format!("AUTH {password}"))?;
        }
        ask(line)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
