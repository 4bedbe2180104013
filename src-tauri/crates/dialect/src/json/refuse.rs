//! Why text is not what it should be, in the words of `serde_json`, which say the line and the column.
//!
//! Only asked once something is known to be wrong.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

/// Why `json` is no object.
pub(super) fn object(json: &str) -> serde_json::Error {
    match serde_json::from_str::<Object>(json) {
        Err(error) => error,
        Ok(Object) => serde_json::Error::custom("expected a JSON object"),
    }
}

struct Object;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Object)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
