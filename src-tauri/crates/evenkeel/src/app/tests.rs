use super::*;

#[test]
fn the_environment_s_yes_is_read_as_people_write_it() {
    for yes in ["true", "TRUE", " 1 ", "yes", "on"] {
        assert!(is_yes(yes), "{yes}");
    }
    for no in ["", "false", "0", "no", "off", "maybe"] {
        assert!(!is_yes(no), "{no}");
    }
}

#[test]
fn a_held_folder_says_who_holds_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::resolve(Some(folder.path())).expect("resolved");
    let store = open_store(&paths).expect("opened");
    let failure = open_store(&paths).expect_err("held");
    assert_eq!(failure.code, Code::AlreadyRunning);
    assert!(failure.message.contains(&format!("process {}", std::process::id())), "{}", failure.message);
    store.shut_down().expect("closed");
}
