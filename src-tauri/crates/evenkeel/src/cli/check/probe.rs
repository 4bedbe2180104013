//! One token from each provider: the smallest request that proves address, key, model and dialect.

use std::time::{Duration, Instant};

use evenkeel_config::{Config, Dialect, Provider};
use evenkeel_dialect::fault::ProviderError;
use evenkeel_router::KeyState;
use futures_util::future::join_all;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::Client;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::super::{Stop, runtime};
use crate::{admin::types::CheckedProvider, keys};

/// Slow is worth knowing, hanging is a failure.
const PATIENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(5);
/// A provider's own words in our line.
const QUOTED: usize = 200;
/// What the cheap models of most vendors have in their names.
const SMALL: [&str; 8] = ["nano", "mini", "haiku", "flash", "lite", "small", "8b", "chat"];
/// Models that don't take part in a conversation.
const NO_CHAT: [&str; 10] =
    ["embed", "audio", "tts", "whisper", "image", "realtime", "transcribe", "moderation", "dall-e", "sora"];

/// All of them at once.
pub(super) fn all(config: &Config) -> Result<Vec<CheckedProvider>, Stop> {
    evenkeel_router::install_crypto();
    let runtime = runtime()?;
    Ok(runtime.block_on(join_all(config.providers.iter().map(|provider| one(config, provider)))))
}

async fn one(config: &Config, provider: &Provider) -> CheckedProvider {
    let started = Instant::now();
    let asked = ask(config, provider).await;
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (ms, error) = match asked {
        Ok(()) => (Some(elapsed), None),
        Err(Refused::Before(error)) => (None, Some(error)),
        Err(Refused::Answered(error)) => (Some(elapsed), Some(error)),
    };
    CheckedProvider { name: provider.name.clone(), ok: error.is_none(), ms, error }
}

/// Why there was no token.
enum Refused {
    /// No answer came.
    Before(String),
    /// An answer came, and it was no.
    Answered(String),
}

async fn ask(config: &Config, provider: &Provider) -> Result<(), Refused> {
    let key = keys::provider::look_up(&provider.key);
    if matches!(key, KeyState::Missing) {
        return Err(Refused::Before(format!(
            "its key is missing. {}",
            keys::provider::how_to_give(provider)
        )));
    }
    let dialect = provider.dialects.first().copied().unwrap_or(Dialect::OpenAi);
    let client = client(provider).map_err(|error| Refused::Before(format!("{error}.")))?;
    let headers = headers(provider, dialect, &key);
    let talk = Talk { client, headers, key };
    let Some(model) = model(config, provider, dialect, &talk).await? else {
        return Err(Refused::Before(format!(
            "no model is known to ask for. Set default_model under [providers.{}].",
            provider.name
        )));
    };
    let path = match dialect {
        Dialect::OpenAi => "/v1/chat/completions",
        Dialect::Anthropic => "/v1/messages",
    };
    let url = provider.url(dialect, path);
    let mut body =
        json!({ "model": model, "max_tokens": 1, "messages": [{ "role": "user", "content": "Hi" }] });
    let mut answer = talk.post(url.clone(), &body).await?;
    if answer.status == StatusCode::BAD_REQUEST && answer.text.contains("max_completion_tokens") {
        // Newer models of OpenAI know the limit by this name only.
        if let Some(limit) = body.as_object_mut().and_then(|body| body.remove("max_tokens")) {
            body["max_completion_tokens"] = limit;
        }
        answer = talk.post(url, &body).await?;
    }
    answer.judge(dialect, &model)
}

fn client(provider: &Provider) -> reqwest::Result<Client> {
    let builder = Client::builder().connect_timeout(CONNECT).timeout(PATIENCE);
    match &provider.proxy {
        Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy.as_str())?).build(),
        None => builder.build(),
    }
}

fn headers(provider: &Provider, dialect: Dialect, key: &KeyState) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if dialect == Dialect::Anthropic {
        headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    }
    if let KeyState::Present(key) = key {
        let (name, text) = match dialect {
            Dialect::OpenAi => (header::AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
            Dialect::Anthropic => (HeaderName::from_static("x-api-key"), key.expose_secret().to_owned()),
        };
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
    for (name, value) in &provider.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            headers.insert(name, value);
        }
    }
    headers
}

