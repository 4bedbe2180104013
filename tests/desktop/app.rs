//! The desktop app as a process: started on a screen, asked over its API, ended.

use std::error::Error;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};

use crate::screen::Screen;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A running app; killed when the test is over, whatever became of it.
pub(crate) struct App {
    process: Child,
    home: PathBuf,
    said: PathBuf,
}

impl App {
    /// Starts it with its data in `home`.
    pub(crate) fn start(screen: &Screen, home: &Path, arguments: &[&str]) -> Result<App> {
        App::start_with(screen, home, arguments, &[])
    }

    /// The same with variables in its environment.
    pub(crate) fn start_with(
        screen: &Screen,
        home: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<App> {
        let said = home.join(format!("stderr.{:?}", std::time::Instant::now()).replace([' ', '{', '}'], ""));
        let process = screen
            .command(crate::PROGRAM)
            .args(arguments)
            .env("EVENKEEL_HOME", home)
            .env("EVENKEEL_PRACTICE_PACE", "instant")
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(File::create(&said)?)
            .spawn()?;
        Ok(App { process, home: home.to_owned(), said })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it wrote to standard error so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// Waits until it listens.
    pub(crate) fn ready(self) -> Result<App> {
        let listens = || crate::listen(&self.home).is_some_and(|address| TcpStream::connect(address).is_ok());
        if crate::wait(listens) {
            Ok(self)
        } else {
            Err(format!("it never listened:\n{}", self.said()).into())
        }
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&mut self) -> Result<ExitStatus> {
        let mut status = None;
        crate::wait(|| {
            status = self.process.try_wait().ok().flatten();
            status.is_some()
        });
        status.ok_or_else(|| format!("it did not end:\n{}", self.said()).into())
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status()?;
        Ok(())
    }

    /// `GET /api/status`.
    pub(crate) fn status(&self) -> Result<Value> {
        Ok(self.ask("GET", "/api/status", &Value::Null)?.1)
    }

    /// Gives a practice provider a fault.
    pub(crate) fn fault(&self, provider: &str, fault: &str, value: Option<&str>) -> Result<()> {
        let path = format!("/api/practice/{provider}");
        let (status, body) = self.ask("PUT", &path, &json!({ "fault": fault, "value": value }))?;
        if status == 200 { Ok(()) } else { Err(body.to_string().into()) }
    }

    /// A chat completion as a tool would ask for it; the status it got.
    pub(crate) fn chat(&self) -> Result<u16> {
        let message = json!({ "role": "user", "content": "Hello" });
        let body = json!({ "model": "gpt-5-mini", "messages": [message] });
        Ok(self.ask("POST", "/v1/chat/completions", &body)?.0)
    }

    /// Points a tool of this session's home at it.
    pub(crate) fn connect(&self, tool: &str) -> Result<()> {
        let (status, body) = self.ask("POST", &format!("/api/tools/{tool}/connect"), &json!({}))?;
        if status == 200 { Ok(()) } else { Err(body.to_string().into()) }
    }

    /// The address, for a request on another thread.
    pub(crate) fn listen(&self) -> Result<String> {
        Ok(crate::listen(&self.home).ok_or("it does not listen")?)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<(u16, Value)> {
        let file = if path.starts_with("/v1/") { "local.key" } else { "admin.token" };
        let token = fs::read_to_string(self.home.join(file))?;
        request(&self.listen()?, token.trim(), method, path, body)
    }

    /// The key that tools use.
    pub(crate) fn local_key(&self) -> Result<String> {
        Ok(fs::read_to_string(self.home.join("local.key"))?.trim().to_owned())
    }
}

/// One HTTP request: its status and its JSON.
pub(crate) fn request(
    address: &str,
    token: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Result<(u16, Value)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(crate::PATIENCE))?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("it hung up")?;
    let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
    // Chunked or not, the document is the part between the outermost braces.
    let document = body.find('{').zip(body.rfind('}')).map_or("null", |(from, to)| &body[from..=to]);
    Ok((status, serde_json::from_str(document).unwrap_or(Value::Null)))
}

impl Drop for App {
    fn drop(&mut self) {
        // It fails only if it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
