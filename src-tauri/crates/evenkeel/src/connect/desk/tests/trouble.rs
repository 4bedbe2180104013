//! What can be wrong with a file, and that nothing is half-done then.

use super::*;

fn refused(account: &Account, id: &str) -> Failure {
    let before = account.everything();
    let failure = account.connect(id).expect_err("refused");
    assert_eq!(account.everything(), before, "{id}: nothing is touched");
    assert_eq!(account.state(id), ToolState::NotConnected);
    failure
}

fn prepared(account: &Account, id: &str) -> Prepared {
    let target = target("127.0.0.1:9950", KEY);
    account.desk.connect(tool(id).expect("known"), &target).expect("prepared")
}

#[test]
fn a_tool_that_is_not_there_is_not_made_up() {
    let account = Account::new();
    for adapter in ALL.iter().filter(|adapter| adapter.id() != "shell") {
        let failure = refused(&account, adapter.id());
        assert_eq!(failure.code, Code::ToolMissing, "{}", adapter.id());
        assert!(failure.hint.expect("a hint").contains(adapter.id()));
        assert!(!account.row(adapter.id()).found);
    }
}

#[test]
fn a_mistake_in_the_file_is_named_with_its_line() {
    for (id, text, line) in [
        ("claude-code", "{\n  \"env\": {,}\n}\n", "line 2"),
        ("codex", "model = \"x\"\nbroken\n", "line 2"),
        ("aider", "model: x\nother: [1\n", "line "),
        ("shell", "a\nb\n# >>> evenkeel >>>\n", "line 3"),
    ] {
        let account = Account::new();
        let file = account.write(id, text);
        let failure = refused(&account, id);
        assert_eq!(failure.code, Code::ToolFileInvalid, "{id}");
        assert!(failure.message.contains(&file.display().to_string()), "{}", failure.message);
        assert!(failure.message.contains(line), "{}", failure.message);
    }
}

#[test]
fn what_can_t_be_changed_safely_is_answered_with_the_lines_to_add() {
    let account = Account::new();
    account.write("aider", "{model: x}\n");
    let failure = refused(&account, "aider");
    let hint = failure.hint.expect("a hint");
    assert!(hint.contains("openai-api-base: http://127.0.0.1:9950/v1"), "{hint}");
    assert!(hint.contains("ANTHROPIC_API_BASE=http://127.0.0.1:9950") && !hint.contains(KEY), "{hint}");
}

#[test]
fn an_older_form_of_continue_s_settings_is_not_hidden_by_a_newer_one() {
    let account = Account::new();
    let file = account.installed("continue");
    fs::write(file.with_file_name("config.json"), "{\"models\": []}").expect("written");
    let failure = refused(&account, "continue");
    assert!(failure.message.contains("config.json"), "{}", failure.message);
    assert!(failure.hint.expect("a hint").contains("http://127.0.0.1:9950/v1"));
}

#[test]
fn a_read_only_file_stays_as_it_is() {
    let account = Account::new();
    let file = account.write("zed", "{}");
    let mut permissions = fs::metadata(&file).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).expect("set");
    let failure = refused(&account, "zed");
    assert_eq!(failure.code, Code::ToolFileUnusable);
    assert!(failure.message.contains("read-only"), "{}", failure.message);
}

#[test]
fn what_is_no_text_is_not_taken_for_one() {
    let account = Account::new();
    let file = account.write("zed", "");
    fs::write(&file, b"{\n\"a\": \"\xff\"}").expect("written");
    assert!(refused(&account, "zed").message.contains("line 2 is not UTF-8"));
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a folder in its place");
    assert!(refused(&account, "zed").message.contains("not a file"));
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_kept_and_so_is_who_may_read_the_file() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let account = Account::new();
    let link = account.installed("claude-code");
    let real = account.folder.path().join("dotfiles.json");
    fs::write(&real, "{\n  \"model\": \"opus\"\n}\n").expect("written");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("set");
    symlink(&real, &link).expect("linked");
    let mode = || fs::metadata(&real).expect("there").permissions().mode() & 0o777;
    account.connect("claude-code").expect("connected");
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert!(read_text(&real).contains(KEY));
    assert_eq!(mode(), 0o640);
    account.disconnect("claude-code").expect("put back");
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert_eq!((read_text(&real).as_str(), mode()), ("{\n  \"model\": \"opus\"\n}\n", 0o640));
    fs::remove_file(&real).expect("removed");
    assert!(refused(&account, "claude-code").message.contains("a link to a file that isn't there"));
}

