//! The content of a message: text, or a list of parts.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::data_uri::{DataUri, without_breaks};
use super::invalid;
use super::notes::{Notes, shown};
use crate::ask::AskError;
use crate::canon::{Block, Source};
use crate::json::{self, Fields};

/// Where all parts stand, for what is told of them.
const PARTS: &str = "messages[].content[]";

/// Base64 of `%PDF-`, for clients that leave the `data:` part out.
const PDF_START: &str = "JVBERi";

/// Reads the content at `place` (`messages[3].content`). Empty texts are left out: they say nothing, and
/// Anthropic refuses them.
pub(super) fn read(value: &RawValue, place: &str, notes: &mut Notes) -> Result<Vec<Block>, AskError> {
    let mut reader = Reader { blocks: Vec::new(), notes };
    if let Some(text) = json::text(value) {
        reader.text(text);
        return Ok(reader.blocks);
    }
    let parts = json::items(value)
        .ok_or_else(|| invalid(place, format!("`{place}` must be a string or a list of parts.")))?;
    for (index, part) in parts.into_iter().enumerate() {
        reader.part(part, &format!("{place}[{index}]"))?;
    }
    Ok(reader.blocks)
}

struct Reader<'n> {
    blocks: Vec<Block>,
    notes: &'n mut Notes,
}

impl Reader<'_> {
    fn text(&mut self, text: Cow<'_, str>) {
        if !text.is_empty() {
            self.blocks.push(Block::Text(text.into_owned()));
        }
    }

    fn part(&mut self, part: &RawValue, place: &str) -> Result<(), AskError> {
        if let Some(text) = json::text(part) {
            self.text(text);
            return Ok(());
        }
        let fields = Fields::of(part)
            .ok_or_else(|| invalid(place, format!("`{place}` must be an object with a `type`.")))?;
        match kind_of(&fields).as_ref() {
            // The last two are the Responses API's names; clients of both mix them up.
            "text" | "input_text" | "output_text" => {
                self.notes.rest(PARTS, &fields, &["type", "text", "annotations"]);
                let text = fields.get("text").map(|text| json::text(text).ok_or_else(|| no_text(place)));
                self.text(text.transpose()?.unwrap_or_default());
            }
            "refusal" => {
                let refusal = fields.text("refusal").unwrap_or_default();
                if !refusal.is_empty() {
                    self.blocks.push(Block::Refusal(refusal.into_owned()));
                }
            }
            "image_url" => {
                self.notes.rest(PARTS, &fields, &["type", "image_url"]);
                let image = self.image(&fields, place)?;
                self.blocks.push(image);
            }
            "file" => {
                self.notes.rest(PARTS, &fields, &["type", "file"]);
                self.file(&fields, place)?;
            }
            // Mistral's models write their thinking as parts, and clients send them back.
            "thinking" | "reasoning" => {
                let thinking = fields.text("thinking").or_else(|| fields.text("text")).unwrap_or_default();
                self.blocks.push(Block::Thinking(thinking.into_owned()));
            }
            // Sounds, films and what comes next year: the question is about them.
            kind => self.notes.meaning(&format!("{place}.{}", shown(kind))),
        }
        Ok(())
    }

    fn image(&mut self, fields: &Fields<'_>, place: &str) -> Result<Block, AskError> {
        let place = format!("{place}.image_url.url");
        let value = fields.get("image_url");
        // Some hosts' clients put the address there without an object around it.
        let url = match value.and_then(Fields::of) {
            Some(image) => {
                self.notes.rest(&format!("{PARTS}.image_url"), &image, &["url", "detail"]);
                if image.text("detail").is_some_and(|detail| detail != "auto") {
                    self.notes.told(&format!("{PARTS}.image_url.detail"));
                }
                image.get("url").and_then(json::text)
            }
            None => value.and_then(json::text),
        };
        let url = url.ok_or_else(|| invalid(&place, format!("`{place}` must be a string.")))?;
        if let Some(uri) = DataUri::parse(&url) {
            let media_type = image_type(&uri.media_type).ok_or_else(|| {
                let found = shown(&uri.media_type);
                invalid(
                    &place,
                    format!("`{place}` has the media type `{found}`; send PNG, JPEG, GIF or WebP."),
                )
            })?;
            return Ok(Block::Image(base64(&uri, media_type, &place)?));
        }
        if !is_web(&url) {
            let message = format!("`{place}` must be a `data:` URI with base64, or an http(s) address.");
            return Err(invalid(&place, message));
        }
        Ok(Block::Image(Source::Url(url.into_owned())))
    }

    fn file(&mut self, fields: &Fields<'_>, place: &str) -> Result<(), AskError> {
        let file = fields.object("file").ok_or_else(|| {
            let place = format!("{place}.file");
            invalid(&place, format!("`{place}` must be an object with `file_data`."))
        })?;
        self.notes.rest(&format!("{PARTS}.file"), &file, &["file_id", "file_data", "filename"]);
        let name = file.text("filename").map(Cow::into_owned);
        if let Some(id) = file.text("file_id") {
            self.notes.meaning(&format!("{place}.file.file_id"));
            self.blocks.push(Block::Document { source: Source::Stored(id.into_owned()), name });
            return Ok(());
        }
        let place = format!("{place}.file.file_data");
        let data = file.text("file_data").ok_or_else(|| {
            invalid(&place, format!("`{place}` is missing; it must be a `data:` URI with base64."))
        })?;
        if let Some(block) = self.file_data(&data, name, &place)? {
            self.blocks.push(block);
        }
        Ok(())
    }

    fn file_data(
        &mut self,
        data: &str,
        name: Option<String>,
        place: &str,
    ) -> Result<Option<Block>, AskError> {
        let Some(uri) = DataUri::parse(data) else {
            if data.starts_with(PDF_START) {
                let source = pdf(without_breaks(data));
                return Ok(Some(Block::Document { source, name }));
            }
            if is_web(data) {
                return Ok(Some(Block::Document { source: Source::Url(data.to_owned()), name }));
            }
            return Err(invalid(place, format!("`{place}` must be a `data:` URI with base64.")));
        };
        if let Some(media_type) = image_type(&uri.media_type) {
            return Ok(Some(Block::Image(base64(&uri, media_type, place)?)));
        }
        if uri.media_type != PDF {
            // Office files, tables: which of them are read differs from provider to provider.
            self.notes.meaning(place);
            return Ok(None);
        }
        Ok(Some(Block::Document { source: base64(&uri, PDF, place)?, name }))
    }
}

