//! Values of the types that a request's fields have. Lax clients put numbers and switches into quotes.

use std::borrow::Cow;
use std::fmt::Display;

use super::place::Place;
use crate::ask::AskError;
use crate::canon::{Block, Json};
use crate::json::{self, Element, Fields, Items, Raw};

pub(super) fn text(at: impl Display, value: Raw<'_>) -> Result<Cow<'_, str>, AskError> {
    json::text(value).ok_or_else(|| AskError::must_be(at, "a string"))
}

pub(super) fn flag(at: impl Display, value: Raw<'_>) -> Result<bool, AskError> {
    match json::literal(value).unwrap_or(value.get()) {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(AskError::must_be(at, "true or false")),
    }
}

pub(super) fn number(at: impl Display, value: Raw<'_>) -> Result<f64, AskError> {
    json::number(value).ok_or_else(|| AskError::must_be(at, "a number"))
}

/// A count. Below zero it means "no limit" wherever hosts take it, as if it weren't there.
pub(super) fn limit(at: impl Display, value: Raw<'_>) -> Result<Option<u64>, AskError> {
    match (json::count(value), json::number(value)) {
        (Some(count), _) => Ok(Some(count)),
        (None, Some(number)) if number < 0.0 => Ok(None),
        _ => Err(AskError::must_be(at, "a whole number")),
    }
}

pub(super) fn object<'a>(at: impl Display, value: Raw<'a>, what: &str) -> Result<Fields<'a>, AskError> {
    Fields::of(value).ok_or_else(|| AskError::must_be(at, what))
}

pub(super) fn list<'a>(at: impl Display, value: Raw<'a>, what: &str) -> Result<Items<'a>, AskError> {
    json::items(value).ok_or_else(|| AskError::must_be(at, what))
}

/// The elements of a list of objects, each with its number. `what` is what each of them must be.
pub(super) fn objects<'a>(
    at: &Place<'a>,
    value: Raw<'a>,
    what: &'a str,
) -> Result<impl Iterator<Item = Result<(usize, Fields<'a>), AskError>>, AskError> {
    let at = *at;
    let elements = list(at, value, "a list of objects")?.read().enumerate();
    Ok(elements.map(move |(index, element)| match element {
        Element::Object(fields) => Ok((index, fields)),
        Element::Other(_) => Err(AskError::must_be(at.element(index), what)),
    }))
}

/// Texts that end the answer: one, or a list of them. Empty ones end nothing and are left out.
pub(super) fn stop_texts(at: &str, value: Raw<'_>) -> Result<Vec<String>, AskError> {
    let wrong = || AskError::must_be(at, "a string or a list of strings");
    let mut texts = match json::text(value) {
        Some(text) => vec![text.into_owned()],
        None => json::items(value)
            .ok_or_else(wrong)?
            .filter(|item| !item.is_null())
            .map(|item| json::text(item).map(Into::into).ok_or_else(wrong))
            .collect::<Result<Vec<String>, _>>()?,
    };
    texts.retain(|text| !text.is_empty());
    Ok(texts)
}

/// The content of a message: a text, or a list of texts and parts. Texts without a character say nothing, and
/// Anthropic refuses them, so they are left out.
pub(super) fn content(
    at: &Place<'_>,
    value: Raw<'_>,
    mut block: impl FnMut(&Fields<'_>, &Place<'_>) -> Result<Option<Block>, AskError>,
) -> Result<Vec<Block>, AskError> {
    if let Some(text) = json::text(value) {
        return Ok(said(text).into_iter().collect());
    }
    let mut blocks = Vec::new();
    for (index, part) in list(at, value, "a text or a list of parts")?.read().enumerate() {
        let at = at.element(index);
        blocks.extend(match part {
            Element::Object(part) => block(&part, &at)?,
            Element::Other(other) => {
                said(json::text(other).ok_or_else(|| AskError::must_be(at, "an object with a `type`"))?)
            }
        });
    }
    Ok(blocks)
}

/// A text, if it says something.
pub(super) fn said(text: Cow<'_, str>) -> Option<Block> {
    (!text.is_empty()).then(|| Block::Text(text.into_owned()))
}

/// A JSON Schema.
pub(super) fn schema(at: impl Display, value: Option<Raw<'_>>) -> Result<Json, AskError> {
    let schema = value.filter(|schema| schema.is_object());
    schema.map(Raw::to_json).ok_or_else(|| AskError::must_be(at, "a JSON Schema, an object"))
}
