//! One piece of what was said: a text, a picture, a file, or something that only its own dialect knows.

use std::borrow::Cow;

use super::object::{Object, is_empty, is_text, object, text};
use crate::Api;
use crate::json::Tree;

#[derive(Debug)]
pub(super) enum Block<'a> {
    /// What nobody took of its object is `other`.
    Text { text: Cow<'a, str>, other: Option<Tree<'a>> },
    /// The rest, in its form already.
    Formed(Tree<'a>),
}

impl<'a> Block<'a> {
    pub(super) fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text { text: text.into(), other: None }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. })
    }

    /// An empty text with nothing to it.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Text { text, other: None } if text.is_empty())
    }

    pub(super) fn into_tree(self, api: Api) -> Tree<'a> {
        match self {
            Self::Text { text: words, other } => object([("text", Some(text(words))), other_of(api, other)]),
            Self::Formed(tree) => tree,
        }
    }

    /// What only this dialect knows, as it stands.
    pub(super) fn raw(api: Api, tree: Tree<'a>) -> Self {
        Self::Formed(object([("raw", Some(super::tagged(api, super::object::unmarked(tree))))]))
    }

    /// A content of neither text nor parts, which is not the same as a list with this one part.
    pub(super) fn odd(api: Api, content: Tree<'a>) -> Self {
        Self::Formed(object([("content", Some(super::tagged(api, super::object::unmarked(content))))]))
    }

    /// A content: nothing, a text, or a list of parts.
    pub(super) fn list(api: Api, content: Option<Tree<'a>>) -> Vec<Self> {
        match content {
            None => Vec::new(),
            Some(Tree::Text(text)) => vec![Self::plain(text)],
            Some(Tree::List(parts)) => parts.into_iter().map(|part| Self::of(api, part)).collect(),
            Some(other) => vec![Self::odd(api, other)],
        }
    }

    /// One part of a content.
    pub(super) fn of(api: Api, part: Tree<'a>) -> Self {
        match Object::from_tree(part) {
            Ok(part) => Self::of_object(api, part),
            Err(other) => Self::raw(api, other),
        }
    }

    pub(super) fn of_object(api: Api, part: Object<'a>) -> Self {
        if let Some(known) = form_of(api, &part) { known(api, part) } else { Self::unknown(api, part) }
    }

    pub(super) fn unknown(api: Api, mut part: Object<'a>) -> Self {
        part.forget(&MARKS);
        Self::raw(api, part.rest().unwrap_or(Tree::Null))
    }
}

/// Where a provider's prompt cache may cut.
const MARKS: [&str; 2] = ["cache_control", "prompt_cache_breakpoint"];

type Form = for<'a> fn(Api, Object<'a>) -> Block<'a>;

/// How a part is read whose every field that matters is there; `None`: it stays as it is.
fn form_of(api: Api, part: &Object<'_>) -> Option<Form> {
    let is = |kind: &str| part.says("type", kind);
    let form: Form = match api {
        Api::ChatCompletions | Api::Messages if is("text") => words,
        Api::Responses if is("input_text") || is("output_text") || is("text") => words,
        Api::ChatCompletions | Api::Responses if is("refusal") => refusal,
        Api::ChatCompletions if is("image_url") => chat_image,
        Api::ChatCompletions if is("file") => chat_file,
        Api::Responses if is("input_image") => responses_image,
        Api::Responses if is("input_file") => openai_file,
        Api::Messages if is("image") => messages_image,
        Api::Messages if is("document") => messages_document,
        _ => return None,
    };
    Some(form)
}

fn other_of(api: Api, other: Option<Tree<'_>>) -> (&'static str, Option<Tree<'_>>) {
    ("other", other.map(|other| super::tagged(api, other)))
}

