//! The router as an HTTP service: the stages joined, and the few addresses beside `/v1`.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use evenkeel_cache::Answered;
use evenkeel_dialect::Dialect;
use futures_util::FutureExt;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::admit::{self, Admitted};
use crate::endpoint::{self, Endpoint};
use crate::failover::{self, Finished};
use crate::in_flight::InFlight;
use crate::plan::{self, Plan, Standing};
use crate::recall::{First, Keep, Recall, Why};
use crate::refusal::{Code, Refusal};
use crate::runtime::Runtime;
use crate::settle::Settlement;
use crate::{Router, body, count, direct, guard, headers, models, relay};

impl Router {
    /// `/`, `/healthz`, `/readyz`, `/v1/*`; anything else is a 404 in a client's own terms.
    pub fn http(self: &Arc<Self>) -> axum::Router {
        axum::Router::new()
            .route("/", get(greet))
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .fallback(any(answer))
            .with_state(Arc::clone(self))
    }
}

/// Tools probe `/` before they send anything.
async fn greet(State(router): State<Arc<Router>>, request: Request) -> Response {
    probe(
        &router,
        &request,
        StatusCode::OK,
        &json!({ "name": "Evenkeel", "version": env!("CARGO_PKG_VERSION") }),
    )
}

async fn healthz(State(router): State<Arc<Router>>, request: Request) -> Response {
    probe(&router, &request, StatusCode::OK, &json!({ "status": "ok" }))
}

async fn readyz(State(router): State<Arc<Router>>, request: Request) -> Response {
    let ready = !router.draining.load(Ordering::Relaxed);
    let (status, word) =
        if ready { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "shutting down") };
    probe(&router, &request, status, &json!({ "status": word }))
}

fn probe(router: &Router, request: &Request, status: StatusCode, body: &serde_json::Value) -> Response {
    let runtime = router.runtime.load();
    let (id, _) = admit::id_of(request.headers());
    let allowed = guard::check(&runtime.config.server, request.headers(), request.uri().host());
    let mut response = match allowed {
        Ok(()) => {
            let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
            (status, json, body.to_string()).into_response()
        }
        Err(refusal) => refusal.answer(Dialect::OpenAi, &id),
    };
    finish(router, &mut response, &id);
    response
}

/// What every response carries, whoever made it.
fn finish(router: &Router, response: &mut Response, id: &str) {
    headers::put(response.headers_mut(), headers::ID, id);
    if router.practice {
        response.headers_mut().insert(headers::PRACTICE, HeaderValue::from_static("true"));
    }
}

/// Everything under `/v1`, and everything that is nowhere. A panic stays that request's own 500.
async fn answer(State(router): State<Arc<Router>>, request: Request) -> Response {
    let path = endpoint::normalise(request.uri().path());
    let dialect = Dialect::for_path(&path, request.headers().contains_key(headers::ANTHROPIC_VERSION));
    let (id, id_usable) = admit::id_of(request.headers());
    let runtime = router.runtime.load_full();
    let server = &runtime.config.server;
    if let Some(response) = guard::check(server, request.headers(), request.uri().host())
        .is_ok()
        .then(|| guard::preflight(server, request.method(), request.headers()))
        .flatten()
    {
        return response;
    }
    let from = request.headers().get(header::ORIGIN).cloned();
    let in_flight = InFlight::enter(&router);
    let way = Box::pin(way(&router, request, &id, id_usable));
    let mut response = match AssertUnwindSafe(way).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(refusal)) => {
            tracing::info!(id, code = refusal.code.as_str(), message = refusal.message, "refused");
            refusal.answer(dialect, &id)
        }
        Err(_) => {
            tracing::error!(id, "panic while answering a request");
            Refusal::new(Code::InternalError, relay::internal_message(&id)).answer(dialect, &id)
        }
    };
    if let Some(origin) = from {
        let mut asked = http::HeaderMap::new();
        asked.insert(header::ORIGIN, origin);
        guard::allow_origin(server, &asked, response.headers_mut());
    }
    finish(&router, &mut response, &id);
    in_flight.until_sent(response)
}

