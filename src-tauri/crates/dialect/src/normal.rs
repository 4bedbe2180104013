//! Which requests are the same question: the normal form of a request, and the key of it under which an answer
//! is kept.
//!
//! An answer served to the wrong question is the worst that a cache can do, so the form is made by taking away.
//! A body is read into a tree; what is known to be bookkeeping is dropped, what is known to be said in several
//! ways is said in one, and *everything else stays in the key as it was written*, under the dialect that it
//! came in. A field of next year's API, a host's own extension, a known field with a value of an odd kind: each
//! makes another key. The canonical form ([`crate::canon`]) is of no use for this, for it is made for
//! translating: it may leave out a signature, a citation or how finely a picture is looked at, and say so.
//!
//! # What is in the key
//!
//! BLAKE3, keyed to this purpose and to the number of the form, over one object in the canonical spelling of
//! RFC 8785 (`written`):
//!
//! | member | holds |
//! | --- | --- |
//! | `form`, `kind` | the number of this form; `talk` for the three chat APIs, `embeddings` |
//! | `tenant`, `route`, `prompt_version` | the [`Scope`], verbatim. An empty prompt version is not an absent one |
//! | `model` | as the client asked for it |
//! | `question` | what all dialects can say: `messages` (`talk`), `tools`, `tool_choice`, `parallel_tools` (`tools`), `format` (`format`), `max_output`, `stop`, `temperature`, `top_p`, `top_k`, `effort`, `verbosity` (`question`) |
//! | `other` | every other field of the body, under the name of its API |
//!
//! It is one JSON value and not a row of texts put together, so nothing at the end of one can be taken for the
//! beginning of the next one.
//!
//! # What isn't
//!
//! | field | why |
//! | --- | --- |
//! | `stream`, `stream_options` | how the answer is sent, not what it says |
//! | `user`, `metadata`, `safety_identifier`, Responses' `client_metadata`, Messages' `user_profile_id` | who asks, for the vendor's records. Tenants are told apart by the [`Scope`] |
//! | `store`, `service_tier`, Messages' `diagnostics` and `fallback_credit_token` | the vendor's bookkeeping and its price |
//! | `cache_control`, `prompt_cache_key`, `prompt_cache_retention`, `prompt_cache_options`, `prompt_cache_breakpoint` | the vendor's own cache. `cache_control` isn't one where it stands in somebody's data: arguments, schemas |
//! | ids of items that are sent in full (Responses), Claude Code's line of accounting | they change from run to run, and no model reads them |
//! | what is `null`, and what says what is so without it | see `question`, `tools`, `format` |
//!
//! # What is the same
//!
//! - Text that a person or a model wrote, and what describes a tool: in NFC, with line feeds, without white space
//!   at the ends of lines (`prose`). Verbatim are: names, stop texts, schemas, arguments and results of tools,
//!   bytes, addresses, everything that is not known. In arguments and schemas, order and spelling don't matter.
//! - A text and a list of one text. Two texts are not one: hosts differ in how they put them together.
//! - Ids of calls, as long as calls and results belong together in the same way: they are numbered.
//! - `system` (Messages), `instructions` (Responses) and a first message of the system's. `developer` is not
//!   `system`, for open models know both; and where a system message stands matters.
//! - The limit on the output under its four names. Levels of thinking are the same in OpenAI's two APIs; Anthropic's
//!   are levels of something else, and a budget is no level.
//!
//! # What has no key
//!
//! A request that isn't one; one that readers may take for two different ones (a name twice in an object, half a
//! surrogate pair); one whose answer hangs on what a vendor keeps and changes (`conversation`, a container that is
//! used again), or is only a receipt (`background`).

use std::borrow::Cow;
use std::fmt;

use crate::Api;
use crate::ask::{Ask, AskError};
use crate::json::{Tree, TreeError, quoted};

mod block;
mod chat;
mod format;
mod messages;
mod object;
mod prose;
mod question;
mod responses;
mod talk;
mod tools;
mod written;

use object::{Object, is_bool, is_text, object, text};

/// Changed with every change of the form, so that a new form never meets an answer that was kept under an old
/// one. A BLAKE3 context: the same bytes hashed for another purpose give another hash.
const CONTEXT: &str = "evenkeel: key of a request in its normal form, 1";
/// The same number, in the form itself.
const FORM: &str = "1";

/// The key of a question: requests with one key may be given one answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// A key that was kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// To be kept.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// Who asks, where and in which version; requests of two scopes never share an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Whose local key it came with.
    pub tenant: &'a str,
    /// The name of the route that it takes.
    pub route: &'a str,
    /// `x-evenkeel-prompt-version`; an empty one is not an absent one.
    pub prompt_version: Option<&'a str>,
}

