//! The content of a message: text, or a list of parts.

use std::borrow::Cow;

use crate::ask::AskError;
use crate::canon::{Block, Source};
use crate::json::{self, Fields, Raw};
use crate::translate::request::media;
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// Base64 of `%PDF-`, for clients that leave the `data:` part out.
const PDF_START: &str = "JVBERi";

/// Reads the content at `at`.
pub(super) fn read(value: Raw<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Vec<Block>, AskError> {
    values::content(at, value, |part, at| block(part, at, notes))
}

fn block(part: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Option<Block>, AskError> {
    Ok(match kind_of(part).as_ref() {
        // The last two are the Responses API's names; clients of both mix them up.
        "text" | "input_text" | "output_text" => {
            notes.unknown(at, part, &["type", "text", "annotations"]);
            let text = part.get("text").map(|text| values::text(at.field("text"), text)).transpose()?;
            text.and_then(values::said)
        }
        "refusal" => part.text("refusal").map(|text| Block::Refusal(text.into_owned())),
        "image_url" => {
            notes.unknown(at, part, &["type", "image_url"]);
            Some(Block::Image(image(part, &at.field("image_url"), notes)?))
        }
        "file" => {
            notes.unknown(at, part, &["type", "file"]);
            Some(file(part, &at.field("file"), notes)?)
        }
        // Mistral's models write their thinking as parts, and clients send them back.
        "thinking" | "reasoning" => {
            let thinking = part.text("thinking").or_else(|| part.text("text")).unwrap_or_default();
            Some(Block::Thinking(thinking.into_owned()))
        }
        // Sounds, films and what comes next year: the question is about them.
        kind => {
            notes.meaning(at.field(&plain(kind)));
            None
        }
    })
}

/// A part's kind, which lax clients leave out where it is obvious.
fn kind_of<'a>(part: &Fields<'a>) -> Cow<'a, str> {
    part.text("type").unwrap_or_else(|| {
        let obvious = ["text", "image_url", "file"].into_iter().find(|name| part.get(name).is_some());
        Cow::Borrowed(obvious.unwrap_or("type"))
    })
}

fn image(part: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Source, AskError> {
    let value = part.get("image_url");
    // Some hosts' clients put the address there without an object around it.
    let url = match value.and_then(Fields::of) {
        Some(image) => {
            notes.unknown(at, &image, &["url", "detail"]);
            // How finely an image is looked at, and so what it costs; not what is in it.
            if image.text("detail").is_some_and(|detail| detail != "auto") {
                notes.told(at.field("detail").anywhere());
            }
            image.text("url")
        }
        None => value.and_then(json::text),
    };
    let at = at.field("url");
    let url = url.ok_or_else(|| AskError::must_be(at, "a non-empty string"))?;
    media::located(at, &url)
}

fn file(part: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Block, AskError> {
    let file = part.object("file");
    let file = file.ok_or_else(|| AskError::must_be(at, "an object with `file_data`"))?;
    notes.unknown(at, &file, &["file_id", "file_data", "filename"]);
    let name = file.text("filename").map(Cow::into_owned);
    if let Some(id) = file.text("file_id") {
        return Ok(Block::Document { source: Source::Stored(id.into_owned()), name });
    }
    let at = at.field("file_data");
    let data = file.text("file_data");
    let data = data.ok_or_else(|| AskError::missing(at, "a `data:` URI with base64"))?;
    if data.starts_with(PDF_START) {
        return Ok(Block::Document { source: media::base64(media::PDF, &data), name });
    }
    match media::located(at, &data)? {
        // Anthropic has images apart from documents, and OpenAI takes them as files, too.
        source @ Source::Base64 { .. } if is_image(&source) => Ok(Block::Image(source)),
        source => Ok(Block::Document { source, name }),
    }
}

fn is_image(source: &Source) -> bool {
    matches!(source, Source::Base64 { media_type, .. } if media::is_image(media_type))
}
