//! The small words of the file: each type knows its grammar and how it is written back.

pub(crate) mod duration;
mod glob;
pub(crate) mod money;
pub(crate) mod size;

pub use glob::Glob;
pub use money::Usd;

/// `number` (digits, perhaps with a fraction) times `unit`, if that is whole and fits.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.len() > 9 || fraction.contains('.') {
        return None;
    }
    let divisor = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = u128::from(fraction.parse::<u64>().ok()?) * u128::from(unit);
    if !part.is_multiple_of(u128::from(divisor)) {
        return None;
    }
    let part = u64::try_from(part / u128::from(divisor)).ok()?;
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(part)
}
