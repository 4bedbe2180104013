//! Images and documents, and where their bytes are.

use serde_json::value::RawValue;

use super::blocks::{At, UNDER};
use super::notes::Notes;
use super::wire;
use crate::canon::{Block, Source};
use crate::json::{self, Fields};

pub(super) fn image(notes: &mut Notes, at: At, fields: &Fields<'_>) -> Option<Block> {
    let wire::Image { kind: _, source, cache_control, transformations, rest } = wire::Image::read(fields);
    notes.nothing_if(cache_control, "cache_control");
    notes.told_if(transformations, "messages[].content[].transformations");
    notes.rest(UNDER, &rest);
    if let Some(Read::One(source)) = read_source(notes, source) {
        return Some(Block::Image(source));
    }
    notes.meaning(&format!("{at}.source"));
    None
}

/// A document becomes a document; what its author wrote about it goes before it, as text.
pub(super) fn document(notes: &mut Notes, at: At, fields: &Fields<'_>, into: &mut Vec<Block>) {
    let wire::Document { kind: _, source, title, context, citations: cited, cache_control, rest } =
        wire::Document::read(fields);
    notes.nothing_if(cache_control, "cache_control");
    citations(notes, cited);
    notes.rest(UNDER, &rest);
    let context = context.and_then(json::text).filter(|context| !context.is_empty());
    into.extend(context.map(|context| Block::Text(context.into_owned())));
    let name = title.and_then(json::text).filter(|title| !title.is_empty()).map(String::from);
    match read_source(notes, source) {
        Some(Read::One(source)) => into.push(Block::Document { source, name }),
        Some(Read::Parts { text, images }) => {
            into.push(Block::Document { source: Source::Text(text), name });
            into.extend(images.into_iter().map(Block::Image));
        }
        None => notes.meaning(&format!("{at}.source")),
    }
}

/// References into a document were asked for.
pub(super) fn citations(notes: &mut Notes, citations: Option<&RawValue>) {
    let enabled = citations
        .and_then(Fields::of)
        .and_then(|citations| citations.get("enabled"))
        .is_some_and(|enabled| enabled.get() == "true");
    if enabled {
        notes.told("messages[].content[].citations");
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

fn read_source(notes: &mut Notes, source: Option<&RawValue>) -> Option<Read> {
    let fields = Fields::of(source?)?;
    let wire::Source { kind, media_type, data, url, file_id, content, rest } = wire::Source::read(&fields);
    notes.rest("messages[].content[].source.", &rest);
    let kind = kind.and_then(json::text);
    match kind.as_deref()? {
        "base64" => {
            let media_type = media_type.and_then(json::text)?.to_ascii_lowercase();
            let data = json::text(data?)?;
            let wrapped = data.bytes().any(|byte| byte.is_ascii_whitespace());
            let data = if wrapped { data.split_ascii_whitespace().collect() } else { data.into_owned() };
            Some(Read::One(Source::Base64 { media_type, data }))
        }
        "url" => Some(Read::One(Source::Url(json::text(url?)?.into_owned()))),
        "text" => Some(Read::One(Source::Text(json::text(data?)?.into_owned()))),
        "file" => Some(Read::One(Source::Stored(json::text(file_id?)?.into_owned()))),
        "content" => parts(notes, content?),
        _ => None,
    }
}

fn parts(notes: &mut Notes, content: &RawValue) -> Option<Read> {
    if let Some(text) = json::text(content) {
        return Some(Read::One(Source::Text(text.into_owned())));
    }
    let mut texts = Vec::new();
    let mut images = Vec::new();
    for item in json::items(content)? {
        let fields = Fields::of(item)?;
        match fields.text("type").as_deref()? {
            "text" => texts.extend(fields.text("text").map(String::from)),
            "image" => match read_source(notes, fields.get("source"))? {
                Read::One(source) => images.push(source),
                Read::Parts { .. } => return None,
            },
            _ => return None,
        }
    }
    Some(Read::Parts { text: texts.join("\n\n"), images })
}
