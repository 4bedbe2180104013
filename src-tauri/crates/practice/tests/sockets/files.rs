//! Pictures and documents: what the answer says of them, and what is wrong with some.

use base64::{Engine, engine::general_purpose::STANDARD};
use evenkeel_practice::{PRACTICE_A, ProviderOptions, practice_text};
use serde_json::{Value, json};

use super::support::{CHAT, MESSAGES, RESPONSES, Stand, chat, message, response};

/// Base64 of so many bytes.
fn bytes(count: usize) -> String {
    STANDARD.encode(vec![7; count])
}

fn chat_with(parts: &Value) -> Value {
    chat("", &json!({ "messages": [{ "role": "user", "content": parts }] }))
}

fn message_with(blocks: &Value) -> Value {
    message("", &json!({ "messages": [{ "role": "user", "content": blocks }] }))
}

#[tokio::test]
async fn an_answer_tells_kind_and_size_of_what_it_was_sent_in_every_dialect() {
    let stand = Stand::of(ProviderOptions::both(PRACTICE_A).with_responses()).await;
    let png = format!("data:image/png;base64,{}", bytes(70));
    let pdf = format!("data:application/pdf;base64,{}", bytes(1234));
    let link = "https://example.com/a.webp";
    let expected = format!(
        "{} Image 1: image/png, 70 bytes. Image 2: {link}. Document 1: application/pdf, 1234 bytes.",
        practice_text(PRACTICE_A, "Look")
    );
    let parts = json!([
        { "type": "image_url", "image_url": { "url": png, "detail": "low" } },
        { "type": "text", "text": "Look" },
        { "type": "image_url", "image_url": { "url": link } },
        { "type": "file", "file": { "filename": "a.pdf", "file_data": pdf } },
    ]);
    assert_eq!(stand.ask(CHAT, chat_with(&parts)).await.text(), expected);

    let base64 = |kind: &str, data: String| json!({ "type": "base64", "media_type": kind, "data": data });
    let blocks = json!([
        { "type": "image", "source": base64("image/png", bytes(70)) },
        { "type": "text", "text": "Look" },
        { "type": "image", "source": { "type": "url", "url": link } },
        { "type": "document", "title": "a.pdf", "source": base64("application/pdf", bytes(1234)) },
    ]);
    assert_eq!(stand.ask(MESSAGES, message_with(&blocks)).await.text(), expected);

    let content = json!([
        { "type": "input_image", "image_url": png },
        { "type": "input_text", "text": "Look" },
        { "type": "input_image", "image_url": link },
        { "type": "input_file", "filename": "a.pdf", "file_data": pdf },
    ]);
    let input = json!([{ "role": "user", "content": content }]);
    assert_eq!(stand.ask(RESPONSES, response("", &json!({ "input": input }))).await.text(), expected);
}

#[tokio::test]
async fn a_picture_in_a_result_and_a_text_document_are_told_too() {
    let stand = Stand::start().await;
    let picture = json!({ "type": "image", "source": { "type": "base64", "media_type": "image/gif", "data": bytes(1) } });
    let text = json!({ "type": "text", "media_type": "text/plain", "data": "five!" });
    let body = message(
        "",
        &json!({ "messages": [
            { "role": "user", "content": [
                { "type": "document", "source": text }, { "type": "text", "text": "Look" },
            ] },
            { "role": "assistant", "content": [{ "type": "tool_use", "id": "t1", "name": "see", "input": {} }] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "t1", "content": [{ "type": "text", "text": "Here" }, picture] },
            ] },
        ] }),
    );
    let said = stand.ask(MESSAGES, body).await.text();
    assert!(
        said.ends_with("see gave: \"Here\". Document 1: text/plain, 5 bytes. Image 1: image/gif, 1 byte."),
        "{said}"
    );
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_in_the_vendors_words() {
    let stand = Stand::start().await;
    let image = |url: String| json!([{ "type": "image_url", "image_url": { "url": url } }]);
    let file = |file: Value| json!([{ "type": "file", "file": file }]);
    let parts = [
        image("data:image/png;base64,no!".to_owned()),
        image("data:image/png;base64,".to_owned()),
        image("iVBORw0KGgo=".to_owned()),
        image(format!("data:image/tiff;base64,{}", bytes(3))),
        file(json!({ "filename": "a.pdf", "file_data": "JVBERi0=" })),
        file(json!({ "filename": "a.pdf", "file_data": "data:application/pdf;base64,_" })),
        file(json!({ "file_data": format!("data:application/pdf;base64,{}", bytes(3)) })),
        file(json!({})),
    ];
    let mut shown = Vec::new();
    for parts in parts {
        let answer = stand.ask(CHAT, chat_with(&parts)).await;
        shown.push(format!("{parts}\n{} {}", answer.status, answer.body));
    }
    let block = |kind: &str, source: Value| json!([{ "type": kind, "source": source }]);
    let base64 = |kind: &str, data: &str| json!({ "type": "base64", "media_type": kind, "data": data });
    let blocks = [
        block("image", base64("image/png", "no!")),
        block("image", base64("image/png", "")),
        block("image", base64("image/tiff", "AAAA")),
        block("image", base64("image/png", "data:image/png;base64,AAAA")),
        block("image", json!({ "type": "url", "url": "http://example.com/a.png" })),
        block("document", base64("text/plain", "AAAA")),
        block("document", json!({ "type": "base64", "media_type": "application/pdf" })),
        block("document", json!({ "type": "elsewhere" })),
    ];
    for blocks in blocks {
        let answer = stand.ask(MESSAGES, message_with(&blocks)).await;
        shown.push(format!("{blocks}\n{} {}", answer.status, answer.told()));
    }
    insta::assert_snapshot!(shown.join("\n\n"));
}
