//! Images and documents. Bytes and addresses are handed on; nothing is fetched here.

use super::wire::{Part, Source as Wire};
use super::{Context, TranslateError};
use crate::canon::Source;

/// What the API reads as an image.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

pub(super) fn image(source: Source, context: &mut Context<'_>) -> Result<Part, TranslateError> {
    let field = context.terms.image;
    if !context.question.traits.images {
        return Err(cannot(field, format!("`{}` can't see images.", context.question.model)));
    }
    let source = match inline(source) {
        Source::Base64 { media_type, data } => {
            let media_type = match media_type.to_ascii_lowercase() {
                jpg if jpg == "image/jpg" || jpg == "image/pjpeg" => "image/jpeg".to_owned(),
                other => other,
            };
            if !IMAGES.contains(&media_type.as_str()) {
                let message = format!(
                    "An image of the type {media_type:?} can't be sent to this provider: it reads JPEG, PNG, GIF \
                     and WebP."
                );
                return Err(cannot(field, message));
            }
            Wire::Base64 { media_type, data }
        }
        Source::Url(url) => Wire::Url { url },
        Source::Text(_) => return Err(cannot(field, "An image can't be given as text.".to_owned())),
        Source::Stored(id) => return Err(stored(field, &id)),
    };
    Ok(Part::Image { source })
}

pub(super) fn document(
    source: Source,
    name: Option<String>,
    context: &mut Context<'_>,
) -> Result<Part, TranslateError> {
    let field = context.terms.file;
    let source = match inline(source) {
        Source::Text(data) => Wire::Text { media_type: "text/plain", data },
        Source::Stored(id) => return Err(stored(field, &id)),
        _ if !context.question.traits.documents => {
            return Err(cannot(field, format!("`{}` can't read documents.", context.question.model)));
        }
        Source::Url(url) => Wire::Url { url },
        Source::Base64 { media_type, data } if is_pdf(&media_type) => {
            Wire::Base64 { media_type: "application/pdf".to_owned(), data }
        }
        Source::Base64 { media_type, .. } if media_type.starts_with("image/") => {
            let message = "This file is an image; send it as an image.".to_owned();
            return Err(cannot(field, message));
        }
        Source::Base64 { media_type, data } => {
            let text = readable(&media_type).then(|| decoded(&data)).flatten();
            let data = text.ok_or_else(|| {
                let message = format!(
                    "A file of the type {media_type:?} can't be sent to this provider: it reads PDF and plain \
                     text."
                );
                cannot(field, message)
            })?;
            Wire::Text { media_type: "text/plain", data }
        }
    };
    Ok(Part::Document { source, title: name.filter(|name| !name.trim().is_empty()) })
}

/// An address that holds the bytes themselves is no address.
fn inline(source: Source) -> Source {
    let Source::Url(url) = &source else { return source };
    let Some((head, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(',')) else {
        return source;
    };
    let Some(media_type) = head.strip_suffix(";base64") else { return source };
    let media_type = media_type.split(';').next().unwrap_or_default().to_owned();
    Source::Base64 { media_type, data: data.to_owned() }
}

/// Without a type it is most likely what files usually are.
fn is_pdf(media_type: &str) -> bool {
    matches!(media_type.to_ascii_lowercase().as_str(), "application/pdf" | "application/x-pdf" | "")
}

fn readable(media_type: &str) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.starts_with("text/")
        || ["json", "xml", "yaml", "javascript", "toml"].iter().any(|kind| media_type.ends_with(kind))
}

/// The text that base64 stands for, if it is one.
fn decoded(base64: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(base64.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0_u8);
    for byte in base64.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}

fn stored(field: &str, id: &str) -> TranslateError {
    let message = format!(
        "The file {id:?} is stored at one provider and can't be read by another one. Send its contents in the \
         request, or pin the request to the provider that has it."
    );
    cannot(field, message)
}

fn cannot(field: &str, message: String) -> TranslateError {
    TranslateError::Untranslatable { field: field.to_owned(), message }
}