const PDF: &str = "application/pdf";

fn pdf(data: Cow<'_, str>) -> Source {
    Source::Base64 { media_type: PDF.to_owned(), data: data.into_owned() }
}

/// A part's kind, which lax clients leave out where it is obvious.
fn kind_of<'a>(fields: &Fields<'a>) -> Cow<'a, str> {
    fields.text("type").unwrap_or_else(|| {
        let obvious = ["text", "image_url", "file"].into_iter().find(|name| fields.get(name).is_some());
        Cow::Borrowed(obvious.unwrap_or("type"))
    })
}

fn base64(uri: &DataUri<'_>, media_type: &str, place: &str) -> Result<Source, AskError> {
    let data = uri.base64().ok_or_else(|| {
        invalid(place, format!("`{place}` must carry its bytes as base64: `data:{media_type};base64,…`."))
    })?;
    Ok(Source::Base64 { media_type: media_type.to_owned(), data: data.into_owned() })
}

/// The four kinds of image that both vendors see, in their official spelling.
fn image_type(media_type: &str) -> Option<&'static str> {
    match media_type {
        "image/png" => Some("image/png"),
        "image/jpeg" | "image/jpg" => Some("image/jpeg"),
        "image/gif" => Some("image/gif"),
        "image/webp" => Some("image/webp"),
        _ => None,
    }
}

fn is_web(url: &str) -> bool {
    let under = |scheme: &str| {
        url.split_at_checked(scheme.len()).is_some_and(|(start, _)| start.eq_ignore_ascii_case(scheme))
    };
    under("https://") || under("http://")
}

fn no_text(place: &str) -> AskError {
    let place = format!("{place}.text");
    invalid(&place, format!("`{place}` must be a string."))
}
