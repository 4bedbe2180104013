//! The door of the admin API: Host and Origin first, then the token or a session, then, for a change
//! that rides on a cookie, proof that our own page asked for it.
//!
//! The cookie alone proves little: every page on any port of this machine is "same site", and cookies
//! don't know ports. So a browser's change must name our own origin; a bearer token needs no such
//! proof, for no browser sends one by itself.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};
use secrecy::ExposeSecret;

use crate::{
    app::Running,
    failure::{Code, Failure},
};

/// Says by which site a browser's request was made; pages can't forge it.
const FETCH_SITE: &str = "sec-fetch-site";

/// The caller has shown the admin token: somebody who reads this account's files, and no page in a browser.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByToken;

/// Lets a caller of the admin API in.
pub(super) async fn admit(State(running): State<Arc<Running>>, mut request: Request, next: Next) -> Response {
    match check(&running, request.method(), request.headers(), request.uri().host()) {
        Ok(by_token) => {
            if let Some(by_token) = by_token {
                request.extensions_mut().insert(by_token);
            }
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}

/// Host and Origin only, for the dashboard's public files.
pub(super) async fn guard(State(running): State<Arc<Running>>, request: Request, next: Next) -> Response {
    match check_host(&running, request.headers(), request.uri().host()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

fn check(
    running: &Running,
    method: &Method,
    headers: &HeaderMap,
    uri_host: Option<&str>,
) -> Result<Option<ByToken>, Failure> {
    check_host(running, headers, uri_host)?;
    if let Some(bearer) = bearer(headers) {
        let known = is_same(bearer, running.token.expose_secret());
        return if known { Ok(Some(ByToken)) } else { Err(unauthorized()) };
    }
    let cookie = cookie(headers, &cookie_name(running));
    if !cookie.is_some_and(|session| running.sessions.is_open(session, Instant::now())) {
        return Err(unauthorized());
    }
    if method.is_safe() || is_own_page(headers) {
        return Ok(None);
    }
    Err(Failure::new(Code::ForbiddenOrigin, "Another page asked for this change.")
        .hint("Make it in the dashboard itself, or send the admin token as a bearer."))
}

fn check_host(running: &Running, headers: &HeaderMap, uri_host: Option<&str>) -> Result<(), Failure> {
    evenkeel_router::guard::check(&running.routing().server, headers, uri_host)
        .map_err(|refusal| Failure::new(Code::ForbiddenOrigin, refusal.message))
}

fn unauthorized() -> Failure {
    Failure::new(Code::Unauthorized, "The admin API needs the admin token or a dashboard session.").hint(
        "Send authorization: Bearer with the content of admin.token, or log in with the link of `evenkeel dashboard`.",
    )
}

/// The token that was sent as `authorization: Bearer`; an empty one counts, and fails.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" })
}

/// Compares without telling by its time how much was right: two hashes differ everywhere at once.
fn is_same(given: &str, wanted: &str) -> bool {
    evenkeel_store::hash_key(given) == evenkeel_store::hash_key(wanted)
}

/// Names the port, for browsers share cookies between all ports of a host and two routers would log
/// each other out.
pub(super) fn cookie_name(running: &Running) -> String {
    format!("evenkeel_session_{}", running.listen.port())
}

pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// Whether our own page sent this, by the browser's word.
fn is_own_page(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return site == "same-origin";
    }
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => {
            origin.strip_prefix("http://").is_some_and(|name| name.eq_ignore_ascii_case(host))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn the_bearer_is_read_in_any_case_and_other_schemes_fail() {
        assert_eq!(bearer(&headers(&[("authorization", "bearer abc")])), Some("abc"));
        assert_eq!(bearer(&headers(&[("authorization", "Basic abc")])), Some(""));
        assert_eq!(bearer(&headers(&[])), None);
        assert!(!is_same("", "secret"));
        assert!(is_same("secret", "secret"));
    }

    #[test]
    fn a_cookie_is_found_among_others_and_by_its_whole_name() {
        let headers = headers(&[("cookie", "a=1; evenkeel_session_99501=no; evenkeel_session_9950=yes")]);
        assert_eq!(cookie(&headers, "evenkeel_session_9950"), Some("yes"));
        assert_eq!(cookie(&headers, "evenkeel_session"), None);
    }

    #[test]
    fn only_our_own_origin_may_change_things() {
        let host = ("host", "127.0.0.1:9950");
        assert!(is_own_page(&headers(&[host, ("sec-fetch-site", "same-origin")])));
        assert!(!is_own_page(&headers(&[host, ("sec-fetch-site", "same-site")])));
        assert!(is_own_page(&headers(&[host, ("origin", "http://127.0.0.1:9950")])));
        assert!(!is_own_page(&headers(&[host, ("origin", "http://127.0.0.1:1234")])));
        assert!(!is_own_page(&headers(&[host])), "a request that proves nothing");
        let contradiction = [host, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:9950")];
        assert!(!is_own_page(&headers(&contradiction)));
    }
}