/// The way of a request.
async fn way(
    router: &Arc<Router>,
    request: Request,
    id: &str,
    id_usable: Result<(), Refusal>,
) -> Result<Response, Refusal> {
    let runtime = router.runtime.load_full();
    let (parts, body) = request.into_parts();
    if let Err(refusal) = guard::check(&runtime.config.server, &parts.headers, parts.uri.host()) {
        let waits = body::waits_for_permission(&parts.headers);
        return Err(heard(body, waits, refusal).await);
    }
    let arrival = (id.to_owned(), router.clock.now(), router.clock.instant());
    let waits = body::waits_for_permission(&parts.headers);
    let entered = match admit::enter(parts, arrival, &runtime.config, &router.tenants.load()) {
        Ok(entered) => entered,
        Err(refusal) => return Err(heard(body, waits, refusal).await),
    };
    if entered.endpoint == Endpoint::Models {
        // Nobody is asked and nothing is answered by a model, so the ledger has nothing to say about it.
        id_usable.and_then(|()| entered.usable())?;
        let wanted = endpoint::model_in(&entered.path).filter(|id| !id.is_empty());
        return models::answer(&runtime, &entered, wanted);
    }
    let mut settlement = Settlement::open(router, &entered);
    if let Err(refusal) = id_usable.and_then(|()| not_draining(router)).and_then(|()| entered.usable()) {
        settlement.refused(&refusal);
        return Err(heard(body, waits, refusal).await);
    }
    let admitted = match admit::read(entered, body, &runtime.config).await {
        Ok(admitted) => admitted,
        Err((_, refusal)) => {
            settlement.refused(&refusal);
            return Err(refusal);
        }
    };
    settlement.read(&admitted);
    if admitted.entered.endpoint == Endpoint::CountTokens {
        return counted(router, &admitted, &runtime, settlement).await;
    }
    let bypassed = admitted.entered.controls.bypass || router.switch.state().on;
    let planned = if bypassed {
        plan::bypass(&admitted, &runtime)
    } else {
        let forced = router.force();
        let standing = Standing {
            breakers: &router.breakers,
            made_by: &router.made_by,
            forced: forced.as_deref(),
            practice: router.practice,
        };
        plan::make(&admitted, &runtime, &standing)
    };
    let plan = match planned {
        Ok(plan) => plan,
        Err(refusal) => {
            settlement.refused(&refusal);
            return Err(refusal);
        }
    };
    settlement.plan(&plan);
    if bypassed || admitted.ask.is_none() {
        return direct::run(router, &admitted, &plan, settlement).await.map_err(|(refusal, settlement)| {
            settlement.refused(&refusal);
            refusal
        });
    }
    exchange(router, &runtime, &admitted, plan, settlement).await
}

async fn counted(
    router: &Router,
    admitted: &Admitted,
    runtime: &Runtime,
    mut settlement: Settlement,
) -> Result<Response, Refusal> {
    let planned = count::model_of(&admitted.body)
        .and_then(|model| Ok((plan::count(admitted, runtime, model.as_deref())?, model)));
    let (plan, model) = match planned {
        Ok(planned) => planned,
        Err(refusal) => {
            settlement.refused(&refusal);
            return Err(refusal);
        }
    };
    settlement.plan(&plan);
    // An estimate is at hand, so nobody is waited for who can't be reached.
    let away = router.reach.refusal(&plan).is_some();
    let (response, by_provider) = count::run(admitted, &plan, model.as_deref().filter(|_| !away)).await;
    settlement.aside(plan.targets.first().filter(|_| by_provider), response.status().as_u16());
    Ok(response)
}

/// A client that is still sending doesn't read; to be told why, it has to be let finish first.
async fn heard(mut body: Body, waits: bool, refusal: Refusal) -> Refusal {
    if !waits {
        body::discard(&mut body, 0).await;
    }
    refusal
}

fn not_draining(router: &Router) -> Result<(), Refusal> {
    if router.draining.load(Ordering::Relaxed) {
        return Err(shutting_down());
    }
    Ok(())
}

fn shutting_down() -> Refusal {
    Refusal::new(Code::ShuttingDown, "Evenkeel is shutting down.").retry_after(2)
}

async fn exchange(
    router: &Arc<Router>,
    runtime: &Runtime,
    admitted: &Admitted,
    plan: Plan,
    mut settlement: Settlement,
) -> Result<Response, Refusal> {
    let id = &admitted.entered.id;
    let mut recall = Recall::new(router, admitted, &plan, &runtime.config.cache);
    if let Some(recall) = &mut recall {
        match recall.first(router, &plan).await {
            First::Known(known) => return Ok(known.answer(id, settlement, Why::Served)),
            First::Nothing(refusal) => {
                settlement.nothing_known(&refusal);
                return Err(refusal);
            }
            First::Ask => {}
        }
    }
    let finished = tokio::select! {
        finished = failover::run(router, runtime, admitted, &plan, recall.as_mut(), &mut settlement) => finished,
        () = router.cut_short.cancelled() => Finished::Refused(shutting_down()),
    };
    let finished = match finished {
        Finished::Refused(refusal) if settlement.nobody_answered(&refusal) => {
            let known = match &mut recall {
                Some(recall) => recall.look_up(router).await,
                None => None,
            };
            known.map_or(Finished::Refused(refusal), |known| Finished::Known(known, Why::Served))
        }
        finished => finished,
    };
    let keep = recall.as_mut().and_then(Recall::keep);
    let keep = match &finished {
        Finished::Stream(..) | Finished::Body(..) => keep,
        // There is no answer to be kept.
        Finished::Known(..) | Finished::AsItCame(..) | Finished::Refused(_) => {
            keep.into_iter().for_each(Keep::land);
            None
        }
    };
    match finished {
        Finished::Stream(target, live) => {
            let Endpoint::Exchange(api) = admitted.entered.endpoint else {
                return Err(Refusal::new(Code::InternalError, relay::internal_message(id)));
            };
            Ok(relay::events(router, (plan, &target), (api, keep), *live, id, settlement))
        }
        Finished::Body(target, head, body) => {
            if let Some(keep) = keep {
                keep.keep(router, Answered::Whole(body.clone()), &settlement);
            }
            Ok(relay::whole((&plan, &target), head, body, id, settlement))
        }
        Finished::Known(known, why) => Ok(known.answer(id, settlement, why)),
        Finished::AsItCame(target, outcome, head, body) => {
            Ok(relay::as_it_came((&plan, &target), outcome, head, body, id, settlement))
        }
        Finished::Refused(refusal) => {
            settlement.refused(&refusal);
            Err(refusal)
        }
    }
}
