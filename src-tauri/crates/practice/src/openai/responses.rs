//! Responses, for a provider that serves them: as one document, as a stream of events, and as what clients come
//! back to.

mod items;
mod output;
mod read;
mod rules;
mod stored;
mod stream;

use http::{Method, StatusCode};
use serde_json::json;

use super::{not_allowed, not_found};
use crate::{
    Dialect,
    exchange::{Answer, Content as Sent, Received},
    provider::Provider,
    refusal::Refusal,
    reply::{self, Reply},
};
use output::Outcome;
pub(crate) use stored::Stored;

pub(super) fn dispatch(provider: &Provider, received: Received<'_>) -> Result<Answer, Refusal> {
    let Received { method, path, body, .. } = received;
    let rest = path.strip_prefix("/v1/responses").unwrap_or_default();
    match (method, rest.strip_prefix('/')) {
        (&Method::POST, None) if rest.is_empty() => answer(provider, body),
        (_, None) if rest.is_empty() => Err(not_allowed(method, path)),
        (&Method::GET, Some(id)) if !id.contains('/') => {
            let document = provider.stored().lock().document(id);
            document.map(Answer::document).ok_or_else(|| unknown(id))
        }
        (&Method::DELETE, Some(id)) if !id.contains('/') => {
            let gone = json!({ "id": id, "object": "response", "deleted": true });
            let removed = provider.stored().lock().remove(id);
            if removed { Ok(Answer::document(gone)) } else { Err(unknown(id)) }
        }
        _ => Err(not_found(method, path)),
    }
}

fn unknown(id: &str) -> Refusal {
    let message = format!("Response with id '{id}' not found.");
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
}

fn answer(provider: &Provider, body: &[u8]) -> Result<Answer, Refusal> {
    let request = read::read(provider, body)?;
    let ask = &request.ask;
    let reply = Reply::to(ask, provider.name());
    let outcome = Outcome::new(provider, &request, &reply);
    let fails = ask.cues().fail;
    if fails && !ask.stream {
        return Err(Refusal::failed(Dialect::OpenAi, provider.name()));
    }
    if request.stores && !fails {
        let mut conversation = request.items.clone();
        conversation.extend(outcome.output());
        provider.stored().lock().keep(outcome.id.clone(), outcome.document(), conversation);
    }
    let content = if ask.stream {
        let (events, preamble) = outcome.events(fails);
        Sent::Events { events, preamble }
    } else {
        Sent::Document { body: outcome.document(), pieces: reply.pieces() }
    };
    Ok(Answer { content, fingerprint: reply::fingerprint(ask) })
}
