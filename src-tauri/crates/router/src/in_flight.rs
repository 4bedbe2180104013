//! A request counts as under way until the last byte of its answer is out, not only until it is decided:
//! a drain that stopped earlier would cut answers off.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::Router;

/// One request under way.
pub(crate) struct InFlight(Arc<Router>);

impl InFlight {
    pub(crate) fn enter(router: &Arc<Router>) -> Self {
        router.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(router))
    }

    /// Stays until the response's body is out, or given up.
    pub(crate) fn until_sent(self, response: Response) -> Response {
        response.map(|body| Body::new(Held { body, _in_flight: self }))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body as it was, with the request's own guard.
struct Held {
    body: Body,
    _in_flight: InFlight,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
