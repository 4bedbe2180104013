//! Thousands of requests whose end is known beforehand, counted twice: by those who asked, and by Evenkeel.
//!
//! Nothing may be off by one: neither a failure nor a rescue, neither a tenth of a cent nor a request that its client
//! gave up. Only how long an answer took nobody can know beforehand; there the ledger's own rows are counted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{named, slo};
use crate::harness::raw::Raw;
use crate::harness::scripted::{self, MICROS};
use crate::harness::wording::{WORD, WORDS};
use crate::harness::{CHAT, Home, MESSAGES, Server, until};

const CLIENTS: usize = 8;
/// Between the time that a patient client waits for a first word and the time that an impatient one does.
const TARGET_MS: u64 = 1_000;
const PATIENT: Duration = Duration::from_millis(1_500);
const IMPATIENT: Duration = Duration::from_millis(300);
/// Half of all tries fail at a model that stumbles, and with ten of them its breaker opens: each is asked four times.
const STUMBLES_EACH: usize = 4;

/// What comes of a request, as its client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Good,
    Bad(&'static str),
    Invalid,
    GivenUp,
}

/// A kind of request: the model that makes it one, its share in a thousand, what has to come of it and what it costs.
/// What breaks off or is given up costs an estimate, so its model is free; the rest costs to the micro-dollar.
const KINDS: [(&str, usize, End, i64); 13] = [
    ("calm", 805, End::Good, MICROS),
    ("stumbles", 60, End::Good, MICROS),
    ("down", 40, End::Good, MICROS),
    ("unpriced", 20, End::Good, 0),
    ("slow", 10, End::Good, MICROS),
    ("fails", 20, End::Bad("provider_outage"), 0),
    ("snaps", 5, End::Bad("provider_outage"), 0),
    ("limited", 8, End::Bad("rate_limit"), 0),
    ("revoked", 6, End::Bad("account"), 0),
    ("mute", 5, End::Bad("provider_outage"), 0),
    ("mute", 5, End::GivenUp, 0),
    ("waits", 6, End::GivenUp, 0),
    ("wrong", 10, End::Invalid, 0),
];

/// Whose request it is.
const WHOSE: [(&str, &str); 5] =
    [("local", ""), ("acme", ""), ("acme", "search"), ("beta", "search"), ("beta", "chat")];

/// The promises, by name, tenant and feature; empty is all.
const PROMISES: [(&str, &str, &str); 4] = [
    ("Everything", "", ""),
    ("Acme", "acme", ""),
    ("Search", "", "search"),
    ("Chat of beta", "beta", "chat"),
];

fn config(providers: [&Raw; 4], requests: usize) -> String {
    let [first, second, third, fourth] = providers.map(Raw::base_url);
    let provider = |name: &str, dialect: &str, url: &str| {
        format!(
            "[providers.{name}]\ndialect = \"{dialect}\"\nbase_url = \"{url}\"\nkey = \"none\"\nmodels = [\"*\"]\n"
        )
    };
    let route = |name: &str, models: &str, primary: &str, secondary: &str| {
        format!(
            "[[routes]]\nname = \"{name}\"\nmodels = [\"{models}\"]\nprimary = {{ provider = \"{primary}\" }}\n\
             secondary = {{ provider = \"{secondary}\" }}\nfirst_token_timeout = \"30s\"\n"
        )
    };
    let promise = |(name, tenant, feature): (&str, &str, &str)| {
        format!(
            "[[slo]]\nname = \"{name}\"\ntenant = \"{tenant}\"\nfeature = \"{feature}\"\np95 = \"{TARGET_MS}ms\"\n"
        )
    };
    let stumbling = (0..=requests / STUMBLES_EACH / 10).map(|number| format!("stumbles-{number}"));
    let priced = ["calm-0", "down-0", "slow-0", "fails-0", "limited-0", "revoked-0", "wrong-0"];
    let dear = priced.map(str::to_owned).into_iter().chain(stumbling);
    let free = ["snaps-0", "waits-0", "mute-0"].map(|model| scripted::price(model, 0.0, 0.0));
    [
        provider("first", "openai", &format!("{first}/v1")),
        provider("second", "anthropic", &second),
        // A key that is refused ends a provider for everybody, so these two have theirs to themselves.
        provider("third", "openai", &format!("{third}/v1")),
        provider("fourth", "anthropic", &fourth),
        route("refused", "revoked-*", "third", "fourth"),
        route("default", "*", "first", "second"),
        dear.map(|model| scripted::price(&model, 1.0, 2.0)).collect(),
        free.concat(),
        PROMISES.map(promise).concat(),
    ]
    .concat()
}

/// One request, made from its number.
struct Asked {
    kind: &'static str,
    end: End,
    micros: i64,
    tenant: &'static str,
    feature: &'static str,
    path: &'static str,
    body: Value,
}

