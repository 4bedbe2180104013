//! The schema of a tool's arguments as the API takes it.
//!
//! It must be an object's, and may not be a choice between several at its top. Wherever possible it is handed
//! on verbatim: the same bytes in every turn are what a prompt cache lives on.

use std::collections::HashSet;

use serde_json::value::RawValue;

use crate::canon::Json;
use crate::json::{self, Fields, Raw};

/// What a tool takes that takes nothing.
const NOTHING: &str = r#"{"type":"object","properties":{}}"#;
/// Ways of combining schemas.
const COMBINATIONS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// What is written anew when a combination is taken apart. Closing the object would shut out the fields of an
/// alternative that is only referred to.
const REWRITTEN: [&str; 7] =
    ["type", "properties", "required", "additionalProperties", "allOf", "anyOf", "oneOf"];

/// A schema, and what had to be said in words instead.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) schema: Json,
    pub(super) remark: Option<String>,
}

pub(super) fn read(parameters: Option<Json>) -> Taken {
    let plain = |schema| Taken { schema, remark: None };
    let Some(parameters) = parameters else { return plain(nothing()) };
    let Some(fields) = Fields::of(Raw::from(&*parameters)) else { return plain(nothing()) };
    if COMBINATIONS.iter().any(|name| fields.get(name).is_some()) {
        return taken_apart(&fields);
    }
    if fields.text("type").as_deref() == Some("object") {
        return plain(parameters);
    }
    if fields.is_empty() {
        return plain(nothing());
    }
    let mut out = Writer::new();
    out.field("type", "\"object\"");
    for (name, value) in fields.iter().filter(|(name, _)| *name != "type") {
        out.field(name, value.get());
    }
    plain(out.finish())
}

pub(super) fn nothing() -> Json {
    raw(NOTHING.to_owned())
}

/// One object with the fields of all alternatives, and the alternatives themselves in words. Required is what
/// is required in any case.
fn taken_apart(fields: &Fields<'_>) -> Taken {
    let mut known = HashSet::new();
    let mut properties = Writer::new();
    let mut required = Vec::new();
    let mut remarks = Writer::new();
    collect(fields, &mut known, &mut properties);
    required.extend(names(fields));
    for combination in COMBINATIONS {
        let Some(value) = fields.get(combination) else { continue };
        remarks.field(combination, value.get());
        for part in json::items(value).unwrap_or_default().objects() {
            collect(&part, &mut known, &mut properties);
            if combination == "allOf" {
                required.extend(names(&part));
            }
        }
    }
    let mut seen = HashSet::new();
    required.retain(|name| seen.insert(name.clone()));
    let mut out = Writer::new();
    out.field("type", "\"object\"");
    out.field("properties", properties.finish().get());
    if !required.is_empty() {
        out.field("required", &format!("[{}]", required.join(",")));
    }
    for (name, value) in fields.iter().filter(|(name, _)| !REWRITTEN.contains(name)) {
        out.field(name, value.get());
    }
    let remark = format!("The arguments must match this JSON Schema as well: {}", remarks.finish().get());
    Taken { schema: out.finish(), remark: Some(remark) }
}

/// The first schema of a field's name stands; alternatives mostly repeat it.
fn collect(of: &Fields<'_>, known: &mut HashSet<String>, into: &mut Writer) {
    let Some(properties) = of.object("properties") else { return };
    for (name, value) in properties.iter() {
        if known.insert(name.to_owned()) {
            into.field(name, value.get());
        }
    }
}

/// What is required, each name as JSON.
fn names(of: &Fields<'_>) -> Vec<String> {
    let required = of.items("required").unwrap_or_default();
    required
        .into_iter()
        .filter(|name| json::literal(*name).is_some())
        .map(|name| name.get().to_owned())
        .collect()
}

/// Puts an object together from JSON that is there already.
#[derive(Debug)]
struct Writer(String);

impl Writer {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn field(&mut self, name: &str, value: &str) {
        let comma = if self.0.len() == 1 { "" } else { "," };
        self.0.extend([comma, &json::quoted(name), ":", value]);
    }

    fn finish(mut self) -> Json {
        self.0.push('}');
        raw(self.0)
    }
}

/// Text that is JSON already, or was put together from such.
fn raw(text: String) -> Json {
    RawValue::from_string(text).unwrap_or_default()
}
