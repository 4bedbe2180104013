//! Halves of surrogate pairs, numbers in quotes, lists of objects.

use proptest::prelude::*;

use super::*;

fn raw(json: &str) -> &RawValue {
    serde_json::from_str(json).unwrap()
}

#[test]
fn half_a_surrogate_pair_is_replaced_and_nothing_else_is_touched() {
    let cases = [
        (r#""plain \u00e4 text""#, r#""plain \u00e4 text""#),
        (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
        (r#""\ud83d""#, r#""\ufffd""#),
        (r#""\uDE00 \uD83D!""#, r#""\ufffd \ufffd!""#),
        (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
        (r#""an escaped backslash: \\ud83d""#, r#""an escaped backslash: \\ud83d""#),
        (r#"{"\ude00":["\\\ud83d"]}"#, r#"{"\ufffd":["\\\ufffd"]}"#),
        (r#""\u"#, r#""\u"#),
        ("\\ü \\u", "\\ü \\u"),
    ];
    for (json, expected) in cases {
        assert_eq!(paired(json), expected, "{json}");
    }
    assert!(matches!(paired(r#""\u00e4""#), Cow::Borrowed(_)), "what is fine is not copied");
}

#[test]
fn numbers_may_come_as_strings() {
    assert_eq!(number(raw("0.5")), Some(0.5));
    assert_eq!(number(raw("\" 2e-1 \"")), Some(0.2));
    assert_eq!(number(raw("\"NaN\"")), None);
    assert_eq!(number(raw("true")), None);
}

#[test]
fn a_list_of_objects_is_read_at_once_or_not_at_all() {
    let list = objects(raw(r#"[{"a":1}, {"a":2}]"#)).unwrap();
    assert_eq!(list.iter().map(|object| object.count("a").unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert!(objects(raw("[]")).unwrap().is_empty());
    assert!(objects(raw(r#"[{"a":1}, 2]"#)).is_none());
    assert!(objects(raw(r#"{"a":1}"#)).is_none());
}

proptest! {
    #[test]
    fn repaired_text_is_what_any_reader_takes(units in prop::collection::vec(any::<u16>(), 0..20)) {
        let escapes: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        let json = format!("\"{}\"", escapes.concat());
        let read: String = serde_json::from_str(&paired(&json)).unwrap();
        prop_assert_eq!(read, String::from_utf16_lossy(&units));
    }

    #[test]
    fn no_text_is_too_odd(text in ".*") {
        let _ = paired(&text);
    }
}