fn asked(number: usize) -> Asked {
    // 617 and 1,000 have no common divisor: every thousand requests have all the kinds, well mixed.
    let mut place = number * 617 % 1_000;
    let (kind, _, end, micros) = *KINDS
        .iter()
        .find(|(_, share, ..)| {
            let here = place < *share;
            place = place.wrapping_sub(if here { 0 } else { *share });
            here
        })
        .expect("the shares make a thousand");
    let model = match kind {
        "stumbles" => format!("stumbles-{}", number / STUMBLES_EACH / 10),
        kind => format!("{kind}-0"),
    };
    let stream = number.is_multiple_of(2) || ["snaps", "mute", "waits"].contains(&kind);
    let (tenant, feature) = WHOSE[number % WHOSE.len()];
    let path = if (number / 2).is_multiple_of(2) { CHAT } else { MESSAGES };
    let messages = json!([{ "role": "user", "content": format!("Question {number}") }]);
    let body = json!({ "model": model, "max_tokens": 200, "stream": stream, "messages": messages });
    Asked { kind, end, micros, tenant, feature, path, body }
}

/// Asks and reads as its client would; what came of it, and after how many tries.
async fn answered(server: &Server, keys: &BTreeMap<&str, String>, asked: &Asked) -> (End, usize) {
    let request = server.post_as(&keys[asked.tenant], asked.path, &asked.body);
    let request =
        if asked.feature.is_empty() { request } else { request.header("x-evenkeel-feature", asked.feature) };
    if asked.kind == "mute" {
        let patience = if asked.end == End::GivenUp { IMPATIENT } else { PATIENT };
        // The answer's head may come before its first word, and a client that waits has not got anything by then.
        let silence = async {
            let mut pieces = request.send().await.expect("an answer").bytes_stream();
            while let Some(piece) = pieces.next().await {
                let piece = piece.expect("an answer never just stops");
                assert!(!String::from_utf8_lossy(&piece).contains(WORD), "nobody has answered");
            }
        };
        assert!(timeout(patience, silence).await.is_err(), "the provider says nothing");
        return (asked.end, 1);
    }
    let response = request.send().await.expect("the router always answers");
    let status = response.status().as_u16();
    let tries =
        response.headers().get("x-evenkeel-attempts").and_then(|tries| tries.to_str().ok()?.parse().ok());
    let mut body = String::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        body += &String::from_utf8_lossy(&piece.expect("an answer never just stops"));
        if asked.kind == "waits" && body.contains(WORD) {
            return (End::GivenUp, 1);
        }
    }
    let whole = body.matches(WORD).count() == WORDS && !body.contains("\"error\"");
    let cause = if let End::Bad(cause) = asked.end { cause } else { "none expected" };
    let end = match status {
        200 if whole => End::Good,
        400 => End::Invalid,
        _ => End::Bad(cause),
    };
    (end, tries.unwrap_or(0))
}

/// The second book of one promise.
#[derive(Debug, Default, PartialEq, Eq)]
struct Book {
    good: u64,
    bad: u64,
    rescued: u64,
    invalid: u64,
    cancelled: u64,
    unpriced: u64,
    micros: i64,
    latency_n: u64,
    slow: u64,
    causes: BTreeMap<String, u64>,
}

impl Book {
    fn add(&mut self, asked: &Asked, tries: usize) {
        match asked.end {
            End::Good => {
                self.good += 1;
                self.rescued += u64::from(tries > 1);
            }
            End::Bad(cause) => {
                self.bad += 1;
                *self.causes.entry(cause.to_owned()).or_default() += 1;
            }
            End::Invalid => self.invalid += 1,
            End::GivenUp => self.cancelled += 1,
        }
        // Nobody learns what a provider bills for a request that it never answered.
        self.unpriced += u64::from(["unpriced", "mute"].contains(&asked.kind));
        self.micros += asked.micros;
    }

    /// How long a request took stands in its row of the ledger and nowhere else.
    fn add_latency(&mut self, row: &Value) {
        let (counted, status) = (row["counted"].as_str(), row["status"].as_u64());
        let first = row["first_token_ms"].as_u64();
        let took = match counted {
            Some("good") => first.or(row["total_ms"].as_u64()),
            Some("bad") if status == Some(499) => first.or(row["total_ms"].as_u64()),
            Some("bad") => first,
            _ => None,
        };
        self.latency_n += u64::from(took.is_some());
        self.slow += u64::from(took > Some(TARGET_MS));
    }

    /// The same as the document says it.
    fn of(slo: &Value) -> Self {
        let count = |place: &str| {
            slo.pointer(place).and_then(Value::as_u64).unwrap_or_else(|| panic!("{place}: {slo}"))
        };
        let spend = slo["spend"].as_array().expect("causes");
        let cause =
            |it: &Value| (it["cause"].as_str().expect("a cause").to_owned(), it["bad"].as_u64().unwrap_or(0));
        let dollars = slo["cost"]["total_usd"].as_f64().expect("a sum");
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a whole number of micro-dollars, far below 2^53"
        )]
        let micros = (dollars * 1e6).round() as i64;
        Self {
            good: count("/success/good"),
            bad: count("/success/bad"),
            rescued: count("/rescued"),
            invalid: count("/not_counted/invalid"),
            cancelled: count("/not_counted/cancelled"),
            unpriced: count("/cost/unpriced"),
            micros,
            latency_n: count("/latency/n"),
            slow: count("/latency/slow"),
            causes: spend.iter().map(cause).collect(),
        }
    }

    fn all(&self) -> u64 {
        self.good + self.bad + self.invalid + self.cancelled
    }
}

