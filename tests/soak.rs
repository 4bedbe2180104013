//! Many requests while both providers fail three times in ten, at random and in every way that passes: what the
//! client saw, what the ledger says and what the providers were asked agree to the request, and nothing is left
//! over afterwards.
//!
//! - [`provider`]: what the two of them do
//! - [`books`]: the three books, and how they have to agree

mod books;
mod provider;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::wording::WORD;
use crate::harness::{CHAT, Home, MESSAGES, Server, until};
use books::{Asked, Ending};
use provider::IMPATIENT;

const CLIENTS: usize = 8;
/// What a router may hold more after thousands of requests than after the first of them, in KiB: buffers that grew
/// once, and the allocator's habits. A leak of one kilobyte a request would be more.
const GROWTH_KIB: u64 = 6 * 1024;

/// Two routes, so that each provider is somebody's first choice; each dialect crosses into the other one.
fn config(first: &str, second: &str) -> String {
    let provider = |name: &str, dialect: &str, base_url: &str| {
        format!(
            "[providers.{name}]\ndialect = \"{dialect}\"\nbase_url = \"{base_url}\"\nkey = \"none\"\nmodels = [\"*\"]\n"
        )
    };
    let route = |name: &str, models: &str, primary: &str, secondary: &str| {
        format!(
            "[[routes]]\nname = \"{name}\"\nmodels = [\"{models}\"]\nprimary = {{ provider = \"{primary}\" }}\n\
             secondary = {{ provider = \"{secondary}\" }}\nfirst_token_timeout = \"1s\"\n\
             last_first_token_timeout = \"2s\"\n"
        )
    };
    let price = |model: &str| format!("[prices.\"{model}\"]\ninput = 1.0\noutput = 2.0\n");
    // What nobody could answer has to fail, for the books of both sides to have it.
    let cache = "[cache]\nserve = \"never\"\n".to_owned();
    [
        provider("first", "openai", &format!("{first}/v1")),
        provider("second", "anthropic", second),
        route("there", "there-*", "first", "second"),
        route("back", "*", "second", "first"),
        price("there-1"),
        price("back-1"),
        cache,
    ]
    .concat()
}

/// Every way of asking in its turn: both routes, both dialects, streams and whole answers, and now and then a
/// client that leaves after the first word.
fn ask(number: usize) -> Asked {
    let model = if number.is_multiple_of(2) { "there-1" } else { "back-1" };
    let stream = !(number / 2).is_multiple_of(3);
    let path = if (number / 6).is_multiple_of(2) { CHAT } else { MESSAGES };
    let impatient = stream && number % 50 == 7;
    let text = if impatient { IMPATIENT } else { "Say hello to the keel" };
    let messages = json!([{ "role": "user", "content": text }]);
    let body = json!({ "model": model, "max_tokens": 200, "stream": stream, "messages": messages });
    Asked { id: format!("soak-{number:06}"), path, body, stream, impatient }
}

/// Asks, and notes what a client of that dialect would make of the answer.
async fn answered(server: &Server, asked: &Asked) -> (Ending, usize) {
    let request = server.post(asked.path, &asked.body).header("x-evenkeel-id", &asked.id);
    let response = request.send().await.expect("the router always answers");
    let status = response.status().as_u16();
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok().map(str::to_owned));
    assert_eq!(header("x-evenkeel-id").as_ref(), Some(&asked.id));
    let attempts = header("x-evenkeel-attempts").and_then(|count| count.parse().ok()).unwrap_or(0);
    let mut body = String::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        body += &String::from_utf8_lossy(&piece.expect("an answer never just stops"));
        if asked.impatient && body.contains(WORD) {
            return (Ending::HungUp, attempts);
        }
    }
    (books::ending(asked, status, &body), attempts)
}

/// All of them, a few at a time; what each client saw, in no particular order.
async fn load(server: &Arc<Server>, numbers: std::ops::Range<usize>) -> Vec<(Asked, Ending, usize)> {
    let next = Arc::new(AtomicUsize::new(numbers.start));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (server, next, end) = (Arc::clone(server), Arc::clone(&next), numbers.end);
        clients.spawn(async move {
            let mut seen = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return seen;
                }
                let asked = ask(number);
                let (ending, attempts) = answered(&server, &asked).await;
                seen.push((asked, ending, attempts));
            }
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

/// The whole ledger, page by page.
async fn ledger(server: &Server) -> Vec<Value> {
    let (mut rows, mut before) = (Vec::new(), String::new());
    loop {
        let page = server.admin_get(&format!("/api/requests?limit=1000{before}")).await;
        rows.extend(page["requests"].as_array().expect("rows").iter().cloned());
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return rows,
        }
    }
}

/// A figure of the process that Linux tells, such as `VmRSS` in KiB.
fn figure(server: &Server, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Sockets that the process holds open; none where the system doesn't tell.
fn sockets(server: &Server) -> usize {
    let files = fs::read_dir(format!("/proc/{}/fd", server.pid())).into_iter().flatten().flatten();
    let is_socket = |path: std::path::PathBuf| path.to_string_lossy().starts_with("socket:");
    files.filter_map(|file| fs::read_link(file.path()).ok()).filter(|path| is_socket(path.clone())).count()
}

/// What a run found, for docs/reliability.md.
#[expect(clippy::print_stderr, reason = "shown with --nocapture, and where the test fails")]
fn tell(figures: &str) {
    eprintln!("soak: {figures}");
}

async fn soak(requests: usize) {
    let (first, second) = (provider::start("first").await, provider::start("second").await);
    let home = Home::with_config(&config(&first.base_url(), &second.base_url()));
    let server = Arc::new(home.serve().await);
    let at_rest = sockets(&server);

    let warm = requests / 5;
    let mut seen = load(&server, 0..warm).await;
    let early = figure(&server, "VmRSS");
    seen.extend(load(&server, warm..requests).await);
    let late = figure(&server, "VmRSS");

    until("a row for every request", async || (ledger(&server).await.len() >= requests).then_some(())).await;
    let rows = ledger(&server).await;
    books::agree(&seen, &rows, &[("first", &first), ("second", &second)]);
    tell(&format!("{}; {} tries", books::summary(&seen), first.seen().len() + second.seen().len()));

    for provider in [&first, &second] {
        provider.until_closed(provider.seen().len(), Duration::from_secs(10)).await;
    }
    let mut server = Arc::into_inner(server).expect("no client is left");
    // The clients' own connections go with their pool.
    server.forget_connections();
    until("the sockets of before", async || (sockets(&server) <= at_rest).then_some(())).await;
    if let (Some(early), Some(late)) = (early, late) {
        tell(&format!("{early} KiB after {warm} requests, {late} KiB after {requests}"));
        assert!(late <= early + GROWTH_KIB, "{early} KiB after {warm} requests, {late} KiB after {requests}");
    }
    // A request or a task still under way would hold the end up for as long as a drain may take.
    let stopping = Instant::now();
    server.stop().await;
    assert!(stopping.elapsed() < Duration::from_secs(5), "something was still under way");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_agree_to_the_request_while_both_providers_fail_at_random() {
    soak(400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes; `cargo xtask test --full` runs it"]
async fn the_books_agree_after_ten_thousand_requests_and_nothing_is_left_over() {
    soak(10_000).await;
}
