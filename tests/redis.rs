//! Two routers that share one Redis, as their owner sets them up: over a password, over TLS, with and without it.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::harness::{
    CHAT, Home, Server,
    redis::{Redis, free_port},
    scripted, until,
};
use crate::keychain::session::Session;

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const DEAD: &str = "[providers.first]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9\"\nkey = \"none\"\n\
                    models = [\"*\"]\n[providers.second]\ndialect = \"anthropic\"\n\
                    base_url = \"http://127.0.0.1:9\"\nkey = \"none\"\nmodels = [\"*\"]\n\
                    [[routes]]\nname = \"default\"\nprimary = { provider = \"first\" }\n\
                    secondary = { provider = \"second\" }\n";

fn home(providers: &str, url: &str) -> Home {
    let text = format!("{providers}[cache]\nbackend = \"redis\"\nredis_url = \"env:SHARED_REDIS\"\n");
    Session::none(&text).set("EVENKEEL_CACHE_KEY", KEY).set("SHARED_REDIS", url)
}

fn question(text: &str) -> Value {
    json!({ "model": "good", "messages": [{ "role": "user", "content": text }] })
}

async fn stats(server: &Server) -> Value {
    server.admin_get("/api/cache").await
}

async fn until_reached(server: &Server, reached: bool) -> Value {
    until("Redis in the state that is waited for", async || {
        Some(stats(server).await).filter(|stats| stats["reachable"] == reached && stats["entries"].is_u64())
    })
    .await
}

#[tokio::test]
async fn one_router_is_told_and_the_other_answers_with_both_providers_down_even_when_redis_dies() {
    let mut redis = Redis::with(&["requirepass canary"], Some("canary"));
    let url = format!("redis://:canary@127.0.0.1:{}", redis.port);
    let (first, second) = (scripted::start(true).await, scripted::start(false).await);
    let (one, other) = (home(&scripted::pair(&first, &second), &url), home(DEAD, &url));
    let (told, asked) = (one.serve().await, other.serve().await);
    assert_eq!(until_reached(&told, true).await["backend"], "redis");
    until_reached(&asked, true).await;
    let answer = told.ask(CHAT, &question("shared?")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let found = until("the other one's answer", async || {
        Some(asked.ask(CHAT, &question("shared?")).await).filter(|answer| answer.status == 200)
    })
    .await;
    assert_eq!(found.header("x-evenkeel-served-by"), "cache");
    assert_eq!(found.json()["choices"], answer.json()["choices"]);
    until("it is in its own file too", async || (stats(&asked).await["entries"] == 1).then_some(())).await;

    // In the midst of requests, of which none may fail.
    let load = async {
        for n in 0..200 {
            let answer = asked.ask(CHAT, &question("shared?")).await;
            assert_eq!(answer.status, 200, "{n}: {answer:?}");
            let answer = told.ask(CHAT, &question(&n.to_string())).await;
            assert_eq!(answer.status, 200, "{n}: {answer:?}");
        }
    };
    let death = async {
        until("some are under way", async || (redis.number("DBSIZE") > 20).then_some(())).await;
        redis.kill();
    };
    tokio::join!(load, death);
    let away = until_reached(&asked, false).await;
    assert_eq!(away["last_trouble"]["kind"], "unreachable", "{away}");
    assert!(away["trouble"].as_str().is_some_and(|text| text.contains("can't be reached")), "{away}");

    redis.restart();
    until_reached(&told, true).await;
    until_reached(&asked, true).await;
    told.ask(CHAT, &question("after?")).await;
    until("it is shared again", async || {
        (asked.ask(CHAT, &question("after?")).await.status == 200).then_some(())
    })
    .await;
    let cleared = other.cli(&["cache", "clear", "--yes"]).await;
    assert_eq!(cleared.code, 0, "{cleared:?}");
    assert_eq!(redis.command("KEYS evenkeel:cache:*"), "*0");
    let logs = [told.stderr(), asked.stderr()].concat();
    assert!(!logs.contains("canary"), "{logs}");
    told.stop().await;
    asked.stop().await;
}

/// A private authority's own certificate, and one of it for this machine: the files that a Redis is given.
fn authority(folder: &std::path::Path) -> [String; 3] {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut own = rcgen::CertificateParams::new([]).expect("no names");
    own.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = own.self_signed(&key).expect("its own certificate").pem();
    let issuer = rcgen::Issuer::new(own, key);
    let server = rcgen::KeyPair::generate().expect("a key");
    let named = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let leaf = named.signed_by(&server, &issuer).expect("a certificate").pem();
    [("root.pem", root), ("leaf.pem", leaf), ("leaf.key", server.serialize_pem())].map(|(name, text)| {
        let file = folder.join(name);
        std::fs::write(&file, text).expect("written");
        file.to_str().expect("a plain name").to_owned()
    })
}

#[tokio::test]
async fn over_tls_a_private_authority_is_trusted_where_it_is_named_and_refused_in_plain_words_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let [root, leaf, key] = authority(folder.path());
    let port = free_port();
    let lines = [
        format!("tls-port {port}"),
        format!("tls-cert-file {leaf}"),
        format!("tls-key-file {key}"),
        "tls-auth-clients no".to_owned(),
    ];
    let _redis = Redis::with(&lines.each_ref().map(String::as_str), None);
    let url = format!("rediss://localhost:{port}");

    let trusting = home(DEAD, &url).set("SSL_CERT_FILE", &root);
    let server = trusting.serve().await;
    assert!(until_reached(&server, true).await["trouble"].is_null());
    server.stop().await;

    let strange = home(DEAD, &url);
    let server = strange.serve().await;
    let seen = until("its complaint", async || {
        Some(stats(&server).await)
            .filter(|stats| stats["trouble"].as_str().is_some_and(|it| it.contains("certificate")))
    })
    .await;
    assert_eq!(
        (&seen["reachable"], &seen["last_trouble"]["kind"]),
        (&false.into(), &"unreachable".into()),
        "{seen}"
    );
    server.stop().await;
}

