//! Host and Origin, checked before anything else.
//!
//! A page in the founder's browser can send requests to loopback, and by DNS rebinding it can even
//! read the answers. So a Host that isn't loopback or listed is refused, and so is every browser
//! origin that isn't listed or the dashboard's own.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode};

use axum::body::Body;
use axum::response::Response;
use evenkeel_config::Server;

use crate::refusal::{Code, Refusal};

/// Lets a request pass or says why not.
pub fn check(server: &Server, headers: &HeaderMap, uri_host: Option<&str>) -> Result<(), Refusal> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(uri_host).unwrap_or("");
    if !host_allowed(server, host) {
        return Err(forbidden(format!(
            "Host {host:?} is not allowed. Use 127.0.0.1 or localhost, or add the name to allow_hosts in [server]."
        )));
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or("");
    if origin_allowed(server, origin, host) {
        return Ok(());
    }
    Err(forbidden(format!(
        "The browser origin {origin:?} is not allowed. Add it to allow_origins in [server] if that page is yours."
    )))
}

fn forbidden(message: String) -> Refusal {
    Refusal::new(Code::ForbiddenOrigin, message).for_good()
}

/// The name in a Host header without its port; `[::1]:80` keeps its brackets off.
fn name_of(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn host_allowed(server: &Server, host: &str) -> bool {
    let name = name_of(host);
    let loopback = name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    // Someone who listens on an address of the network may be reached by that very address.
    let listens = !server.listen.ip().is_unspecified()
        && name.parse::<std::net::IpAddr>().is_ok_and(|address| address == server.listen.ip());
    loopback || listens || server.allow_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
}

fn origin_allowed(server: &Server, origin: &str, host: &str) -> bool {
    let own = origin.strip_prefix("http://").is_some_and(|name| name.eq_ignore_ascii_case(host));
    own || is_listed(server, origin)
}

fn is_listed(server: &Server, origin: &str) -> bool {
    server.allow_origins.iter().any(|allowed| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin))
}

/// The answer to a listed origin's preflight; `None` when the request isn't one.
pub(crate) fn preflight(server: &Server, method: &Method, headers: &HeaderMap) -> Option<Response> {
    let asks = method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || !headers.contains_key(header::ORIGIN) {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let out = response.headers_mut();
    out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE, OPTIONS"));
    out.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        wanted.unwrap_or_else(|| HeaderValue::from_static("authorization, content-type")),
    );
    out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    allow_origin(server, headers, out);
    Some(response)
}

/// Lets a listed origin's page read the answer.
pub(crate) fn allow_origin(server: &Server, request: &HeaderMap, response: &mut HeaderMap) {
    let Some(origin) = request.get(header::ORIGIN) else { return };
    if origin.to_str().is_ok_and(|origin| is_listed(server, origin)) {
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        response.append(header::VARY, HeaderValue::from_static("origin"));
    }
}

#[cfg(test)]
mod tests;
