//! Images and documents. Bytes and addresses are handed on; nothing is fetched here.

use super::{Context, TranslateError};
use crate::canon::Source;
use crate::translate::request::media::{self, PDF};
use crate::translate::request::refused;
use crate::wire::messages::{Part, Source as Wire};

/// What the API reads as an image.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

pub(super) fn image(source: Source, context: &Context<'_>) -> Result<Part, TranslateError> {
    let field = context.terms.image;
    if !context.question.traits.images {
        return Err(media::unseen(field, context.question.model, "see images"));
    }
    let source = match source {
        Source::Base64 { media_type, .. } if !IMAGES.contains(&media_type.as_str()) => {
            return Err(media::unknown_type(field, &media_type, "JPEG, PNG, GIF and WebP"));
        }
        Source::Base64 { media_type, data } => Wire::Base64 { media_type, data },
        Source::Url(url) => Wire::Url { url: media::web(field, &url)?.to_owned() },
        Source::Text(_) => return Err(refused(field, "an image can't be given as text")),
        Source::Stored(_) => return Err(media::stored(field)),
    };
    Ok(Part::Image { source })
}

pub(super) fn document(
    source: Source,
    name: Option<String>,
    context: &Context<'_>,
) -> Result<Part, TranslateError> {
    let field = context.terms.document;
    let is_pdf = matches!(&source, Source::Base64 { media_type, .. } if media_type == PDF);
    if !context.question.traits.documents && (is_pdf || matches!(source, Source::Url(_))) {
        return Err(media::unseen(field, context.question.model, "read PDFs"));
    }
    let source = match source {
        Source::Text(data) => Wire::Text { media_type: "text/plain", data },
        Source::Stored(_) => return Err(media::stored(field)),
        Source::Url(url) => Wire::Url { url: media::web(field, &url)?.to_owned() },
        Source::Base64 { media_type, data } if is_pdf => Wire::Base64 { media_type, data },
        Source::Base64 { media_type, .. } if media::is_image(&media_type) => {
            return Err(refused(field, "this file is an image; send it as an image"));
        }
        Source::Base64 { media_type, data } => match media::plain_text(&media_type, &data) {
            Some(data) => Wire::Text { media_type: "text/plain", data },
            None => return Err(media::unknown_type(field, &media_type, "PDFs and plain text")),
        },
    };
    Ok(Part::Document { source, title: name.filter(|name| !name.trim().is_empty()) })
}
