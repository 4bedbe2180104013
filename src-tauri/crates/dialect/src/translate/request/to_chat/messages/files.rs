//! Images and documents as parts of a message.

use std::borrow::Cow;

use super::Writer;
use crate::canon::Source;
use crate::translate::TranslateError;
use crate::wire::chat::{Address, File, ImageUrl, Part};

/// The only kind of file that hosts of this dialect take as a part.
const PDF: &str = "application/pdf";

/// Files have names here, and elsewhere need none.
const DEFAULT_NAME: &str = "document.pdf";

impl<'a> Writer<'a, '_> {
    pub(super) fn image(&self, source: &'a Source) -> Result<Part<'a>, TranslateError> {
        let field = self.terms.image;
        if !self.question.traits.images {
            return Err(self.cannot(field, "doesn't see images, and the request holds one"));
        }
        let url = match source {
            Source::Base64 { media_type, data } => Address::Data { media_type, base64: data },
            Source::Url(url) => Address::Web(url),
            Source::Text(_) | Source::Stored(_) => return Err(stored(field)),
        };
        Ok(Part::ImageUrl { image_url: ImageUrl { url } })
    }

    /// Plain text is text, whatever the model reads besides.
    pub(super) fn document(
        &self,
        source: &'a Source,
        name: Option<&'a str>,
    ) -> Result<Part<'a>, TranslateError> {
        let field = self.terms.document;
        match source {
            Source::Text(text) => Ok(Part::Text { text: titled(name, text) }),
            Source::Base64 { media_type, data } if media_type == PDF => {
                if !self.question.traits.documents {
                    return Err(self.cannot(field, "doesn't read PDFs, and the request holds one"));
                }
                let file_data = Address::Data { media_type, base64: data };
                Ok(Part::File { file: File { filename: name.unwrap_or(DEFAULT_NAME), file_data } })
            }
            Source::Base64 { .. } => {
                Err(self.cannot(field, "reads PDFs and plain text only, and the request holds another file"))
            }
            Source::Url(_) => {
                Err(self.cannot(field, "takes no addresses of documents; send the document's bytes instead"))
            }
            Source::Stored(_) => Err(stored(field)),
        }
    }

    fn cannot(&self, field: &str, why: &str) -> TranslateError {
        let model = self.question.model;
        TranslateError::Untranslatable {
            field: field.to_owned(),
            message: format!("`{field}`: the other provider's model `{model}` {why}."),
        }
    }
}

fn stored(field: &str) -> TranslateError {
    TranslateError::Untranslatable {
        field: field.to_owned(),
        message: format!(
            "`{field}` names a file that is stored at one provider, and the other one doesn't have it; send its \
             bytes instead."
        ),
    }
}

/// A document's name is part of what it says.
fn titled<'a>(name: Option<&str>, text: &'a str) -> Cow<'a, str> {
    match name {
        Some(name) => Cow::Owned(format!("{name}:\n{text}")),
        None => Cow::Borrowed(text),
    }
}