fn covers((_, tenant, feature): (&str, &str, &str), of_tenant: &str, of_feature: &str) -> bool {
    (tenant.is_empty() || tenant == of_tenant) && (feature.is_empty() || feature == of_feature)
}

/// All of them, a few at a time.
async fn load(
    server: &Arc<Server>,
    keys: &Arc<BTreeMap<&'static str, String>>,
    requests: usize,
) -> Vec<(Asked, usize)> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (server, keys, next) = (Arc::clone(server), Arc::clone(keys), Arc::clone(&next));
        clients.spawn(async move {
            let mut seen = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return seen;
                }
                let asked = asked(number);
                let (end, tries) = answered(&server, &keys, &asked).await;
                assert_eq!(end, asked.end, "request {number}, {}", asked.kind);
                seen.push((asked, tries));
            }
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

async fn truth(requests: usize) {
    let providers = [
        scripted::start(true).await,
        scripted::start(false).await,
        scripted::start(true).await,
        scripted::start(false).await,
    ];
    let home = Home::with_config(&config(providers.each_ref(), requests));
    let server = Arc::new(home.serve().await);
    let mut keys = BTreeMap::from([("local", server.key.clone())]);
    for tenant in ["acme", "beta"] {
        let made = home.cli(&["tenant", "add", tenant, "--json"]).await.ok().json();
        keys.insert(tenant, made["key"].as_str().expect("a key").to_owned());
    }
    let seen = load(&server, &Arc::new(keys), requests).await;

    // Whoever was given up is counted when the router notices.
    let all = u64::try_from(requests).expect("a count");
    until("every request counted", async || {
        (Book::of(named(&slo(&home, &[]).await, "Everything")).all() >= all).then_some(())
    })
    .await;
    let rows = ledger(&server).await;
    assert_eq!(rows.len(), requests);
    let document = slo(&home, &[]).await;
    assert_eq!(document["book"], "real");
    for promise in PROMISES {
        let mut book = Book::default();
        for (asked, tries) in seen.iter().filter(|(it, _)| covers(promise, it.tenant, it.feature)) {
            book.add(asked, *tries);
        }
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        for row in rows.iter().filter(|row| covers(promise, &text(row, "tenant"), &text(row, "feature"))) {
            book.add_latency(row);
        }
        let reported = named(&document, promise.0);
        assert_eq!(Book::of(reported), book, "{}", promise.0);
        assert_eq!(book.causes.values().sum::<u64>(), book.bad);
        let bad = |entry: &Value| entry["bad"].as_u64().unwrap_or(0);
        let entries: u64 = reported["entries"].as_array().expect("entries").iter().map(bad).sum();
        assert_eq!(entries + bad(&reported["older_entries"]), book.bad, "{}", promise.0);
        assert_eq!(reported["success"]["allowed"], (book.good + book.bad) / 200);
        assert!(book.slow > 0 && book.rescued > 0 && book.cancelled > 0, "this shows nothing: {book:?}");

        // The same requests asked for by tenant and feature, whether somebody promised anything about them or not.
        let (_, tenant, feature) = promise;
        let arguments =
            [("--tenant", tenant), ("--feature", feature)].into_iter().filter(|(_, it)| !it.is_empty());
        let arguments: Vec<&str> = arguments.flat_map(|(name, value)| [name, value]).collect();
        assert_eq!(Book::of(&slo(&home, &arguments).await["slos"][0]), book, "{arguments:?}");
    }
    let mut book = Book::default();
    for (asked, tries) in seen.iter().filter(|(it, _)| it.tenant == "beta") {
        book.add(asked, *tries);
    }
    for row in rows.iter().filter(|row| row["tenant"] == "beta") {
        book.add_latency(row);
    }
    assert_eq!(
        Book::of(&slo(&home, &["--tenant", "beta"]).await["slos"][0]),
        book,
        "nobody promised beta anything"
    );
    tell(&format!("{:?}", Book::of(named(&document, "Everything"))));
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

#[expect(clippy::print_stderr, reason = "shown with --nocapture, and where the test fails")]
fn tell(figures: &str) {
    eprintln!("truth: {figures}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_are_those_that_the_clients_count_themselves() {
    truth(1_500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes; `cargo xtask test --full` runs it"]
async fn the_figures_of_twenty_thousand_requests_are_those_that_the_clients_count_themselves() {
    truth(20_000).await;
}