fn words(api: Api, mut part: Object<'_>) -> Block<'_> {
    let Some(text) = part.take_text("text") else { return Block::unknown(api, part) };
    part.forget(&["type"]);
    part.forget(&MARKS);
    // What an SDK sends back of an earlier answer; empty, it says nothing.
    for echo in ["annotations", "logprobs", "citations"] {
        part.forget_default(echo, is_empty);
    }
    Block::Text { text, other: part.rest() }
}

fn refusal(api: Api, mut part: Object<'_>) -> Block<'_> {
    let Some(words) = part.take_text("refusal") else { return Block::unknown(api, part) };
    part.forget(&["type"]);
    refused(api, words, part.rest())
}

pub(super) fn refused<'a>(api: Api, words: Cow<'a, str>, other: Option<Tree<'a>>) -> Block<'a> {
    let words = super::prose::normal(words, super::prose::End::Here);
    Block::Formed(object([("refusal", Some(text(words))), other_of(api, other)]))
}

fn chat_image(api: Api, mut part: Object<'_>) -> Block<'_> {
    let Some(mut image) = part.take_object("image_url") else { return Block::unknown(api, part) };
    let Some(url) = image.take_text("url") else {
        part.put_back("image_url", image.rest());
        return Block::unknown(api, part);
    };
    let detail = detail_of(&mut image);
    part.put_back("image_url", image.rest());
    picture(api, located(url), detail, part)
}

fn responses_image(api: Api, mut part: Object<'_>) -> Block<'_> {
    let source = if let Some(url) = part.take_text("image_url") {
        located(url)
    } else if let Some(id) = part.take_text("file_id") {
        stored(api, id)
    } else {
        return Block::unknown(api, part);
    };
    let detail = detail_of(&mut part);
    picture(api, source, detail, part)
}

fn messages_image(api: Api, mut part: Object<'_>) -> Block<'_> {
    let Some(source) = anthropic_source(api, &mut part) else { return Block::unknown(api, part) };
    picture(api, source, None, part)
}

/// `auto` is what happens without it.
fn detail_of<'a>(part: &mut Object<'a>) -> Option<Tree<'a>> {
    part.take("detail").filter(|detail| !is_text(detail, "auto"))
}

fn picture<'a>(api: Api, source: Tree<'a>, detail: Option<Tree<'a>>, mut part: Object<'a>) -> Block<'a> {
    part.forget(&["type"]);
    part.forget(&MARKS);
    let other = other_of(api, part.rest());
    Block::Formed(object([("image", Some(source)), ("detail", detail), other]))
}

fn chat_file(api: Api, mut part: Object<'_>) -> Block<'_> {
    let Some(file) = part.take_object("file") else { return Block::unknown(api, part) };
    part.forget(&["type"]);
    part.forget(&MARKS);
    let around = part.rest();
    match (openai_file(api, file), around) {
        (block, None) => block,
        (block, Some(around)) => {
            let around = super::tagged(api, around);
            Block::Formed(object([("within", Some(around)), ("file", Some(block.into_tree(api)))]))
        }
    }
}

fn openai_file(api: Api, mut part: Object<'_>) -> Block<'_> {
    let source = if let Some(data) = part.take_text("file_data") {
        // Without the scheme it is base64 of a kind that the name tells.
        if data.starts_with("data:") { located(data) } else { object([("data", Some(text(data)))]) }
    } else if let Some(url) = part.take_text("file_url") {
        located(url)
    } else if let Some(id) = part.take_text("file_id") {
        stored(api, id)
    } else {
        return Block::unknown(api, part);
    };
    let name = part.take_text("filename");
    document(api, source, name, part)
}

fn messages_document(api: Api, mut part: Object<'_>) -> Block<'_> {
    let Some(source) = anthropic_source(api, &mut part) else { return Block::unknown(api, part) };
    let name = part.take_text("title");
    // Not asked for is what happens without it.
    part.forget_default("citations", |citations| match citations {
        Tree::Object(members) => {
            members.iter().all(|(name, value)| name == "enabled" && super::object::is_bool(value, false))
        }
        _ => false,
    });
    document(api, source, name, part)
}

fn document<'a>(api: Api, source: Tree<'a>, name: Option<Cow<'a, str>>, mut part: Object<'a>) -> Block<'a> {
    part.forget(&["type"]);
    part.forget(&MARKS);
    let other = other_of(api, part.rest());
    Block::Formed(object([("document", Some(source)), ("name", name.map(text)), other]))
}

/// `source` of an image or a document, if it is one that the other dialect has as well.
fn anthropic_source<'a>(api: Api, part: &mut Object<'a>) -> Option<Tree<'a>> {
    let mut source = part.take_object("source")?;
    let source_of = |source: &mut Object<'a>| {
        if source.says("type", "base64") && source.has("media_type") {
            let data = source.take_text("data")?;
            let Some(media_type) = source.take_text("media_type") else {
                source.put_back("data", Some(text(data)));
                return None;
            };
            return Some(bytes(media_type, data));
        }
        if source.says("type", "url") {
            return source.take_text("url").map(|url| object([("url", Some(text(url)))]));
        }
        if source.says("type", "file") {
            return source.take_text("file_id").map(|id| stored(api, id));
        }
        None
    };
    let found = source_of(&mut source);
    if found.is_some() {
        source.forget(&["type"]);
    }
    part.put_back("source", source.rest());
    found
}

/// An address, or the bytes themselves where it is a data URI of the plain kind.
fn located(url: Cow<'_, str>) -> Tree<'_> {
    let inline = url.strip_prefix("data:").and_then(|inline| inline.split_once(";base64,"));
    match inline {
        Some((media_type, data)) if !media_type.is_empty() && !media_type.contains([';', ',']) => {
            bytes(Cow::Owned(media_type.to_owned()), Cow::Owned(data.to_owned()))
        }
        _ => object([("url", Some(text(url)))]),
    }
}

fn bytes<'a>(media_type: Cow<'a, str>, data: Cow<'a, str>) -> Tree<'a> {
    object([("type", Some(text(media_type))), ("bytes", Some(text(data)))])
}

/// At one vendor, under its id there.
fn stored(api: Api, id: Cow<'_, str>) -> Tree<'_> {
    let vendor = text(api.dialect().as_str());
    object([("stored", Some(text(id))), ("at", Some(vendor))])
}
