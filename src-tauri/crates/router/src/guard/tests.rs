use super::*;

fn server() -> Server {
    let text = "[server]\nallow_hosts = [\"laptop.local\"]\nallow_origins = [\"https://app.example\"]\n";
    evenkeel_config::parse(text).expect("a valid file").config.server
}

fn verdict(pairs: &[(&'static str, &str)]) -> Result<(), String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.insert(*name, HeaderValue::from_str(value).expect("a header"));
    }
    check(&server(), &headers, None).map_err(|refusal| refusal.message)
}

#[test]
fn loopback_and_listed_hosts_pass() {
    for host in ["127.0.0.1:9950", "localhost", "LOCALHOST:1", "[::1]:9950", "127.8.8.8", "laptop.local:9950"]
    {
        assert_eq!(verdict(&[("host", host)]), Ok(()), "{host}");
    }
}

#[test]
fn other_hosts_are_refused_by_name() {
    for host in [
        "evil.example",
        "evil.example:9950",
        "localhost.evil.example",
        "10.0.0.7:9950",
        "127.0.0.1.evil.example",
        "",
    ] {
        let refused = verdict(&[("host", host)]).expect_err(host);
        assert!(refused.contains(&format!("{host:?}")), "{refused}");
        assert!(refused.contains("allow_hosts"), "{refused}");
    }
}

#[test]
fn a_browser_page_needs_to_be_listed_or_ours() {
    let own = verdict(&[("host", "127.0.0.1:9950"), ("origin", "http://127.0.0.1:9950")]);
    let listed = verdict(&[("host", "127.0.0.1:9950"), ("origin", "https://app.example")]);
    assert_eq!((own, listed), (Ok(()), Ok(())));
    for origin in ["https://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:9950"] {
        let refused = verdict(&[("host", "127.0.0.1:9950"), ("origin", origin)]).expect_err(origin);
        assert!(refused.contains("allow_origins"), "{refused}");
    }
}

#[test]
fn only_a_listed_origin_may_read() {
    let mut request = HeaderMap::new();
    request.insert("origin", HeaderValue::from_static("http://127.0.0.1:9950"));
    let mut response = HeaderMap::new();
    allow_origin(&server(), &request, &mut response);
    assert!(response.is_empty());
    request.insert("origin", HeaderValue::from_static("https://app.example"));
    allow_origin(&server(), &request, &mut response);
    assert_eq!(
        response.get("access-control-allow-origin").map(HeaderValue::as_bytes),
        Some(&b"https://app.example"[..])
    );
}
