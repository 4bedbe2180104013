//! The types that a single value can have, each with its grammar and its words for the user.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::de::{DeInteger, DeValue};

use super::{At, Choice, Read, wrong_type};
use crate::report::{Place, Report};
use crate::value::{duration, size};
use crate::{Dialect, Glob, secret};

/// Defines a type of one value: its Rust type, its words, its JSON Schema and how it is read.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident($inner:ty), $expected:literal, $fix:literal, $schema:tt, $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name(pub(crate) $inner);

        impl Read for $name {
            fn expected() -> String {
                $expected.to_owned()
            }

            fn fix() -> String {
                $fix.to_owned()
            }

            fn list() -> (String, String) {
                (concat!("a list, each item ", $expected).to_owned(), "Put square brackets around it: [ … ].".to_owned())
            }

            fn read(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Option<Self> {
                let read: fn(&DeValue<'_>) -> Reading<$inner> = $read;
                match read(value) {
                    Reading::Is(inner) => return Some(Self(inner)),
                    Reading::WrongType => wrong_type(value, place, $expected, Self::fix(), report),
                    Reading::WrongText(text) => {
                        let message = format!("{} is not {}.", secret::quoted(&text), $expected);
                        report.error(place, message, Self::fix());
                    }
                }
                None
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

/// What reading a value came to.
enum Reading<T> {
    Is(T),
    WrongType,
    WrongText(String),
}

word! {
    /// A switch.
    Flag(bool), "true or false", "Write true or false, without quotes.",
    { "type": "boolean" },
    |value| value.as_bool().map_or(Reading::WrongType, Reading::Is)
}

word! {
    /// A whole number that is not negative.
    Count(u64), "a whole number such as 3", "Write digits only, without quotes, sign or fraction.",
    { "type": "integer", "minimum": 0 },
    |value| match value {
        DeValue::Integer(number) => match integer(number) {
            Some(number) => Reading::Is(number),
            None => Reading::WrongText(number.as_str().to_owned()),
        },
        DeValue::Float(number) => Reading::WrongText(number.as_str().to_owned()),
        _ => Reading::WrongType,
    }
}

word! {
    /// A number with or without a fraction that is not negative.
    Amount(f64), "a number such as 0.05", "Write the number without quotes and sign.",
    { "type": "number", "minimum": 0 },
    |value| {
        let (text, number) = match value {
            DeValue::Integer(number) => (number.as_str(), whole(number)),
            DeValue::Float(number) => (number.as_str(), number.as_str().parse().ok()),
            _ => return Reading::WrongType,
        };
        match number {
            Some(number) if number.is_finite() && number >= 0.0 => Reading::Is(number),
            _ => Reading::WrongText(text.to_owned()),
        }
    }
}

word! {
    /// Any text.
    Text(String), "a text in quotes", "Put double quotes around it.",
    { "type": "string" },
    |value| value.as_str().map_or(Reading::WrongType, |text| Reading::Is(text.to_owned()))
}

word! {
    /// A duration.
    Time(Duration), "a duration such as \"2s\"",
    "Write a number and a unit in quotes: \"250ms\", \"2s\", \"15m\", \"1h\" or \"30d\".",
    { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$" },
    |value| parsed(value, duration::parse)
}

word! {
    /// A number of bytes.
    Size(u64), "a size such as \"32MiB\"",
    "Write a number and a unit in quotes: \"512KiB\", \"32MiB\", \"1GiB\" or \"10MB\".",
    { "type": ["string", "integer"], "pattern": "^[0-9]+(\\.[0-9]+)?([KMGTkmgt][iI]?)?[bB]?$", "minimum": 0 },
    |value| match value {
        DeValue::Integer(number) => match integer(number) {
            Some(bytes) => Reading::Is(bytes),
            None => Reading::WrongText(number.as_str().to_owned()),
        },
        _ => parsed(value, size::parse),
    }
}

word! {
    /// A pattern over names.
    Pattern(Glob), "a pattern such as \"gpt-*\"",
    "Write the name in quotes; * stands for any text, ? for one character.",
    { "type": "string", "minLength": 1 },
    |value| parsed(value, |text| (!text.trim().is_empty()).then(|| Glob::new(text)))
}

fn parsed<T>(value: &DeValue<'_>, parse: impl Fn(&str) -> Option<T>) -> Reading<T> {
    match value.as_str() {
        Some(text) => parse(text).map_or_else(|| Reading::WrongText(text.to_owned()), Reading::Is),
        None => Reading::WrongType,
    }
}

fn integer(number: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(number.as_str().trim_start_matches('+'), number.radix()).ok()
}

/// A whole number as a fraction; amounts are far below the point where that loses anything.
fn whole(number: &DeInteger<'_>) -> Option<f64> {
    let number = integer(number)?;
    u32::try_from(number).ok().map(f64::from)
}

/// One dialect, or a list of them.
#[derive(Debug, Clone)]
pub(crate) struct Dialects(pub(crate) Vec<Dialect>);

impl Read for Dialects {
    fn expected() -> String {
        Dialect::expected()
    }

    fn fix() -> String {
        Dialect::fix()
    }

    fn list() -> (String, String) {
        Dialect::list()
    }

    fn read(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Option<Self> {
        if value.as_array().is_none() {
            return Dialect::read(value, place, report).map(|dialect| Self(vec![dialect]));
        }
        let list = Vec::<At<Dialect>>::read(value, place, report)?;
        let mut dialects = Vec::new();
        for At { value: dialect, place } in list {
            if dialects.contains(&dialect) {
                report.error(
                    &place,
                    format!("\"{}\" stands in the list twice.", dialect.word()),
                    "Remove one.",
                );
            } else {
                dialects.push(dialect);
            }
        }
        if dialects.is_empty() {
            report.error(place, "A provider must speak at least one dialect.", Self::fix());
            return None;
        }
        Some(Self(dialects))
    }
}

impl JsonSchema for Dialects {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Dialects".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Dialect>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1, "uniqueItems": true }] })
    }
}
