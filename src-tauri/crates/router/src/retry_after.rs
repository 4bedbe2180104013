//! How long a provider asks to be left alone: `retry-after-ms`, else `retry-after` in seconds
//! (fractions happen) or as an HTTP date.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};
use jiff::Timestamp;

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");
/// Providers have been seen to send days; nobody is served by believing that.
const LONGEST: Duration = Duration::from_mins(5);

/// The wait that the headers ask for, capped at five minutes; `None` if they ask for none.
pub(crate) fn read(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |text: &str, unit: f64| {
        text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0).map(|n| n * unit)
    };
    text(&RETRY_AFTER_MS)
        .and_then(|ms| seconds(ms, 0.001))
        .or_else(|| {
            let value = text(&header::RETRY_AFTER)?;
            seconds(value, 1.0).or_else(|| date(value, now))
        })
        .map(|wait| Duration::from_secs_f64(wait.min(LONGEST.as_secs_f64())))
}

fn date(text: &str, now: Timestamp) -> Option<f64> {
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(at.duration_since(now).as_secs_f64().max(0.0))
}

/// Whole seconds for our own `retry-after`: rounded up, at least one.
pub(crate) fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(name: &'static str, value: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, http::HeaderValue::from_static(value));
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().expect("a time");
        read(&headers, now)
    }

    #[test]
    fn every_spelling_is_understood() {
        assert_eq!(read_one("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(read_one("retry-after", "0.5"), Some(Duration::from_millis(500)));
        assert_eq!(read_one("retry-after", "20"), Some(Duration::from_secs(20)));
        assert_eq!(read_one("retry-after", "Fri, 20 Nov 2026 10:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read_one("retry-after", "Fri, 20 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read_one("retry-after", "409600"), Some(LONGEST));
        assert_eq!(read_one("retry-after", "soon"), None);
        assert_eq!(read_one("retry-after", "-1"), None);
    }

    #[test]
    fn our_own_seconds_round_up() {
        assert_eq!(seconds(Duration::ZERO), 1);
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
    }
}
