//! A client of the OpenAI dialect that believes nothing: how an answer ended is read from its bytes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Method, Request, StatusCode, header};
use serde_json::Value;
use tokio::time::timeout;

use super::super::client::connect;
use super::wire::{WORD, WORDS};

/// Far longer than any row may take; whoever gets here was left hanging.
const PATIENCE: Duration = Duration::from_secs(20);

/// How an answer ended for whoever asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    /// Complete, and exactly what the provider said.
    Whole,
    /// It had begun, and ended in an error event.
    Reported,
    /// An error in the client's dialect instead of an answer.
    Refused { status: u16, code: String },
    /// Anything that a client would take for something else than it is.
    Wrong(String),
}

/// One request, seen from outside.
#[derive(Debug)]
pub(super) struct Observed {
    /// To the first word of the answer; to its end where there is no word in it.
    pub(super) first_token: Duration,
    pub(super) ending: Ending,
}

/// One client with one connection at a time.
pub(super) struct Client {
    address: SocketAddr,
    key: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub(super) fn new(address: SocketAddr, key: String) -> Client {
        Client { address, key, connection: None }
    }

    pub(super) async fn ask(&mut self, number: u32, stream: bool) -> Result<Observed> {
        let request = self.request(number, stream)?;
        let start = Instant::now();
        let answered = timeout(PATIENCE, self.receive(request, start)).await;
        let (status, body, first) = match answered {
            Ok(Ok(answered)) => answered,
            Ok(Err(error)) => return Ok(wrong(start, format!("{error:#}"))),
            Err(_) => return Ok(wrong(start, format!("no end within {} s", PATIENCE.as_secs()))),
        };
        let ending = if status != StatusCode::OK {
            refused(status.as_u16(), &body)
        } else if stream {
            streamed(&body)
        } else {
            whole(&body)
        };
        Ok(Observed { first_token: first.unwrap_or_else(|| start.elapsed()), ending })
    }

    fn request(&self, number: u32, stream: bool) -> Result<Request<Full<Bytes>>> {
        let body = format!(
            r#"{{"model":"bench-a","stream":{stream},"messages":[{{"role":"user","content":"Say one sentence about ships. (request {number})"}}]}}"#
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

    /// Status, body, and when the first word of an answer was in it.
    async fn receive(
        &mut self,
        request: Request<Full<Bytes>>,
        start: Instant,
    ) -> Result<(StatusCode, String, Option<Duration>)> {
        let mut connection = match self.connection.take().filter(SendRequest::is_ready) {
            Some(connection) => connection,
            None => connect(self.address).await?,
        };
        let response = connection.send_request(request).await.context("no answer")?;
        let status = response.status();
        let mut body = response.into_body();
        let (mut first, mut bytes) = (None, Vec::new());
        while let Some(frame) = body.frame().await {
            // A client's own library would raise an error here, so it is one: the answer just stopped.
            if let Ok(data) = frame.context("the answer just stopped")?.into_data() {
                bytes.extend_from_slice(&data);
                if first.is_none() && has_word(&bytes) {
                    first = Some(start.elapsed());
                }
            }
        }
        self.connection = Some(connection);
        Ok((status, String::from_utf8(bytes).context("the answer is not UTF-8")?, first))
    }
}

fn wrong(start: Instant, why: String) -> Observed {
    Observed { first_token: start.elapsed(), ending: Ending::Wrong(why) }
}

fn has_word(bytes: &[u8]) -> bool {
    bytes.windows(WORD.len()).any(|window| window == WORD.as_bytes())
}

fn refused(status: u16, body: &str) -> Ending {
    match serde_json::from_str::<Value>(body) {
        Ok(document) if document["error"]["message"].is_string() => {
            let code = document["error"]["code"].as_str().unwrap_or_default().to_owned();
            Ending::Refused { status, code }
        }
        _ => Ending::Wrong(format!("{status} without an error of the client's dialect")),
    }
}

fn whole(body: &str) -> Ending {
    let Ok(document) = serde_json::from_str::<Value>(body) else {
        return Ending::Wrong("200 with a body that is no JSON".to_owned());
    };
    let choice = &document["choices"][0];
    let text = choice["message"]["content"].as_str().unwrap_or_default();
    if text == WORD.repeat(WORDS) && choice["finish_reason"] == "stop" {
        Ending::Whole
    } else {
        Ending::Wrong(format!("200 with {} of {} characters", text.len(), WORD.len() * WORDS))
    }
}

fn streamed(body: &str) -> Ending {
    let (mut text, mut finish, mut failed, mut done) = (String::new(), None, false, false);
    for data in body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim) {
        if data == "[DONE]" {
            done = true;
            continue;
        }
        let Ok(event) = serde_json::from_str::<Value>(data) else {
            return Ending::Wrong("an event that is no JSON".to_owned());
        };
        failed |= event["error"]["message"].is_string();
        let choice = &event["choices"][0];
        text += choice["delta"]["content"].as_str().unwrap_or_default();
        finish = choice["finish_reason"].as_str().map(str::to_owned).or(finish);
    }
    let complete = text == WORD.repeat(WORDS) && finish.as_deref() == Some("stop");
    match (complete, failed, done) {
        (true, false, true) => Ending::Whole,
        (false, true, false) => Ending::Reported,
        _ => Ending::Wrong(format!(
            "a stream with {} of {} characters, finish {finish:?}, error event: {failed}, [DONE]: {done}",
            text.len(),
            WORD.len() * WORDS
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::{self, Dialect};
    use super::*;

    fn stream(words: usize, last: &[String]) -> String {
        let words = vec![wire::word(Dialect::OpenAi); words];
        [wire::preamble(Dialect::OpenAi), words, last.to_vec()].concat().concat()
    }

    #[test]
    fn a_stream_is_whole_only_with_every_word_once_and_its_end() {
        let end = wire::end(Dialect::OpenAi);
        assert_eq!(streamed(&stream(WORDS, &end)), Ending::Whole);
        for (words, last) in [(WORDS - 1, &end[..]), (WORDS + 1, &end[..]), (WORDS, &end[..2]), (4, &[])] {
            assert!(matches!(streamed(&stream(words, last)), Ending::Wrong(_)), "{words} words, {last:?}");
        }
    }

    #[test]
    fn a_break_counts_as_told_only_without_a_good_end() {
        let error = "data: {\"error\":{\"message\":\"broke off\"}}\n\n".to_owned();
        assert_eq!(streamed(&stream(4, std::slice::from_ref(&error))), Ending::Reported);
        let both = [error, "data: [DONE]\n\n".to_owned()];
        assert!(matches!(streamed(&stream(4, &both)), Ending::Wrong(_)));
    }

    #[test]
    fn an_error_is_true_only_in_the_clients_dialect() {
        let told = refused(502, r#"{"error":{"message":"m","code":"providers_failed"}}"#);
        assert_eq!(told, Ending::Refused { status: 502, code: "providers_failed".to_owned() });
        assert!(matches!(refused(502, "<html>"), Ending::Wrong(_)));
        assert!(matches!(whole("{}"), Ending::Wrong(_)));
        assert_eq!(whole(&wire::document(Dialect::OpenAi).to_string()), Ending::Whole);
    }
}
