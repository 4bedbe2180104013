//! Integers in as few bytes as they need: seven bits a byte, lowest first, the eighth says that more follow.
//! Roll-ups are millions of small numbers, and most of them fit into one byte.

use super::BadBytes;

pub(crate) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(lowest_byte(value) | 0x80);
        value >>= 7;
    }
    bytes.push(lowest_byte(value));
}

fn lowest_byte(value: u64) -> u8 {
    value.to_le_bytes()[0]
}

/// Takes one off the front.
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> Result<u64, BadBytes> {
    if let [byte @ ..0x80, rest @ ..] = bytes {
        let value = u64::from(*byte);
        *bytes = rest;
        return Ok(value);
    }
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let Some((&byte, rest)) = bytes.split_first() else { return Err(BadBytes("a number is cut short")) };
        *bytes = rest;
        let bits = u64::from(byte & 0x7F);
        // Of the tenth byte only one bit is left.
        if bits << shift >> shift != bits {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(BadBytes("a number is too long"))
}

/// Signed numbers as unsigned ones that stay small on both sides of 0: 0, −1, 1, −2, 2 …
pub(crate) fn fold(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// The number that [`fold`] folded.
pub(crate) fn unfold(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
