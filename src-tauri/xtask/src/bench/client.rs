//! One way to the provider: straight to it, or through the router.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// When an answer came, counted from the moment its request was handed to the connection.
#[derive(Clone, Copy)]
pub(super) struct Timing {
    /// The first byte of the body.
    pub(super) first_byte: Duration,
    /// The last.
    pub(super) total: Duration,
}

/// A connection that can carry one request after another.
pub(super) type Connection = SendRequest<Full<Bytes>>;

/// A way, with the connections that are free on it.
pub(super) struct Arm {
    address: SocketAddr,
    key: String,
    model: &'static str,
    free: Mutex<Vec<Connection>>,
}

impl Arm {
    pub(super) fn new(address: SocketAddr, key: String, model: &'static str) -> Arm {
        Arm { address, key, model, free: Mutex::new(Vec::new()) }
    }

    /// Opens connections until this many are free.
    pub(super) async fn open(&self, wanted: usize) -> Result<()> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).len();
        for _ in free..wanted {
            let connection = connect(self.address).await?;
            self.put(connection);
        }
        Ok(())
    }

    /// Asks for one chat completion.
    pub(super) async fn ask(&self, stream: bool) -> Result<Timing> {
        let mut connection = match self.take() {
            Some(connection) => connection,
            None => connect(self.address).await?,
        };
        let request = self.request(stream)?;
        let start = Instant::now();
        let response = connection.send_request(request).await?;
        let status = response.status();
        let (first_byte, body) = receive(response, start).await?;
        let timing = Timing { first_byte, total: start.elapsed() };
        if status != StatusCode::OK {
            bail!("{} answered {status}: {}", self.address, String::from_utf8_lossy(&body));
        }
        self.put(connection);
        Ok(timing)
    }

    fn request(&self, stream: bool) -> Result<Request<Full<Bytes>>> {
        let body = format!(
            r#"{{"model":"{}","stream":{stream},"messages":[{{"role":"user","content":"Say one sentence about ships."}}]}}"#,
            self.model
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri("/v1/chat/completions")
            .header(header::HOST, self.address.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(Full::from(body))?;
        Ok(request)
    }

    fn take(&self) -> Option<Connection> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| free.pop()).find(Connection::is_ready)
    }

    fn put(&self, connection: Connection) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// Opens one.
pub(super) async fn connect(address: SocketAddr) -> Result<Connection> {
    let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends when the peer or the sender goes; its error reaches whoever waits for an answer on it.
    tokio::spawn(connection);
    Ok(sender)
}

/// Reads a body to its end, and notes when its first byte came.
async fn receive(response: Response<Incoming>, start: Instant) -> Result<(Duration, Vec<u8>)> {
    let mut body = response.into_body();
    let (mut first, mut bytes) = (None, Vec::new());
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            first.get_or_insert_with(|| start.elapsed());
            bytes.extend_from_slice(&data);
        }
    }
    let first = first.context("the answer has no body")?;
    Ok((first, bytes))
}
