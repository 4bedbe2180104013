//! Pictures and documents as OpenAI takes them: mostly in data URLs.

use serde_json::Value;

use super::field::{invalid, missing, wrong_type};
use crate::{
    ask::{
        json::{given, string},
        turn::{Attachment, Kind, Origin},
    },
    media,
    refusal::Refusal,
};

/// A picture by its URL.
pub(super) fn image(url: &str, path: &str) -> Result<Attachment, Refusal> {
    let origin = if url.starts_with("https://") || url.starts_with("http://") {
        Origin::Url(url.to_owned())
    } else {
        let expected = "a base64-encoded data URL with an image MIME type (e.g. \
                        'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=')";
        let (media_type, size) = decoded(url, path, expected)?;
        if !media::IMAGES.contains(&media_type) {
            let message = "Invalid MIME type. Only image types are supported.";
            return Err(Refusal::invalid(message).param(path).code("invalid_image_format"));
        }
        Origin::Bytes { media_type: media_type.to_owned(), size }
    };
    Ok(Attachment { kind: Kind::Image, origin, name: None })
}

/// A document: `file_id`, or `file_data` with its name, or (in responses only) `file_url`.
pub(super) fn document(file: &Value, path: &str) -> Result<Attachment, Refusal> {
    let name = string(file, "filename").map(str::to_owned);
    let origin = if let Some(id) = string(file, "file_id") {
        Origin::Stored(id.to_owned())
    } else if let Some(url) = string(file, "file_url") {
        Origin::Url(url.to_owned())
    } else {
        let data = match given(file, "file_data") {
            None => return Err(missing(&format!("{path}.file_id"))),
            Some(Value::String(data)) => data,
            Some(other) => return Err(wrong_type(&format!("{path}.file_data"), "a string", other)),
        };
        let path_of_data = format!("{path}.file_data");
        let expected = "a base64-encoded data URL with an application/pdf MIME type (e.g. \
                        'data:application/pdf;base64,aW1nIGJ5dGVzIGhlcmU=')";
        let (media_type, size) = decoded(data, &path_of_data, expected)?;
        if name.is_none() {
            return Err(missing(&format!("{path}.filename")));
        }
        Origin::Bytes { media_type: media_type.to_owned(), size }
    };
    Ok(Attachment { kind: Kind::Document, origin, name })
}

fn decoded<'a>(url: &'a str, path: &str, expected: &str) -> Result<(&'a str, usize), Refusal> {
    let wrong = |got: &str| invalid(path, format!("Invalid '{path}'. Expected {expected}, but got {got}."));
    if !url.starts_with("data:") {
        return Err(wrong("a value without the 'data:' prefix"));
    }
    let Some((media_type, data)) = media::data_url(url) else {
        return Err(wrong("a data URL that is not base64-encoded"));
    };
    match media::size(data) {
        None => Err(wrong("an invalid base64-encoded value")),
        Some(0) => Err(wrong("empty base64-encoded bytes")),
        Some(size) => Ok((media_type, size)),
    }
}
