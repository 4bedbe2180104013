//! Writing: JSON values into bodies and into events.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::canon::Json;
use crate::json::Raw;

/// Appends `value`. Writing these types into memory can't fail; if it ever did, nothing would be half written.
pub(super) fn json(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// A whole body.
pub(super) fn body(value: &impl Serialize) -> Bytes {
    let mut out = Vec::new();
    json(&mut out, value);
    out.into()
}

/// Appends one event with its name.
pub(super) fn event(out: &mut Vec<u8>, name: &str, data: &impl Serialize) {
    for part in ["event: ", name, "\ndata: "] {
        out.extend_from_slice(part.as_bytes());
    }
    json(out, data);
    out.extend_from_slice(b"\n\n");
}

/// A value as the client wrote it, on one line: it may stand in an event. Line ends in JSON text are only ever
/// white space.
pub(super) fn on_one_line(value: Raw<'_>) -> Json {
    let value = value.to_json();
    if value.get().contains(['\n', '\r'])
        && let Ok(flat) = RawValue::from_string(value.get().replace(['\n', '\r'], " "))
    {
        return flat;
    }
    value
}
