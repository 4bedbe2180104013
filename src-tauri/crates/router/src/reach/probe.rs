//! One provider tried: can it be reached, or does somebody else answer for it?
//!
//! Never with a key and never with a question, so nothing is ever billed. Over TLS the certificate is the proof. A
//! plain host is asked for its list of models: whatever it says is fine, as long as it is no page. Where TLS fails,
//! the same host is asked over plain HTTP as well, for that is where a network that wants a login first shows it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use reqwest::{Client, Url};
use tokio::time::{Instant, timeout_at};

use super::machine::Found;
use crate::headers;
use crate::upstream::Upstream;

/// How long a connection may take, one lost packet included; with everything around it a look is over in less than
/// two seconds.
pub(crate) const CONNECT: Duration = Duration::from_millis(1_500);
const PATIENCE: Duration = Duration::from_millis(1_700);

/// What came of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Something,
    Page,
    /// A connection, and nothing on it.
    Silence,
    /// No connection.
    Nothing,
}

/// Tries one provider. `no_route`: the system has said already that there is no way, so nobody needs to be asked
/// why there is none.
pub(super) async fn find(upstream: &Arc<Upstream>, no_route: bool) -> Found {
    let Ok(client) = upstream.prober().await else { return Found::Nowhere { unresolved: false } };
    let until = Instant::now() + PATIENCE;
    let url = upstream.probed();
    let secure = url.scheme() == "https";
    let mut asked = pin!(ask(&client, url.clone(), until));
    let mut beside = pin!(async { tokio::join!(is_unresolved(&url, until), page(&client, &url, until)) });
    let mut known = None;
    let heard = loop {
        tokio::select! {
            biased;
            heard = &mut asked => break heard,
            beside = &mut beside, if known.is_none() && !no_route => known = Some(beside),
        }
    };
    match heard {
        Heard::Page if !secure => Found::Page,
        Heard::Something | Heard::Page | Heard::Silence => Found::There,
        Heard::Nothing if no_route => Found::Nowhere { unresolved: false },
        Heard::Nothing => {
            let (unresolved, page) = match known {
                Some(known) => known,
                None => beside.await,
            };
            if page { Found::Page } else { Found::Nowhere { unresolved } }
        }
    }
}

async fn ask(client: &Client, url: Url, until: Instant) -> Heard {
    match timeout_at(until, client.get(url.clone()).send()).await {
        Ok(Ok(response)) if is_page(&url, response.status(), response.headers()) => Heard::Page,
        Ok(Ok(_)) => Heard::Something,
        Ok(Err(error)) if error.is_connect() => Heard::Nothing,
        // Cut off after it had begun, or silent: somebody is there.
        Ok(Err(_)) | Err(_) => Heard::Silence,
    }
}

/// Whether a host that should speak TLS has somebody's page in its place.
async fn page(client: &Client, url: &Url, until: Instant) -> bool {
    let mut plain = url.clone();
    if url.scheme() != "https" || plain.set_scheme("http").is_err() || plain.set_port(None).is_err() {
        return false;
    }
    plain.set_path("/");
    plain.set_query(None);
    ask(client, plain, until).await == Heard::Page
}

/// Whether a name leads to no address. An address by itself needs no name.
async fn is_unresolved(url: &Url, until: Instant) -> bool {
    let (Some(url::Host::Domain(name)), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return false;
    };
    match timeout_at(until, tokio::net::lookup_host((name, port))).await {
        Ok(Ok(mut addresses)) => addresses.next().is_none(),
        // A name server that does not answer is as good as none.
        Ok(Err(_)) | Err(_) => true,
    }
}

/// Whether an answer over plain HTTP is a page in place of an API's answer, or sends us to one elsewhere.
pub(crate) fn is_page(asked: &Url, status: StatusCode, answer: &HeaderMap) -> bool {
    if status == StatusCode::NETWORK_AUTHENTICATION_REQUIRED {
        return true;
    }
    if status.is_redirection() {
        let to = headers::text(answer, &header::LOCATION).and_then(|to| asked.join(to).ok());
        return to.is_some_and(|to| to.host_str().map(owner) != asked.host_str().map(owner));
    }
    status.is_success() && is_html(answer)
}

/// Whether it says that it is a page.
pub(crate) fn is_html(answer: &HeaderMap) -> bool {
    let kind = headers::text(answer, &header::CONTENT_TYPE).unwrap_or("").to_ascii_lowercase();
    kind.starts_with("text/html") || kind.starts_with("application/xhtml")
}

/// The part of a host's name that tells whose it is: a vendor may send us from one of its hosts to another.
fn owner(host: &str) -> &str {
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return host;
    }
    let mut dots = host.rmatch_indices('.').map(|(place, _)| place + 1);
    dots.nth(1).and_then(|place| host.get(place..)).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn page(status: u16, name: http::HeaderName, value: &str) -> bool {
        let asked = Url::parse("http://api.example.com/v1/models").expect("a URL");
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("a value"))]);
        is_page(&asked, StatusCode::from_u16(status).expect("a status"), &headers)
    }

    #[test]
    fn a_page_and_the_way_to_one_are_told_from_an_answer() {
        for (status, value, expected) in [
            (200, "text/html; charset=utf-8", true),
            (200, "application/json", false),
            (404, "text/html", false),
            (502, "text/html", false),
            (511, "text/html", true),
        ] {
            assert_eq!(page(status, header::CONTENT_TYPE, value), expected, "{status} {value}");
        }
        for (to, expected) in [
            ("https://api.example.com/v1/models", false),
            ("https://www.example.com/", false),
            ("/login", false),
            ("http://portal.airport.test/login?from=api.example.com", true),
            ("http://192.0.2.1:8080/", true),
        ] {
            assert_eq!(page(302, header::LOCATION, to), expected, "{to}");
        }
    }

    #[test]
    fn an_address_belongs_to_nobody_but_itself() {
        assert_eq!(owner("a.b.example.com"), "example.com");
        assert_eq!(owner("example.com"), "example.com");
        assert_eq!(owner("192.0.2.1"), "192.0.2.1");
        assert_ne!(owner("192.0.2.1"), owner("198.51.2.1"));
    }
}
