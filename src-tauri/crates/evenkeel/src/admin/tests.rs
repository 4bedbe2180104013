use std::path::Path;

use axum::body::Body;
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use serde_json::Value;
use tower::ServiceExt;

use super::*;
use crate::{
    app::{App, Options},
    paths::Paths,
    run_file::Kind,
};

/// A whole app in practice, on a port of its own.
struct Home {
    _folder: tempfile::TempDir,
    app: App,
    running: Arc<Running>,
}

async fn home() -> Home {
    home_with("").await
}

async fn home_with(config: &str) -> Home {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("evenkeel.toml"), config).expect("written");
    let app = App::start(options(folder.path())).await.expect("started");
    let running = app.running_for_tests();
    Home { _folder: folder, app, running }
}

fn options(folder: &Path) -> Options {
    Options {
        paths: Paths::resolve(Some(folder)).expect("resolved"),
        listen: Some("127.0.0.1:0".parse().expect("an address")),
        practice: false,
        demo_data: false,
        config_must_exist: false,
        kind: Kind::Headless,
    }
}

impl Home {
    fn host(&self) -> String {
        self.app.listen().to_string()
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path).header(header::HOST, self.host())
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        doors(Arc::clone(&self.running)).oneshot(request).await.expect("infallible")
    }

    /// With the admin token.
    async fn ask(&self, method: &str, path: &str, body: &str) -> (StatusCode, Value) {
        let token = format!("Bearer {}", self.running.token.expose_secret());
        let request = self
            .request(method, path)
            .header(header::AUTHORIZATION, token)
            .body(Body::from(body.to_owned()))
            .expect("a request");
        json_of(self.send(request).await).await
    }

    /// The cookie of a browser that followed the link.
    async fn log_in(&self) -> String {
        let link = self.app.dashboard_link().expect("a link");
        let path = link.strip_prefix(&format!("http://{}", self.host())).expect("our own address").to_owned();
        let response = self.send(self.request("GET", &path).body(Body::empty()).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()[header::LOCATION], "/dashboard/");
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
        for promised in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(promised), "{cookie}");
        }
        cookie.split(';').next().expect("a pair").to_owned()
    }
}

async fn json_of(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_stranger_learns_nothing_not_even_which_paths_there_are() {
    let home = home().await;
    let local = std::fs::read_to_string(home.running.paths().local_key()).expect("the local key");
    for path in ["/api", "/api/", "/api/status", "/api/nonsense", "/metrics"] {
        for authorization in [None, Some("Bearer wrong".to_owned()), Some(format!("Bearer {}", local.trim()))]
        {
            let mut request = home.request("GET", path);
            if let Some(authorization) = &authorization {
                request = request.header(header::AUTHORIZATION, authorization);
            }
            let (status, body) =
                json_of(home.send(request.body(Body::empty()).expect("a request")).await).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} {authorization:?}");
            assert_eq!(body["code"], "unauthorized");
            assert!(body["hint"].as_str().expect("a hint").contains("admin.token"));
        }
    }
    home.app.shut_down().await;
}

#[tokio::test]
async fn a_foreign_host_is_turned_away_before_the_token_is_looked_at() {
    let home = home().await;
    for path in ["/api/status", "/dashboard/", "/offline/evenkeel-sw.js"] {
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, "evil.example")
            .header(header::AUTHORIZATION, format!("Bearer {}", home.running.token.expose_secret()))
            .body(Body::empty())
            .expect("a request");
        let (status, body) = json_of(home.send(request).await).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(body["code"], "forbidden_origin");
    }
    home.app.shut_down().await;
}

#[tokio::test]
async fn with_the_token_every_listed_address_answers_and_no_other() {
    let home = home().await;
    let (status, body) = home.ask("GET", "/api/", "").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["routes"].as_array().expect("a list").len(), ROUTES.len());
    for route in ROUTES.iter().filter(|route| route.starts_with("GET") && !route.ends_with("events")) {
        let path = route.trim_start_matches("GET ").replace("{id}", "none").replace("{name}", "budget");
        let (status, body) = home.ask("GET", &path, "").await;
        let expected = if path.ends_with("none") { "unknown_request" } else { "" };
        assert_eq!(body["code"].as_str().unwrap_or_default(), expected, "{path} {status}");
    }
    for later in ["/api/kit", "/api/drill", "/metrics"] {
        let (status, body) = home.ask("GET", later, "").await;
        assert_eq!(
            (status, body["code"].as_str()),
            (StatusCode::NOT_FOUND, Some("unknown_endpoint")),
            "{later}"
        );
    }
    let (status, body) = home.ask("DELETE", "/api/status", "").await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::METHOD_NOT_ALLOWED, Some("method_not_allowed")));
    home.app.shut_down().await;
}

