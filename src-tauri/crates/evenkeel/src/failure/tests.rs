use super::Code;

const DOCUMENT: &str = include_str!("../../../../../docs/errors.md");

#[test]
fn every_code_is_explained_in_the_document() {
    for code in Code::ALL {
        let row = format!("| `{}` |", code.as_str());
        assert!(DOCUMENT.contains(&row), "docs/errors.md has no row that begins with {row}");
    }
}

#[test]
fn the_list_names_every_code_once() {
    let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
}
