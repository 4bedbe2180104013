//! Embeddings: unit vectors that depend on the model and the input alone, so that both providers agree.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::field::{self, invalid, missing};
use crate::{ask::count::tokens, exchange::Answer, provider::Provider, random, refusal::Refusal};

/// Length of a vector for which no `dimensions` are asked.
const DIMENSIONS: usize = 1536;
const MOST_DIMENSIONS: u64 = 3072;
const FIELDS: [&str; 5] = ["model", "input", "encoding_format", "dimensions", "user"];

pub(super) fn answer(provider: &Provider, body: &[u8]) -> Result<Answer, Refusal> {
    let body = field::object(body)?;
    let model = field::model(&body)?;
    if provider.is_strict() {
        field::only(&body, "", &FIELDS)?;
    }
    let inputs = inputs(&body)?;
    let dimensions = dimensions(&body)?;
    let base64 = base64(&body)?;
    let data: Vec<Value> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let vector = vector(&model, &input.to_string(), dimensions);
            let embedding = if base64 { json!(encoded(&vector)) } else { json!(vector) };
            json!({ "object": "embedding", "index": index, "embedding": embedding })
        })
        .collect();
    let used: u64 = inputs.iter().map(input_tokens).sum();
    Ok(Answer::document(json!({
        "object": "list",
        "data": data,
        "model": model,
        "usage": { "prompt_tokens": used, "total_tokens": used },
    })))
}

/// What is to be embedded: a text, a list of texts, a list of tokens or a list of lists of tokens.
fn inputs(body: &Value) -> Result<Vec<Value>, Refusal> {
    let wrong = || {
        let expected = "a text, a list of texts, or a list of tokens, none of them empty";
        invalid("input", format!("Invalid 'input': expected {expected}."))
    };
    let empty = |input: &Value| match input {
        Value::String(text) => text.is_empty(),
        Value::Array(tokens) => tokens.is_empty() || !tokens.iter().all(Value::is_u64),
        _ => true,
    };
    let inputs = match body.get("input") {
        None | Some(Value::Null) => return Err(missing("input")),
        Some(Value::Array(items)) if items.first().is_some_and(|first| !first.is_u64()) => items.clone(),
        Some(one) => vec![one.clone()],
    };
    if inputs.iter().any(empty) { Err(wrong()) } else { Ok(inputs) }
}

fn dimensions(body: &Value) -> Result<usize, Refusal> {
    let wanted = field::integer(body, "dimensions", 1, Some(MOST_DIMENSIONS))?;
    Ok(wanted.and_then(|wanted| usize::try_from(wanted).ok()).unwrap_or(DIMENSIONS))
}

fn base64(body: &Value) -> Result<bool, Refusal> {
    let format = field::word(body, "encoding_format", "encoding_format", &["float", "base64"])?;
    Ok(format == Some("base64"))
}

fn input_tokens(input: &Value) -> u64 {
    match input {
        Value::Array(tokens) => tokens.len() as u64,
        text => tokens(text.as_str().map_or(0, str::len)),
    }
}

/// A vector of length 1.
fn vector(model: &str, input: &str, dimensions: usize) -> Vec<f32> {
    let seed = random::hash(input.as_bytes()) ^ random::hash(model.as_bytes()).rotate_left(32);
    let raw: Vec<f64> = (0..dimensions as u64).map(|at| random::fraction(seed, at) * 2.0 - 1.0).collect();
    let length = raw.iter().map(|x| x * x).sum::<f64>().sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "the vendor sends single precision")]
    raw.into_iter().map(|x| (x / length) as f32).collect()
}

/// Little-endian single precision in base64, which is what the official SDKs ask for.
fn encoded(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}
