//! Images and documents, and where their bytes are.

use super::wire;
use crate::canon::{Block, Loss, Source};
use crate::json::{self, Fields, Raw};
use crate::translate::request::media::{base64, located};
use crate::translate::request::notes::Notes;
use crate::translate::request::place::Place;

pub(super) fn image(notes: &mut Notes, at: &Place<'_>, fields: &Fields<'_>) -> Option<Block> {
    let wire::Image { kind: _, source, cache_control, transformations, rest } = wire::Image::read(fields);
    notes.note_if(cache_control, "cache_control", Loss::Nothing);
    notes.note_if(transformations, at.field("transformations").anywhere(), Loss::Told);
    for name in &rest {
        notes.unknown_field(at, name);
    }
    let at = at.field("source");
    if let Some(Read::One(source)) = read_source(notes, &at, source) {
        return Some(Block::Image(source));
    }
    notes.meaning(at);
    None
}

/// A document becomes a document; what its author wrote about it goes before it, as text.
pub(super) fn document(notes: &mut Notes, at: &Place<'_>, fields: &Fields<'_>, into: &mut Vec<Block>) {
    let wire::Document { kind: _, source, title, context, citations: cited, cache_control, rest } =
        wire::Document::read(fields);
    notes.note_if(cache_control, "cache_control", Loss::Nothing);
    citations(notes, at, cited);
    for name in &rest {
        notes.unknown_field(at, name);
    }
    let context = context.and_then(json::text).filter(|context| !context.is_empty());
    into.extend(context.map(|context| Block::Text(context.into_owned())));
    let name = title.and_then(json::text).filter(|title| !title.is_empty()).map(String::from);
    let at = at.field("source");
    match read_source(notes, &at, source) {
        Some(Read::One(source)) => into.push(Block::Document { source, name }),
        Some(Read::Parts { text, images }) => {
            into.push(Block::Document { source: Source::Text(text), name });
            into.extend(images.into_iter().map(Block::Image));
        }
        None => notes.meaning(at),
    }
}

/// References into a document were asked for.
pub(super) fn citations(notes: &mut Notes, at: &Place<'_>, citations: Option<Raw<'_>>) {
    if citations.and_then(Fields::of).is_some_and(|citations| citations.is_true("enabled")) {
        notes.told(at.field("citations").anywhere());
    }
}

enum Read {
    One(Source),
    /// A document that was given as blocks.
    Parts {
        text: String,
        images: Vec<Source>,
    },
}

fn read_source(notes: &mut Notes, at: &Place<'_>, source: Option<Raw<'_>>) -> Option<Read> {
    let fields = Fields::of(source?)?;
    let wire::Source { kind, media_type, data, url, file_id, content, rest } = wire::Source::read(&fields);
    for name in &rest {
        notes.unknown_field(at, name);
    }
    let kind = kind.and_then(json::text);
    match kind.as_deref()? {
        "base64" => {
            let (media_type, data) = (json::text(media_type?)?, json::text(data?)?);
            Some(Read::One(base64(&media_type, &data)))
        }
        "url" => Some(Read::One(located(at, &json::text(url?)?).ok()?)),
        "text" => Some(Read::One(Source::Text(json::text(data?)?.into_owned()))),
        "file" => Some(Read::One(Source::Stored(json::text(file_id?)?.into_owned()))),
        "content" => parts(notes, &at.field("content"), content?),
        _ => None,
    }
}

fn parts(notes: &mut Notes, at: &Place<'_>, content: Raw<'_>) -> Option<Read> {
    if let Some(text) = json::text(content) {
        return Some(Read::One(Source::Text(text.into_owned())));
    }
    let mut texts = Vec::new();
    let mut images = Vec::new();
    for item in json::items(content)? {
        let fields = Fields::of(item)?;
        match fields.text("type").as_deref()? {
            "text" => texts.extend(fields.text("text").map(String::from)),
            "image" => match read_source(notes, &at.field("source"), fields.get("source"))? {
                Read::One(source) => images.push(source),
                Read::Parts { .. } => return None,
            },
            _ => return None,
        }
    }
    Some(Read::Parts { text: texts.join("\n\n"), images })
}
