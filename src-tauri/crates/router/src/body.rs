//! Reads a request's body once, whole, and within bounds.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout, timeout_at};

use crate::refusal::{Code, Refusal};

/// How long a client may pause while it sends.
const STALL: Duration = Duration::from_secs(30);
/// A client that is still sending doesn't read: to be heard, we let it finish, up to here.
const DISCARD_BYTES: u64 = 128 * 1024 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(10);
/// What a declared length may reserve before any byte of it has come.
const RESERVE: u64 = 1024 * 1024;

/// The whole body, or why there is none.
pub(crate) async fn read(mut body: Body, headers: &HeaderMap, max: u64) -> Result<Bytes, Refusal> {
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if declared.is_some_and(|length| length > max) {
        if !waits_for_permission(headers) {
            discard(&mut body, 0).await;
        }
        return Err(too_large(max));
    }
    let mut whole = BytesMut::with_capacity(usize::try_from(declared.unwrap_or(0).min(RESERVE)).unwrap_or(0));
    loop {
        let frame = match timeout(STALL, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => return Ok(whole.freeze()),
            Ok(Some(Err(_))) => {
                return Err(incomplete("The connection broke before the whole body had come."));
            }
            Err(_) => return Err(incomplete("The body stopped coming: nothing for 30 s.")),
        };
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() as u64 + data.len() as u64 > max {
            discard(&mut body, whole.len() as u64 + data.len() as u64).await;
            return Err(too_large(max));
        }
        whole.extend_from_slice(&data);
    }
}

/// Whether the client sends its body only after a "100 Continue".
pub(crate) fn waits_for_permission(headers: &HeaderMap) -> bool {
    headers.contains_key(header::EXPECT)
}

/// Reads on and throws away, within bounds.
pub(crate) async fn discard(body: &mut Body, mut seen: u64) {
    let until = Instant::now() + DISCARD_TIME;
    while let Ok(Some(Ok(frame))) = timeout_at(until, body.frame()).await {
        seen += frame.data_ref().map_or(0, |data| data.len() as u64);
        if seen > DISCARD_BYTES {
            return;
        }
    }
}

fn too_large(max: u64) -> Refusal {
    let message =
        format!("The request's body is over {}. Raise max_body in [server] if it should pass.", size(max));
    Refusal { closes: true, ..Refusal::new(Code::RequestTooLarge, message).for_good() }
}

fn incomplete(message: &str) -> Refusal {
    Refusal { closes: true, ..Refusal::new(Code::InvalidRequest, message) }
}

/// Bytes in the unit that divides them evenly.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        b if b >= MIB && b.is_multiple_of(MIB) => format!("{} MiB", b / MIB),
        b if b >= 1024 && b.is_multiple_of(1024) => format!("{} KiB", b / 1024),
        b => format!("{b} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_exactly() {
        let none = HeaderMap::new();
        let fits = read(Body::from(vec![1; 10]), &none, 10).await.expect("ten bytes fit");
        assert_eq!(fits.len(), 10);
        let refused = read(Body::from(vec![1; 11]), &none, 10).await.expect_err("eleven don't");
        assert_eq!(refused.code, Code::RequestTooLarge);
        assert!(refused.closes);
        assert!(refused.message.contains("10 bytes"), "{}", refused.message);
    }

    #[test]
    fn limits_are_said_in_their_own_unit() {
        assert_eq!(size(32 * 1024 * 1024), "32 MiB");
        assert_eq!(size(1536), "1536 bytes");
        assert_eq!(size(512 * 1024), "512 KiB");
    }
}
