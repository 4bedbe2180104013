//! Bytes that come in a request: decoded to be counted, never kept.

use base64::{Engine, engine::general_purpose::STANDARD};

/// The picture formats that both vendors read.
pub(crate) const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];
/// The one document format that both vendors read.
pub(crate) const PDF: &str = "application/pdf";

/// How many bytes this base64 stands for, if it is base64.
pub(crate) fn size(base64: &str) -> Option<usize> {
    STANDARD.decode(base64).ok().map(|bytes| bytes.len())
}

/// Media type and base64 of a data URL.
pub(crate) fn data_url(url: &str) -> Option<(&str, &str)> {
    let (kind, data) = url.strip_prefix("data:")?.split_once(',')?;
    // Between them parameters may stand, such as a character set.
    let kind = kind.strip_suffix(";base64")?;
    Some((kind.split(';').next().unwrap_or(kind), data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_url_is_a_media_type_and_base64() {
        assert_eq!(data_url("data:image/png;base64,AAAA"), Some(("image/png", "AAAA")));
        assert_eq!(data_url("data:text/plain;charset=utf-8;base64,AAAA"), Some(("text/plain", "AAAA")));
        assert_eq!(data_url("data:image/png,AAAA"), None);
        assert_eq!(data_url("https://example.com/a.png"), None);
        assert_eq!((size("AAAA"), size("AA=="), size("AA=A"), size("no!")), (Some(3), Some(1), None, None));
    }
}
