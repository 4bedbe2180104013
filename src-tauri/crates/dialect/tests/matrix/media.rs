//! Images and documents.

use evenkeel_dialect::translate::ModelTraits;
use serde_json::{Value, json};

use crate::cell::row;

/// Short, and not what it says it is: nobody here looks inside.
pub(crate) const PNG: &str = "iVBORw0KGgo=";
const PDF: &str = "JVBERi0xLjQ=";

pub(crate) fn png_uri() -> String {
    format!("data:image/png;base64,{PNG}")
}

fn pdf_uri() -> String {
    format!("data:application/pdf;base64,{PDF}")
}

/// One piece of content behind a question, as each client sends it; null: it can't.
fn with(chat: Value, responses: Value, messages: Value) -> [Value; 3] {
    let asked = |list: &str, kind: &str, part: Value| {
        if part.is_null() {
            return part;
        }
        json!({ list: [{"role": "user", "content": [{"type": kind, "text": "What is this?"}, part]}] })
    };
    [
        asked("messages", "text", chat),
        asked("input", "input_text", responses),
        asked("messages", "text", messages),
    ]
}

fn image(url: &str) -> [Value; 3] {
    let source = match url.strip_prefix("data:image/png;base64,") {
        Some(data) => json!({"type": "base64", "media_type": "image/png", "data": data}),
        None => json!({"type": "url", "url": url}),
    };
    with(
        json!({"type": "image_url", "image_url": {"url": url}}),
        json!({"type": "input_image", "image_url": url}),
        json!({"type": "image", "source": source}),
    )
}

#[test]
fn images() {
    let [chat, responses, messages] = image(&png_uri());
    let [chat_url, responses_url, messages_url] = image("https://keel.example/a.png");
    let [chat_fine, responses_fine, _] = with(
        json!({"type": "image_url", "image_url": {"url": png_uri(), "detail": "high"}}),
        json!({"type": "input_image", "image_url": png_uri(), "detail": "high"}),
        Value::Null,
    );
    row("images")
        .ask("bytes", chat, responses, messages)
        .ask("an address", chat_url, responses_url, messages_url)
        .ask("looked at closely", chat_fine, responses_fine, Value::Null)
        .check();
}

#[test]
fn images_for_a_model_that_sees_none() {
    let [chat, responses, messages] = image(&png_uri());
    row("images_for_a_model_that_sees_none")
        .traits(ModelTraits { images: false, ..ModelTraits::default() })
        .ask("", chat, responses, messages)
        .check();
}

#[test]
fn documents() {
    let source = |source: Value| json!({"type": "document", "source": source, "title": "keel.pdf"});
    let [chat, responses, messages] = with(
        json!({"type": "file", "file": {"filename": "keel.pdf", "file_data": pdf_uri()}}),
        json!({"type": "input_file", "filename": "keel.pdf", "file_data": pdf_uri()}),
        source(json!({"type": "base64", "media_type": "application/pdf", "data": PDF})),
    );
    let url = "https://keel.example/a.pdf";
    let [_, responses_url, messages_url] = with(
        Value::Null,
        json!({"type": "input_file", "file_url": url}),
        json!({"type": "document", "source": {"type": "url", "url": url}}),
    );
    let [chat_text, responses_text, messages_text] = with(
        json!({"type": "file", "file": {"filename": "keel.txt", "file_data": "data:text/plain;base64,a2VlbA=="}}),
        json!({"type": "input_file", "filename": "keel.txt", "file_data": "data:text/plain;base64,a2VlbA=="}),
        json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "keel"}, "title": "keel.txt"}),
    );
    let [chat_stored, responses_stored, messages_stored] = with(
        json!({"type": "file", "file": {"file_id": "file_1"}}),
        json!({"type": "input_file", "file_id": "file_1"}),
        json!({"type": "document", "source": {"type": "file", "file_id": "file_1"}}),
    );
    row("documents")
        .ask("a PDF", chat, responses, messages)
        .ask("an address", Value::Null, responses_url, messages_url)
        .ask("plain text", chat_text, responses_text, messages_text)
        .ask("stored at a provider", chat_stored, responses_stored, messages_stored)
        .check();
}
