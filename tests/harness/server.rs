//! A running `evenkeel serve`, asked over its socket and ended by signals.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::{CHAT, Home, MESSAGES, chat, message, until};

/// The process; dropping it kills it, and a failing test then shows what it said.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub http: Client,
    /// The key of the tenant `local`.
    pub key: String,
    /// The admin API's token.
    pub token: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// A response read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Server {
    pub(super) async fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut command = home.command(arguments);
        let start = fs::read_dir(home.terminal()).expect("a folder").count();
        let (stdout, stderr) = (
            home.terminal().join(format!("{start}-stdout")),
            home.terminal().join(format!("{start}-stderr")),
        );
        let file = |path| Stdio::from(File::create(path).expect("a file"));
        let mut child = command.stdout(file(&stdout)).stderr(file(&stderr)).spawn().expect("it starts");
        let said = |path| fs::read_to_string(path).unwrap_or_default();
        let run = until("a router that writes run.json", async || {
            if let Some(status) = child.try_wait().expect("a child") {
                panic!("{arguments:?} ended with {status}: {}{}", said(&stdout), said(&stderr));
            }
            let text = fs::read_to_string(home.path("run.json")).ok()?;
            // After a kill the old file lies there until the new process writes its own.
            serde_json::from_str::<Value>(&text).ok().filter(|run| run["pid"] == child.id())
        });
        let run = run.await;
        assert_eq!(run["kind"], "headless");
        let address = run["listen"].as_str().and_then(|listen| listen.parse().ok()).expect("an address");
        let secret = |name: &str| home.read(name).trim().to_owned();
        let (key, token) = (secret("local.key"), secret("admin.token"));
        Self { child, address, http: client(), key, token, stdout, stderr }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything printed so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(&self.stdout).expect("a file")
    }

    pub fn stderr(&self) -> String {
        fs::read_to_string(&self.stderr).expect("a file")
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request with no key at all.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path)).timeout(Duration::from_mins(1))
    }

    /// A request of a tool that has the local key.
    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.post_as(&self.key, path, body)
    }

    /// The same with another key.
    pub fn post_as(&self, key: &str, path: &str, body: &Value) -> RequestBuilder {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        let request = match path {
            MESSAGES => request.header("x-api-key", key).header("anthropic-version", "2023-06-01"),
            _ => request.bearer_auth(key),
        };
        request.body(body.to_string())
    }

    pub async fn ask(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.post(path, body)).await
    }

    pub async fn chat(&self, stream: bool) -> Answer {
        self.ask(CHAT, &chat(stream)).await
    }

    pub async fn message(&self, stream: bool) -> Answer {
        self.ask(MESSAGES, &message(stream)).await
    }

    /// The admin API with the token of the folder.
    pub fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(&self.token)
    }

    /// A document of the admin API.
    pub async fn admin_get(&self, path: &str) -> Value {
        let answer = Answer::of(self.admin(Method::GET, path)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Closes what the client keeps open for its next request.
    pub fn forget_connections(&mut self) {
        self.http = client();
    }

    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().expect("kill runs");
        assert!(status.success(), "kill -s {name} {pid}: {status}");
    }

    /// Waits until the process has ended.
    pub async fn until_gone(&mut self) -> ExitStatus {
        let child = &mut self.child;
        until("the end of the router", async || child.try_wait().expect("a child")).await
    }

    /// Ends it as a service manager does.
    pub async fn stop(mut self) {
        self.signal("TERM");
        let status = self.until_gone().await;
        assert_eq!(status.code(), Some(0), "{}", self.stderr());
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "what the router said explains why a test failed")]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let said = fs::read_to_string(&self.stderr).unwrap_or_default();
            eprintln!("The router at {} said:\n{said}", self.address);
        }
    }
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.expect("a whole body");
        Self { status, headers, body }
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of an error, wherever the dialect keeps it.
    pub fn code(&self) -> String {
        let body = self.json();
        let places = ["/error/code", "/error/details/error_code", "/code"];
        let code = places.iter().find_map(|place| body.pointer(place)?.as_str());
        code.unwrap_or_else(|| panic!("no code: {self:?}")).to_owned()
    }

    /// Whether a stream came to the end that its dialect promises.
    pub fn is_whole_stream(&self) -> bool {
        self.header("content-type").starts_with("text/event-stream")
            && (self.body.contains("data: [DONE]") || self.body.contains("event: message_stop"))
    }

    /// Who says in the text that it answered: the practice providers name themselves in every answer.
    pub fn is_written_by(&self, provider: &str) -> bool {
        self.body.contains(provider)
    }
}

/// A client that follows no redirect and asks no proxy.
fn client() -> Client {
    static PROVIDER: Once = Once::new();
    // reqwest is built without one, and asks for it even where it only speaks plain HTTP.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let client = Client::builder().tls_certs_only([]).no_proxy().redirect(reqwest::redirect::Policy::none());
    client.build().expect("a client")
}
