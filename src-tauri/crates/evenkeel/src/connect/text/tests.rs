use serde_json::json;

use super::*;

fn set(format: Format, text: &str, path: &[&str], value: &Value) -> Result<String, TextError> {
    format.put(text, &Place::at(path), Change::Set(value))
}

fn add(text: &str, key: &str, value: &Value) -> Result<String, TextError> {
    Format::Yaml.put(text, &Place::entry_of(&[key]), Change::Set(value))
}

#[test]
fn json_keeps_comments_order_and_layout() {
    let text = "// mine\n{\n  \"b\": 1, // first\n  \"env\": {\n    \"KEEP\": \"yes\", /* this */\n  },\n  \"a\": [1, 2],\n}\n";
    let edited = set(Format::Json, text, &["env", "URL"], &json!("http://h")).expect("edited");
    assert_eq!(
        edited,
        "// mine\n{\n  \"b\": 1, // first\n  \"env\": {\n    \"KEEP\": \"yes\", /* this */\n    \"URL\": \"http://h\",\n  },\n  \"a\": [1, 2],\n}\n"
    );
}

#[test]
fn an_empty_file_becomes_a_whole_one() {
    let json = set(Format::Json, "", &["env", "URL"], &json!("x")).expect("edited");
    assert_eq!(json, "{\n  \"env\": {\n    \"URL\": \"x\"\n  }\n}\n");
    let toml = set(Format::Toml, "", &["providers", "one", "name"], &json!("x")).expect("edited");
    assert_eq!(toml, "[providers.one]\nname = \"x\"\n");
    let yaml = set(Format::Yaml, "", &["name"], &json!("http://h:1/v1")).expect("edited");
    assert_eq!(yaml, "name: http://h:1/v1\n");
}

#[test]
fn what_is_not_json_is_named_by_its_line() {
    for (text, line) in [("{\n  \"a\": 1\n  \"b\": 2\n}", 2), ("{\n  'a': 1\n}", 2), ("{", 1)] {
        let Err(TextError::Invalid { line: found, .. }) = Format::Json.read(text) else {
            panic!("{text} was taken")
        };
        assert_eq!(found, line, "{text}");
    }
    assert!(matches!(Format::Json.read("[1]"), Err(TextError::Refused(_))));
    assert!(matches!(
        set(Format::Json, "{\"env\": \"text\"}", &["env", "URL"], &json!("x")),
        Err(TextError::Refused(_))
    ));
    let deep = "[".repeat(100_000);
    assert!(Format::Json.read(&deep).is_err());
}

#[test]
fn toml_keeps_what_stands_behind_a_value() {
    let text = "# mine\nmodel_provider = \"other\" # for now\n\n[tui]\ntheme = \"x\"\n";
    let edited = set(Format::Toml, text, &["model_provider"], &json!("evenkeel")).expect("edited");
    assert_eq!(edited, "# mine\nmodel_provider = \"evenkeel\" # for now\n\n[tui]\ntheme = \"x\"\n");
    let Err(TextError::Invalid { line, .. }) = Format::Toml.read("a = 1\nb = \n") else { panic!("taken") };
    assert_eq!(line, 2);
}

#[test]
fn yaml_gets_a_value_where_there_is_one_and_at_the_end_where_there_is_none() {
    let text = "# mine\nmodel: gpt-4o  # for now\n\nauto-commits: false\n";
    let edited = set(Format::Yaml, text, &["model"], &json!("x")).expect("edited");
    assert_eq!(edited, "# mine\nmodel: x  # for now\n\nauto-commits: false\n");
    let edited = set(Format::Yaml, "a: 1", &["key"], &json!("true")).expect("edited");
    assert_eq!(edited, "a: 1\nkey: \"true\"\n");
    let edited = set(Format::Yaml, "\"key\": 'a # b' # c\n", &["key"], &json!("d")).expect("edited");
    assert_eq!(edited, "\"key\": d  # c\n");
}

