//! A home folder, the program in it, and a provider that follows a script.

mod app;
pub mod raw;
pub mod redis;
pub mod scripted;
mod server;
pub mod wording;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use app::{Home, PROGRAM, Ran, finish};
pub use server::{Answer, Server};

/// For anything that a loaded machine may be slow at; a test that meets it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const CHAT: &str = "/v1/chat/completions";
pub const MESSAGES: &str = "/v1/messages";

/// Looks again and again until there is something to see, and fails the test with `what` if that takes too long.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A small question in the OpenAI dialect.
pub fn chat(stream: bool) -> Value {
    let ask = json!([{ "role": "user", "content": "Say hello to the keel" }]);
    json!({ "model": "gpt-5-mini", "messages": ask, "stream": stream })
}

/// The same in the Anthropic dialect.
pub fn message(stream: bool) -> Value {
    let ask = json!([{ "role": "user", "content": "Say hello to the keel" }]);
    json!({ "model": "claude-haiku-4-5", "max_tokens": 200, "messages": ask, "stream": stream })
}

/// All four ways of asking: path and body.
pub fn four_ways() -> [(&'static str, Value); 4] {
    [(CHAT, chat(false)), (CHAT, chat(true)), (MESSAGES, message(false)), (MESSAGES, message(true))]
}

/// The names in a document that are not in `value`; none if it has them all.
pub fn missing_keys<'a>(value: &Value, names: &[&'a str]) -> Vec<&'a str> {
    names.iter().copied().filter(|name| value.get(name).is_none()).collect()
}
