//! Parts of messages and of tools' outputs.

use std::borrow::Cow;

use crate::ask::AskError;
use crate::canon::{Block, Source};
use crate::json::{Fields, Raw};
use crate::translate::request::media;
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// Reads the content at `at`.
pub(super) fn blocks(
    content: Option<Raw<'_>>,
    at: &Place<'_>,
    notes: &mut Notes,
) -> Result<Vec<Block>, AskError> {
    let Some(content) = content else { return Ok(Vec::new()) };
    values::content(at, content, |part, at| block(part, at, notes))
}

fn block(part: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Option<Block>, AskError> {
    let kind = part.text("type");
    Ok(match kind.as_deref().unwrap_or_default() {
        "input_text" | "output_text" | "text" | "summary_text" => {
            // Citations and probabilities of an earlier answer go with its `output_text`.
            notes.unknown(at, part, &["type", "text", "annotations", "logprobs", "prompt_cache_breakpoint"]);
            part.text("text").and_then(values::said)
        }
        "refusal" => part.text("refusal").map(|text| Block::Refusal(text.into_owned())),
        "input_image" | "computer_screenshot" => {
            notes.unknown(at, part, &["type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"]);
            Some(Block::Image(image(part, at, notes)?))
        }
        "input_file" => {
            const KNOWN: [&str; 7] =
                ["type", "filename", "file_data", "file_url", "file_id", "detail", "prompt_cache_breakpoint"];
            notes.unknown(at, part, &KNOWN);
            Some(document(part, at, notes)?)
        }
        // Thinking of another model, shown as text.
        "reasoning_text" => None,
        "" => {
            return Err(AskError::missing(at.field("type"), "what the part is, like \"input_text\""));
        }
        kind => {
            notes.meaning(at.field(&plain(kind)));
            None
        }
    })
}

/// How finely an image or a document is looked at, and so what it costs; not what is in it.
fn detail(part: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) {
    if part.text("detail").is_some_and(|detail| detail != "auto") {
        notes.told(at.field("detail").anywhere());
    }
}

fn image(part: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Source, AskError> {
    detail(part, at, notes);
    // Chat Completions has an object here, and clients mix the two up.
    let url = part.text("image_url").or_else(|| part.object("image_url")?.text("url"));
    let at = at.field("image_url");
    match (url, part.text("file_id")) {
        (Some(url), _) => media::located(at, &url),
        (None, Some(id)) => Ok(Source::Stored(id.into_owned())),
        (None, None) => Err(AskError::missing(at, "the image's address, unless it has a `file_id`")),
    }
}

fn document(part: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Block, AskError> {
    detail(part, at, notes);
    let name = part.text("filename").map(Cow::into_owned);
    let source = if let Some(data) = part.text("file_data") {
        if data.starts_with("data:") {
            media::located(at.field("file_data"), &data)?
        } else {
            media::base64(media::type_by_name(name.as_deref()), &data)
        }
    } else if let Some(url) = part.text("file_url") {
        media::located(at.field("file_url"), &url)?
    } else if let Some(id) = part.text("file_id") {
        Source::Stored(id.into_owned())
    } else {
        let what = "the file's bytes as base64, unless it has a `file_url` or a `file_id`";
        return Err(AskError::missing(at.field("file_data"), what));
    };
    // Anthropic has images apart from documents, and OpenAI takes them as files, too.
    match &source {
        Source::Base64 { media_type, .. } if media::is_image(media_type) => Ok(Block::Image(source)),
        _ => Ok(Block::Document { source, name }),
    }
}
