//! What is the same question, and what must never be taken for it.

mod changes;
mod laws;
mod pairs;
mod scopes;
mod spelling;

use super::*;

const SCOPE: Scope<'static> = Scope { tenant: "local", route: "default", prompt_version: None };

fn key_of(api: Api, body: &str) -> Key {
    key(api, body.as_bytes(), &SCOPE).unwrap_or_else(|error| panic!("{error}\n{body}"))
}

fn api_of(name: &str) -> Api {
    match name {
        "chat" => Api::ChatCompletions,
        "responses" => Api::Responses,
        "messages" => Api::Messages,
        "embeddings" => Api::Embeddings,
        other => panic!("no API is called {other}"),
    }
}