#[tokio::test]
async fn without_its_address_the_cache_is_this_machines_alone_and_says_why() {
    let home = home(DEAD, "");
    let server = home.serve().await;
    let seen = until_reached(&server, false).await;
    assert_eq!(seen["backend"], "redis");
    let said = "SHARED_REDIS holds no address of a Redis.";
    assert!(seen["trouble"].as_str().is_some_and(|text| text.contains(said)), "{seen}");
    // The cache answers a moment before its complaint is written.
    until("its complaint", async || server.stderr().contains(said).then_some(())).await;
    assert_eq!(server.stderr().matches(said).count(), 1, "{}", server.stderr());
    server.stop().await;
}

/// What counts against the day's cap, in the words of a refusal that costs nothing.
async fn used(server: &Server) -> String {
    let mut greedy = question("far too long");
    greedy["max_tokens"] = 1_000_000.into();
    let answer = server.ask(CHAT, &greedy).await;
    assert_eq!(answer.status, 402, "{answer:?}");
    let told = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    told.split_once("of which ").expect("what is used").1.to_owned()
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// Asks so long as it may; how often it was answered.
async fn spend(server: &Server, most: usize) -> usize {
    for n in 0..most {
        // Never one that was asked before: its answer would be had from the cache, cap or no cap.
        let mut small = question(&format!("number {}", ASKED.fetch_add(1, Ordering::Relaxed)));
        small["max_tokens"] = 8.into();
        let answer = server.ask(CHAT, &small).await;
        if answer.status == 402 {
            return n;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    most
}

#[tokio::test]
async fn two_routers_keep_one_daily_cap_together_also_while_redis_is_away_and_after_it() {
    let mut redis = Redis::with(&[], None);
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let (first, second) = (scripted::start(true).await, scripted::start(false).await);
    let guarded = scripted::pair(&first, &second)
        + &scripted::price("good", 1.0, 2.0)
        + "[guardrails]\nmax_cost_per_day = 0.0005\n";
    let (one, other) = (home(&guarded, &url), home(&guarded, &url));
    let (one, other) = (one.serve().await, other.serve().await);
    assert_eq!(spend(&one, 4).await, 4);
    let told = used(&one).await;
    until("the other one counts it", async || (used(&other).await == told).then_some(())).await;
    redis.kill();
    until_reached(&one, false).await;
    assert_eq!(used(&other).await, told, "what was last known still counts");
    assert_eq!(spend(&other, 3).await, 3, "and nobody is kept from asking");
    redis.restart();
    let both = used(&other).await;
    assert_ne!(both, told);
    until("shared again", async || (used(&one).await == both).then_some(())).await;
    let more = spend(&one, 100).await;
    let whole = 500 / usize::try_from(scripted::MICROS).expect("small");
    assert!(more + 7 <= whole, "{more} more of {whole} in all");
    let told = used(&one).await;
    until("the other one is told", async || (used(&other).await == told).then_some(())).await;
    assert_eq!(spend(&other, 100).await, 0, "nothing is left for it either");
    one.stop().await;
    other.stop().await;
}

async fn breakers(server: &Server) -> String {
    let status = server.admin_get("/api/status").await;
    let providers = status["providers"].as_array().cloned().unwrap_or_default();
    let first = providers.into_iter().find(|it| it["name"] == "first").unwrap_or_default();
    first.to_string()
}

#[tokio::test]
async fn a_breaker_that_opens_at_one_router_opens_at_the_other_and_goes_with_its_router() {
    let redis = Redis::with(&[], None);
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let (first, second) = (scripted::start(true).await, scripted::start(false).await);
    let pair = scripted::pair(&first, &second);
    let (one, other) = (home(&pair, &url), home(&pair, &url));
    let (one, other) = (one.serve().await, other.serve().await);
    let down = json!({ "model": "down-1", "messages": [{ "role": "user", "content": "Hi." }] });
    for _ in 0..3 {
        assert_eq!(one.ask(CHAT, &down).await.status, 200);
    }
    assert!(breakers(&one).await.contains("down-1"));
    until("the other one knows", async || breakers(&other).await.contains("down-1").then_some(())).await;
    let asked = first.seen().len();
    one.stop().await;
    until("its word is gone with it", async || (!breakers(&other).await.contains("down-1")).then_some(()))
        .await;
    assert_eq!(first.seen().len(), asked, "nobody had to try");
    other.stop().await;
}
