//! Wire formats of the two dialects: framing, reading, splicing, folding, error envelopes.
//!
//! Pure on purpose: bytes in, bytes or values out. No sockets, no clock, no async, so that every rule here
//! can be tested with any split of the bytes and fuzzed, and so that the practice providers, the router and
//! the tests share one understanding of what goes over the wire.
//!
//! Everything here is lax in what it reads (unknown fields, unknown enum values, numbers as strings) and
//! exact in what it writes. Nothing is turned into a tree of values on the way through: a request or an
//! answer of the client's own dialect keeps its bytes.
//!
//! - [`ask`]: the few routing fields of a request, with their places, and the splices that change them.
//! - [`sse`]: bytes to event frames, whatever the chunks; the exact bytes of every frame are kept.
//! - [`stream`]: what one frame of a provider's stream means to the router: is the first token there, is
//!   this the end, is it an error.
//! - [`answer`]: proof that a 2xx body is a complete answer of its dialect.
//! - [`fold`]: a provider's stream to the body that it would have sent without streaming.
//! - [`marks`]: where Anthropic's prompt cache can be told to cut.
//! - [`trim`]: a conversation without its oldest turns.
//! - [`unsigned`]: a history without thinking that this provider does not take.
//! - [`usage`]: token counts, in one convention, though the vendors count oppositely.
//! - [`estimate`]: what a request will weigh in tokens, told from its bytes.
//! - [`canon`]: what a request and an answer say, whichever dialect says it.
//! - [`translate`]: from one dialect to the other, through the canonical form.
//! - [`replay`]: a stored answer given once more, to a client of any dialect.
//! - [`normal`]: which requests are the same question, as the key under which an answer is kept.
//! - [`fault`]: a provider's error body, whatever shape it came in.
//! - [`envelope`]: our own errors in the client's dialect.
//! - `wire`: what is written to providers, as types.
//! - `json`: JSON text looked into without being rebuilt; used by all of the above.
//!
//! Not here: what to do about any of it (`evenkeel-router` classifies and fails over).

pub mod answer;
pub mod ask;
pub mod canon;
pub mod envelope;
pub mod estimate;
pub mod fault;
pub mod fold;
mod json;
pub mod marks;
pub mod normal;
pub mod replay;
pub mod sse;
pub mod stream;
pub mod translate;
pub mod trim;
pub mod unsigned;
pub mod usage;
mod wire;

use serde::{Deserialize, Serialize};

/// Whose conventions a client or a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// OpenAI's: `{"error":{…}}`, `data: [DONE]`.
    OpenAi,
    /// Anthropic's: `{"type":"error",…}`, named events.
    Anthropic,
}

impl Dialect {
    /// The name used in the config, the ledger and JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    /// The dialect in which a client that calls `path` expects its answer, errors included.
    ///
    /// The path decides where it belongs to one vendor alone (an Anthropic SDK that calls
    /// `/v1/chat/completions` still gets that endpoint's shape); elsewhere (`/v1/models`, unknown paths)
    /// the `anthropic-version` header does.
    pub fn for_path(path: &str, has_anthropic_version: bool) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        let under =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if under("/v1/messages") || under("/v1/complete") {
            return Self::Anthropic;
        }
        let openai = ["/v1/chat", "/v1/responses", "/v1/embeddings", "/v1/completions"];
        if openai.into_iter().any(under) || !has_anthropic_version { Self::OpenAi } else { Self::Anthropic }
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An exchange that is read, watched and assembled; every other path is passed through as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// `POST /v1/chat/completions`
    ChatCompletions,
    /// `POST /v1/responses`
    Responses,
    /// `POST /v1/messages`
    Messages,
    /// `POST /v1/embeddings`: answered in one piece, and never translated.
    Embeddings,
}

impl Api {
    /// The dialect that this exchange belongs to.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::ChatCompletions | Self::Responses | Self::Embeddings => Dialect::OpenAi,
            Self::Messages => Dialect::Anthropic,
        }
    }

    /// The path that clients call, as seen on our own address.
    pub fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
            Self::Messages => "/v1/messages",
            Self::Embeddings => "/v1/embeddings",
        }
    }

    /// The exchange behind a path (query string ignored: Claude Code sends `?beta=true`), if it is one of these.
    pub fn for_path(path: &str) -> Option<Self> {
        let path = path.split('?').next().unwrap_or(path);
        [Self::ChatCompletions, Self::Responses, Self::Messages, Self::Embeddings]
            .into_iter()
            .find(|api| api.path() == path)
    }
}

#[cfg(test)]
mod tests;
