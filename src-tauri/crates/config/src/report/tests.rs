use super::*;

fn position_of(text: &str, part: &str) -> (u32, u32) {
    let offset = text.find(part).unwrap();
    Report::new(text).position(offset)
}

#[test]
fn lines_and_columns_count_from_one_in_characters() {
    assert_eq!(position_of("here", "here"), (1, 1));
    assert_eq!(position_of("a\nbb here", "here"), (2, 4));
    assert_eq!(position_of("a\r\nb\r\nhere", "here"), (3, 1));
    assert_eq!(position_of("é = \"ü\" here", "here"), (1, 9));
    assert_eq!(position_of("\u{feff}here", "here"), (1, 1));
}

#[test]
fn the_end_of_the_text_is_a_place() {
    assert_eq!(Report::new("").position(0), (1, 1));
    assert_eq!(Report::new("ab\n").position(3), (2, 1));
    assert_eq!(Report::new("ab").position(99), (1, 1));
}

#[test]
fn errors_come_before_warnings_and_both_in_the_order_of_the_file() {
    let mut report = Report::new("a\nb\nc\n");
    let at = |offset| Place::root().at(offset);
    report.notice(&at(0), "notice", "");
    report.error(&at(4), "second error", "");
    report.warning(&at(2), "warning", "");
    report.error(&at(2), "first error", "");
    report.error(&at(2), "first error", "");
    let order: Vec<String> = report.finish().into_iter().map(|problem| problem.message).collect();
    assert_eq!(order, ["first error", "second error", "warning", "notice"]);
}

#[test]
fn paths_are_written_as_in_the_file_and_name_their_last_part() {
    let route = Place::root().key("routes", 0).item(2, 0);
    assert_eq!(route.name(), "routes");
    let target = route.key("primary", 0).key("provider", 0);
    assert_eq!(target.key, "routes[2].primary.provider");
    assert_eq!(target.name(), "provider");
    let price = Place::root().key("prices", 0).key("my.model", 0);
    assert_eq!(price.key, "prices.\"my.model\"");
    assert_eq!(price.key("input", 0).name(), "input");
    assert_eq!(Place::root().key("sk-canary-0123456789", 0).key, "(a secret, not shown)");
}
