//! The provider behind both ways: it answers at once with bytes made beforehand, so that what is measured
//! is the router and not the making of answers. On a thread of its own, as a provider would be elsewhere.

use std::net::SocketAddr;
use std::thread;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How many pieces of text a streamed answer comes in: a sentence or two.
const PIECES: usize = 32;

/// Starts it; it ends with the process.
pub(super) fn start() -> Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("cannot listen on loopback")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("provider".to_owned()).spawn(move || {
        runtime.block_on(async {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection));
            }
        });
    })?;
    Ok(address)
}

/// Answers every request on a connection until the other side goes.
async fn serve(mut connection: TcpStream) {
    let _ = connection.set_nodelay(true);
    let (whole, stream) = (whole(), stream());
    let mut bytes = Vec::with_capacity(4096);
    loop {
        let Some(end) = request_end(&bytes) else {
            match connection.read_buf(&mut bytes).await {
                Ok(count) if count > 0 => continue,
                _ => return,
            }
        };
        let wants_stream = contains(&bytes[..end], b"\"stream\":true");
        let answer = if wants_stream { &stream } else { &whole };
        if connection.write_all(answer).await.is_err() {
            return;
        }
        bytes.drain(..end);
    }
}

/// Where the first request in `bytes` ends, once it is there in full.
pub(super) fn request_end(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let end = head + length.unwrap_or(0);
    (bytes.len() >= end).then_some(end)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn whole() -> Vec<u8> {
    let text = "word ".repeat(PIECES);
    let body = format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}","refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":9,"completion_tokens":{PIECES},"total_tokens":41}}}}"#
    );
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// One HTTP chunk an event, all in one write.
fn stream() -> Vec<u8> {
    let event = |delta: &str, finish: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}],\"usage\":null}}\n\n"
        )
    };
    let mut events = vec![event("{\"role\":\"assistant\",\"content\":\"\"}", "null")];
    events.extend((0..PIECES).map(|_| event("{\"content\":\"word \"}", "null")));
    events.push(event("{}", "\"stop\""));
    events.push(format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{{\"prompt_tokens\":9,\"completion_tokens\":{PIECES},\"total_tokens\":41}}}}\n\n"
    ));
    events.push("data: [DONE]\n\n".to_owned());
    let mut bytes =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for event in events {
        bytes.extend_from_slice(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes());
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}
