//! `[server]`: the address, and who is let in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::{Host, Url};

use super::word;
use crate::raw::{At, Text};
use crate::report::{Place, Report};
use crate::{Server, raw, secret};

/// Bodies are held in memory while a request is tried on several providers.
const LARGEST_BODY: u64 = 1 << 30;

pub(super) fn check(at: Option<At<raw::Server>>, report: &mut Report<'_>) -> Server {
    let usual = Server::default();
    let Some(At { value: raw, .. }) = at else { return usual };
    let require_key = raw.require_key.as_ref().is_none_or(|flag| flag.value.0);
    let listen = raw.listen.as_ref().and_then(|at| listen(at, report)).unwrap_or(usual.listen);
    if !listen.ip().is_loopback() {
        exposed(
            listen,
            require_key,
            raw.listen.as_ref(),
            raw.require_key.as_ref().map(|at| &at.place),
            report,
        );
    }
    let max_body_place = raw.max_body.as_ref().map(|at| at.place.clone());
    let max_body = word::size(raw.max_body, usual.max_body, report);
    if let (Some(place), true) = (max_body_place, max_body > LARGEST_BODY) {
        report.error(
            &place,
            "max_body is more than 1GiB; bodies are held in memory.",
            "Write \"1GiB\" at most.",
        );
    }
    Server {
        listen,
        require_key,
        max_body,
        allow_hosts: each(raw.allow_hosts, host, report),
        allow_origins: each(raw.allow_origins, origin, report),
    }
}

fn listen(at: &At<Text>, report: &mut Report<'_>) -> Option<SocketAddr> {
    let text = at.value.0.trim();
    let by_name = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let address = match by_name {
        Some(port) => Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        None => text.parse().ok(),
    };
    if address.is_none() {
        report.error(
            &at.place,
            format!("{} is not an address to listen on.", secret::quoted(text)),
            "Write an IP address and a port, such as \"127.0.0.1:9950\".",
        );
    }
    address
}

/// Other machines can reach the address: that takes keys, and is worth a word even then.
fn exposed(
    listen: SocketAddr,
    require_key: bool,
    listen_at: Option<&At<Text>>,
    flag: Option<&Place>,
    report: &mut Report<'_>,
) {
    let Some(listen_at) = listen_at else { return };
    if require_key {
        report.notice(
            &listen_at.place,
            format!("Other machines can reach Evenkeel at {listen}; each request needs a local key."),
            "Write \"127.0.0.1:9950\" if only this machine should.",
        );
    } else {
        report.error(
            flag.unwrap_or(&listen_at.place),
            format!("Listening on {listen}, which other machines can reach, demands require_key = true."),
            "Set require_key = true, or listen on 127.0.0.1.",
        );
    }
}

/// Checks every text of a list, keeping the good ones once each.
fn each(
    list: Option<At<Vec<At<Text>>>>,
    check: fn(&At<Text>, &mut Report<'_>) -> Option<String>,
    report: &mut Report<'_>,
) -> Vec<String> {
    let mut good = Vec::new();
    for at in list.map(|at| at.value).unwrap_or_default() {
        match check(&at, report) {
            Some(text) if !good.contains(&text) => good.push(text),
            _ => {}
        }
    }
    good
}

fn host(at: &At<Text>, report: &mut Report<'_>) -> Option<String> {
    let text = at.value.0.trim();
    if text.contains('*') {
        report.error(
            &at.place,
            "allow_hosts takes no patterns: it is what keeps web pages from reaching Evenkeel under a name of theirs.",
            "Write each host name out.",
        );
        return None;
    }
    let host = Host::parse(text).ok().map(|host| host.to_string());
    if host.is_none() {
        report.error(
            &at.place,
            format!("{} is not a host name.", secret::quoted(text)),
            "Write the name alone, such as \"router.example\": no scheme, no port, no path.",
        );
    }
    host
}

fn origin(at: &At<Text>, report: &mut Report<'_>) -> Option<String> {
    let text = at.value.0.trim();
    if text == "*" {
        report.error(
            &at.place,
            "allow_origins can't let in every web page: each could spend your money.",
            "Name the origins, such as \"https://app.example\".",
        );
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| url.has_host() && !url.cannot_be_a_base());
    let origin = url.as_ref().map(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
    });
    match origin {
        // Letter case and a default port are forgiven; a path is not, for it promises what a browser can't keep.
        Some(origin) if url.is_some_and(|url| is_bare(&url)) && !text.ends_with('/') => Some(origin),
        Some(origin) => {
            let message = "An origin is only scheme, host and port.";
            report.error(&at.place, message, format!("Write {}.", secret::quoted(&origin)));
            None
        }
        None => {
            report.error(
                &at.place,
                format!("{} is not an origin.", secret::quoted(text)),
                "Write scheme and host, such as \"https://app.example\".",
            );
            None
        }
    }
}

fn is_bare(url: &Url) -> bool {
    matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}
