//! One token from a provider: the smallest request that proves address, key, model and dialect.

use std::time::{Duration, Instant};

use evenkeel_config::{Config, Dialect, Provider};
use evenkeel_dialect::fault::ProviderError;
use evenkeel_router::KeyState;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::Client;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    admin::types::{ProviderTest, ProviderTestStep},
    keys,
};

/// Slow is worth knowing, hanging is a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(5);
/// A provider's own words in our line.
const QUOTED: usize = 200;
/// What the cheap models of most vendors have in their names.
const SMALL: [&str; 8] = ["nano", "mini", "haiku", "flash", "lite", "small", "8b", "chat"];
/// Models that don't take part in a conversation.
const NO_CHAT: [&str; 10] =
    ["embed", "audio", "tts", "whisper", "image", "realtime", "transcribe", "moderation", "dall-e", "sora"];

/// Asks one provider with this key. `config` says which model its routes ask it for.
pub(crate) async fn one(config: &Config, provider: &Provider, key: &KeyState) -> ProviderTest {
    let started = Instant::now();
    let asked = Box::pin(ask(config, provider, key)).await;
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let refused = asked.err();
    let ok = refused.is_none();
    let (ms, reached, key_accepted, error) = match refused {
        None => (Some(elapsed), Some(true), Some(true), None),
        Some(Refused::Before(error)) => (None, None, None, Some(error)),
        Some(Refused::Unreachable(error)) => (None, Some(false), None, Some(error)),
        Some(Refused::Answered { key, error }) => (Some(elapsed), Some(true), key, Some(error)),
    };
    // Not reaching the last step is no news about it.
    let answered = (reached == Some(true) && key_accepted != Some(false)).then_some(ok);
    let steps = [("reached", reached), ("key_accepted", key_accepted), ("answered", answered)];
    // What went wrong stands at the step where it did.
    let failed = steps.iter().position(|(_, ok)| *ok != Some(true));
    let steps = steps.iter().enumerate().map(|(place, (step, ok))| ProviderTestStep {
        step: (*step).to_owned(),
        ok: *ok,
        detail: error.clone().filter(|_| failed == Some(place)),
    });
    ProviderTest { name: provider.name.clone(), ok, ms, steps: steps.collect(), error }
}

/// A model that this provider can be asked for, if one is known or it names one.
pub(crate) async fn model_of(config: &Config, provider: &Provider, key: &KeyState) -> Option<String> {
    let dialect = provider.dialects.first().copied().unwrap_or(Dialect::OpenAi);
    let client = client(provider).await.ok()?;
    let talk = Talk { client, headers: headers(provider, dialect, key), key: key.clone() };
    Box::pin(model(config, provider, dialect, &talk)).await.ok().flatten()
}

/// Why there was no token.
#[derive(Debug)]
enum Refused {
    /// Nothing was asked.
    Before(String),
    /// No answer came.
    Unreachable(String),
    /// An answer came, and it was no.
    Answered {
        /// Whether the key was accepted, if the answer tells.
        key: Option<bool>,
        error: String,
    },
}

