//! A provider on a raw socket: it does exactly what its script says, byte by byte, and can stop at any
//! point. What real servers do by accident, a test does here on purpose.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// One thing to do on a connection once its request is read.
#[derive(Clone, Debug)]
pub enum Step {
    /// Writes these bytes and flushes.
    Send(String),
    /// Waits.
    Pause(Duration),
    /// Does nothing more until the other side goes away.
    Hang,
    /// Drops the connection with a reset, so that the other side sees an error and no clean end.
    Reset,
}

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Request line and headers.
    pub head: String,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Seen {
    /// A header's value, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// The provider; dropping it closes its port.
pub struct Raw {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    closed: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Raw {
    /// Plays the same script on every connection. A connection takes one request.
    pub async fn start(script: Vec<Step>) -> Self {
        Self::answering(move |_| script.clone()).await
    }

    /// Plays the script that a request deserves.
    pub async fn answering(script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), script)
    }

    /// The same on a socket that somebody else bound.
    pub fn on(listener: TcpListener, script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let script = Arc::new(script);
        let address = listener.local_addr().expect("a bound socket");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (closing, closed) = watch::channel(0);
        let log = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (script, log, closing) = (Arc::clone(&script), Arc::clone(&log), closing.clone());
                tokio::spawn(async move {
                    play(socket, &*script, &log).await;
                    closing.send_modify(|count| *count += 1);
                });
            }
        });
        Self { address, seen, closed, task }
    }

    /// Without a path, as a base URL.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic while it was held").clone()
    }

    /// Waits until `count` connections have ended, and fails the test if they don't within `patience`.
    pub async fn until_closed(&self, count: usize, patience: Duration) {
        let mut closed = self.closed.clone();
        tokio::time::timeout(patience, closed.wait_for(|seen| *seen >= count))
            .await
            .expect("the router lets go of the connection")
            .expect("the provider runs");
    }
}

async fn play(mut socket: TcpStream, script: &(dyn Fn(&Seen) -> Vec<Step> + Sync), log: &Mutex<Vec<Seen>>) {
    let _ = socket.set_nodelay(true);
    let Some(seen) = read_request(&mut socket).await else { return };
    let script = script(&seen);
    log.lock().expect("no panic while it was held").push(seen);
    for step in script {
        match step {
            Step::Send(bytes) => {
                if socket.write_all(bytes.as_bytes()).await.is_err() {
                    return;
                }
            }
            Step::Pause(time) => tokio::time::sleep(time).await,
            Step::Hang => {
                // A read returns when the other side closes.
                let mut rest = [0; 64];
                while matches!(socket.read(&mut rest).await, Ok(count) if count > 0) {}
                return;
            }
            Step::Reset => {
                let _ = socket.set_zero_linger();
                return;
            }
        }
    }
}

async fn read_request(socket: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = Seen { head: head.clone(), body: Vec::new() }
                .header("content-length")
                .and_then(|length| length.parse::<usize>().ok())
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some(Seen { head, body: bytes[end + 4..end + 4 + length].to_vec() });
            }
        }
        match socket.read(&mut buffer).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}

/// A plain answer with everything that HTTP needs around its body.
pub fn plain(status: u16, content_type: &str, body: &str) -> Vec<Step> {
    plain_with(status, content_type, "", body)
}

/// The same with more header lines, each with its line end.
pub fn plain_with(status: u16, content_type: &str, more: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    vec![Step::Send(format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n{more}connection: close\r\n\r\n{body}"
    ))]
}

/// The head of an event stream whose end is the connection's end.
pub fn stream_head() -> Step {
    stream_head_with("")
}

/// The same with more header lines, each with its line end.
pub fn stream_head_with(more: &str) -> Step {
    Step::Send(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{more}connection: close\r\n\r\n"
    ))
}

/// One OpenAI chunk with this delta.
pub fn chunk(delta: &str, finish: Option<&str>) -> String {
    let finish = finish.map_or("null".to_owned(), |reason| format!("\"{reason}\""));
    format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
    )
}
