//! A pair of providers without delays, a client for them, and snapshots without what differs from run to run.

use std::{fmt::Write, time::Duration};

use evenkeel_practice::{Fault, Options, PRACTICE_A, PRACTICE_B, Pace, Practice, ProviderOptions, Status};
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer than anything here takes, so that a test that would hang fails instead.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const MESSAGES: &str = "/v1/messages";
pub(crate) const RESPONSES: &str = "/v1/responses";

pub(crate) struct Stand {
    pub(crate) practice: Practice,
    client: reqwest::Client,
}

/// An answer that has been read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Stand {
    pub(crate) async fn start() -> Self {
        Self::with_options(Options { pace: Pace::Instant, ..Options::both_dialects() }).await
    }

    /// As they are by default: one vendor each.
    pub(crate) async fn of_one_dialect_each() -> Self {
        Self::with_options(Options { pace: Pace::Instant, ..Options::default() }).await
    }

    /// One provider alone, as described; it has to be practice-a.
    pub(crate) async fn of(provider: ProviderOptions) -> Self {
        Self::between([provider]).await
    }

    /// Providers as described.
    pub(crate) async fn between<const N: usize>(providers: [ProviderOptions; N]) -> Self {
        let providers = providers.to_vec();
        Self::with_options(Options { providers, pace: Pace::Instant, ..Options::default() }).await
    }

    pub(crate) async fn with_options(options: Options) -> Self {
        // A client can't be built without one, even to speak plain HTTP; the second test finds it installed.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        Self { practice: Practice::start(options).await.unwrap(), client }
    }

    pub(crate) async fn with(fault: Fault) -> Self {
        let stand = Self::start().await;
        stand.set(fault).await;
        stand
    }

    /// Sets the fault of practice-a.
    pub(crate) async fn set(&self, fault: Fault) {
        self.practice.set_fault(PRACTICE_A, fault).await.unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.practice.base_url(PRACTICE_A).unwrap())
    }

    pub(crate) fn url_b(&self, path: &str) -> String {
        format!("{}{path}", self.practice.base_url(PRACTICE_B).unwrap())
    }

    pub(crate) fn status(&self) -> Status {
        self.practice.status().swap_remove(0)
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(self.url(path)).timeout(DEADLINE)
    }

    pub(crate) fn delete(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.delete(self.url(path)).timeout(DEADLINE)
    }

    pub(crate) fn head(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.head(self.url(path)).timeout(DEADLINE)
    }

    pub(crate) fn post(&self, path: &str, body: impl ToString) -> reqwest::RequestBuilder {
        self.post_to(&self.url(path), body)
    }

    /// A request without any header that a vendor knows.
    pub(crate) fn bare_post(&self, url: &str) -> reqwest::RequestBuilder {
        self.client.post(url).timeout(DEADLINE)
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write the request where they send it")]
    pub(crate) fn post_to(&self, url: &str, body: impl ToString) -> reqwest::RequestBuilder {
        self.client
            .post(url)
            .header("content-type", "application/json")
            .header("anthropic-version", "2023-06-01")
            .timeout(DEADLINE)
            .body(body.to_string())
    }

    /// Posts to practice-a and reads the answer.
    pub(crate) async fn ask(&self, path: &str, body: impl ToString) -> Answer {
        Answer::read(self.post(path, body)).await
    }

    /// Posts to practice-b and reads the answer.
    pub(crate) async fn ask_b(&self, path: &str, body: impl ToString) -> Answer {
        Answer::read(self.post_to(&self.url_b(path), body)).await
    }

    /// A plain connection to practice-a.
    pub(crate) async fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.status().listen).await
    }
}

impl Answer {
    pub(crate) async fn read(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Self { status, headers, body: response.text().await.unwrap() }
    }

    /// The words of an answer, in whichever dialect.
    pub(crate) fn text(&self) -> String {
        let body = self.json();
        let chat = body.pointer("/choices/0/message/content").and_then(Value::as_str);
        let blocks = body["content"].as_array().into_iter().flatten().map(|block| &block["text"]);
        let items = body["output"].as_array().into_iter().flatten();
        let parts = items.flat_map(|item| item["content"].as_array().into_iter().flatten());
        let texts = blocks.chain(parts.map(|part| &part["text"])).filter_map(Value::as_str);
        chat.map_or_else(|| texts.collect(), str::to_owned)
    }

