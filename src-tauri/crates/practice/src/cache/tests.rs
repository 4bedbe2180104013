use serde_json::json;

use super::*;

/// A segment of so many tokens.
fn text(letter: &str, tokens: usize) -> Segment {
    Segment::of(&json!({ "role": "user", "content": letter.repeat(tokens * 4) }))
}

fn now() -> Instant {
    Instant::now()
}

#[test]
fn a_long_prefix_is_read_the_second_time_and_in_steps() {
    let mut cache = PromptCache::default();
    let now = now();
    let first = [text("a", 2000), text("b", 10)];
    assert_eq!(cache.automatic("m", &first, now), Input { tokens: 2010, ..Input::default() });
    let second = [text("a", 2000), text("c", 50)];
    assert_eq!(cache.automatic("m", &second, now), Input { tokens: 2050, read: 1920, ..Input::default() });
    assert_eq!(cache.automatic("other", &second, now).read, 0, "of another model");
    assert_eq!(cache.automatic("m", &[text("z", 1), text("a", 2000)], now).read, 0, "not at the start");
    assert_eq!(cache.automatic("m", &first, now + AUTOMATIC + AUTOMATIC).read, 0, "forgotten");
}

#[test]
fn a_short_prompt_is_never_cached() {
    let mut cache = PromptCache::default();
    let short = [text("a", 1023).marked(Some(Ttl::Hour))];
    for _ in 0..2 {
        assert_eq!(cache.automatic("m", &short, now()).read, 0);
        assert_eq!(cache.marked("m", &short, SHORTEST, now()), Input { tokens: 1023, ..Input::default() });
    }
}

#[test]
fn marks_are_written_first_and_read_then() {
    let mut cache = PromptCache::default();
    let now = now();
    let prompt = [
        text("s", 1500).marked(Some(Ttl::Hour)),
        text("a", 500).marked(Some(Ttl::FiveMinutes)),
        text("b", 10),
    ];
    let first = cache.marked("m", &prompt, SHORTEST, now);
    assert_eq!(first, Input { tokens: 2010, read: 0, written_5m: 500, written_1h: 1500 });
    let second = cache.marked("m", &prompt, SHORTEST, now);
    assert_eq!(second, Input { tokens: 2010, read: 2000, ..Input::default() });
    assert_eq!(second.fresh(), 10);
    // After five minutes only the hour's part is left, and the other one is written again.
    let later = cache.marked("m", &prompt, SHORTEST, now + Duration::from_mins(6));
    assert_eq!(later, Input { tokens: 2010, read: 1500, written_5m: 500, written_1h: 0 });
}

#[test]
fn a_mark_that_moved_on_still_reads_what_was_written_before() {
    let mut cache = PromptCache::default();
    let now = now();
    let marked = text("a", 1200).marked(Some(Ttl::FiveMinutes));
    assert_eq!(cache.marked("m", &[marked], SHORTEST, now).written_5m, 1200);
    let longer = [text("a", 1200), text("b", 300).marked(Some(Ttl::FiveMinutes))];
    let input = cache.marked("m", &longer, SHORTEST, now);
    assert_eq!((input.read, input.written_5m, input.fresh()), (1200, 300, 0));
    assert_eq!(cache.marked("m", &[text("a", 1200)], SHORTEST, now).read, 0, "nothing without a mark");
}

#[test]
fn the_mark_itself_does_not_make_another_prompt() {
    let (plain, marked) =
        (json!({ "text": "x" }), json!({ "text": "x", "cache_control": { "type": "ephemeral" } }));
    assert_eq!(Segment::of(&plain).hash, Segment::of(&marked).hash);
    assert_eq!(Segment::verbatim(&plain).bytes, Segment::verbatim(&marked).bytes);
}

#[test]
fn the_oldest_prefixes_make_room() {
    let mut cache = PromptCache::default();
    let now = now();
    for number in 0..(MOST as u64 + 10) {
        cache.remember(number, now + AUTOMATIC);
    }
    assert_eq!(cache.until.len(), MOST);
    assert!(!cache.knows(0, now) && cache.knows(MOST as u64, now));
}
