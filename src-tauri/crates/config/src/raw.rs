//! The first stage: what was typed, every value with its place.
//!
//! The tables are read from a parsed document, not through serde's deserializer, for that one stops at the
//! first mistake and loses the place of values inside. A table whose value is wrong is read on without it.

mod choice;
mod tables;
pub(crate) mod unknown;
mod word;

use toml::de::{DeTable, DeValue};

use crate::report::{Place, Report};

pub(crate) use choice::Choice;
pub(crate) use tables::{
    Alerts, Cache, Export, File, Guardrails, Langfuse, Price, Provider, Route, Server, Slo, Target, Tenant,
};
pub(crate) use word::{Amount, Count, Dialects, Flag, Pattern, Size, Text, Time};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// The entries of a table whose keys are names chosen by the user, in the order of the file.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) Vec<(String, At<T>)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A type that a value of the file can be read as.
pub(crate) trait Read: Sized + schemars::JsonSchema {
    /// What is expected, in plain words that follow "must be".
    fn expected() -> String;

    /// The sentence that says how to write one.
    fn fix() -> String;

    /// The same two for a list of them.
    fn list() -> (String, String);

    /// Reads the value, or reports what is wrong with it.
    fn read(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Option<Self>;
}

/// Parses the text and reads it as a file. `None`: the text is not TOML, which has been reported.
pub(crate) fn read(text: &str, report: &mut Report<'_>) -> Option<File> {
    let (document, mistakes) = DeTable::parse_recoverable(text);
    for mistake in &mistakes {
        let offset = mistake.span().map_or(text.len(), |span| span.start.min(text.len()));
        let (message, fix) = syntax(mistake.message(), text.get(offset..).unwrap_or_default());
        report.error(&Place::root().at(offset), message, fix);
    }
    if !mistakes.is_empty() {
        return None;
    }
    let document = DeValue::Table(document.into_inner());
    find_secrets(&document, &Place::root(), report);
    crate::not_yet::report(&document, report);
    File::read(&document, &Place::root(), report)
}

/// What a mistake of syntax means. The parser's own words name no text of the file, so they are safe to
/// pass on, but for the commonest mistakes there are plainer ones.
fn syntax(said: &str, rest: &str) -> (String, &'static str) {
    let next = rest.trim_start_matches([' ', '\t', '\r']).chars().next();
    let unquoted = said.starts_with("string values must be quoted");
    let (message, fix) = match said {
        "duplicate key" => ("This key or table stands in the file twice.", "Keep one of them."),
        _ if unquoted && matches!(next, None | Some('\n' | '#')) => {
            ("The value after the equals sign is missing.", "Write a value, or remove the line.")
        }
        _ if unquoted || said.starts_with("invalid float") || said.starts_with("invalid integer") => (
            "This is neither a number nor a text in quotes.",
            "Put double quotes around texts, durations, sizes and addresses.",
        ),
        _ if said.starts_with("invalid") && said.contains("string") && matches!(next, None | Some('\n')) => {
            ("The quotes around this text are not closed.", "Close them on the same line.")
        }
        _ if said.starts_with("unclosed") => {
            ("A bracket is opened and not closed.", "Add the closing ] or }.")
        }
        _ if said.starts_with("key with no value") => (
            "There is no equals sign after this key.",
            "Write key = value, or put a # in front of a comment.",
        ),
        _ => {
            let message = format!("This is not valid TOML: {said}.");
            return (message, "Check the quotes, brackets and equals signs here and just before.");
        }
    };
    (message.to_owned(), fix)
}

/// Reports every text of the file that looks like a secret, whichever key it stands under.
fn find_secrets(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) {
    match value {
        DeValue::String(text) if crate::secret::looks_like_one(text) => report.error(
            place,
            "This looks like a secret. Secrets never stand in evenkeel.toml.",
            "Take it out of the file, put it in an environment variable and write key = \"env:NAME\" \
             for its provider. It has been on disk, so consider making a new one.",
        ),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_secrets(item.get_ref(), &place.item(index, item.span().start), report);
            }
        }
        DeValue::Table(table) => {
            for (key, item) in table {
                find_secrets(item.get_ref(), &place.key(key.get_ref(), item.span().start), report);
            }
        }
        _ => {}
    }
}

/// Reports that a value has the wrong type.
fn wrong_type(value: &DeValue<'_>, place: &Place, expected: &str, fix: String, report: &mut Report<'_>) {
    let found = match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a bare number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    report.error(place, format!("{} must be {expected}, not {found}.", place.name()), fix);
}

impl<T: Read> Read for Vec<At<T>> {
    fn expected() -> String {
        T::list().0
    }

    fn fix() -> String {
        T::list().1
    }

    fn list() -> (String, String) {
        (format!("a list of lists, each {}", T::list().0), T::list().1)
    }

    fn read(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Array(items) = value else {
            wrong_type(value, place, &Self::expected(), Self::fix(), report);
            return None;
        };
        let mut list = Self::new();
        for (index, item) in items.iter().enumerate() {
            let place = place.item(index, item.span().start);
            list.extend(T::read(item.get_ref(), &place, report).map(|value| At { value, place }));
        }
        Some(list)
    }
}

impl<T: Read> Read for Named<T> {
    fn expected() -> String {
        "a table with a name for each entry".to_owned()
    }

    fn fix() -> String {
        T::fix()
    }

    fn list() -> (String, String) {
        ("a list of tables".to_owned(), T::fix())
    }

    fn read(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Option<Self> {
        let DeValue::Table(table) = value else {
            wrong_type(value, place, &Self::expected(), Self::fix(), report);
            return None;
        };
        let mut entries = Vec::new();
        for (key, item) in table {
            let place = place.key(key.get_ref(), item.span().start);
            if let Some(value) = T::read(item.get_ref(), &place, report) {
                entries.push((key.get_ref().clone().into_owned(), At { value, place }));
            }
        }
        Some(Self(entries))
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}