/// Why a request has no key, and so is neither kept nor answered from what was kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No provider would take it.
    #[error(transparent)]
    Invalid(#[from] AskError),
    /// Readers disagree about which of the two counts.
    #[error("{} stands twice in one object of the body; send it once.", quoted(name))]
    Twice {
        /// The field's name.
        name: String,
    },
    /// Half a surrogate pair is legal JSON, but no text.
    #[error("The body has half of a character in it (one surrogate of a pair); send the whole character.")]
    HalfACharacter,
    /// Nobody nests that deep on purpose.
    #[error("The body is nested deeper than 128 levels; send it flatter.")]
    TooDeep,
    /// The answer hangs on what a provider keeps, and will be another one next time.
    #[error("`{field}` makes the answer one that can't be given again, so it is not cached.")]
    NotRepeatable {
        /// The field as the client wrote it.
        field: &'static str,
    },
}

/// The key of the request `body` to `api`.
pub fn key(api: Api, body: &[u8], scope: &Scope<'_>) -> Result<Key, KeyError> {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(form(api, body, scope)?.as_bytes());
    Ok(Key(*hasher.finalize().as_bytes()))
}

/// What is hashed.
fn form(api: Api, body: &[u8], scope: &Scope<'_>) -> Result<String, KeyError> {
    Ask::read(api, body)?;
    let json = std::str::from_utf8(body).map_err(|_| AskError::body("The body is not UTF-8."))?;
    let Tree::Object(members) = Tree::read(json)? else {
        return Err(AskError::body("The body must be a JSON object.").into());
    };
    let mut body = Object::of(members);
    refuse_changing(api, &body)?;
    body.forget(&BOOKKEEPING);
    body.forget(bookkeeping_of(api));
    let model = body.take("model");
    let question = match api {
        Api::ChatCompletions => Some(chat::read(&mut body)),
        Api::Responses => Some(responses::read(&mut body)),
        Api::Messages => Some(messages::read(&mut body)),
        Api::Embeddings => {
            // Not a letter of the texts is changed: a vector hangs on every one.
            body.forget_default("encoding_format", |format| is_text(format, "float"));
            None
        }
    };
    let kind = if question.is_some() { "talk" } else { "embeddings" };
    let whole = object([
        ("form", Some(Tree::Number(Cow::Borrowed(FORM)))),
        ("kind", Some(text(kind))),
        ("tenant", Some(text(scope.tenant))),
        ("route", Some(text(scope.route))),
        ("prompt_version", scope.prompt_version.map(text)),
        ("model", model),
        ("question", question.map(|question| Tree::object(question.into_members()))),
        ("other", body.rest().map(|other| tagged(api, other))),
    ]);
    let mut canonical = String::with_capacity(json.len() + 256);
    written::write(&whole, &mut canonical);
    Ok(canonical)
}

/// Left out of every body, whether its API knows the field or not.
const BOOKKEEPING: [&str; 11] = [
    "stream",
    "stream_options",
    "user",
    "metadata",
    "safety_identifier",
    "store",
    "service_tier",
    "cache_control",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
];

fn bookkeeping_of(api: Api) -> &'static [&'static str] {
    match api {
        Api::Responses => &["client_metadata"],
        Api::Messages => &["diagnostics", "fallback_credit_token", "user_profile_id"],
        Api::ChatCompletions | Api::Embeddings => &[],
    }
}

/// Refuses what would be answered differently the next time for what happened since.
fn refuse_changing(api: Api, body: &Object<'_>) -> Result<(), KeyError> {
    let field = match api {
        Api::Responses if body.has("conversation") => "conversation",
        Api::Responses if body.holds("background", |wanted| is_bool(wanted, true)) => "background",
        Api::Responses if body.holds("tools", has_container) => "tools[].container",
        Api::Messages if body.holds("container", names_container) => "container",
        _ => return Ok(()),
    };
    Err(KeyError::NotRepeatable { field })
}

/// A computer at the vendor's that was used before; `{"type":"auto"}` is a fresh one.
fn has_container(tools: &Tree<'_>) -> bool {
    let Tree::List(tools) = tools else { return false };
    tools.iter().any(|tool| match tool {
        Tree::Object(members) => {
            members.iter().any(|(name, value)| name == "container" && matches!(value, Tree::Text(_)))
        }
        _ => false,
    })
}

/// The same in the Messages API, where it may stand beside skills.
fn names_container(container: &Tree<'_>) -> bool {
    match container {
        Tree::Text(_) => true,
        Tree::Object(members) => {
            members.iter().any(|(name, value)| name == "id" && matches!(value, Tree::Text(_)))
        }
        _ => false,
    }
}

/// A value that only one API knows, and whose it is: the same name may mean another thing elsewhere.
fn tagged(api: Api, value: Tree<'_>) -> Tree<'_> {
    let api = match api {
        Api::ChatCompletions => "chat_completions",
        Api::Responses => "responses",
        Api::Messages => "messages",
        Api::Embeddings => "embeddings",
    };
    object([(api, Some(value))])
}

impl From<TreeError> for KeyError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::NotJson => Self::Invalid(AskError::body("The body is not JSON.")),
            TreeError::Twice(name) => Self::Twice { name },
            TreeError::HalfACharacter => Self::HalfACharacter,
            TreeError::TooDeep => Self::TooDeep,
        }
    }
}

#[cfg(test)]
mod tests;
