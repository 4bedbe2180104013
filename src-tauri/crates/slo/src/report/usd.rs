//! Money on the wire: a number with exactly six decimals, counted inside in millionths of a dollar.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;
use ts_rs::TS;

/// The most that is read back, in micro-dollars: beyond it a float no longer holds every one of them.
const MOST: f64 = 9e15;

/// An amount in millionths of a US dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, TS)]
#[ts(type = "number", export_to = "Usd.ts")]
pub struct Usd(pub i64);

impl fmt::Display for Usd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        write!(out, "{}{whole}.{part:06}", if self.0 < 0 { "-" } else { "" })
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // As text that is a number already: a float would print a millionth as 1e-6.
        RawValue::from_string(self.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let micros = (f64::deserialize(deserializer)? * 1e6).round();
        if !(-MOST..=MOST).contains(&micros) {
            return Err(de::Error::custom("an amount beyond nine billion dollars"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "in range by the check above")]
        Ok(Self(micros as i64))
    }
}
