//! `GET /v1/models`: what can be asked for here, in the shape of the dialect that asks.
//!
//! Answered from the configuration and the shipped list; no provider is asked, so the answer is the same
//! whether or not one of them is up.

use axum::body::Body;
use axum::response::Response;
use evenkeel_config::models::Catalogue;
use evenkeel_dialect::Dialect;
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::admit::Entered;
use crate::refusal::{Code, Refusal};
use crate::runtime::Runtime;

/// When a model was released is nobody's promise here; Anthropic documents the epoch for that case.
const UNKNOWN_TIME: &str = "1970-01-01T00:00:00Z";

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    provider: String,
}

/// The list, or one of it.
pub(crate) fn answer(runtime: &Runtime, entered: &Entered, id: Option<&str>) -> Result<Response, Refusal> {
    let known = all(runtime);
    let body = match (id, entered.dialect) {
        (None, Dialect::OpenAi) => {
            json!({ "object": "list", "data": known.iter().map(openai).collect::<Vec<_>>() })
        }
        (None, Dialect::Anthropic) => json!({
            "data": known.iter().map(anthropic).collect::<Vec<_>>(),
            "has_more": false,
            "first_id": known.first().map(|entry| &entry.name),
            "last_id": known.last().map(|entry| &entry.name),
        }),
        (Some(id), dialect) => {
            let found = known.iter().find(|entry| entry.name == id).ok_or_else(|| unknown(id))?;
            if dialect == Dialect::OpenAi { openai(found) } else { anthropic(found) }
        }
    };
    Ok(json_response(&body))
}

pub(crate) fn json_response(body: &impl Serialize) -> Response {
    let mut response = Response::new(Body::from(serde_json::to_vec(body).unwrap_or_default()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn unknown(id: &str) -> Refusal {
    let message = format!(
        "No provider here lists the model {:?}. GET /v1/models shows those that are; another name may work all the \
         same if a provider's `models` take it.",
        id.chars().take(100).collect::<String>()
    );
    Refusal::new(Code::ModelNotServed, message).for_good()
}

fn openai(entry: &Entry) -> Value {
    json!({ "id": entry.name, "object": "model", "created": 0, "owned_by": entry.provider })
}

fn anthropic(entry: &Entry) -> Value {
    json!({ "type": "model", "id": entry.name, "display_name": entry.name, "created_at": UNKNOWN_TIME, "lifecycle": "active" })
}

/// What the routes name, what the providers name, and what is known to match, each once and in that order.
fn all(runtime: &Runtime) -> Vec<Entry> {
    let config = &runtime.config;
    let mut list = List::default();
    for target in config.routes.iter().flat_map(evenkeel_config::Route::targets) {
        list.add(target.model.as_deref().unwrap_or(""), &target.provider);
    }
    for provider in &config.providers {
        list.add(provider.default_model.as_deref().unwrap_or(""), &provider.name);
        for plain in provider.models.iter().filter(|glob| !glob.as_str().contains(['*', '?', '['])) {
            list.add(plain.as_str(), &provider.name);
        }
        for model in Catalogue::shipped().served_by(provider) {
            list.add(&model.name, &provider.name);
        }
    }
    if list.0.is_empty() {
        // Globs for models that nobody here has heard of. Tools refuse an empty list, and something to choose
        // from is worth more than a list that says nothing can be asked.
        for provider in &config.providers {
            for glob in &provider.models {
                list.add(glob.as_str().trim_matches(['*', '-', '/']), &provider.name);
            }
        }
    }
    list.0
}

#[derive(Default)]
struct List(Vec<Entry>);

impl List {
    fn add(&mut self, name: &str, provider: &str) {
        if !name.is_empty() && !self.0.iter().any(|entry| entry.name == name) {
            self.0.push(Entry { name: name.to_owned(), provider: provider.to_owned() });
        }
    }
}
