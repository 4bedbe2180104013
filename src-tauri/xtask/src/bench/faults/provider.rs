//! A provider on a bare socket that does exactly what its fault's script says and can stop at any byte.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::fault::Fault;
use super::wire::{self, Dialect, WORDS};

/// Words of a stream before it breaks.
const BEFORE_THE_BREAK: usize = 4;
/// Longer than [`super::cell::IDLE`] allows.
const DRIP: Duration = Duration::from_millis(1500);
const PING: Duration = Duration::from_millis(100);
/// What was written is on its way before the connection is reset.
const ON_ITS_WAY: Duration = Duration::from_millis(5);

/// One thing to do once a request is read.
enum Step {
    Send(Vec<u8>),
    Pause(Duration),
    /// The same bytes again and again.
    Repeat(Vec<u8>, Duration),
    /// Nothing more until the other side goes.
    Silence,
    /// A reset, so that the other side sees an error and no clean end.
    Cut,
}

/// A provider under way; dropping it closes its port.
pub(super) struct Provider {
    base_url: String,
    script: Arc<Script>,
    /// A port that is bound and not listened on refuses connections and goes to nobody else.
    _shut: Option<TcpSocket>,
    accepting: Option<AbortHandle>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

struct Script {
    fault: Fault,
    dialect: Dialect,
    /// Streams that broke after they had begun.
    broken: AtomicUsize,
    asked: AtomicUsize,
    /// Requests that were told no once already.
    refused_once: Mutex<HashSet<String>>,
}

impl Provider {
    pub(super) async fn start(fault: Fault, dialect: Dialect) -> Result<Provider> {
        let script = Arc::new(Script {
            fault,
            dialect,
            broken: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            refused_once: Mutex::default(),
        });
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let at = |scheme: &str, address: SocketAddr| match dialect {
            Dialect::OpenAi => format!("{scheme}://{address}/v1"),
            Dialect::Anthropic => format!("{scheme}://{address}"),
        };
        if fault == Fault::NoName {
            // No name under this domain ever exists (RFC 6761).
            let base_url = "https://provider.invalid/v1".to_owned();
            return Ok(Provider { base_url, script, _shut: None, accepting: None });
        }
        if fault == Fault::Refused {
            let socket = TcpSocket::new_v4()?;
            socket.bind(loopback)?;
            let base_url = at("http", socket.local_addr()?);
            return Ok(Provider { base_url, script, _shut: Some(socket), accepting: None });
        }
        let listener = TcpListener::bind(loopback).await.context("cannot listen on loopback")?;
        let scheme = if fault == Fault::TlsCut { "https" } else { "http" };
        let base_url = at(scheme, listener.local_addr()?);
        let serving = Arc::clone(&script);
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&serving)));
            }
        });
        Ok(Provider { base_url, script, _shut: None, accepting: Some(accepting.abort_handle()) })
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Streams that broke after they had begun.
    pub(super) fn broken(&self) -> usize {
        self.script.broken.load(Ordering::Relaxed)
    }
}

/// Answers request after request until one side goes.
async fn serve(mut socket: TcpStream, script: Arc<Script>) {
    // Only a slower run would come of a refusal.
    let _ = socket.set_nodelay(true);
    let mut bytes = Vec::with_capacity(4096);
    if script.fault == Fault::TlsCut {
        let _ = socket.read_buf(&mut bytes).await;
        return;
    }
    loop {
        let Some(end) = super::super::provider::request_end(&bytes) else {
            match socket.read_buf(&mut bytes).await {
                Ok(count) if count > 0 => continue,
                _ => return,
            }
        };
        let request = String::from_utf8_lossy(&bytes[..end]).into_owned();
        bytes.drain(..end);
        for step in script.steps(&request) {
            if !play(&mut socket, step).await {
                return;
            }
        }
    }
}

/// Whether the connection goes on.
async fn play(socket: &mut TcpStream, step: Step) -> bool {
    match step {
        Step::Send(bytes) => socket.write_all(&bytes).await.is_ok(),
        Step::Pause(time) => {
            sleep(time).await;
            true
        }
        Step::Repeat(bytes, every) => {
            while socket.write_all(&bytes).await.is_ok() {
                sleep(every).await;
            }
            false
        }
        Step::Silence => {
            // A read returns when the other side closes.
            let mut rest = [0; 64];
            while matches!(socket.read(&mut rest).await, Ok(count) if count > 0) {}
            false
        }
        Step::Cut => {
            sleep(ON_ITS_WAY).await;
            let _ = socket.set_zero_linger();
            false
        }
    }
}

