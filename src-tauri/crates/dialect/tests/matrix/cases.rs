//! The table of hard cases, held against the tests that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Rows of the table: number, names of tests.
fn table() -> BTreeMap<u32, Vec<&'static str>> {
    let rows = include_str!("main.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
    let cells = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    let numbered = cells.filter_map(|cells| Some((cells.first()?.parse().ok()?, *cells.get(2)?)));
    // What is quoted, and not what stands between.
    numbered.map(|(case, tests)| (case, tests.split('`').skip(1).step_by(2).collect())).collect()
}

/// The functions in the files below `folder` whose names begin with `case_` and a number.
fn tests_below(folder: &Path, found: &mut BTreeSet<(u32, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let functions = text.split("fn case_").skip(1).filter_map(|rest| rest.split('(').next());
            let named = functions.filter_map(|name| name.split_once('_'));
            found.extend(named.filter_map(|(case, name)| Some((case.parse().ok()?, name.to_owned()))));
        }
    }
}

#[test]
fn every_case_has_the_tests_that_the_table_names() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut there = BTreeSet::new();
    tests_below(&crate_folder.join("src"), &mut there);
    tests_below(&crate_folder.join("../router/tests"), &mut there);
    let table = table();
    assert_eq!(table.keys().copied().collect::<Vec<_>>(), (1..=42).collect::<Vec<_>>());
    for (case, tests) in table {
        assert!(!tests.is_empty(), "case {case} has no test");
        for test in tests {
            assert!(there.contains(&(case, test.to_owned())), "there is no test case_{case:02}_{test}");
        }
    }
}
