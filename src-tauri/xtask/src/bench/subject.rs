//! The program that is measured, started as anybody would start it, in a folder of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, header};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::client;

/// Far beyond what a start may take; past it something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `evenkeel serve`.
pub(super) struct Subject {
    // The process goes before its folder does.
    child: Running,
    home: Home,
    program: PathBuf,
    /// Its address.
    pub(super) listen: SocketAddr,
    /// From the start of the process to the first connection that it accepts.
    pub(super) started_in: Duration,
}

impl Subject {
    /// Starts it in a new folder with this configuration.
    pub(super) async fn start(program: &Path, config: &str) -> Result<Subject> {
        let home = Home::new()?;
        fs::write(home.0.join("evenkeel.toml"), config)?;
        Subject::start_in(program.to_path_buf(), home).await
    }

    /// Ends it and starts it again in the same folder.
    pub(super) async fn restart(self) -> Result<Subject> {
        let Subject { program, home, child, .. } = self;
        child.stop()?;
        Subject::start_in(program, home).await
    }

    pub(super) fn stop(self) -> Result<()> {
        self.child.stop()
    }

    async fn start_in(program: PathBuf, home: Home) -> Result<Subject> {
        let start = Instant::now();
        let child = Command::new(&program)
            .args(["serve", "--listen", "127.0.0.1:0", "--home"])
            .arg(&home.0)
            .env_remove("BYPASS_ROUTER")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(home.said())?)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut child = Running(child);
        loop {
            if let Some(listen) = home.address(child.0.id())
                && TcpStream::connect(listen).await.is_ok()
            {
                return Ok(Subject { child, home, program, listen, started_in: start.elapsed() });
            }
            let said = || fs::read_to_string(home.said()).unwrap_or_default();
            if let Some(status) = child.0.try_wait()? {
                bail!("evenkeel ended at its start ({status}): {}", said());
            }
            if start.elapsed() > PATIENCE {
                bail!("evenkeel did not listen within {} s: {}", PATIENCE.as_secs(), said());
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// The key that tools send, as `evenkeel env` hands it out.
    pub(super) fn local_key(&self) -> Result<String> {
        let output = Command::new(&self.program)
            .args(["env", "--shell", "sh", "--home"])
            .arg(&self.home.0)
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let line = text.lines().find_map(|line| line.split_once("OPENAI_API_KEY=")).map(|(_, key)| key);
        let key = line.context("`evenkeel env` printed no OPENAI_API_KEY")?;
        Ok(key.trim_matches(['"', '\'', ';', ' ']).to_owned())
    }

    /// A document of the admin API.
    pub(super) async fn admin(&self, path: &str) -> Result<Value> {
        let token = fs::read_to_string(self.home.0.join("admin.token"))?;
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, self.listen.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {}", token.trim()))
            .body(Full::default())?;
        let response = client::connect(self.listen).await?.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            bail!("{path} answered {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(serde_json::from_slice(&body)?)
    }

    /// Resident memory in KiB; `None` where the system doesn't tell it the way Linux does.
    pub(super) fn resident_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.0.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }
}

/// A process that doesn't outlive us.
struct Running(Child);

impl Running {
    /// Asks it to end, and waits.
    fn stop(mut self) -> Result<()> {
        if cfg!(unix) {
            Command::new("kill").arg(self.0.id().to_string()).status()?;
        } else {
            self.0.kill()?;
        }
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it has ended already, which is what they are for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder that goes when we do.
struct Home(PathBuf);

impl Home {
    fn new() -> Result<Home> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("evenkeel-bench-{}-{number}", std::process::id()));
        fs::create_dir_all(folder.join("said"))
            .with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Home(folder))
    }

    /// Where its standard error goes: not into the folder that it watches for edits, for nobody's terminal is
    /// there, and each line of the log would wake that watch.
    fn said(&self) -> PathBuf {
        self.0.join("said").join("stderr.txt")
    }

    /// What `run.json` says about the process `pid`; a file left by an earlier one doesn't count.
    fn address(&self, pid: u32) -> Option<SocketAddr> {
        let text = fs::read_to_string(self.0.join("run.json")).ok()?;
        let document: Value = serde_json::from_str(&text).ok()?;
        (document["pid"] == pid).then(|| document["listen"].as_str()?.parse().ok())?
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A folder that stays behind in the temporary one harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
