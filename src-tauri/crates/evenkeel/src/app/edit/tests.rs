use super::*;

#[test]
fn a_difference_is_the_lines_between_the_first_and_the_last_that_differ() {
    let found = difference("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n", "1");
    assert_eq!(
        (found.line, found.was, found.is),
        (Some(2), vec!["b".into(), "c".into()], vec!["x".into(), "c".into(), "y".into()])
    );
    let found = difference("", "key = \"sk-canary-0123456789\"\n", "1");
    assert_eq!(found.is, ["(a secret, not shown)"]);
    let found = difference("a\na\n", "a\n", "1");
    assert_eq!((found.line, found.was.len(), found.is.len()), (Some(2), 1, 0));
}

#[test]
fn a_version_tells_an_empty_file_from_none() {
    assert_ne!(version(None), version(Some("")));
    assert_eq!(version(Some("a")), version(Some("a")));
    assert_ne!(version(Some("a")), version(Some("b")));
}

#[test]
fn only_the_last_texts_are_remembered() {
    let mut texts = HandedOut::default();
    for number in 0..20 {
        texts.remember(&number.to_string(), "text");
        texts.remember(&number.to_string(), "text");
    }
    assert_eq!((texts.text("0"), texts.text("19"), texts.0.len()), (None, Some("text"), REMEMBERED));
}

#[test]
fn a_full_disk_a_read_only_one_and_a_file_that_is_not_ours_are_told_apart() {
    let hint = |kind: io::ErrorKind| {
        unwritable(Path::new("/x/evenkeel.toml"), &kind.into()).hint.unwrap_or_default()
    };
    assert!(hint(io::ErrorKind::StorageFull).contains("room"));
    assert!(hint(io::ErrorKind::ReadOnlyFilesystem).contains("read-only"));
    assert!(hint(io::ErrorKind::PermissionDenied).contains("account"));
}

#[test]
fn a_reason_is_one_line_of_words() {
    assert_eq!(on_one_line(" two\n words\u{7} ").as_deref(), Some("two words"));
    assert_eq!(on_one_line(" \n"), None);
    assert_eq!(on_one_line(&"x".repeat(900)).map(|text| text.len()), Some(LONGEST_REASON));
}
