//! Parts of messages and of tools' outputs.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::lose;
use crate::ask::AskError;
use crate::canon::{Block, Loss, Source, Unmapped};
use crate::json::{self, Fields};

/// Content as a text or a list of parts; texts without a character are left out. `at` is how the client would
/// write its place.
pub(super) fn blocks(
    content: Option<&RawValue>,
    at: &str,
    losses: &mut Vec<Unmapped>,
) -> Result<Vec<Block>, AskError> {
    let Some(content) = content else { return Ok(Vec::new()) };
    if let Some(text) = json::text(content) {
        return Ok(block_of(text).into_iter().collect());
    }
    let parts = json::items(content)
        .ok_or_else(|| AskError::of(at, format!("`{at}` must be a text or a list of parts.")))?;
    let mut blocks = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        if let Some(text) = json::text(part) {
            blocks.extend(block_of(text));
            continue;
        }
        let place = Place { of: at, index };
        let part = Fields::of(part)
            .ok_or_else(|| AskError::of(&place.shown(), format!("`{}` must be an object.", place.shown())))?;
        blocks.extend(block(&part, &place, losses)?);
    }
    Ok(blocks)
}

/// Where a part stands; written out only where somebody is to read it.
struct Place<'a> {
    of: &'a str,
    index: usize,
}

impl Place<'_> {
    fn shown(&self) -> String {
        format!("{}[{}]", self.of, self.index)
    }

    fn field(&self, name: &str) -> String {
        format!("{}[{}].{name}", self.of, self.index)
    }
}

fn block(
    part: &Fields<'_>,
    place: &Place<'_>,
    losses: &mut Vec<Unmapped>,
) -> Result<Option<Block>, AskError> {
    let kind = part.text("type");
    Ok(match kind.as_deref().unwrap_or_default() {
        // Citations and probabilities of an earlier answer go with its `output_text`.
        "input_text" | "output_text" | "text" | "summary_text" => part.text("text").and_then(block_of),
        "refusal" => part.text("refusal").map(|text| Block::Refusal(text.into_owned())),
        "input_image" | "computer_screenshot" => image(part, place, losses)?,
        "input_file" => Some(document(part, place, losses)?),
        // Thinking of another model, shown as text.
        "reasoning_text" => None,
        "" => {
            let at = place.field("type");
            return Err(AskError::of(
                &at,
                format!("`{at}` is missing; it says what the part is, like \"input_text\"."),
            ));
        }
        kind => {
            lose(losses, place.field(kind), Loss::Meaning);
            None
        }
    })
}

fn block_of(text: Cow<'_, str>) -> Option<Block> {
    if text.is_empty() { None } else { Some(Block::Text(text.into_owned())) }
}

fn image(
    part: &Fields<'_>,
    place: &Place<'_>,
    losses: &mut Vec<Unmapped>,
) -> Result<Option<Block>, AskError> {
    // How finely an image is looked at, and so what it costs; not what is in it.
    if part.text("detail").is_some_and(|detail| detail != "auto") {
        lose(losses, place.field("detail"), Loss::Told);
    }
    // Chat Completions has an object here, and clients mix the two up.
    let url = part.text("image_url").or_else(|| part.object("image_url")?.text("url"));
    let source = match (url, part.text("file_id")) {
        (Some(url), _) => located(&url, &place.field("image_url"))?,
        (None, Some(id)) => Source::Stored(id.into_owned()),
        (None, None) => {
            let at = place.field("image_url");
            return Err(AskError::of(&at, format!("`{at}` is missing; an image needs it or a `file_id`.")));
        }
    };
    Ok(Some(Block::Image(source)))
}

fn document(part: &Fields<'_>, place: &Place<'_>, losses: &mut Vec<Unmapped>) -> Result<Block, AskError> {
    if part.text("detail").is_some_and(|detail| detail != "auto") {
        lose(losses, place.field("detail"), Loss::Told);
    }
    let name = part.text("filename").map(Cow::into_owned);
    let source = if let Some(data) = part.text("file_data") {
        if data.starts_with("data:") {
            located(&data, &place.field("file_data"))?
        } else {
            Source::Base64 {
                media_type: media_type_of(name.as_deref()).to_owned(),
                data: without_breaks(&data),
            }
        }
    } else if let Some(url) = part.text("file_url") {
        located(&url, &place.field("file_url"))?
    } else if let Some(id) = part.text("file_id") {
        Source::Stored(id.into_owned())
    } else {
        let at = place.field("file_data");
        let message = format!("`{at}` is missing; a file needs it, a `file_url` or a `file_id`.");
        return Err(AskError::of(&at, message));
    };
    Ok(Block::Document { source, name })
}

/// An address, or the bytes themselves in a data URI (RFC 2397).
fn located(url: &str, at: &str) -> Result<Source, AskError> {
    let Some(rest) = url.strip_prefix("data:") else { return Ok(Source::Url(url.to_owned())) };
    let inline = rest.split_once(',').and_then(|(head, data)| {
        let media_type = head.strip_suffix(";base64")?;
        Some((media_type.split(';').next().unwrap_or_default(), data))
    });
    let (media_type, data) = inline.ok_or_else(|| {
        AskError::of(at, format!("`{at}` must be an address or base64, like `data:image/png;base64,…`."))
    })?;
    Ok(Source::Base64 { media_type: media_type.to_ascii_lowercase(), data: without_breaks(data) })
}

/// Encoders for mail break base64 into lines; JSON carries the breaks, and vendors refuse them.
fn without_breaks(data: &str) -> String {
    if data.bytes().any(|byte| byte.is_ascii_whitespace()) {
        data.split_ascii_whitespace().collect()
    } else {
        data.to_owned()
    }
}

/// What a file without a data URI is, by its name. A PDF if nothing is known, as at the vendor's.
fn media_type_of(name: Option<&str>) -> &'static str {
    let extension =
        name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("txt" | "md" | "log") => "text/plain",
        Some("csv") => "text/csv",
        Some("html" | "htm") => "text/html",
        Some("json") => "application/json",
        _ => "application/pdf",
    }
}
