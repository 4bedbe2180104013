//! HTTP/1.1 on one socket.
//!
//! A loop of our own around hyper, not a web framework: an answer that fails has to take the connection with
//! it, abruptly, so that the client sees a body that was cut off.

use std::{pin::pin, sync::Arc};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::{exchange, provider::Provider};

/// Serves requests until the client goes, an answer breaks, or `closing` is cancelled; then the request
/// under way is still answered, and an idle connection is closed at once.
pub(crate) async fn serve(stream: TcpStream, provider: Arc<Provider>, closing: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let service = service_fn(|request| exchange::answer(&provider, request));
    // No time-out for the head: idle connections must not cost a timer.
    let connection =
        http1::Builder::new().header_read_timeout(None).serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(provider = provider.name(), %error, "connection dropped");
    }
}
