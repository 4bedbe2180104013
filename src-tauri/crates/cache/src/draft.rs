//! From what a client was sent to what is kept.
//!
//! Runs on the cache's own threads, for a long answer takes milliseconds to put together. Whatever isn't provably
//! a whole answer is left out: a cache that once gives half an answer is worse than none.

use bytes::Bytes;
use evenkeel_dialect::{
    Api,
    fold::Fold,
    normal::{self, Key, Scope},
    replay,
    sse::Framer,
};

use crate::{
    entry::{Answered, Draft, Prompt, Stored},
    limits::PIECE_MAX,
};

/// The prompt's key, unless its body can't be read as its exchange.
pub(crate) fn key_of(prompt: &Prompt) -> Option<Key> {
    if prompt.key.is_some() {
        return prompt.key;
    }
    let scope = Scope {
        tenant: &prompt.tenant,
        route: &prompt.route,
        prompt_version: prompt.prompt_version.as_deref(),
    };
    // Its words may quote the prompt, so they aren't logged.
    normal::key(prompt.api, &prompt.body, &scope).ok()
}

/// `None` for what must not be kept.
pub(crate) fn settle(draft: Draft) -> Option<(Key, Stored)> {
    let key = key_of(&draft.prompt)?;
    let body = match draft.answer {
        Answered::Whole(body) => body,
        Answered::Stream(chunks) => fold(draft.answer_api, chunks)?,
    };
    if body.len() > PIECE_MAX || replay::worth_keeping(draft.answer_api, &body).is_err() {
        return None;
    }
    let stored = Stored {
        api: draft.answer_api,
        body,
        provider: draft.provider,
        model: draft.model,
        usage: draft.usage,
        cost_micros: draft.cost_micros,
        at: draft.at,
    };
    Some((key, stored))
}

fn fold(api: Api, chunks: Vec<Bytes>) -> Option<Bytes> {
    let mut framer = Framer::default();
    let mut fold = Fold::new(api);
    for chunk in chunks {
        framer.push(chunk);
        while let Some(frame) = framer.next().ok()? {
            fold.push(&frame).ok()?;
        }
    }
    if let Some(frame) = framer.finish() {
        fold.push(&frame).ok()?;
    }
    fold.end_of_stream();
    fold.finish().ok()
}
