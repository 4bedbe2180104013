//! Where an image's or a document's bytes are, and what kind of bytes they are.

use std::borrow::Cow;
use std::fmt::Display;

use super::refused;
use crate::ask::AskError;
use crate::canon::Source;
use crate::translate::TranslateError;

pub(super) const PDF: &str = "application/pdf";

/// An address, or the bytes themselves in a data URI (RFC 2397).
pub(super) fn located(at: impl Display, url: &str) -> Result<Source, AskError> {
    let Some(inline) = inline(url) else { return Ok(Source::Url(url.to_owned())) };
    let wrong = || AskError::must_be(at, "an address, or bytes as base64 like `data:image/png;base64,…`");
    bytes(inline).ok_or_else(wrong)
}

/// What follows the `data:` of an address that holds the bytes themselves.
fn inline(url: &str) -> Option<&str> {
    let (scheme, rest) = url.trim_start().split_at_checked("data:".len())?;
    scheme.eq_ignore_ascii_case("data:").then_some(rest)
}

/// `image/png;base64,…`; `None` if that is not what it is.
fn bytes(inline: &str) -> Option<Source> {
    let (head, data) = inline.split_once(',')?;
    let mut parameters = head.split(';').map(str::trim);
    let media_type = parameters.next().unwrap_or_default();
    let is_base64 = parameters.any(|parameter| parameter.eq_ignore_ascii_case("base64"));
    (is_base64 && !data.trim().is_empty()).then(|| base64(media_type, data))
}

/// Bytes of this type.
pub(super) fn base64(media_type: &str, data: &str) -> Source {
    let media_type = match media_type.to_ascii_lowercase() {
        jpeg if jpeg == "image/jpg" || jpeg == "image/pjpeg" => "image/jpeg".to_owned(),
        pdf if pdf == "application/x-pdf" => PDF.to_owned(),
        other => other,
    };
    Source::Base64 { media_type, data: without_breaks(data).into_owned() }
}

/// Mail programs and some encoders break base64 into lines, which providers refuse.
fn without_breaks(data: &str) -> Cow<'_, str> {
    if data.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return Cow::Owned(data.split_ascii_whitespace().collect());
    }
    Cow::Borrowed(data)
}

/// What a file is that comes without a type, by its name. A PDF if nothing is known, as at the vendors'.
pub(super) fn type_by_name(name: Option<&str>) -> &'static str {
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    match extension.as_deref() {
        Some("txt" | "md" | "log") => "text/plain",
        Some("csv") => "text/csv",
        Some("html" | "htm") => "text/html",
        Some("json") => "application/json",
        _ => PDF,
    }
}

/// The address itself, if providers fetch such; we never do.
pub(super) fn web<'u>(field: &str, url: &'u str) -> Result<&'u str, TranslateError> {
    if is_web(url) {
        return Ok(url);
    }
    Err(refused(field, "the other provider fetches http(s) addresses only; send the bytes instead"))
}

pub(super) fn stored(field: &str) -> TranslateError {
    let why = "the file is stored at one provider, and the other one doesn't have it; send its bytes instead, or pin \
               the request to the provider that has it";
    refused(field, why)
}

/// `what` the model doesn't do: `see images`.
pub(super) fn unseen(field: &str, model: &str, what: &str) -> TranslateError {
    let why =
        format!("the other provider's model `{model}` doesn't {what}; leave it out, or pin the request");
    refused(field, why)
}

pub(super) fn unknown_type(field: &str, media_type: &str, takes: &str) -> TranslateError {
    let media_type = super::notes::shown(media_type);
    refused(field, format!("the other provider takes {takes}, not {media_type}"))
}

/// True for what providers fetch.
fn is_web(url: &str) -> bool {
    let under = |scheme: &str| {
        url.split_at_checked(scheme.len()).is_some_and(|(start, _)| start.eq_ignore_ascii_case(scheme))
    };
    under("https://") || under("http://")
}

pub(super) fn is_image(media_type: &str) -> bool {
    media_type.starts_with("image/")
}

/// The text of a file that is nothing but text, by its type and by its bytes.
pub(super) fn plain_text(media_type: &str, base64: &str) -> Option<String> {
    let kind = media_type.split(';').next().unwrap_or_default().trim();
    let readable = kind.starts_with("text/")
        || ["json", "xml", "yaml", "javascript", "toml"].iter().any(|end| kind.ends_with(end));
    if readable { decoded(base64) } else { None }
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
            b'=' => continue,
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
