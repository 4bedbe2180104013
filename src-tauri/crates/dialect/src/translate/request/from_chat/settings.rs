//! The limit on the answer, and its form.

use crate::ask::AskError;
use crate::canon::Format;
use crate::json::{Fields, Raw};
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// A count that may be there.
pub(super) fn limit(fields: &Fields<'_>, name: &str) -> Result<Option<u64>, AskError> {
    fields.get(name).map_or(Ok(None), |value| values::limit(name, value))
}

/// The limit on the answer, whichever of its names it has here. Told if the two names say two things.
pub(super) fn max_output(fields: &Fields<'_>, notes: &mut Notes) -> Result<Option<u64>, AskError> {
    let (newer, older) = (limit(fields, "max_completion_tokens")?, limit(fields, "max_tokens")?);
    if newer.is_some() && older.is_some() && newer != older {
        notes.told("max_tokens");
    }
    Ok(newer.or(older))
}

/// `response_format`. A schema beside `json_object` is how some hosts spell `json_schema`.
pub(super) fn format(fields: &Fields<'_>, notes: &mut Notes) -> Result<Format, AskError> {
    let at = Place::of("response_format");
    let Some(value) = fields.get("response_format") else { return Ok(Format::Text) };
    let format = values::object(at, value, "an object with a `type`")?;
    let kind = format.text("type").unwrap_or_default();
    match kind.as_ref() {
        "text" => {
            notes.unknown(&at, &format, &["type"]);
            Ok(Format::Text)
        }
        "json_object" => {
            notes.unknown(&at, &format, &["type", "schema"]);
            let schema = format.get("schema").filter(|schema| schema.is_object());
            Ok(schema.map_or(Format::JsonObject, |schema| Format::JsonSchema {
                name: None,
                description: None,
                schema: schema.to_json(),
                strict: None,
            }))
        }
        "json_schema" => {
            notes.unknown(&at, &format, &["type", "json_schema"]);
            schema(&format, &at.field("json_schema"), notes)
        }
        "" => Err(AskError::missing(at.field("type"), "text, json_object or json_schema")),
        // A grammar of the host's, most likely: the answer's form is what was asked for.
        unknown => {
            notes.meaning(at.field(&plain(unknown)));
            Ok(Format::Text)
        }
    }
}

fn schema(format: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Format, AskError> {
    let wrapper = format.object("json_schema");
    let wrapper = wrapper.ok_or_else(|| AskError::must_be(at, "an object with a `schema`"))?;
    notes.unknown(at, &wrapper, &["name", "description", "schema", "strict"]);
    // OpenAI lets the schema be absent: any JSON will do.
    let Some(schema) = wrapper.get("schema") else { return Ok(Format::JsonObject) };
    Ok(Format::JsonSchema {
        name: wrapper.text("name").map(Into::into),
        description: wrapper.text("description").map(Into::into),
        schema: values::schema(at.field("schema"), Some(schema))?,
        strict: strict(at, wrapper.get("strict"))?,
    })
}

/// `strict`, of a schema or a function.
pub(super) fn strict(at: &Place<'_>, value: Option<Raw<'_>>) -> Result<Option<bool>, AskError> {
    value.map(|strict| values::flag(at.field("strict"), strict)).transpose()
}
