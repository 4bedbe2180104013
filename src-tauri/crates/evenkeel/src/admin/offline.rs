//! The service worker that a web app copies into its own origin: one public file, built from `ui/offline`.

use axum::response::Response;
use http::{HeaderMap, header};

use super::assets;

/// Where it is fetched from, by hand or by a build step.
pub(crate) const ADDRESS: &str = "/offline/evenkeel-sw.js";

/// The file, or 304 for whoever has it.
pub(super) async fn worker(headers: HeaderMap) -> Response {
    let mut response = assets::serve(assets::WORKER, &headers);
    // A policy that comes with a worker's own script rules what that worker may ask for. The dashboard's would
    // cut an app that hands this file on from every origin but its own.
    response.headers_mut().remove(header::CONTENT_SECURITY_POLICY);
    response
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn it_is_a_script_that_is_asked_for_again_and_sent_once() {
        let first = worker(HeaderMap::new()).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(first.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(first.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!first.headers().contains_key(header::CONTENT_SECURITY_POLICY));

        let mut known = HeaderMap::new();
        known.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        let again = worker(known).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::ETAG], first.headers()[header::ETAG]);
    }
}
