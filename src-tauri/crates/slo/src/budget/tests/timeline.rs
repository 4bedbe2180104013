use super::*;
use crate::budget::timeline::annotate;

#[test]
fn a_change_shows_what_failed_in_the_hour_after_it() {
    let change = |at, kind| Change { at: second(at), kind, text: format!("{kind:?}") };
    let changes = [change(0, ChangeKind::ConfigSaved), change(7_200, ChangeKind::Version)];
    let rows = [7_200, -1, 0, 3_599, 3_600].map(|at| bad(at, Cause::Unknown));
    let seen: Vec<_> = annotate(&changes, &rows)
        .into_iter()
        .map(|annotation| (annotation.change.kind, annotation.bad_within_an_hour))
        .collect();
    assert_eq!(seen, [(ChangeKind::Version, 1), (ChangeKind::ConfigSaved, 2)], "newest first");
}

#[test]
fn a_change_at_the_end_of_time_is_no_trouble() {
    let change = Change { at: Timestamp::MAX, kind: ChangeKind::Drill, text: String::new() };
    let rows = [BadRequest { at: Timestamp::MAX, cause: Cause::Drill }];
    assert_eq!(annotate(&[change], &rows).len(), 1);
}