/// The model that the configuration names, else one that the provider lists.
async fn model(
    config: &Config,
    provider: &Provider,
    dialect: Dialect,
    talk: &Talk,
) -> Result<Option<String>, Refused> {
    let routed = config
        .routes
        .iter()
        .flat_map(evenkeel_config::Route::targets)
        .filter(|target| target.provider == provider.name)
        .find_map(|target| target.model.clone());
    let literal = || {
        let names = provider.models.iter().map(evenkeel_config::Glob::as_str);
        names.filter(|name| is_chat(name)).find(|name| !name.contains(['*', '?'])).map(str::to_owned)
    };
    if let Some(model) = routed.or_else(|| provider.default_model.clone()).or_else(literal) {
        return Ok(Some(model));
    }
    let answer = talk.get(provider.url(dialect, "/v1/models")).await?;
    if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return answer.judge(dialect, "").map(|()| None);
    }
    let list: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    let ids: Vec<&str> = list["data"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|model| model["id"].as_str())
        .filter(|id| is_chat(id) && provider.serves(id))
        .collect();
    let small = ids.iter().find(|id| SMALL.iter().any(|word| id.contains(word)));
    Ok(small.or(ids.first()).map(|id| (*id).to_owned()))
}

fn is_chat(model: &str) -> bool {
    !NO_CHAT.iter().any(|word| model.contains(word))
}

/// One provider, and what every request to it carries.
struct Talk {
    client: Client,
    headers: HeaderMap,
    key: KeyState,
}

impl Talk {
    async fn get(&self, url: reqwest::Url) -> Result<Answer, Refused> {
        self.send(self.client.get(url)).await
    }

    async fn post(&self, url: reqwest::Url, body: &Value) -> Result<Answer, Refused> {
        self.send(self.client.post(url).body(body.to_string())).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Refused> {
        let response = request.headers(self.headers.clone()).send().await;
        let response = response.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| unreachable(&error))?;
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        // Some hosts quote the key that they refuse, and what we print is read over shoulders.
        if let KeyState::Present(key) = &self.key {
            text = text.replace(key.expose_secret(), "[key]");
        }
        Ok(Answer { status, text })
    }
}

struct Answer {
    status: StatusCode,
    text: String,
}

impl Answer {
    fn judge(&self, dialect: Dialect, model: &str) -> Result<(), Refused> {
        let is_json = serde_json::from_str::<Value>(&self.text).is_ok_and(|value| value.is_object());
        if self.status.is_success() {
            return if is_json {
                Ok(())
            } else {
                Err(Refused::Answered("it answers, but not as an API does. Check base_url.".to_owned()))
            };
        }
        // A reasoning model that one token doesn't get anywhere: everything up to there works.
        if self.text.contains("output limit was reached") {
            return Ok(());
        }
        let said = ProviderError::read(dialect_of(dialect), self.status.as_u16(), self.text.as_bytes());
        let said = said.message.map(|message| {
            let cut: String = message.chars().filter(|c| !c.is_control()).take(QUOTED).collect();
            format!(" It says: {cut}")
        });
        let fix = match self.status.as_u16() {
            401 | 403 => "Its key is refused; check it.",
            402 => "Its account can't pay.",
            404 if is_json => "It doesn't have this model; set default_model.",
            404 => "There is nothing at this address; check base_url.",
            429 => "Its rate or spend limit is reached.",
            500.. => "It has a fault of its own; try again later.",
            _ => "It refuses the request.",
        };
        let model = if model.is_empty() { String::new() } else { format!(" for {model}") };
        Err(Refused::Answered(format!(
            "HTTP {}{model}. {fix}{}",
            self.status.as_u16(),
            said.unwrap_or_default()
        )))
    }
}

/// The innermost cause, for the outer ones only repeat the address.
fn unreachable(error: &reqwest::Error) -> Refused {
    if error.is_timeout() {
        return Refused::Before("no answer in time. Check the network, the proxy and base_url.".to_owned());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Refused::Before(format!("it can't be reached ({cause}). Check the network, the proxy and base_url."))
}

fn dialect_of(dialect: Dialect) -> evenkeel_dialect::Dialect {
    match dialect {
        Dialect::OpenAi => evenkeel_dialect::Dialect::OpenAi,
        Dialect::Anthropic => evenkeel_dialect::Dialect::Anthropic,
    }
}
