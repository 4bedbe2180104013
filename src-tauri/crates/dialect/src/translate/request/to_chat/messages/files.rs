//! Images and documents as parts of a message.

use std::borrow::Cow;

use super::Writer;
use crate::canon::Source;
use crate::translate::TranslateError;
use crate::translate::request::media::{self, PDF};
use crate::translate::request::refused;
use crate::wire::chat::{Address, File, ImageUrl, Part};

/// Files have names here, and elsewhere need none.
const DEFAULT_NAME: &str = "document.pdf";

impl<'a> Writer<'a, '_> {
    pub(super) fn image(&self, source: &'a Source) -> Result<Part<'a>, TranslateError> {
        let field = self.terms.image;
        if !self.question.traits.images {
            return Err(media::unseen(field, self.question.model, "see images"));
        }
        let url = match source {
            Source::Base64 { media_type, data } => Address::Data { media_type, base64: data },
            Source::Url(url) => Address::Web(media::web(field, url)?),
            Source::Text(_) => return Err(refused(field, "an image can't be given as text")),
            Source::Stored(_) => return Err(media::stored(field)),
        };
        Ok(Part::ImageUrl { image_url: ImageUrl { url } })
    }

    /// Plain text is text, whatever the model reads besides; of other files hosts of this dialect take PDFs only.
    pub(super) fn document(
        &self,
        source: &'a Source,
        name: Option<&'a str>,
    ) -> Result<Part<'a>, TranslateError> {
        let field = self.terms.document;
        match source {
            Source::Text(text) => Ok(Part::Text { text: titled(name, Cow::Borrowed(text)) }),
            Source::Base64 { media_type, data } if media_type == PDF => {
                if !self.question.traits.documents {
                    return Err(media::unseen(field, self.question.model, "read PDFs"));
                }
                let file_data = Address::Data { media_type, base64: data };
                Ok(Part::File { file: File { filename: name.unwrap_or(DEFAULT_NAME), file_data } })
            }
            Source::Base64 { media_type, data } => match media::plain_text(media_type, data) {
                Some(text) => Ok(Part::Text { text: titled(name, Cow::Owned(text)) }),
                None => Err(media::unknown_type(field, media_type, "PDFs and plain text")),
            },
            Source::Url(_) => Err(refused(
                field,
                "the other provider fetches no documents; send the document's bytes instead",
            )),
            Source::Stored(_) => Err(media::stored(field)),
        }
    }
}

/// A document's name is part of what it says.
fn titled<'a>(name: Option<&str>, text: Cow<'a, str>) -> Cow<'a, str> {
    match name {
        Some(name) => Cow::Owned(format!("{name}:\n{text}")),
        None => text,
    }
}
