//! Images and documents.

use serde_json::json;

use super::*;
use crate::canon::Source;

fn base64(media_type: &str, data: &str) -> Source {
    Source::Base64 { media_type: media_type.to_owned(), data: data.to_owned() }
}

fn try_block(block: Block, traits: &ModelTraits) -> Result<Value, TranslateError> {
    let turns = vec![turn(Role::User, vec![block, Block::Text("What is it?".to_owned())])];
    let conversation = Conversation { turns, ..Conversation::default() };
    Ok(try_send(conversation, Api::ChatCompletions, traits)?.body["messages"][0]["content"][0].take())
}

fn image(source: Source) -> Result<Value, TranslateError> {
    try_block(Block::Image(source), &ModelTraits::default())
}

fn document(source: Source) -> Result<Value, TranslateError> {
    let block = Block::Document { source, name: Some("plan.pdf".to_owned()) };
    try_block(block, &ModelTraits::default())
}

fn refusal(result: Result<Value, TranslateError>) -> (String, String) {
    match result {
        Err(TranslateError::Untranslatable { field, message }) => (field, message),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn case_34_images_are_native_by_bytes_and_by_address() {
    let png =
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}});
    assert_eq!(image(base64("image/png", "aGk=")).unwrap(), png);
    let url = "https://example.com/a.png";
    assert_eq!(
        image(Source::Url(url.to_owned())).unwrap(),
        json!({"type": "image", "source": {"type": "url", "url": url}})
    );
}

#[test]
fn case_34_images_that_the_provider_can_not_read_are_refused_by_name() {
    let (field, message) = refusal(image(base64("image/svg+xml", "aGk=")));
    assert_eq!(field, "messages[].content[].image_url");
    assert!(message.contains("image/svg+xml") && message.contains("PNG"), "{message}");
    let blind = ModelTraits { images: false, ..ModelTraits::default() };
    let (_, message) = refusal(try_block(Block::Image(base64("image/png", "aGk=")), &blind));
    assert!(message.contains("claude-x"), "{message}");
}

#[test]
fn case_35_documents_are_native_by_bytes_by_address_and_as_text() {
    assert_eq!(
        document(base64("application/pdf", "JVBE")).unwrap(),
        json!({
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"},
            "title": "plan.pdf",
        })
    );
    let url = "https://example.com/plan.pdf";
    assert_eq!(document(Source::Url(url.to_owned())).unwrap()["source"], json!({"type": "url", "url": url}));
    let text = json!({"type": "text", "media_type": "text/plain", "data": "Grüße, a;b"});
    assert_eq!(document(Source::Text("Grüße, a;b".to_owned())).unwrap()["source"], text);
    assert_eq!(document(base64("text/csv", "R3LDvMOfZSwgYTti")).unwrap()["source"], text);
}

#[test]
fn case_35_files_that_live_at_one_provider_are_refused() {
    for refused in [image(Source::Stored("file-1".to_owned())), document(Source::Stored("file-1".to_owned()))]
    {
        let (_, message) = refusal(refused);
        assert!(message.contains("stored at one provider"), "{message}");
    }
}

#[test]
fn case_35_files_of_other_types_are_refused_by_name() {
    let (field, message) = refusal(document(base64("application/zip", "UEsD")));
    assert_eq!(field, "messages[].content[].file");
    assert!(message.contains("application/zip"), "{message}");
    refusal(document(base64("text/plain", "not base64!")));
    refusal(document(base64("text/plain", "/////w==")));
    let illiterate = ModelTraits { documents: false, ..ModelTraits::default() };
    let pdf = Block::Document { source: base64("application/pdf", "JVBE"), name: None };
    refusal(try_block(pdf, &illiterate));
    let text = Block::Document { source: Source::Text("plain".to_owned()), name: None };
    assert!(try_block(text, &illiterate).is_ok(), "text is text");
}

#[test]
fn a_picture_by_the_assistant_is_told() {
    let turns = vec![
        says(Role::User, "Draw"),
        turn(
            Role::Assistant,
            vec![Block::Text("Here:".to_owned()), Block::Image(base64("image/png", "aGk="))],
        ),
        says(Role::User, "Nice"),
    ];
    let sent = send(Conversation { turns, ..Conversation::default() });
    assert_eq!(sent.body["messages"][1]["content"], "Here:");
    assert_eq!(sent.dropped, ["messages[].content[].image_url"]);
}
