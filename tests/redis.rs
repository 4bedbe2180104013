//! Two routers that share one Redis, as their owner sets them up: over a password, over TLS, with and without it.

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
    assert_eq!(redis.number("DBSIZE"), 0);
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
    assert_eq!(server.stderr().matches(said).count(), 1, "{}", server.stderr());
    server.stop().await;
}
