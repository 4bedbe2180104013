//! How far a rate from few requests can be trusted.

/// Under so many requests the interval stands beside the rate.
pub const SHOWN_UNDER: u64 = 200;

/// The two-sided 95 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Where the true rate lies with 95 % confidence, in parts per million, both ends cut downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The lower end.
    pub low_ppm: u32,
    /// The upper end: a million only if nothing was bad.
    pub high_ppm: u32,
}

/// The Wilson score interval of `good` among `n`; `None` without any. Unlike the textbook's normal approximation it
/// stays inside 0 to 100 % and is still right for a handful of requests (Wilson, JASA 22, 1927).
pub fn wilson(good: u64, n: u64) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let good = good.min(n);
    #[expect(clippy::cast_precision_loss, reason = "an estimate, and beyond 2^53 requests it is a point")]
    let (part, all) = (good as f64 / n as f64, n as f64);
    let spread = Z * Z / all;
    let middle = (part + spread / 2.0) / (1.0 + spread);
    let half = Z * (part * (1.0 - part) / all + spread / (4.0 * all)).sqrt() / (1.0 + spread);
    let (low, high) = (ppm(middle - half), ppm(middle + half));
    Some(Interval {
        low_ppm: if good == 0 { 0 } else { low.min(999_999) },
        high_ppm: if good == n { 1_000_000 } else { high.min(999_999) },
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 and 1,000,000")]
fn ppm(share: f64) -> u32 {
    (share * 1e6).clamp(0.0, 1e6).floor() as u32
}
