use super::*;
use crate::admin::types::{CacheTrouble, Usd};

fn stats() -> CacheStats {
    CacheStats {
        backend: "sqlite".to_owned(),
        serve: "on_failure".to_owned(),
        reachable: true,
        trouble: None,
        last_trouble: None,
        entries: Some(1_204),
        bytes: Some(45 * 1024 * 1024),
        max_bytes: 512 * 1024 * 1024,
        oldest: Some("2026-11-02T08:00:00Z".parse().expect("a time")),
        book: "real".to_owned(),
        since: "2026-10-24T08:00:00Z".parse().expect("a time"),
        hits: 30,
        stale_hits: 12,
        misses: 126,
        hit_rate_percent: Some(25.0),
        saved_usd: Usd(412_000),
        would_have_hit: Some(318),
        would_have_saved_usd: Some(Usd(1_150_000)),
        dropped: 0,
    }
}

fn said(stats: &CacheStats) -> String {
    in_words(stats, "2026-11-23T08:00:00Z".parse().expect("a time"), &TimeZone::UTC)
}

#[test]
fn the_figures_read_like_sentences_and_the_offer_names_its_line() {
    assert_eq!(
        said(&stats()),
        "Stored answers are given when no provider can answer.\n\
         1,204 answers stored, 45 MiB of 512 MiB, the oldest from 2026-11-02 08:00.\n\
         Last 30 days: 30 fresh and 12 older given, 126 not found: 25 % hits, $0.412000 saved.\n\
         A fresh answer was there 318 times and was not given; that would have saved $1.150000. \
         To give it: serve = \"always\" under [cache]."
    );
}

#[test]
fn a_closed_cache_says_why_and_claims_no_figures() {
    let closed = CacheStats {
        reachable: false,
        trouble: Some("The keychain is locked, and nobody unlocked it.".to_owned()),
        entries: None,
        bytes: None,
        would_have_hit: None,
        hit_rate_percent: None,
        last_trouble: Some(CacheTrouble {
            at: "2026-11-23T07:00:00Z".parse().expect("a time"),
            kind: "full".to_owned(),
            text: "The disk is full.".to_owned(),
        }),
        dropped: 1,
        ..stats()
    };
    let said = said(&closed);
    assert!(said.contains("\nClosed: The keychain is locked"), "{said}");
    assert!(said.contains("nothing was looked up yet"), "{said}");
    assert!(!said.contains("stored, "), "{said}");
    assert!(said.contains("The disk is full.\n1 answer could not be stored since the start."), "{said}");
}

#[test]
fn what_is_always_given_is_not_offered_again() {
    assert!(!said(&CacheStats { serve: "always".to_owned(), ..stats() }).contains("To give it"));
}

#[test]
fn sizes_are_in_the_units_of_the_file() {
    assert_eq!([0, 1023, 1024, 1_600_000, 3 << 30].map(size), ["0 B", "1023 B", "1 KiB", "1.5 MiB", "3 GiB"]);
}
