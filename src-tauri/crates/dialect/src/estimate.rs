//! How much a request's body will weigh at a provider, told from its bytes.
//!
//! A tokeniser would be exact for one model, wrong for the next one and 43 MB of tables. Bytes per token are
//! steady within one kind of work, so whoever knows what providers reported for earlier requests gets within
//! a few percent; who knows nothing counts a little too much, which is the safe side for a limit.

/// Bytes per token where nothing was learnt yet: prose has about four, code and JSON about three.
pub const BYTES_PER_TOKEN: f64 = 3.0;
/// Tokens of an image where its size in pixels is unknown: about what both vendors charge for a large one.
const PER_IMAGE: u64 = 1_600;
/// Bytes of a base64 document per token: a PDF page of 40 kB costs some 2,000.
const DOCUMENT_BYTES_PER_TOKEN: u64 = 27;
/// Shorter strings are taken for text, whatever they consist of.
const SHORTEST_MEDIA: usize = 512;

/// What a body consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Bytes of everything that isn't media, the JSON around it included.
    pub text_bytes: u64,
    /// Images that stand in the body.
    pub images: u64,
    /// Base64 bytes of documents that stand in the body.
    pub document_bytes: u64,
}

impl Weight {
    /// Weighs the body of any request, in one pass and without a tree.
    pub fn of(body: &[u8]) -> Self {
        let mut weight = Self { text_bytes: body.len() as u64, ..Self::default() };
        let mut rest = body;
        while let Some(open) = rest.iter().position(|byte| *byte == b'"') {
            let after = &rest[open + 1..];
            let length = literal_len(after);
            let literal = &after[..length];
            if length >= SHORTEST_MEDIA
                && let Some(kind) = media(literal)
            {
                weight.text_bytes -= length as u64;
                match kind {
                    Media::Image => weight.images += 1,
                    Media::Document => weight.document_bytes += length as u64,
                }
            }
            rest = after.get(length + 1..).unwrap_or_default();
        }
        weight
    }

    /// Estimated input tokens.
    pub fn tokens(&self, bytes_per_token: f64) -> u64 {
        let per = if bytes_per_token.is_finite() && bytes_per_token >= 0.5 {
            bytes_per_token
        } else {
            BYTES_PER_TOKEN
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an estimate of a length that fits into memory; the cast saturates"
        )]
        let text = (self.text_bytes as f64 / per).ceil() as u64;
        text + self.media_tokens()
    }

    /// The part of the estimate that isn't learnt.
    pub fn media_tokens(&self) -> u64 {
        self.images * PER_IMAGE + self.document_bytes / DOCUMENT_BYTES_PER_TOKEN
    }
}

enum Media {
    Image,
    Document,
}

/// The bytes up to the closing quote.
fn literal_len(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// Whether a long string is media, by what base64 of the usual formats begins with. What begins like nothing
/// known counts as a document: the dearer guess.
fn media(literal: &[u8]) -> Option<Media> {
    let data = match literal.strip_prefix(b"data:") {
        Some(uri) => {
            if uri.starts_with(b"image/") {
                return Some(Media::Image);
            }
            let comma = uri.iter().take(128).position(|byte| *byte == b',')?;
            &uri[comma + 1..]
        }
        None => literal,
    };
    if !data.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte)) {
        return None;
    }
    let images: [&[u8]; 5] = [b"iVBORw0KGgo", b"/9j/", b"R0lGOD", b"UklGR", b"AAAA"];
    Some(if images.iter().any(|magic| data.starts_with(magic)) { Media::Image } else { Media::Document })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_weighs_its_bytes() {
        let body = format!(
            r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#,
            "keel and \\\"sail\\\" ".repeat(200)
        );
        let weight = Weight::of(body.as_bytes());
        assert_eq!(weight, Weight { text_bytes: body.len() as u64, images: 0, document_bytes: 0 });
        assert_eq!(weight.tokens(4.0), (body.len() as u64).div_ceil(4));
    }

    #[test]
    fn an_image_weighs_the_same_however_large_it_is() {
        let image = |size| format!(r#"{{"a":"x","url":"data:image/png;base64,{}"}}"#, "A".repeat(size));
        let (small, large) = (Weight::of(image(1_000).as_bytes()), Weight::of(image(1_000_000).as_bytes()));
        assert_eq!(small, large);
        assert_eq!(small.images, 1);
        let bare = format!(r#"{{"data":"iVBORw0KGgo{}"}}"#, "A".repeat(9_000));
        assert_eq!(Weight::of(bare.as_bytes()).images, 1);
    }

    #[test]
    fn a_document_weighs_by_its_size() {
        let body = format!(r#"{{"data":"JVBERi0x{}"}}"#, "A".repeat(54_000));
        let weight = Weight::of(body.as_bytes());
        assert!(weight.document_bytes > 54_000, "{weight:?}");
        assert!((2_000..2_100).contains(&weight.tokens(3.0)), "{}", weight.tokens(3.0));
    }

    #[test]
    fn half_a_body_is_weighed_as_well() {
        for body in [&b"{\"a\":\"unfinished"[..], b"\"", b"\\", b"{\"a\":\"x\\"] {
            assert_eq!(Weight::of(body).text_bytes, body.len() as u64);
        }
    }

    #[test]
    fn a_senseless_rate_is_not_believed() {
        let weight = Weight { text_bytes: 300, ..Weight::default() };
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(weight.tokens(rate), 100, "{rate}");
        }
    }
}
