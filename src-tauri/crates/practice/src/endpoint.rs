//! Whose path it is: that decides the shape of everything that is said about it, of errors too.

use http::HeaderMap;

use crate::{Dialect, provider::Provider};

const OPENAI: [&str; 4] = ["/v1/chat", "/v1/responses", "/v1/embeddings", "/v1/completions"];
const ANTHROPIC: [&str; 2] = ["/v1/messages", "/v1/complete"];

/// The vendor that has this path, if only one of them has.
fn owner(path: &str) -> Option<Dialect> {
    let under =
        |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if OPENAI.into_iter().any(under) {
        Some(Dialect::OpenAi)
    } else if ANTHROPIC.into_iter().any(under) {
        Some(Dialect::Anthropic)
    } else {
        None
    }
}

/// The dialect of the answer: that of the path where it has one, else the only one that the provider speaks,
/// else that of the header which only one of the vendors knows.
pub(crate) fn dialect_of(provider: &Provider, path: &str, headers: &HeaderMap) -> Dialect {
    match (owner(path), provider.dialects()) {
        (Some(dialect), _) => dialect,
        (None, [only]) => *only,
        (None, _) if headers.contains_key("anthropic-version") => Dialect::Anthropic,
        (None, _) => Dialect::OpenAi,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::{Pace, ProviderOptions};

    #[test]
    fn the_path_decides_then_the_provider_then_the_header() {
        let of = |options: ProviderOptions, path: &str, version: bool| {
            let mut headers = HeaderMap::new();
            if version {
                headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
            }
            dialect_of(&Provider::new(options, 0, Pace::Instant), path, &headers)
        };
        let (both, openai) = (ProviderOptions::both, ProviderOptions::openai);
        assert_eq!(of(openai("p"), "/v1/messages/count_tokens", false), Dialect::Anthropic);
        assert_eq!(of(ProviderOptions::anthropic("p"), "/v1/responses", true), Dialect::OpenAi);
        assert_eq!(of(openai("p"), "/v1/models", true), Dialect::OpenAi);
        assert_eq!(of(both("p"), "/v1/models", true), Dialect::Anthropic);
        assert_eq!(of(both("p"), "/v1/models", false), Dialect::OpenAi);
        assert_eq!(of(both("p"), "/v1/messagesque", false), Dialect::OpenAi);
    }
}
