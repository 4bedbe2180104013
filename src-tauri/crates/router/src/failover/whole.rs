//! An answer for a client that wants it in one piece.

use bytes::Bytes;
use evenkeel_dialect::answer;
use evenkeel_dialect::usage::Usage;

use super::group::Group;
use crate::attempt::{Content, Head, Live};
use crate::broken::{broken, misread};
use crate::failed::Failed;
use crate::outcome::Outcome;
use crate::redact;
use crate::wording::Folding;

/// A whole body, ready for the client.
pub(super) struct Finale {
    pub(super) head: Head,
    pub(super) body: Bytes,
    pub(super) usage: Usage,
    /// The provider's own id of it; none where the client sees another one.
    pub(super) id: Option<String>,
}

/// Waits for the rest of an answer that the client wants in one piece. Nothing has reached the client
/// yet, so what breaks off here can still be had from the other provider.
pub(super) async fn whole(live: Live, group: &Group<'_>) -> Result<Finale, Failed> {
    let Live { mut head, content, timing, translation, .. } = live;
    let mut answer = match content {
        Content::Whole(body, usage, id) => return Ok(Finale { head, body, usage, id }),
        Content::Events(answer) => answer,
    };
    let spoken = answer.spoken().clone();
    let fail = |outcome, detail: String, usage| Failed {
        status: Some(head.status.as_u16()),
        request_id: head.request_id.clone(),
        timing,
        usage,
        spoken: spoken.bytes(),
        ..Failed::new(outcome, timing.began, detail)
    };
    let Some(api) = group.target.api else {
        return Err(fail(Outcome::Malformed, "not an exchange".to_owned(), answer.usage()));
    };
    let own = translation.is_none();
    let mut fold = Folding::new(api, translation);
    while !fold.is_complete() {
        let until = group.plan.idle.from(group.router.clock.instant(), group.plan.total);
        let pushed = match answer.next_frame(until).await {
            Ok(Some(frame)) => fold.push(&frame).map_err(misread),
            Ok(None) => {
                fold.ended();
                break;
            }
            Err(broke) => Err(broke),
        };
        if let Err(broke) = pushed {
            let (outcome, detail) = broken(broke, group.plan, group.router.clock.instant());
            let detail = redact::text(&group.target.upstream.key, detail);
            return Err(fail(outcome, detail, answer.usage()));
        }
    }
    let usage = answer.usage();
    let fold_usage = fold.usage();
    let body = match fold.finish() {
        Ok(body) => body,
        Err(error) => return Err(fail(Outcome::BrokenStream, error.to_string(), usage)),
    };
    let read = if own { answer::read(api, &body).ok() } else { None };
    let (own_usage, id) = read.map_or((usage, None), |read| (read.usage, read.id));
    let usage = fold_usage.unwrap_or(own_usage);
    // The connection can be used again only once the end of the body is read; the client needn't wait.
    group.router.tasks.spawn(answer.drain());
    head.headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    head.headers.remove(http::header::CACHE_CONTROL);
    Ok(Finale { head, body, usage, id })
}
