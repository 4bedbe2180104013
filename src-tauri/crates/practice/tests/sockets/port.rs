//! The port: probes, counting, refusing, opening again, and the end.

use std::io::ErrorKind;

use evenkeel_practice::{Dialect, Fault, Options, PRACTICE_A, Practice, ProviderOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::{Answer, CHAT, DEADLINE, MESSAGES, Stand, chat, message, read_to_close, send_raw};

fn hello() -> Value {
    chat("Hello", &json!({}))
}

#[tokio::test]
async fn a_probe_is_told_that_nothing_is_there_and_not_counted() {
    let stand = Stand::start().await;
    assert_eq!(Answer::read(stand.head("/")).await.status, 404);
    assert_eq!(Answer::read(stand.get("/")).await.json()["error"]["message"], "Invalid URL (GET /)");
    assert_eq!(stand.status().requests, 0);
}

#[tokio::test]
async fn the_status_tells_dialects_address_fault_and_requests() {
    let stand = Stand::start().await;
    stand.ask(CHAT, hello()).await;
    stand.ask(MESSAGES, message("Hi", &json!({}))).await;
    stand.ask("/nowhere", "").await;
    stand.set(Fault::Down).await;
    stand.ask(CHAT, hello()).await;

    let status = stand.practice.status();
    let shown: Vec<_> = status.iter().map(|one| (one.name.as_str(), one.fault, one.requests)).collect();
    assert_eq!(shown, [("practice-a", Fault::Down, 4), ("practice-b", Fault::None, 0)]);
    for one in &status {
        assert_eq!(one.dialects, [Dialect::OpenAi, Dialect::Anthropic]);
        assert!(one.listen.ip().is_loopback());
        assert_eq!(stand.practice.base_url(&one.name), Some(format!("http://{}", one.listen)));
    }
    assert_ne!(status[0].listen, status[1].listen);
}

#[tokio::test]
async fn an_unknown_provider_is_told_who_there_is() {
    let stand = Stand::start().await;
    let error = stand.practice.set_fault("openai", Fault::Down).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "There is no practice provider \"openai\". There are: practice-a, practice-b"
    );
    assert_eq!(stand.practice.base_url("openai"), None);

    let silent = ProviderOptions { dialects: Vec::new(), ..ProviderOptions::openai("x") };
    for wrong in [vec![ProviderOptions::openai("x"), ProviderOptions::anthropic("x")], vec![silent]] {
        let options = Options { providers: wrong, ..Options::default() };
        assert_eq!(Practice::start(options).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn several_requests_share_a_connection() {
    let stand = Stand::start().await;
    let mut connection = stand.connect().await.unwrap();
    for _ in 0..3 {
        send_raw(&mut connection, CHAT, &hello()).await;
        let mut arrived = String::new();
        while !arrived.ends_with('}') {
            let mut buffer = [0; 4096];
            let read = connection.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "the connection was closed after: {arrived}");
            arrived.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        assert!(arrived.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn refuse_closes_the_port_and_every_idle_connection() {
    let stand = Stand::start().await;
    let mut fresh = stand.connect().await.unwrap();
    let mut used = stand.connect().await.unwrap();
    used.write_all(b"HEAD / HTTP/1.1\r\nhost: practice\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    used.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 404");

    stand.set(Fault::Refuse).await;
    assert_eq!(stand.connect().await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert_eq!(read_to_close(&mut fresh).await, "");
    read_to_close(&mut used).await;
    assert!(stand.post(CHAT, hello()).send().await.unwrap_err().is_connect());
    assert_eq!(stand.status().fault, Fault::Refuse);
}

#[tokio::test]
async fn the_same_port_opens_again_and_again() {
    let stand = Stand::start().await;
    let listen = stand.status().listen;
    for round in 0..20 {
        stand.set(Fault::Refuse).await;
        stand.set(Fault::Refuse).await;
        assert_eq!(stand.connect().await.unwrap_err().kind(), ErrorKind::ConnectionRefused, "round {round}");
        let next = if round % 2 == 0 { Fault::None } else { Fault::Flaky(0.0) };
        stand.set(next).await;
        assert_eq!(stand.ask(CHAT, hello()).await.status, 200, "round {round}");
        assert_eq!(stand.status().listen, listen);
    }
}

#[tokio::test]
async fn a_port_that_somebody_took_is_shown_as_closed_until_it_is_free() {
    let stand = Stand::with(Fault::Refuse).await;
    // Only somebody who asks for this very port can have it, and not on every system.
    let Ok(taken) = std::net::TcpListener::bind(stand.status().listen) else { return };
    stand.set(Fault::None).await;
    assert_eq!(stand.status().fault, Fault::Refuse);
    drop(taken);
    stand.set(Fault::None).await;
    assert_eq!(stand.status().fault, Fault::None);
    assert_eq!(stand.ask(CHAT, hello()).await.status, 200);
}

#[tokio::test]
async fn stop_ends_everything_at_once() {
    let stand = Stand::with(Fault::Hang).await;
    let mut idle = stand.connect().await.unwrap();
    let mut hanging = stand.connect().await.unwrap();
    send_raw(&mut hanging, CHAT, &hello()).await;
    let address = stand.status().listen;

    let other_handle = stand.practice.clone();
    tokio::time::timeout(DEADLINE, stand.practice.stop()).await.expect("something did not end");
    assert_eq!(read_to_close(&mut idle).await, "");
    assert_eq!(read_to_close(&mut hanging).await, "");
    let refused = tokio::net::TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    // A handle that is left over does no harm.
    other_handle.set_fault(PRACTICE_A, Fault::Refuse).await.unwrap();
    other_handle.stop().await;
}

#[tokio::test]
async fn dropping_the_last_handle_ends_everything_too() {
    let stand = Stand::start().await;
    let mut idle = stand.connect().await.unwrap();
    drop(stand);
    assert_eq!(read_to_close(&mut idle).await, "");
}

#[tokio::test]
async fn a_large_prompt_is_read_to_its_end() {
    let stand = Stand::start().await;
    let text = format!("{} end", "word ".repeat(2_000_000));
    let answer = stand.ask(CHAT, chat(&text, &json!({}))).await;
    assert_eq!(answer.json()["usage"]["prompt_tokens"], text.len().div_ceil(4));
}
