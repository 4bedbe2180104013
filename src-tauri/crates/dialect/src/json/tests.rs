//! Text that is JSON and text that isn't, halves of surrogate pairs, numbers in quotes.

use proptest::prelude::*;

use super::*;

fn raw(json: &str) -> Raw<'_> {
    Raw::parse(json).unwrap()
}

/// What everybody else takes for JSON.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

#[test]
fn what_is_json_is_told_from_what_is_not() {
    let good = [
        "0",
        "-0",
        "10.50e+7",
        "1E-2",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\\\"b\"",
        "\"\\u00E4\\ud83d\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        " [1 , 2\t]\r\n",
        "{\"a\":{\"b\":[[],{}]},\"a\":1}",
        "{\"\":[\"]\",\"}\"]}",
    ];
    let bad = [
        "",
        " ",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "tru",
        "nul",
        "True",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "\"a\nb\"",
        "\"\u{1}\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1]",
        "[1}",
        "1 2",
        "[] []",
        "{}}",
        "nulls",
    ];
    for text in good {
        assert!(Raw::parse(text).is_some() && is_json(text), "{text}");
    }
    for text in bad {
        assert!(Raw::parse(text).is_none() && !is_json(text), "{text}");
        assert!(Fields::parse(text).is_err(), "{text}");
    }
}

#[test]
fn nesting_has_no_limit() {
    for depth in [63, 64, 65, 128, 129, 100_000] {
        let both = format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
        assert_eq!(raw(&both).get().len(), both.len());
        assert!(Raw::parse(&both[..both.len() - 1]).is_none());
        assert!(Raw::parse(&both.replacen("}]", "]}", 1)).is_none());
    }
}

#[test]
fn names_and_values_stay_as_they_were_written() {
    let text = " {\"a\" : 1.0e-7 ,\"\\u00e4\":[ 1,\"]\" ],\n\"b\":\"\\ud83d\",\"a\":null} ";
    let fields = Fields::parse(text).unwrap();
    let all: Vec<_> = fields.iter().map(|(name, value)| (name, value.get())).collect();
    assert_eq!(all, [("a", "1.0e-7"), ("ä", "[ 1,\"]\" ]"), ("b", "\"\\ud83d\""), ("a", "null")]);
    assert_eq!(fields.get("a"), None, "the last one counts, and null is absent");
    assert_eq!(fields.text("b").as_deref(), Some("\u{fffd}"));
    assert_eq!(fields.items("ä").unwrap().map(Raw::get).collect::<Vec<_>>(), ["1", "\"]\""]);
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
    assert_eq!((count(raw("\"7\"")), count(raw("7.0")), count(raw("-1"))), (Some(7), Some(7), None));
}

#[test]
fn a_list_of_objects_is_read_at_once_or_not_at_all() {
    let list = objects(raw(r#"[{"a":1}, {"a":2}]"#)).unwrap();
    assert_eq!(list.iter().map(|object| object.count("a").unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert!(objects(raw("[]")).unwrap().is_empty());
    assert!(objects(raw(r#"[{"a":1}, 2]"#)).is_none());
    assert!(objects(raw(r#"{"a":1}"#)).is_none());
}

/// JSON and what is nearly JSON.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"a\"",
        "\"",
        "\\",
        "\\\"",
        "\\u00e4",
        "\\ud83d",
        "0",
        "1",
        "-",
        ".",
        "e",
        "true",
        "null",
        " ",
        "\n",
        "\u{1}",
        "ä",
        "longer than a word",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}|[\"\\\\/\n\u{0}-\u{1f}a]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,4}|[\"\\\\\n]{0,3}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A value read to the bottom with nothing but what is here.
fn rebuilt(value: Raw<'_>) -> serde_json::Value {
    if let Some(fields) = Fields::of(value) {
        return serde_json::Value::Object(
            fields.iter().map(|(name, value)| (name.to_owned(), rebuilt(value))).collect(),
        );
    }
    if let Some(items) = items(value) {
        return items.map(rebuilt).collect::<Vec<_>>().into();
    }
    match text(value) {
        Some(text) => text.into(),
        None => serde_json::from_str(value.get()).unwrap(),
    }
}

proptest! {
    #[test]
    fn what_others_take_is_taken_and_what_they_refuse_is_refused(text in nearly()) {
        prop_assert_eq!(Raw::parse(&text).is_some(), is_json(&text));
        let is_object = is_json(&text) && text.trim_ascii().starts_with('{');
        prop_assert_eq!(Fields::parse(&text).is_ok(), is_object);
    }

    #[test]
    fn every_value_is_read_to_its_bottom(value in value(), pretty in any::<bool>()) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert_eq!(rebuilt(Raw::parse(&text).unwrap()), value);
    }

    #[test]
    fn repaired_text_is_what_any_reader_takes(units in prop::collection::vec(any::<u16>(), 0..20)) {
        let escapes: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        let json = format!("\"{}\"", escapes.concat());
        let read: String = serde_json::from_str(&paired(&json)).unwrap();
        prop_assert_eq!(&read, &String::from_utf16_lossy(&units));
        prop_assert_eq!(text(Raw::parse(&json).unwrap()).unwrap(), read);
    }

    #[test]
    fn no_text_is_too_odd(text in ".*") {
        let _ = paired(&text);
        let _ = strings::unescaped(&text);
    }
}