async fn ask(config: &Config, provider: &Provider, key: &KeyState) -> Result<(), Refused> {
    if matches!(key, KeyState::Missing) {
        return Err(Refused::Before(format!(
            "its key is missing. {}",
            keys::provider::how_to_give(provider)
        )));
    }
    let dialect = provider.dialects.first().copied().unwrap_or(Dialect::OpenAi);
    let client = client(provider).await?;
    let headers = headers(provider, dialect, key);
    let talk = Talk { client, headers, key: key.clone() };
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

/// A client of its own, made beside the runtime: loading root certificates blocks.
async fn client(provider: &Provider) -> Result<Client, Refused> {
    evenkeel_router::install_crypto();
    let proxy = provider.proxy.clone();
    let build = move || {
        // A redirect would take the key along to an address that nobody configured.
        let builder = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none());
        match &proxy {
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy.as_str())?).build(),
            None => builder.build(),
        }
    };
    let client = tokio::task::spawn_blocking(build).await;
    client
        .map_err(|error| Refused::Before(format!("{error}.")))?
        .map_err(|error| Refused::Before(format!("{error}.")))
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
                let error = "it answers, but not as an API does. Check base_url.".to_owned();
                Err(Refused::Answered { key: None, error })
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
        // Vendors look at the key before anything else, so any refusal for another reason has accepted it.
        let (key, fix) = match self.status.as_u16() {
            401 | 403 => (Some(false), "Its key is refused; check it."),
            402 => (Some(true), "Its account can't pay."),
            404 if is_json => (Some(true), "It doesn't have this model; set default_model."),
            404 => (None, "There is nothing at this address; check base_url."),
            429 => (Some(true), "Its rate or spend limit is reached."),
            300..=399 => (None, "It sends us elsewhere; check base_url."),
            500.. => (None, "It has a fault of its own; try again later."),
            _ => (is_json.then_some(true), "It refuses the request."),
        };
        let model = if model.is_empty() { String::new() } else { format!(" for {model}") };
        let error = format!("HTTP {}{model}. {fix}{}", self.status.as_u16(), said.unwrap_or_default());
        Err(Refused::Answered { key, error })
    }
}

/// The innermost cause, for the outer ones only repeat the address.
fn unreachable(error: &reqwest::Error) -> Refused {
    if error.is_timeout() {
        let error = "no answer in time. Check the network, the proxy and base_url.";
        return Refused::Unreachable(error.to_owned());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Refused::Unreachable(format!("it can't be reached ({cause}). Check the network, the proxy and base_url."))
}

fn dialect_of(dialect: Dialect) -> evenkeel_dialect::Dialect {
    match dialect {
        Dialect::OpenAi => evenkeel_dialect::Dialect::OpenAi,
        Dialect::Anthropic => evenkeel_dialect::Dialect::Anthropic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, text: &str) -> Result<(), Refused> {
        let answer =
            Answer { status: StatusCode::from_u16(status).expect("a status"), text: text.to_owned() };
        answer.judge(Dialect::OpenAi, "m")
    }

    #[test]
    fn only_an_answer_that_tells_says_whether_the_key_is_good() {
        assert!(judged(200, "{}").is_ok());
        let no_model = r#"{"error":{"message":"no such model"}}"#;
        for (status, text, tells) in [
            (401, "{}", Some(false)),
            (429, "{}", Some(true)),
            (404, no_model, Some(true)),
            (404, "<html>", None),
            (301, "", None),
            (502, "{}", None),
            (200, "<html>", None),
        ] {
            match judged(status, text) {
                Err(Refused::Answered { key, .. }) => assert_eq!(key, tells, "{status} {text}"),
                other => panic!("{status} {text}: {other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn what_failed_stands_at_its_step_and_later_ones_are_unknown() {
        let text = "[providers.openai]\nbase_url = \"http://127.0.0.1:1/v1\"\ndefault_model = \"m\"\n";
        let config = evenkeel_config::parse(text).expect("valid").config;
        let asked = one(&config, &config.providers[0], &KeyState::Present("sk-canary".into())).await;
        assert!(!asked.ok && asked.ms.is_none());
        let steps: Vec<_> = asked.steps.iter().map(|step| (step.step.as_str(), step.ok)).collect();
        assert_eq!(steps, [("reached", Some(false)), ("key_accepted", None), ("answered", None)]);
        assert!(asked.steps[0].detail.as_deref().expect("why").contains("can't be reached"), "{asked:?}");

        let missing = one(&config, &config.providers[0], &KeyState::Missing).await;
        assert!(missing.steps.iter().all(|step| step.ok.is_none()), "{missing:?}");
        assert!(missing.error.expect("why").contains("evenkeel key set openai"));
    }
}