impl Script {
    fn steps(&self, request: &str) -> Vec<Step> {
        let stream = request.contains("\"stream\":true");
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let refusal = |status, more, kind, code, message: &str| {
            let body = wire::error(self.dialect, kind, code, message).to_string();
            vec![Step::Send(wire::plain(status, more, "application/json", &body))]
        };
        let down = || refusal(503, "", "server_error", None, "The service is temporarily unavailable.");
        let begun = |then: Step| vec![Step::Send(wire::stream_head()), then];
        let ok = |media_type, body| vec![Step::Send(wire::plain(200, "", media_type, body))];
        match self.fault {
            Fault::ServerError503 => down(),
            Fault::Overloaded => refusal(529, "", "overloaded_error", None, "Overloaded"),
            Fault::ErrorThenFine if self.is_new(request) => {
                refusal(500, "", "server_error", None, "The server had an error.")
            }
            Fault::Flaky if fails(number) => down(),
            Fault::ErrorThenFine | Fault::Flaky | Fault::None => self.answer(stream),
            // Nobody gets as far as asking.
            Fault::Refused | Fault::TlsCut | Fault::NoName => Vec::new(),
            Fault::Revoked => {
                refusal(401, "", "invalid_request_error", Some("invalid_api_key"), "Incorrect API key.")
            }
            Fault::QuotaGone => {
                let quota = "insufficient_quota";
                refusal(429, "", quota, Some(quota), "You exceeded your current quota.")
            }
            Fault::RateLimited { says_when } => {
                let more = if says_when { "retry-after: 20\r\n" } else { "" };
                refusal(429, more, "requests", Some("rate_limit_exceeded"), "Rate limit reached.")
            }
            Fault::Hang => vec![Step::Silence],
            Fault::HangAfterHead => begun(Step::Silence),
            Fault::RoleOnly => {
                let mut steps = begun(Step::Send(self.preamble()));
                steps.push(Step::Silence);
                steps
            }
            Fault::PingsForEver => begun(Step::Repeat(wire::chunk(": ping\n\n"), PING)),
            Fault::Garbage => ok("application/json", r#"{"id":"chatcmpl-bench","choices":[{"messa"#),
            Fault::Html => ok("text/html", "<!doctype html><title>Sign in</title><p>Please sign in."),
            Fault::Empty => ok("application/json", ""),
            Fault::ErrorFirst => {
                let error = wire::error(self.dialect, "server_error", None, "The server had an error.");
                let event = wire::chunk(&format!("data: {error}\n\n"));
                begun(Step::Send([event, wire::chunk("")].concat()))
            }
            Fault::Drip => {
                self.broken.fetch_add(1, Ordering::Relaxed);
                let word = wire::chunk(&wire::word(self.dialect));
                let mut steps = begun(Step::Send([self.preamble(), word.clone()].concat()));
                for _ in 1..WORDS {
                    steps.extend([Step::Pause(DRIP), Step::Send(word.clone())]);
                }
                steps
            }
            Fault::Drop => {
                self.broken.fetch_add(1, Ordering::Relaxed);
                let words = wire::chunk(&wire::word(self.dialect)).repeat(BEFORE_THE_BREAK);
                let mut steps = begun(Step::Send([self.preamble(), words].concat()));
                steps.push(Step::Cut);
                steps
            }
        }
    }

    /// A whole answer, on a connection that goes on afterwards.
    fn answer(&self, stream: bool) -> Vec<Step> {
        if !stream {
            let body = wire::document(self.dialect).to_string();
            return vec![Step::Send(wire::plain(200, "", "application/json", &body))];
        }
        let mut bytes = wire::stream_head();
        bytes.extend(self.preamble());
        bytes.extend(wire::chunk(&wire::word(self.dialect)).repeat(WORDS));
        bytes.extend(wire::end(self.dialect).iter().flat_map(|event| wire::chunk(event)));
        bytes.extend(wire::chunk(""));
        vec![Step::Send(bytes)]
    }

    fn preamble(&self) -> Vec<u8> {
        wire::preamble(self.dialect).iter().flat_map(|event| wire::chunk(event)).collect()
    }

    /// Whether this request is asked for the first time: its prompt carries its number.
    fn is_new(&self, request: &str) -> bool {
        let number = request.split_once("(request ").and_then(|(_, rest)| rest.split_once(')'));
        let Some((number, _)) = number else { return false };
        self.refused_once.lock().unwrap_or_else(PoisonError::into_inner).insert(number.to_owned())
    }
}

/// Three in ten, the same ones in every run (the finaliser of `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>).
fn fails(number: usize) -> bool {
    let mut mixed = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % 10 < 3
}
