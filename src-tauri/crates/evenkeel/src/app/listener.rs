//! Connections: accepted, served one request after the other, and ended between two answers.

use std::{convert::Infallible, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use axum::{body::Body, response::IntoResponse, response::Response};
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, net::TcpStream, time::sleep};
use tower::ServiceExt;

use super::Running;
use crate::{
    admin,
    failure::{Code, Failure},
};

/// For a request's head, and so also for an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// After a failed accept, which is nearly always "too many open files".
const BREATH: Duration = Duration::from_millis(50);

/// Accepts until the app closes.
pub(super) async fn listen(running: Arc<Running>, listener: TcpListener) {
    let admin = admin::doors(Arc::clone(&running));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = running.signals.closing.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = serve(Arc::clone(&running), admin.clone(), stream);
                running.connections.spawn("connection", connection);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(BREATH).await;
            }
        }
    }
}

async fn serve(running: Arc<Running>, admin: axum::Router, stream: TcpStream) {
    // Without it a small event waits for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let (closing, cut) = (running.signals.closing.clone(), running.signals.cut.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer(Arc::clone(&running), admin.clone(), request.map(Body::new));
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // A client that breaks off is no news.
        _ = connection.as_mut() => {}
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                _ = connection => {}
                () = cut.cancelled() => {}
            }
        }
    }
}

async fn answer(running: Arc<Running>, admin: axum::Router, request: Request<Body>) -> Response {
    if !is_ours(request.uri().path()) {
        // The router's own errors are in the client's dialect, a panic included.
        return into_response(running.routing().http.clone().oneshot(request).await);
    }
    let answer = AssertUnwindSafe(admin.oneshot(request)).catch_unwind().await;
    let mut response = answer.map_or_else(
        |_| {
            tracing::error!("panic while answering a request to the admin API");
            Failure::new(Code::InternalError, "Evenkeel failed to answer.")
                .hint("The log says why: logs/evenkeel.log in the data folder.")
                .into_response()
        },
        into_response,
    );
    if let Ok(id) = HeaderValue::from_str(&ulid::Ulid::new().to_string()) {
        response.headers_mut().entry(HeaderName::from_static("x-evenkeel-id")).or_insert(id);
    }
    response
}

/// The admin API, the dashboard, the service worker and what Prometheus asks; all else is the router's.
fn is_ours(path: &str) -> bool {
    path == admin::offline::ADDRESS
        || ["/api", "/dashboard", "/metrics"]
            .iter()
            .any(|ours| path.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn into_response(result: Result<Response, Infallible>) -> Response {
    match result {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_segments_are_ours() {
        for path in
            ["/api", "/api/", "/api/status", "/dashboard/login", "/metrics", "/offline/evenkeel-sw.js"]
        {
            assert!(is_ours(path), "{path}");
        }
        for path in ["/", "/apiary", "/v1/api", "/dashboards", "/healthz", "/offline", "/offline/x.js"] {
            assert!(!is_ours(path), "{path}");
        }
    }
}
