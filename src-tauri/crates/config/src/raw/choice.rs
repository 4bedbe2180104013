//! Values that are one of a few words. Each enum lists its words once, for reading, writing and the schema.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use super::unknown::nearest;
use super::{Read, wrong_type};
use crate::report::{Place, Report};
use crate::{
    CacheBackend, CacheServe, Dialect, LatencyBasis, OnExceed, OnUnpriced, PromptCaching, Sensitivity,
    Strategy, Watch, secret,
};

/// An enum whose values are words of the file.
pub(crate) trait Choice: Copy + PartialEq + Sized + 'static {
    /// Every word with what it stands for.
    const WORDS: &'static [(&'static str, Self)];

    /// The word for this value.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

fn words<T: Choice>() -> String {
    let words: Vec<String> = T::WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

macro_rules! choices {
    ($($type:ident { $($word:literal => $value:ident),+ $(,)? })+) => { $(
        impl Choice for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$value)),+];
        }

        impl Read for $type {
            fn expected() -> String {
                words::<Self>()
            }

            fn fix() -> String {
                format!("Write {}.", words::<Self>())
            }

            fn list() -> (String, String) {
                (format!("a list of {}", words::<Self>()), "Put square brackets around it: [ … ].".to_owned())
            }

            fn read(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Option<Self> {
                let Some(text) = value.as_str() else {
                    wrong_type(value, place, &Self::expected(), Self::fix(), report);
                    return None;
                };
                let found = Self::WORDS.iter().find(|(word, _)| *word == text);
                if found.is_none() {
                    let fix = match nearest(text, Self::WORDS.iter().map(|(word, _)| *word)) {
                        Some(word) => format!("Did you mean \"{word}\"?"),
                        None => Self::fix(),
                    };
                    let (name, text) = (place.name(), secret::quoted(text));
                    report.error(place, format!("{name} can't be {text}; it is {}.", words::<Self>()), fix);
                }
                found.map(|(_, value)| *value)
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": [$($word),+] })
            }
        }
    )+ };
}

choices! {
    Dialect { "openai" => OpenAi, "anthropic" => Anthropic }
    Watch { "always" => Always, "streams" => Streams }
    PromptCaching { "off" => Off, "5m" => FiveMinutes, "1h" => OneHour }
    Strategy { "ordered" => Ordered, "weighted" => Weighted }
    OnUnpriced { "allow" => Allow, "reject" => Reject }
    OnExceed { "truncate" => Truncate, "cheaper" => Cheaper, "cached" => Cached, "reject" => Reject }
    CacheBackend { "sqlite" => Sqlite, "redis" => Redis }
    CacheServe { "on_failure" => OnFailure, "always" => Always, "never" => Never }
    LatencyBasis { "first_byte" => FirstByte, "first_token" => FirstToken, "complete" => Complete }
    Sensitivity { "standard" => Standard, "quiet" => Quiet, "literal" => Literal }
}
