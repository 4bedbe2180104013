//! The dashboard's files: static, public, without data. Everything it shows comes from the API. The service worker
//! for web apps comes out of the same build.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

/// What the build of `ui/` left, inside this program.
#[derive(RustEmbed)]
#[folder = "../../../ui/dist"]
struct Dist;

/// Nothing from elsewhere, nothing inline, and no page may put this one into a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Vite puts a hash of the content into the name of everything in here.
const HASHED: &str = "assets/";

/// Lies in the same folder and isn't the dashboard's: it has an address of its own.
pub(super) const WORKER: &str = "offline/evenkeel-sw.js";

/// `/dashboard` → `/dashboard/`, so that the page's relative addresses work.
pub(super) async fn to_the_folder() -> Response {
    safe((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "/dashboard/")]))
}

pub(super) async fn index(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

pub(super) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    // A screen's own address is the page's business; a missing file is a missing file.
    let is_screen = !path.rsplit('/').next().unwrap_or_default().contains('.');
    if path == WORKER {
        return missing();
    }
    serve(if is_screen { "index.html" } else { &path }, &headers)
}

fn missing() -> Response {
    safe((StatusCode::NOT_FOUND, "The dashboard has no such file.\n"))
}

pub(super) fn serve(path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Dist::get(path) else { return missing() };
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let tag = tag(&file);
    let fresh = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let described = [(header::CACHE_CONTROL, cache.to_owned()), (header::ETAG, tag)];
    if fresh {
        return safe((StatusCode::NOT_MODIFIED, described));
    }
    let kind = [(header::CONTENT_TYPE, content_type(path, &file))];
    safe((described, kind, file.data))
}

fn content_type(path: &str, file: &EmbeddedFile) -> String {
    let kind = file.metadata.mimetype();
    let ending = path.rsplit('.').next().unwrap_or_default();
    if kind.starts_with("text/") || matches!(ending, "js" | "svg") {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    }
}

fn tag(file: &EmbeddedFile) -> String {
    // Half of the hash tells files apart as well as the whole.
    let mut half = [0; 16];
    half.copy_from_slice(&file.metadata.sha256_hash()[..16]);
    format!("\"{:032x}\"", u128::from_be_bytes(half))
}

/// Any answer of ours to a browser, with what keeps it from being misused.
pub(super) fn safe(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_never_taken_from_a_cache_unasked() {
        let response = serve("index.html", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        assert!(
            response.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("text")
                .contains("default-src 'none'")
        );
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    }

    #[test]
    fn a_known_page_is_not_sent_again() {
        let first = serve("index.html", &HeaderMap::new());
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(serve("index.html", &headers).status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn a_screen_s_address_gets_the_page_and_a_missing_file_gets_none() {
        let screen = asset(Path("requests".to_owned()), HeaderMap::new()).await;
        assert_eq!(screen.status(), StatusCode::OK);
        let missing = asset(Path("assets/gone.js".to_owned()), HeaderMap::new()).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        let outside = asset(Path("../../Cargo.toml".to_owned()), HeaderMap::new()).await;
        assert_eq!(outside.status(), StatusCode::NOT_FOUND);
        let worker = asset(Path(WORKER.to_owned()), HeaderMap::new()).await;
        assert_eq!(worker.status(), StatusCode::NOT_FOUND, "a page here could register it, and none should");
    }
}
