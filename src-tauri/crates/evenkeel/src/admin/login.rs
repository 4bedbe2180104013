//! `/dashboard/login?once=…`: from a link in the terminal to a session in the browser.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::{assets, auth};
use crate::{app::Running, failure::Failure};

#[derive(Debug, Deserialize)]
pub(super) struct Login {
    once: Option<String>,
}

const REFUSED: &str = "\
This login link is wrong, was used already, or is older than ten minutes.

Get a new one in a terminal:

    evenkeel dashboard
";

pub(super) async fn login(
    State(running): State<Arc<Running>>,
    Query(login): Query<Login>,
    headers: HeaderMap,
) -> Response {
    let now = Instant::now();
    let name = auth::cookie_name(&running);
    let session = match running.sessions.redeem(login.once.as_deref().unwrap_or_default(), now) {
        Ok(session) => session,
        Err(error) => return Failure::internal("make a session", &error).into_response(),
    };
    if let Some(session) = session {
        let cookie = format!("{name}={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000");
        return assets::safe((StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), to_the_dashboard()]));
    }
    // The link again, from the browser's history, in a browser that is in already.
    if auth::cookie(&headers, &name).is_some_and(|session| running.sessions.is_open(session, now)) {
        return assets::safe((StatusCode::SEE_OTHER, [to_the_dashboard()]));
    }
    assets::safe((StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], REFUSED))
}

fn to_the_dashboard() -> (header::HeaderName, String) {
    (header::LOCATION, "/dashboard/".to_owned())
}
