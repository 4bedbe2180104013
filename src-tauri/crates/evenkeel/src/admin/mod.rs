//! The admin API under `/api`, and the dashboard that uses it.
//!
//! One axum router for every caller. The command line and browsers reach it through [`doors`], which
//! asks for the admin token or a session before it looks at the path; the desktop window reaches
//! [`routes`] in-process and needs neither. Shapes are in [`types`], codes in `failure`.
//!
//! - [`sessions`]: one-time login links and the sessions they turn into
//! - `auth`: the door; `login`, `assets`: the dashboard, which is public and holds no data
//! - [`offline`]: the service worker for web apps, public as well
//! - the rest: one file a resource

mod alerts;
mod assets;
mod auth;
mod budget;
mod bypass;
mod cache;
mod charts;
mod config;
mod events;
mod extract;
mod force;
mod keys;
mod login;
pub(crate) mod offline;
mod practice;
pub mod requests;
pub mod sessions;
mod slo;
pub mod status;
mod tenants;
mod test_request;
mod tools;
pub mod types;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post, put},
};
use tokio::sync::oneshot;

use crate::{
    app::Running,
    failure::{Code, Failure},
};
use types::DashboardLink;

/// Every route there is, for `GET /api/` and for the message of an unknown one.
const ROUTES: &[&str] = &[
    "GET /api/",
    "GET /api/status",
    "GET /api/slo",
    "GET /api/alerts",
    "POST /api/alerts/{id}/ack",
    "POST /api/alerts/test",
    "PUT /api/alerts/pause",
    "POST /api/budget/spend",
    "POST /api/budget/freeze",
    "POST /api/budget/thaw",
    "GET /api/charts/{name}.svg",
    "GET /api/charts/{name}.json",
    "GET /api/requests",
    "GET /api/requests/{id}",
    "GET /api/cache",
    "DELETE /api/cache",
    "POST /api/cache/export",
    "POST /api/cache/import",
    "GET /api/tenants",
    "POST /api/tenants",
    "DELETE /api/tenants/{name}",
    "POST /api/tenants/{name}/rotate",
    "GET /api/keys",
    "PUT /api/keys/{provider}",
    "DELETE /api/keys/{provider}",
    "POST /api/providers/{name}/test",
    "POST /api/test",
    "GET /api/tools",
    "POST /api/tools/{tool}/connect",
    "POST /api/tools/{tool}/disconnect",
    "GET /api/config",
    "PATCH /api/config",
    "GET /api/practice",
    "PUT /api/practice/{provider}",
    "GET /api/events",
    "PUT /api/bypass",
    "PUT /api/force",
    "POST /api/dashboard",
];

/// The admin API without a door.
pub(crate) fn routes(running: Arc<Running>) -> Router {
    Router::new()
        .route("/api", get(list))
        .route("/api/", get(list))
        .route("/api/status", get(status::get))
        .route("/api/slo", get(slo::get))
        .route("/api/alerts", get(alerts::list))
        .route("/api/alerts/{id}/ack", post(alerts::acknowledge))
        .route("/api/alerts/test", post(alerts::test))
        .route("/api/alerts/pause", put(alerts::pause))
        .route("/api/budget/spend", post(budget::spend))
        .route("/api/budget/freeze", post(budget::freeze))
        .route("/api/budget/thaw", post(budget::thaw))
        .route("/api/charts/{file}", get(charts::get))
        .route("/api/requests", get(requests::list))
        .route("/api/requests/{id}", get(requests::one))
        .route("/api/cache", get(cache::get).delete(cache::clear))
        .route("/api/cache/export", post(cache::export))
        .route("/api/cache/import", post(cache::import))
        .route("/api/tenants", get(tenants::list).post(tenants::add))
        .route("/api/tenants/{name}", delete(tenants::remove))
        .route("/api/tenants/{name}/rotate", post(tenants::rotate))
        .route("/api/keys", get(keys::list))
        .route("/api/keys/{provider}", put(keys::set).delete(keys::remove))
        .route("/api/providers/{name}/test", post(keys::test))
        .route("/api/test", post(test_request::send))
        .route("/api/tools", get(tools::list))
        .route("/api/tools/{tool}/connect", post(tools::connect))
        .route("/api/tools/{tool}/disconnect", post(tools::disconnect))
        .route("/api/config", get(config::get).patch(config::edit))
        .route("/api/practice", get(practice::get))
        .route("/api/practice/{provider}", put(practice::set))
        .route("/api/events", get(events::stream))
        .route("/api/bypass", put(bypass::set))
        .route("/api/force", put(force::set))
        .route("/api/dashboard", post(dashboard))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&running), to_its_end))
        .with_state(running)
}

/// A change that has begun is finished, also when its caller hangs up in the middle: half of one could leave
/// a removed key valid, or a switch moved and not kept.
async fn to_its_end(State(running): State<Arc<Running>>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let (done, answer) = oneshot::channel();
    running.spawn("change", async move {
        // Nobody waiting any more is what this is for.
        let _ = done.send(next.run(request).await);
    });
    answer
        .await
        .unwrap_or_else(|_| Failure::new(Code::InternalError, "The change was not finished.").into_response())
}

/// The admin API behind its door; the dashboard and the service worker beside it.
pub(crate) fn doors(running: Arc<Running>) -> Router {
    let api = routes(Arc::clone(&running));
    // A layer around the whole, so that even an unknown path tells a stranger nothing.
    let api = api.layer(middleware::from_fn_with_state(Arc::clone(&running), auth::admit));
    Router::new()
        .route("/dashboard", get(assets::to_the_folder))
        .route("/dashboard/", get(assets::index))
        .route("/dashboard/login", get(login::login))
        .route("/dashboard/{*path}", get(assets::asset))
        .route(offline::ADDRESS, get(offline::worker))
        .layer(middleware::from_fn_with_state(Arc::clone(&running), auth::guard))
        .with_state(running)
        .fallback_service(api)
}

async fn list() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "name": "Evenkeel", "version": env!("CARGO_PKG_VERSION"), "routes": ROUTES }))
}

async fn dashboard(State(running): State<Arc<Running>>) -> Result<Json<DashboardLink>, Failure> {
    let url = running.dashboard_link()?;
    Ok(Json(DashboardLink { url, valid_s: sessions::LINK_LIFE.as_secs() }))
}

async fn unknown(method: http::Method, uri: http::Uri) -> Failure {
    Failure::new(Code::UnknownEndpoint, format!("There is no {method} {}.", uri.path()))
        .hint("GET /api/ lists what there is.")
}

async fn wrong_method(method: http::Method, uri: http::Uri) -> Failure {
    Failure::new(Code::MethodNotAllowed, format!("{} doesn't take {method}.", uri.path()))
        .hint("GET /api/ lists what there is.")
}

#[cfg(test)]
mod tests;
