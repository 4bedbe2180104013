//! The running router's admin API, as the commands call it.
//!
//! One connection a call, straight to loopback: no proxy setting of the user's shell can ever see the
//! admin token, for no proxy is ever asked.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{net::TcpStream, time::timeout};
use zeroize::Zeroizing;

use super::Stop;
use crate::{
    admin::types::ApiError,
    app::bind::reachable,
    failure::{Code, Failure},
    run_file::RunFile,
};

/// The router is on this machine and answers from memory or a local database.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running router and the right to ask it.
#[derive(Debug)]
pub(crate) struct Client {
    run: RunFile,
    token: SecretString,
}

impl Client {
    pub(crate) fn new(run: RunFile, token: SecretString) -> Self {
        Self { run, token }
    }

    /// Where tools reach it.
    pub(crate) fn address(&self) -> SocketAddr {
        reachable(self.run.listen)
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Stop> {
        self.call(Method::GET, path, None::<&()>, PATIENCE)
    }

    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Stop> {
        self.call(Method::POST, path, Some(body), PATIENCE)
    }

    /// The same for what takes longer, because the router asks others.
    pub(crate) fn post_patiently<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<T, Stop> {
        self.call(Method::POST, path, Some(body), patience)
    }

    pub(crate) fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Stop> {
        self.call(Method::PUT, path, Some(body), PATIENCE)
    }

    pub(crate) fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Stop> {
        self.call(Method::DELETE, path, None::<&()>, PATIENCE)
    }

    fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        patience: Duration,
    ) -> Result<T, Stop> {
        let broken = |error: &dyn std::error::Error| {
            Failure::new(
                Code::NotRunning,
                format!("The router at {} (pid {}) does not answer: {error}.", self.address(), self.run.pid),
            )
            .hint("Stop that process and start Evenkeel again.")
        };
        // A body may carry a provider's key, which must not outlive the call in memory.
        let body = body.map(serde_json::to_vec).transpose().map_err(|error| broken(&error))?;
        let body = body.map(|body| Bytes::from_owner(Zeroizing::new(body))).unwrap_or_default();
        let runtime = super::runtime()?;
        let (status, answer) = runtime
            .block_on(async { timeout(patience, self.exchange(method, path, body)).await })
            .map_err(|error| broken(&error))?
            .map_err(|error| broken(error.as_ref()))?;
        if status.is_success() {
            return Ok(serde_json::from_slice(&answer).map_err(|error| broken(&error))?);
        }
        match serde_json::from_slice::<ApiError>(&answer) {
            Ok(error) => Err(error.into()),
            Err(error) => Err(broken(&error).into()),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(self.address()).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address().to_string())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose_secret()))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let exchange = async move {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            Ok((status, body))
        };
        // The connection ends by itself once the exchange has dropped its sender; if it breaks, the
        // exchange says so in its own words.
        let (answer, _) = tokio::join!(exchange, connection);
        answer
    }
}
