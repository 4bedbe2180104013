//! Looking into the window by the `WebDriver` protocol: a handful of JSON requests to `WebKit`'s driver.

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::screen::Screen;

/// The app under a driver; both end with this.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    session: String,
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

impl Driver {
    /// Starts the driver, which starts the app and waits for its window.
    pub(crate) fn start(screen: &Screen, program: &str, home: &Path) -> Result<Driver> {
        // Free now, and nobody else is asking for ports by number.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = screen
            .command("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("EVENKEEL_HOME", home)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("cannot start WebKitWebDriver, which `cargo xtask test` installs: {error}")
            })?;
        let mut driver = Driver { process, port, session: String::new() };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > crate::PATIENCE {
                return Err("WebKitWebDriver does not listen".into());
            }
            sleep(Duration::from_millis(20));
        }
        let options = json!({ "webkitgtk:browserOptions": { "binary": program, "args": [] } });
        let answer =
            driver.send("POST", "/session", &json!({ "capabilities": { "alwaysMatch": options } }))?;
        let session = answer["sessionId"].as_str().ok_or_else(|| answer.to_string())?;
        session.clone_into(&mut driver.session);
        Ok(driver)
    }

    /// Waits until the page's visible text holds this.
    pub(crate) fn wait_for_text(&self, wanted: &str, patience: Duration) -> Result<()> {
        let start = Instant::now();
        loop {
            let text = self.run("return document.body.innerText")?;
            if text.contains(wanted) {
                return Ok(());
            }
            if start.elapsed() > patience {
                return Err(format!("the window never showed {wanted:?}, but:\n{text}").into());
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// What one of Tauri's commands answers to the page, as JSON, or `refused: ` and why.
    pub(crate) fn invoke(&self, command: &str, arguments: &str) -> Result<String> {
        self.run(&format!(
            "return window.__TAURI_INTERNALS__.invoke({}, {arguments})\
             .then((answer) => JSON.stringify(answer), (error) => 'refused: ' + error)",
            json!(command)
        ))
    }

    /// Runs a script in the page; its value, or that of the promise it returns, as text.
    pub(crate) fn run(&self, script: &str) -> Result<String> {
        let path = format!("/session/{}/execute/sync", self.session);
        let answer = self.send("POST", &path, &json!({ "script": script, "args": [] }))?;
        Ok(answer.as_str().map_or_else(|| answer.to_string(), str::to_owned))
    }

    /// Of the page, in CSS pixels.
    pub(crate) fn size(&self) -> Result<(u64, u64)> {
        let text = self.run("return JSON.stringify([innerWidth, innerHeight])")?;
        Ok(serde_json::from_str(&text)?)
    }

    /// One request; the `value` of its answer.
    fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(crate::PATIENCE))?;
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("the driver hung up")?;
        let document: Value = serde_json::from_str(body)?;
        if !head.starts_with("HTTP/1.1 200") {
            return Err(format!("{method} {path}: {document}").into());
        }
        Ok(document["value"].clone())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let apps = children(self.process.id());
        // Ending the session ends the app; whatever fails here, killing the driver is what counts.
        if !self.session.is_empty() {
            let _ = self.send("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        // The answer comes before the app has ended, and until then it passes for the one that runs here.
        let ended = crate::wait(|| apps.iter().all(|app| has_ended(*app)));
        let _ = self.process.kill();
        let _ = self.process.wait();
        if !ended {
            let apps = apps.iter().filter(|app| !has_ended(**app)).map(ToString::to_string);
            let _ = Command::new("kill").arg("-KILL").args(apps).status();
        }
    }
}

/// What a process started.
fn children(parent: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let text: String = lists.collect::<Vec<_>>().join(" ");
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Whether nothing is left of it: no window, no name on the bus, no lock. A process that was killed counts as dead
/// while the last of its threads still holds all of these.
fn has_ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let threads = fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z') && threads < 2)
}