#[test]
fn yaml_lists_grow_at_their_end_in_their_own_layout() {
    let item = json!("A=b");
    let at_the_margin = "set-env:\n- X=1\n# about the next\nmodel: x\n";
    assert_eq!(
        add(at_the_margin, "set-env", &item).expect("added"),
        "set-env:\n- X=1\n- A=b\n# about the next\nmodel: x\n"
    );
    let indented =
        "models:\n    - name: One # mine\n      prompt: |\n        text\n        # text\n\n\nother: 1\n";
    let model = json!({"name": "Two", "roles": ["chat"]});
    assert_eq!(
        add(indented, "models", &model).expect("added"),
        "models:\n    - name: One # mine\n      prompt: |\n        text\n        # text\n    - name: Two\n      roles: [chat]\n\n\nother: 1\n"
    );
    assert_eq!(add("models:\n", "models", &item).expect("added"), "models:\n  - A=b\n");
    assert_eq!(add("a: 1\n", "set-env", &item).expect("added"), "a: 1\nset-env:\n  - A=b\n");
}

#[test]
fn yaml_that_is_written_in_another_way_is_refused_and_never_broken() {
    let item = json!("A=b");
    for text in [
        "{a: 1}\n",
        "set-env: [X=1]\n",
        "set-env:\n  X: 1\n",
        "a: 1\n...\n",
        "--- \na: 1\n--- \nb: 2\n",
        "- a\n- b\n",
        "just text\n",
        "a: [1,\n  2]\n? set-env\n: [X=1]\n",
    ] {
        match add(text, "set-env", &item) {
            Err(TextError::Refused(_)) => {}
            other => panic!("{text} gave {other:?}"),
        }
    }
    for text in ["key: |\n  two\n  lines\n", "key: two\n  lines\n", "key: [a]\n", "key: &anchor x\n"] {
        assert!(matches!(set(Format::Yaml, text, &["key"], &item), Err(TextError::Refused(_))), "{text}");
    }
    let Err(TextError::Invalid { line, .. }) = Format::Yaml.read("a: 1\nb: [\n") else { panic!("taken") };
    assert!(line >= 2, "{line}");
}

#[test]
fn yaml_entries_are_taken_out_one_by_one() {
    let text = "set-env:\n  - A=1\n  # about B\n  - B=2\n  - C=3\nmodel: x\n";
    let take = |text: &str, entry: &str| {
        Format::Yaml
            .put(text, &Place::entry_of(&["set-env"]), Change::Remove(&json!(entry)))
            .expect("taken out")
    };
    assert_eq!(take(text, "A=1"), "set-env:\n  # about B\n  - B=2\n  - C=3\nmodel: x\n");
    assert_eq!(take(text, "C=3"), "set-env:\n  - A=1\n  # about B\n  - B=2\nmodel: x\n");
}

#[test]
fn marks_and_line_ends_of_other_systems_stay() {
    let text = "\u{feff}{\r\n  \"a\": 1\r\n}\r\n";
    let edited = set(Format::Json, text, &["b"], &json!(2)).expect("edited");
    assert_eq!(edited, "\u{feff}{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}\r\n");
}

#[test]
fn a_shell_block_comes_and_goes() {
    let place = Place::at(&["block"]);
    let value = json!("eval x");
    for text in ["", "alias a=b\n", "alias a=b", "alias a=b\n\n"] {
        let with = Format::Shell.put(text, &place, Change::Set(&value)).expect("put");
        assert!(with.ends_with("# >>> evenkeel >>>\neval x\n# <<< evenkeel <<<\n"), "{with:?}");
        assert_eq!(found(&Format::Shell.read(&with).expect("read"), &place, None), Some(&value));
        let without = Format::Shell.put(&with, &place, Change::Remove(&value)).expect("taken out");
        assert_eq!(without.trim_end(), text.trim_end());
    }
    let Err(TextError::Invalid { line, .. }) = Format::Shell.read("a\n# >>> evenkeel >>>\n") else {
        panic!("taken")
    };
    assert_eq!(line, 2);
}

#[test]
fn a_file_with_a_remark_in_it_says_something() {
    for (format, text, nothing) in [
        (Format::Json, "{}\n", true),
        (Format::Json, "{ // mine\n}\n", false),
        (Format::Json, "{\"a\": 1}", false),
        (Format::Toml, "\n", true),
        (Format::Toml, "# mine\n", false),
        (Format::Yaml, "", true),
        (Format::Shell, "\n\n", true),
        (Format::Shell, "# mine\n", false),
    ] {
        assert_eq!(format.says_nothing(text), nothing, "{format:?} {text:?}");
    }
}
