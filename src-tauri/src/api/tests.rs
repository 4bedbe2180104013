use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, put};
use serde_json::{Value, json};

use super::ask;

/// A stand-in with one route a case; what the real routes answer is tested where they are.
fn router() -> Router {
    Router::new()
        .route("/api/echo", put(|Json(value): Json<Value>| async move { Json(json!({ "heard": value })) }))
        .route("/api/chart.svg", get(|| async { "<svg/>" }))
        .route("/api/refused", get(|| async { (StatusCode::FORBIDDEN, Json(json!({ "code": "no" }))) }))
        .route("/secret", get(|| async { "not for the window" }))
}

#[tokio::test]
async fn json_goes_in_and_comes_out() {
    let answer = ask(router(), "PUT", "/api/echo", Some(json!({ "on": true }))).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, json!({ "heard": { "on": true } })));
}

#[tokio::test]
async fn text_that_is_not_json_comes_as_a_string() {
    let answer = ask(router(), "GET", "/api/chart.svg", None).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, json!("<svg/>")));
}

#[tokio::test]
async fn a_refusal_is_an_answer_with_its_status() {
    let answer = ask(router(), "GET", "/api/refused", None).await.unwrap();
    assert_eq!((answer.status, answer.body), (403, json!({ "code": "no" })));
}

#[tokio::test]
async fn nothing_outside_the_admin_api_can_be_asked() {
    for path in ["/secret", "/v1/chat/completions", "http://example.com/api/status", "api/status"] {
        assert!(ask(router(), "GET", path, None).await.is_err(), "{path}");
    }
}

#[tokio::test]
async fn a_malformed_request_is_an_error_in_words() {
    let error = ask(router(), "NOT A METHOD", "/api/echo", None).await.unwrap_err();
    assert!(error.to_string().contains("method"), "{error}");
}
