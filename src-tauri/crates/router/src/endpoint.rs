//! Which endpoint a path means.

use evenkeel_dialect::Api;
use http::Method;

/// What a request wants of the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A conversation that the router understands, protects and can fail over.
    Exchange(Api),
    /// `GET /v1/models`, or one of them: answered here.
    Models,
    /// `POST /v1/messages/count_tokens`.
    CountTokens,
    /// Any other `/v1/*`: handed through untouched.
    PassThrough,
    /// Not an address of ours.
    Unknown,
}

/// The path as the providers know it: base URLs that already end in `/v1` double that part, those that lack it
/// leave it out, and some tools add slashes.
pub(crate) fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    while let ["v1", "v1", ..] = parts.as_slice() {
        parts.remove(0);
    }
    // Tools differ in whether the base URL ends in /v1; one that was given the other form is understood.
    if let ["chat" | "responses" | "messages" | "embeddings" | "models", ..] = parts.as_slice() {
        parts.insert(0, "v1");
    }
    format!("/{}", parts.join("/"))
}

impl Endpoint {
    /// Of a normalised path.
    ///
    /// A path that climbs is nowhere: a provider's URL would resolve it to an address that the caller's key
    /// is not meant for, or to an exchange that no longer looks like one.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        if path.split('/').any(climbs) {
            return Self::Unknown;
        }
        let reads = method == Method::GET || method == Method::HEAD;
        match Api::for_path(path).filter(|_| method == Method::POST) {
            Some(api) => Self::Exchange(api),
            None if reads && model_in(path).is_some() => Self::Models,
            None if method == Method::POST && path == "/v1/messages/count_tokens" => Self::CountTokens,
            None if path.starts_with("/v1/") => Self::PassThrough,
            None => Self::Unknown,
        }
    }
}

/// The model that a path below `/v1/models` names; empty for the list itself. Names may hold slashes.
pub(crate) fn model_in(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/v1/models")?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Whether a URL reads this part of a path as "here" or "one up", in whatever spelling.
fn climbs(part: &str) -> bool {
    let plain = part.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".." || plain.contains('\\') || plain.contains("%5c") || plain.contains("%2f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_paths_mean_the_plain_one() {
        for path in [
            "/v1/chat/completions",
            "/v1/v1/chat/completions",
            "//v1/chat/completions/",
            "/v1/v1/v1/chat/completions",
        ] {
            assert_eq!(normalise(path), "/v1/chat/completions", "{path}");
        }
        assert_eq!(normalise("/"), "/");
        assert_eq!(normalise("/messages"), "/v1/messages");
        assert_eq!(normalise("/chat/completions"), "/v1/chat/completions");
    }

    #[test]
    fn a_path_that_climbs_is_nowhere() {
        for path in [
            "/v1/../outside",
            "/v1/x/../chat/completions",
            "/v1/%2e%2E/x",
            "/v1/./files",
            "/v1/..%2fx",
            "/v1/a\\..\\b",
        ] {
            assert_eq!(Endpoint::of(&Method::POST, path), Endpoint::Unknown, "{path}");
        }
        assert_eq!(Endpoint::of(&Method::GET, "/v1/files/a..b"), Endpoint::PassThrough);
    }

    #[test]
    fn models_are_read_and_tokens_are_counted_here() {
        assert_eq!(Endpoint::of(&Method::GET, "/v1/models"), Endpoint::Models);
        assert_eq!(Endpoint::of(&Method::GET, "/v1/models/openai/gpt-5"), Endpoint::Models);
        assert_eq!(model_in("/v1/models/openai/gpt-5"), Some("openai/gpt-5"));
        assert_eq!(Endpoint::of(&Method::DELETE, "/v1/models/ft:mine"), Endpoint::PassThrough);
        assert_eq!(Endpoint::of(&Method::GET, "/v1/modelsx"), Endpoint::PassThrough);
        assert_eq!(Endpoint::of(&Method::POST, "/v1/messages/count_tokens"), Endpoint::CountTokens);
    }

    #[test]
    fn only_post_is_an_exchange() {
        assert_eq!(Endpoint::of(&Method::POST, "/v1/messages"), Endpoint::Exchange(Api::Messages));
        assert_eq!(Endpoint::of(&Method::GET, "/v1/chat/completions"), Endpoint::PassThrough);
        assert_eq!(Endpoint::of(&Method::POST, "/v1/messages/batches"), Endpoint::PassThrough);
        assert_eq!(Endpoint::of(&Method::POST, "/v2/messages"), Endpoint::Unknown);
    }
}
