//! Which endpoint a path means.

use evenkeel_dialect::Api;
use http::Method;

/// What a request wants of the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A conversation that the router understands, protects and can fail over.
    Exchange(Api),
    /// Any other `/v1/*`: handed through untouched.
    PassThrough,
    /// Not an address of ours.
    Unknown,
}

/// The path as the providers know it: base URLs that already end in `/v1` double that part, and some
/// tools add slashes.
pub(crate) fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    while let ["v1", "v1", ..] = parts.as_slice() {
        parts.remove(0);
    }
    format!("/{}", parts.join("/"))
}

impl Endpoint {
    /// Of a normalised path.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        match Api::for_path(path).filter(|_| method == Method::POST) {
            Some(api) => Self::Exchange(api),
            None if path.starts_with("/v1/") => Self::PassThrough,
            None => Self::Unknown,
        }
    }
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
    }

    #[test]
    fn only_post_is_an_exchange() {
        assert_eq!(Endpoint::of(&Method::POST, "/v1/messages"), Endpoint::Exchange(Api::Messages));
        assert_eq!(Endpoint::of(&Method::GET, "/v1/chat/completions"), Endpoint::PassThrough);
        assert_eq!(Endpoint::of(&Method::POST, "/v1/messages/batches"), Endpoint::PassThrough);
        assert_eq!(Endpoint::of(&Method::POST, "/v2/messages"), Endpoint::Unknown);
    }
}
