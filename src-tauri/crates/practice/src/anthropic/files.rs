//! Pictures and documents as Anthropic takes them: blocks with a source.

use serde_json::Value;

use crate::{
    ask::{
        json::string,
        turn::{Attachment, Kind, Origin},
    },
    media,
    refusal::Refusal,
};

/// The picture of an `image` block. `path` is that of its source, such as `messages.0.content.1.image.source`.
pub(super) fn image(block: &Value, path: &str) -> Result<Attachment, Refusal> {
    let source = block.get("source").unwrap_or(&Value::Null);
    let origin = match string(source, "type") {
        Some("base64") => {
            let media_type = string(source, "media_type").unwrap_or_default();
            if !media::IMAGES.contains(&media_type) {
                return Err(Refusal::invalid(format!(
                    "{path}.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
                )));
            }
            bytes(source, media_type, path, "image")?
        }
        _ => elsewhere(source, path)?,
    };
    Ok(Attachment { kind: Kind::Image, origin, name: None })
}

/// The document of a `document` block.
pub(super) fn document(block: &Value, path: &str) -> Result<Attachment, Refusal> {
    let source = block.get("source").unwrap_or(&Value::Null);
    let origin = match string(source, "type") {
        Some("base64") => {
            let media_type = string(source, "media_type").unwrap_or_default();
            if media_type != media::PDF {
                let message = format!("{path}.base64.media_type: Input should be 'application/pdf'");
                return Err(Refusal::invalid(message));
            }
            bytes(source, media_type, path, "PDF")?
        }
        Some("text") => {
            let text = source.get("data").and_then(Value::as_str);
            let text = text.ok_or_else(|| required(path, "text.data"))?;
            Origin::Bytes { media_type: "text/plain".to_owned(), size: text.len() }
        }
        // Blocks within a document are text to all who can't cite it.
        Some("content") => Origin::Bytes { media_type: "text/plain".to_owned(), size: inner_bytes(source) },
        _ => elsewhere(source, path)?,
    };
    let name = string(block, "title").map(str::to_owned);
    Ok(Attachment { kind: Kind::Document, origin, name })
}

fn bytes(source: &Value, media_type: &str, path: &str, what: &str) -> Result<Origin, Refusal> {
    let data = source.get("data").and_then(Value::as_str).ok_or_else(|| required(path, "base64.data"))?;
    match media::size(data) {
        None => Err(Refusal::invalid(format!("{path}.base64: invalid base64 data"))),
        Some(0) => Err(Refusal::invalid(format!("{path}.base64: {what} cannot be empty"))),
        Some(size) => Ok(Origin::Bytes { media_type: media_type.to_owned(), size }),
    }
}

fn elsewhere(source: &Value, path: &str) -> Result<Origin, Refusal> {
    match (string(source, "type"), string(source, "url"), string(source, "file_id")) {
        (Some("url"), Some(url), _) if url.starts_with("https://") => Ok(Origin::Url(url.to_owned())),
        (Some("url"), Some(_), _) => {
            Err(Refusal::invalid(format!("{path}.url.url: Only HTTPS URLs are supported.")))
        }
        (Some("url"), None, _) => Err(required(path, "url.url")),
        (Some("file"), _, Some(id)) => Ok(Origin::Stored(id.to_owned())),
        (Some("file"), _, None) => Err(required(path, "file.file_id")),
        (None, ..) => Err(required(path, "type")),
        (Some(other), ..) => Err(Refusal::invalid(format!(
            "{path}: Input tag '{other}' found using 'type' does not match any of the expected tags: 'base64', \
             'content', 'file', 'text', 'url'"
        ))),
    }
}

fn required(path: &str, field: &str) -> Refusal {
    Refusal::invalid(format!("{path}.{field}: Field required"))
}

fn inner_bytes(source: &Value) -> usize {
    match source.get("content") {
        Some(Value::String(text)) => text.len(),
        Some(Value::Array(blocks)) => {
            blocks.iter().filter_map(|block| string(block, "text")).map(str::len).sum()
        }
        _ => 0,
    }
}
