//! The plain settings of a request: numbers, switches, stop texts, the form of the answer.

use serde_json::value::RawValue;

use super::invalid;
use super::notes::{Notes, shown};
use crate::ask::AskError;
use crate::canon::Format;
use crate::json::{self, Fields};

/// A switch; `None` if it isn't there.
pub(super) fn flag(fields: &Fields<'_>, name: &str) -> Result<Option<bool>, AskError> {
    let Some(value) = fields.get(name) else { return Ok(None) };
    match json::literal(value).unwrap_or(value.get()) {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(invalid(name, format!("`{name}` must be true or false."))),
    }
}

/// Any number.
pub(super) fn number(fields: &Fields<'_>, name: &str) -> Result<Option<f64>, AskError> {
    let Some(value) = fields.get(name) else { return Ok(None) };
    as_number(value).map(Some).ok_or_else(|| invalid(name, format!("`{name}` must be a number.")))
}

/// A number, also one in quotes.
pub(super) fn as_number(value: &RawValue) -> Option<f64> {
    let digits = json::literal(value).unwrap_or(value.get()).trim();
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A count. Below zero it means "no limit" wherever hosts take it, as if it weren't there.
pub(super) fn limit(fields: &Fields<'_>, name: &str) -> Result<Option<u64>, AskError> {
    let Some(value) = fields.get(name) else { return Ok(None) };
    if let Some(count) = json::count(value) {
        return Ok(Some(count));
    }
    match as_number(value) {
        Some(number) if number < 0.0 => Ok(None),
        _ => Err(invalid(name, format!("`{name}` must be a whole number."))),
    }
}

/// The limit on the answer, whichever of its names it has here. Told if the two names say two things.
pub(super) fn max_output(fields: &Fields<'_>, notes: &mut Notes) -> Result<Option<u64>, AskError> {
    let (newer, older) = (limit(fields, "max_completion_tokens")?, limit(fields, "max_tokens")?);
    if newer.is_some() && older.is_some() && newer != older {
        notes.told("max_tokens");
    }
    Ok(newer.or(older))
}

/// Stop texts. Empty ones stop nothing and are left out.
pub(super) fn stop(fields: &Fields<'_>) -> Result<Vec<String>, AskError> {
    let Some(value) = fields.get("stop") else { return Ok(Vec::new()) };
    let wrong = || invalid("stop", "`stop` must be a string or a list of strings.");
    let mut texts = match json::text(value) {
        Some(text) => vec![text.into_owned()],
        None => json::items(value)
            .ok_or_else(wrong)?
            .into_iter()
            .filter(|item| item.get() != "null")
            .map(|item| json::text(item).map(Into::into).ok_or_else(wrong))
            .collect::<Result<Vec<String>, _>>()?,
    };
    texts.retain(|text| !text.is_empty());
    Ok(texts)
}

/// `response_format`. A schema beside `json_object` is how some hosts spell `json_schema`.
pub(super) fn format(fields: &Fields<'_>, notes: &mut Notes) -> Result<Format, AskError> {
    const NAME: &str = "response_format";
    let Some(value) = fields.get(NAME) else { return Ok(Format::Text) };
    let format = Fields::of(value)
        .ok_or_else(|| invalid(NAME, "`response_format` must be an object with a `type`."))?;
    let kind = format.text("type").unwrap_or_default();
    match kind.as_ref() {
        "text" => {
            notes.rest(NAME, &format, &["type"]);
            Ok(Format::Text)
        }
        "json_object" => {
            notes.rest(NAME, &format, &["type", "schema"]);
            let schema = format.get("schema").filter(|schema| schema.get().starts_with('{'));
            Ok(schema.map_or(Format::JsonObject, |schema| Format::JsonSchema {
                name: None,
                description: None,
                schema: schema.to_owned(),
                strict: None,
            }))
        }
        "json_schema" => {
            notes.rest(NAME, &format, &["type", "json_schema"]);
            schema(&format, notes)
        }
        "" => Err(invalid("response_format.type", "`response_format.type` is missing.")),
        // A grammar of the host's, most likely: the answer's form is what was asked for.
        unknown => {
            notes.meaning(&format!("{NAME}.{}", shown(unknown)));
            Ok(Format::Text)
        }
    }
}

fn schema(format: &Fields<'_>, notes: &mut Notes) -> Result<Format, AskError> {
    const NAME: &str = "response_format.json_schema";
    let wrapper = format
        .object("json_schema")
        .ok_or_else(|| invalid(NAME, "`response_format.json_schema` must be an object with a `schema`."))?;
    notes.rest(NAME, &wrapper, &["name", "description", "schema", "strict"]);
    // OpenAI lets the schema be absent: any JSON will do.
    let Some(schema) = wrapper.get("schema") else { return Ok(Format::JsonObject) };
    if !schema.get().starts_with('{') {
        let place = "response_format.json_schema.schema";
        return Err(invalid(place, format!("`{place}` must be a JSON Schema, an object.")));
    }
    Ok(Format::JsonSchema {
        name: wrapper.text("name").map(Into::into),
        description: wrapper.text("description").map(Into::into),
        schema: schema.to_owned(),
        strict: flag(&wrapper, "strict")?,
    })
}
