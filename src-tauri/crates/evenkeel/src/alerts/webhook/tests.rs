use super::*;

fn page(event: &str) -> Posted {
    Posted {
        event: event.to_owned(),
        kind: Some("success".to_owned()),
        slo: Some("Everything".to_owned()),
        incident: "01J".to_owned(),
        at: "2026-11-23T10:00:00Z".parse().expect("a time"),
        title: "Success is below 99.5 %".to_owned(),
        body: "9 of 40 failed <since> 10:00 & on".to_owned(),
        practice: false,
    }
}

fn post(url: &str, secret: Option<&str>, event: &str) -> Post {
    let secret = secret.map(|secret| SecretString::from(secret.to_owned()));
    shape(&url.parse().expect("an address"), secret.as_ref(), &page(event))
}

#[test]
fn an_address_of_ones_own_gets_our_document_and_the_secret_as_a_bearer_token() {
    let post = post("http://127.0.0.1:9000/hook?a=1", Some("s3cret"), "firing");
    assert_eq!(post.url.as_str(), "http://127.0.0.1:9000/hook?a=1");
    assert_eq!(post.headers[header::AUTHORIZATION], "Bearer s3cret");
    assert!(post.headers[header::AUTHORIZATION].is_sensitive());
    assert_eq!(
        post.body,
        json!({
            "event": "firing", "kind": "success", "slo": "Everything", "incident": "01J",
            "at": "2026-11-23T10:00:00Z", "title": "Success is below 99.5 %",
            "body": "9 of 40 failed <since> 10:00 & on", "practice": false,
        })
    );
}

#[test]
fn slack_gets_text_and_its_secret_is_the_end_of_the_address() {
    let post = post("https://hooks.slack.com/services", Some("T0/B0/x"), "firing");
    assert_eq!(post.url.as_str(), "https://hooks.slack.com/services/T0/B0/x");
    assert!(post.headers.is_empty());
    assert_eq!(
        post.body,
        json!({ "text": "*Success is below 99.5 %*\n9 of 40 failed &lt;since&gt; 10:00 &amp; on" })
    );
}

#[test]
fn pagerduty_opens_one_incident_and_closes_the_same() {
    let url = "https://events.pagerduty.com/v2/enqueue";
    let (begin, end) = (post(url, Some("r0"), "firing"), post(url, Some("r0"), "resolved"));
    assert_eq!(
        (&begin.body["event_action"], &end.body["event_action"]),
        (&json!("trigger"), &json!("resolve"))
    );
    assert_eq!(begin.body["dedup_key"], end.body["dedup_key"]);
    assert_eq!(begin.body["routing_key"], "r0");
    assert!(begin.headers.is_empty());
}

#[test]
fn ntfy_gets_the_topic_of_the_path_at_its_root() {
    let post = post("https://ntfy.sh/my-topic", None, "firing");
    assert_eq!(post.url.as_str(), "https://ntfy.sh/");
    assert_eq!((&post.body["topic"], &post.body["priority"]), (&json!("my-topic"), &json!(5)));
    assert!(post.headers.is_empty());
}

#[test]
fn a_secret_that_no_header_can_hold_is_left_out() {
    assert!(post("http://127.0.0.1:9000/", Some("a\nb"), "firing").headers.is_empty());
}