#[tokio::test]
async fn only_the_token_makes_the_router_touch_files_and_practice_stores_nothing() {
    let home = home().await;
    let (status, seen) = home.ask("GET", "/api/cache", "").await;
    assert_eq!(
        (status, seen["book"].as_str(), seen["reachable"].as_bool()),
        (StatusCode::OK, Some("practice"), Some(false))
    );
    assert!(seen["trouble"].as_str().expect("why").contains("never stored"), "{seen}");

    let cookie = home.log_in().await;
    let body = r#"{"file": "/nowhere/x", "passphrase": "four words put together"}"#;
    for path in ["/api/cache/export", "/api/cache/import"] {
        let request = home
            .request("POST", path)
            .header(header::COOKIE, &cookie)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        let (status, answer) = json_of(home.send(request).await).await;
        assert_eq!(
            (status, answer["code"].as_str()),
            (StatusCode::FORBIDDEN, Some("forbidden_origin")),
            "{path}"
        );
        let (status, answer) = home.ask("POST", path, body).await;
        assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("cache_closed")), "{path}");
        let (_, answer) = home.ask("POST", path, r#"{"passphrase": "canary words put together"}"#).await;
        assert!(!answer.to_string().contains("canary"), "a mistaken body is not quoted: {answer}");
    }
    home.app.shut_down().await;
}

#[tokio::test]
async fn a_browser_reads_with_its_session_and_changes_things_only_from_our_own_page() {
    let home = home().await;
    let cookie = home.log_in().await;
    let read = home.request("GET", "/api/status").header(header::COOKIE, &cookie);
    let (status, body) = json_of(home.send(read.body(Body::empty()).expect("a request")).await).await;
    assert_eq!((status, body["practice"].as_bool()), (StatusCode::OK, Some(true)));

    let change = |origin: Option<String>| {
        let mut request = home.request("PUT", "/api/bypass").header(header::COOKIE, &cookie);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        request.body(Body::from(r#"{"on":true}"#)).expect("a request")
    };
    let (status, body) = json_of(home.send(change(None)).await).await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::FORBIDDEN, Some("forbidden_origin")));
    let (status, _) = json_of(home.send(change(Some("http://127.0.0.1:1".to_owned()))).await).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "another port of this machine is another page");
    let (status, body) = json_of(home.send(change(Some(format!("http://{}", home.host())))).await).await;
    assert_eq!((status, body["on"].as_bool()), (StatusCode::OK, Some(true)));
    home.app.shut_down().await;
}

#[tokio::test]
async fn a_used_link_says_how_to_get_another() {
    let home = home().await;
    let link = home.app.dashboard_link().expect("a link");
    let path = link.split_once(&home.host()).expect("our address").1.to_owned();
    let follow = || home.request("GET", &path).body(Body::empty()).expect("a request");
    assert_eq!(home.send(follow()).await.status(), StatusCode::SEE_OTHER);
    let second = home.send(follow()).await;
    assert_eq!(second.status(), StatusCode::FORBIDDEN);
    let page = second.into_body().collect().await.expect("a body").to_bytes();
    assert!(String::from_utf8_lossy(&page).contains("evenkeel dashboard"));
    home.app.shut_down().await;
}

#[tokio::test]
async fn the_dashboard_is_public_and_strict() {
    let home = home().await;
    let bare = home.send(home.request("GET", "/dashboard").body(Body::empty()).expect("a request")).await;
    assert_eq!(bare.headers()[header::LOCATION], "/dashboard/");
    let page = home.send(home.request("GET", "/dashboard/").body(Body::empty()).expect("a request")).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(page.headers()[header::REFERRER_POLICY], "no-referrer");
    home.app.shut_down().await;
}

#[tokio::test]
async fn the_service_worker_is_public_for_reading_only() {
    let home = home().await;
    let ask =
        |method| home.request(method, "/offline/evenkeel-sw.js").body(Body::empty()).expect("a request");
    let file = home.send(ask("GET")).await;
    assert_eq!(file.status(), StatusCode::OK);
    let body = file.into_body().collect().await.expect("a body").to_bytes();
    let head = home.send(ask("HEAD")).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()[header::CONTENT_LENGTH].to_str().expect("text"), body.len().to_string());
    assert!(head.into_body().collect().await.expect("no body").to_bytes().is_empty());
    assert_eq!(home.send(ask("POST")).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    home.app.shut_down().await;
}