    /// What an error says.
    pub(crate) fn told(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers));
        value.to_str().unwrap()
    }

    /// The data of every event of a stream, in order.
    pub(crate) fn data(&self) -> Vec<Value> {
        assert!(self.header("content-type").starts_with("text/event-stream"));
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
    }

    /// Status, the headers that clients read, and the body, with ids and times blotted out.
    pub(crate) fn snapshot(&self) -> String {
        let mut shown = format!("{}\n", self.status);
        for (name, value) in &self.headers {
            if !["date", "content-length"].contains(&name.as_str()) {
                let value = if name.as_str().ends_with("-reset") { "TIME" } else { value.to_str().unwrap() };
                writeln!(shown, "{name}: {value}").unwrap();
            }
        }
        let pretty = serde_json::from_str::<Value>(&self.body)
            .map_or_else(|_| self.body.clone(), |body| serde_json::to_string_pretty(&body).unwrap());
        blot(&format!("{shown}\n{pretty}"))
    }
}

/// Replaces ids, times and durations by words that do not change.
pub(crate) fn blot(text: &str) -> String {
    let mut text = text.to_owned();
    for prefix in ["chatcmpl-", "call_", "msg_", "toolu_", "req_", "resp_", "rs_", "fc_"] {
        // Shorter than an id is what an earlier round has left.
        text = replace_run(&text, prefix, "ID", 20, |c| c.is_ascii_hexdigit());
    }
    for prefix in ["created\":", "created\": ", "_at\":", "_at\": ", "processing-ms: "] {
        text = replace_run(&text, prefix, "NUMBER", 1, |c| c.is_ascii_digit());
    }
    text
}

fn replace_run(text: &str, prefix: &str, word: &str, shortest: usize, varies: fn(char) -> bool) -> String {
    let mut parts = text.split(prefix);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(varies);
        let (word, rest) = if part.len() - rest.len() >= shortest { (word, rest) } else { ("", part) };
        out = format!("{out}{prefix}{word}{rest}");
    }
    out
}

/// A chat completion request with one user message.
pub(crate) fn chat(text: &str, more: &Value) -> Value {
    merged(json!({ "model": "gpt-practice", "messages": [{ "role": "user", "content": text }] }), more)
}

/// A messages request with one user message.
pub(crate) fn message(text: &str, more: &Value) -> Value {
    let body = json!({
        "model": "claude-practice",
        "max_tokens": 1024,
        "messages": [{ "role": "user", "content": text }],
    });
    merged(body, more)
}

fn merged(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A request for a response to one user message.
pub(crate) fn response(text: &str, more: &Value) -> Value {
    merged(json!({ "model": "gpt-practice", "input": text }), more)
}

/// Tools of these names, each as one dialect has it.
pub(crate) fn chat_tools(names: &[&str]) -> Value {
    let tool = |name: &&str| json!({ "type": "function", "function": { "name": name, "parameters": weather_schema() } });
    names.iter().map(tool).collect()
}

pub(crate) fn message_tools(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name, "input_schema": weather_schema() })).collect()
}

pub(crate) fn response_tools(names: &[&str]) -> Value {
    let tool = |name: &&str| json!({ "type": "function", "name": name, "parameters": weather_schema() });
    names.iter().map(tool).collect()
}

/// A schema with one required field and one that is not.
pub(crate) fn weather_schema() -> Value {
    json!({
        "type": "object",
        "properties": { "city": { "type": "string" }, "unit": { "enum": ["celsius", "fahrenheit"] } },
        "required": ["city"],
        "additionalProperties": false,
    })
}

/// Sends a request as bytes and leaves the connection open.
pub(crate) async fn send_raw(stream: &mut TcpStream, path: &str, body: &Value) {
    let body = body.to_string();
    let head = format!("POST {path} HTTP/1.1\r\nhost: practice\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

/// Reads until the other side closes.
pub(crate) async fn read_to_close(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut bytes)).await;
    drop(read.expect("the connection is still open"));
    String::from_utf8(bytes).unwrap()
}