#[cfg(unix)]
#[test]
fn a_new_file_with_a_key_in_it_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let account = Account::new();
    let file = account.installed("codex");
    account.connect("codex").expect("connected");
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_changes_while_it_is_looked_at_is_not_overwritten() {
    let account = Account::new();
    let file = account.write("zed", "{}");
    let change = prepared(&account, "zed");
    fs::write(&file, "{\"new\": 1}").expect("written");
    assert_eq!(account.desk.apply(&change).expect_err("changed").code, Code::ToolBusy);
    assert_eq!(read_text(&file), "{\"new\": 1}");
    assert_eq!(account.state("zed"), ToolState::NotConnected);
}

#[test]
fn a_file_that_can_t_be_written_after_all_leaves_no_trace() {
    let account = Account::new();
    let file = account.installed("cline");
    let change = prepared(&account, "cline");
    // Its folder's place is taken by a file.
    fs::write(file.parent().expect("a folder"), "").expect("written");
    let failure = account.desk.apply(&change).expect_err("it can't be written");
    assert_eq!(failure.code, Code::ToolFileUnusable);
    assert_eq!(account.desk.settle().expect("read"), Journal::default());
}

#[test]
fn a_tool_whose_file_is_gone_is_simply_no_longer_connected() {
    let account = Account::new();
    let file = account.write("zed", "{}");
    account.connect("zed").expect("connected");
    fs::remove_file(&file).expect("removed");
    assert_eq!(account.state("zed"), ToolState::NotConnected);
    account.disconnect("zed").expect("forgotten");
    assert_eq!(account.desk.settle().expect("read"), Journal::default());
    assert!(!file.exists());
}

#[test]
fn disconnecting_what_is_not_connected_changes_nothing() {
    let account = Account::new();
    account.write("zed", "{}");
    let before = account.everything();
    let told = account.disconnect("zed").expect("nothing to do");
    assert!(!told.applied && told.diff.is_empty());
    assert_eq!(account.everything(), before);
}

/// Leaves the journal as a crash does that comes before the file is written, or right after it.
fn crash(account: &Account, change: &Prepared, written: bool) {
    let (mut journal, _) = Journal::read(&account.desk.paths).expect("read");
    change.announce(&mut journal);
    journal.write(&account.desk.paths).expect("written");
    if written {
        change.write().expect("written");
    }
}

#[test]
fn a_crash_while_connecting_leaves_it_connected_or_not_and_never_half() {
    for written in [false, true] {
        let account = Account::new();
        account.write("zed", "{ /* mine */ }");
        let before = account.everything();
        let change = prepared(&account, "zed");
        crash(&account, &change, written);
        let expected = if written { ToolState::Connected } else { ToolState::NotConnected };
        assert_eq!(account.state("zed"), expected, "written: {written}");
        let journal = account.desk.settle().expect("settled");
        assert!(journal.tools.values().all(|record| record.underway.is_none()));
        account.connect("zed").expect("connected");
        account.disconnect("zed").expect("put back");
        assert_eq!(account.everything(), before, "written: {written}");
    }
}

#[test]
fn a_crash_while_disconnecting_leaves_it_connected_or_not_and_never_half() {
    for written in [false, true] {
        let account = Account::new();
        account.write("zed", "{ /* mine */ }");
        let before = account.everything();
        account.connect("zed").expect("connected");
        let change =
            account.desk.disconnect(tool("zed").expect("known")).expect("prepared").expect("connected");
        crash(&account, &change, written);
        let expected = if written { ToolState::NotConnected } else { ToolState::Connected };
        assert_eq!(account.state("zed"), expected, "written: {written}");
        account.disconnect("zed").expect("put back");
        assert_eq!(account.everything(), before, "written: {written}");
    }
}

/// Whatever an editor, a merge or a full disk left: it is refused with words, or put back to the byte.
#[test]
fn a_file_cut_off_anywhere_is_refused_or_put_back_to_the_byte() {
    let account = Account::new();
    let target = target("127.0.0.1:9950", KEY);
    let marker = change::marker(target.address);
    let (mut taken, mut refused) = (0, 0);
    for adapter in ALL {
        let plan = adapter.plan(&account.desk.around, &target).expect("a plan");
        for sample in samples(adapter.id()) {
            for (end, _) in sample.char_indices() {
                let text = &sample[..end];
                let Ok((after, changed)) = change::apply(plan.format, text, &plan.edits, &marker) else {
                    refused += 1;
                    continue;
                };
                taken += 1;
                assert_eq!(change::undo(plan.format, &after, &changed).expect("undone").text, text);
                // And by key, as after a change of its owner's.
                let touched = format!("{after}\n");
                if let Ok(undone) = change::undo(plan.format, &touched, &changed) {
                    assert!(!undone.text.contains(KEY), "{text:?}: {}", undone.text);
                    assert_eq!(plan.format.read(&undone.text), plan.format.read(text), "{text:?}");
                }
            }
        }
    }
    assert!(taken > 100 && refused > 100, "{taken} {refused}");
}