#[tokio::test]
async fn practice_faults_are_set_seen_and_explained() {
    let home = home().await;
    let (_, set) = home.ask("PUT", "/api/practice/practice-a", r#"{"fault":"slow","value":"3s"}"#).await;
    assert_eq!((set["fault"].as_str(), set["value"].as_str()), (Some("slow"), Some("3s")));
    let (_, all) = home.ask("GET", "/api/practice", "").await;
    assert_eq!(all["providers"][0]["fault"], "slow");
    assert_eq!(all["providers"][1]["dialect"], "anthropic");
    let (status, wrong) = home.ask("PUT", "/api/practice/practice-a", r#"{"fault":"sleepy"}"#).await;
    assert_eq!((status, wrong["code"].as_str()), (StatusCode::BAD_REQUEST, Some("unknown_fault")));
    let (status, wrong) = home.ask("PUT", "/api/practice/practice-c", r#"{"fault":"down"}"#).await;
    assert_eq!((status, wrong["code"].as_str()), (StatusCode::NOT_FOUND, Some("unknown_provider")));
    let (status, wrong) = home.ask("PUT", "/api/practice/practice-a", "down").await;
    assert_eq!((status, wrong["code"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_request")));
    home.app.shut_down().await;
}

#[tokio::test]
async fn a_tenant_s_key_works_at_once_and_not_after_it_was_removed() {
    let home = home().await;
    let (status, made) = home.ask("POST", "/api/tenants", r#"{"name":"acme","features":["bot"]}"#).await;
    assert_eq!(status, StatusCode::CREATED);
    let key = made["key"].as_str().expect("a key").to_owned();
    let models = || async {
        let request = home
            .request("GET", "/v1/models")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .body(Body::empty())
            .expect("a request");
        home.running.routing().http.clone().oneshot(request).await.expect("infallible").status()
    };
    assert_ne!(models().await, StatusCode::UNAUTHORIZED);
    let (_, left) = home.ask("DELETE", "/api/tenants/acme", "").await;
    assert_eq!(left["tenants"].as_array().expect("a list").len(), 1, "local stays");
    assert_eq!(models().await, StatusCode::UNAUTHORIZED);
    home.app.shut_down().await;
}

#[tokio::test]
async fn an_edit_is_in_force_a_moment_later_and_a_mistake_changes_nothing() {
    let home = home().await;
    let file = home.running.paths().config_file().to_owned();
    let status = || async { home.ask("GET", "/api/status", "").await.1 };

    std::fs::write(&file, "[server]\nlissten = 1\n").expect("written");
    let broken =
        until(async || Some(status().await).filter(|status| !status["config_error"].is_null())).await;
    let error = broken["config_error"].as_str().expect("a reason");
    assert!(error.contains("line 2") && error.contains("lissten"), "{error}");
    assert_eq!(broken["state"], "degraded");
    assert_eq!(broken["practice"], true);

    // As editors do it: a new file, renamed over the old one.
    let draft = file.with_extension("draft");
    let real = "[providers.one]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9\"\nkey = \"none\"\n";
    std::fs::write(&draft, real).expect("written");
    std::fs::rename(&draft, &file).expect("renamed");
    let good = until(async || Some(status().await).filter(|status| status["config_error"].is_null())).await;
    assert_eq!(good["practice"], false, "real providers end practice");
    assert_eq!(good["providers"][0]["name"], "one");

    // Emptied, as by an editor that truncates first: the provider stays.
    std::fs::write(&file, "").expect("written");
    let kept = until(async || Some(status().await).filter(|status| !status["config_error"].is_null())).await;
    assert_eq!(
        (kept["practice"].as_bool(), kept["providers"][0]["name"].as_str()),
        (Some(false), Some("one"))
    );
    home.app.shut_down().await;
}

/// Asks again until there is an answer; a deadline, no fixed sleep.
async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let look = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), look).await.expect("in time")
}

#[tokio::test]
async fn a_second_app_on_the_folder_is_told_who_has_it() {
    let home = home().await;
    let again = App::start(options(home.running.paths().data())).await.expect_err("held");
    let crate::app::StartError::Failed(failure) = again else { panic!("{again}") };
    assert_eq!(failure.code, Code::AlreadyRunning);
    let run_file = home.running.paths().run_file();
    assert!(run_file.exists());
    home.app.shut_down().await;
    assert!(!run_file.exists(), "a clean end leaves no run.json");
}

#[tokio::test]
async fn live_events_name_themselves_and_end_with_the_app() {
    let home = home().await;
    let request = home
        .request("GET", "/api/events")
        .header(header::AUTHORIZATION, format!("Bearer {}", home.running.token.expose_secret()))
        .body(Body::empty())
        .expect("a request");
    let response = home.send(request).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    home.ask("PUT", "/api/practice/practice-a", r#"{"fault":"down"}"#).await;
    home.app.shut_down().await;
    let body = response.into_body().collect().await.expect("it ends").to_bytes();
    let text = String::from_utf8_lossy(&body);
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let mut events = events.map(|event| serde_json::from_str::<Value>(event).expect("JSON"));
    let event = events.find(|event| event["kind"] == "fault_set").expect("the fault is told");
    assert_eq!(event["data"]["provider"], "practice-a");
    assert!(event["sentence"].as_str().expect("a sentence").contains("practice-a"));
}
