use proptest::prelude::*;

use super::*;
use crate::parse;

fn features(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_tenant_is_added_after_the_others_and_nothing_else_changes() {
    let text = "# mine\n[tenants.acme]  # first\nfeatures = [\n  \"a\", # one\n]\n# more on acme\n\n# about alerts\n[alerts]\nnotices = false";
    let added = add_tenant(text, "beta", &features(&["chat", "search"])).unwrap();
    insta::assert_snapshot!(added, @r#"
    # mine
    [tenants.acme]  # first
    features = [
      "a", # one
    ]
    # more on acme

    [tenants.beta]
    features = ["chat", "search"]

    # about alerts
    [alerts]
    notices = false
    "#);
    assert_eq!(parse(&added).unwrap().config.tenant("beta").unwrap().features, ["chat", "search"]);
    assert_eq!(remove_tenant(&added, "beta").unwrap(), text);
}

#[test]
fn a_file_without_tenants_gets_one_at_the_end() {
    assert_eq!(add_tenant("", "a", &[]).unwrap(), "[tenants.a]\nfeatures = []\n");
    assert_eq!(
        add_tenant("bypass = true", "a", &[]).unwrap(),
        "bypass = true\n\n[tenants.a]\nfeatures = []\n"
    );
    assert_eq!(
        add_tenant("\n[cache]\n\n", "a.b", &[]).unwrap(),
        "\n[cache]\n\n[tenants.\"a.b\"]\nfeatures = []\n"
    );
}

#[test]
fn line_endings_of_the_file_are_kept() {
    let added = add_tenant("bypass = true\r\n", "a", &features(&["f"])).unwrap();
    assert_eq!(added, "bypass = true\r\n\r\n[tenants.a]\r\nfeatures = [\"f\"]\r\n");
    assert_eq!(set_bypass(&added, false).unwrap(), added.replace("true", "false"));
}

#[test]
fn a_tenant_is_removed_with_its_comment_and_sub_tables() {
    let text = "[tenants.a]\nfeatures = []\n\n# about b\n[tenants.b] # bee\n# inside\nfeatures = []\n\n[tenants.b.guardrails]\nmax_input_tokens = 1\n\n# about c\n[tenants.c]\n";
    assert_eq!(remove_tenant(text, "b").unwrap(), "[tenants.a]\nfeatures = []\n\n# about c\n[tenants.c]\n");
}

#[test]
fn tenants_in_any_other_notation_are_found_too() {
    for (text, rest) in [
        (
            "tenants = { a = { features = [] }, b = {} }\nbypass = true\n",
            "tenants = { b = {} }\nbypass = true\n",
        ),
        ("[tenants]\na = { features = [] }\nb = {}\n", "[tenants]\nb = {}\n"),
        (
            "[tenants]\na.features = []\na.guardrails.max_input_tokens = 1\nb.features = []\n",
            "[tenants]\nb.features = []\n",
        ),
        ("tenants.a.features = []\ntenants.b.features = []\n", "tenants.b.features = []\n"),
        ("[tenants.a.guardrails]\nmax_input_tokens = 1\n[cache]\n[tenants.a]\nfeatures = []\n", "[cache]\n"),
    ] {
        let removed = remove_tenant(text, "a").unwrap();
        assert_eq!(removed, rest, "from {text}");
        let added = add_tenant(text, "new", &features(&["f"])).unwrap();
        assert_eq!(parse(&added).unwrap().config.tenant("new").unwrap().features, ["f"], "{added}");
    }
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_is_changed() {
    let there = EditError::AlreadyThere { name: "a".to_owned() };
    assert_eq!(add_tenant("[tenants.a]\n", "a", &[]), Err(there));
    assert_eq!(remove_tenant("", "a"), Err(EditError::NotThere { name: "a".to_owned() }));
    assert_eq!(remove_tenant("[tenants.b]\n", "a"), Err(EditError::NotThere { name: "a".to_owned() }));
    assert_eq!(add_tenant("not toml", "a", &[]), Err(EditError::NotToml));
    assert_eq!(add_tenant("", "a b", &[]), Err(EditError::BadName { name: "a b".to_owned() }));
    assert_eq!(add_tenant("", "a", &features(&["\n"])), Err(EditError::BadName { name: "\n".to_owned() }));
    assert_eq!(add_tenant("tenants = 3\n", "a", &[]), Err(EditError::Unusual));
    assert_eq!(
        EditError::NotThere { name: "sk-canary-0123456789".to_owned() }.to_string(),
        "There is no tenant (a secret, not shown) in evenkeel.toml."
    );
}

#[test]
fn bypass_is_switched_where_it_stands_or_put_on_top() {
    assert_eq!(set_bypass("bypass   =  false # why\n", true).unwrap(), "bypass   =  true # why\n");
    assert_eq!(set_bypass("[cache]\n", false).unwrap(), "[cache]\n");
    assert_eq!(set_bypass("", true).unwrap(), "bypass = true\n");
    assert_eq!(set_bypass("[cache]\n", true).unwrap(), "bypass = true\n\n[cache]\n");
    assert_eq!(set_bypass("# mine\n\n[cache]\n", true).unwrap(), "# mine\n\nbypass = true\n\n[cache]\n");
    assert_eq!(set_bypass("# of cache\n[cache]\n", true).unwrap(), "bypass = true\n\n# of cache\n[cache]\n");
    assert_eq!(set_bypass("\u{feff}[cache]\n", true).unwrap(), "\u{feff}bypass = true\n\n[cache]\n");
    assert_eq!(set_bypass("# only a comment", true).unwrap(), "bypass = true\n\n# only a comment");
    assert_eq!(set_bypass("# a comment\n  ", true).unwrap(), "bypass = true\n\n# a comment\n  ");
}

/// A part of a file, each valid wherever it stands after the one before.
fn part() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "# a comment\n",
        "\n",
        "   \n",
        "[server]\nrequire_key = true # said so\n",
        "[cache]\r\nserve = 'never'\r\n",
        "[tenants.zoe]\nfeatures = [\n\t\"x\", # ex\n\n\t'y'\n]\n",
        "[tenants.zoe.guardrails]\nmax_input_tokens = 1_000\n",
        "[tenants]\nann = { features = [\"# not a comment\"] }\n",
        "[tenants.\"b.c\"] # dotted\n# inside\n",
        "[prices.'m']\ninput=1\n",
        "[[slo]]\nname = \"\"\"\n[tenants.fake]\n\"\"\"\n",
        "#[tenants.off]\n",
    ])
}

fn file() -> impl Strategy<Value = String> {
    (
        prop::option::of("bypass *= *(true|false) *(# why)?\n"),
        prop::collection::vec(part(), 0..8),
        any::<bool>(),
    )
        .prop_map(|(bypass, parts, cut)| {
            let mut text = bypass.unwrap_or_default() + &parts.concat();
            if cut && text.ends_with('\n') {
                text.pop();
            }
            text
        })
        .prop_filter("some parts can't stand twice", |text| meaning(text).is_ok())
}

/// Whether `fewer` is `more` with some lines left out; the last line may have got its line feed.
fn is_subsequence(fewer: &str, more: &str) -> bool {
    let mut more = more.split_inclusive('\n');
    fewer
        .split_inclusive('\n')
        .all(|line| more.any(|other| other == line || other.trim_end_matches(['\r', '\n']) == line))
}

proptest! {
    #[test]
    fn adding_a_tenant_keeps_every_line(text in file()) {
        let added = add_tenant(&text, "new", &features(&["f"])).unwrap();
        prop_assert!(is_subsequence(&text, &added), "{text:?} became {added:?}");
    }

    #[test]
    fn removing_a_tenant_keeps_every_other_line(text in file()) {
        for name in ["zoe", "ann", "b.c"] {
            match remove_tenant(&text, name) {
                Ok(removed) => prop_assert!(is_subsequence(&removed, &text), "{text:?} became {removed:?}"),
                Err(error) => prop_assert_eq!(error, EditError::NotThere { name: name.to_owned() }),
            }
        }
    }

    #[test]
    fn adding_and_removing_a_tenant_leaves_every_line(text in file()) {
        let added = add_tenant(&text, "new", &[]).unwrap();
        let removed = remove_tenant(&added, "new").unwrap();
        let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(lines(&removed), lines(&text));
    }

    #[test]
    fn switching_bypass_changes_only_its_line(text in file(), on: bool) {
        let switched = set_bypass(&text, on).unwrap();
        let others = |text: &str| -> Vec<String> {
            text.split_inclusive('\n').filter(|line| !line.starts_with("bypass")).map(str::to_owned).collect()
        };
        prop_assert!(is_subsequence(&others(&text).concat(), &others(&switched).concat()), "{switched:?}");
        prop_assert_eq!(meaning(&switched).unwrap().get("bypass").and_then(Value::as_bool).unwrap_or(false), on);
    }

    #[test]
    fn no_text_makes_an_edit_panic(text in "\\PC*") {
        let _ = (add_tenant(&text, "a", &[]), remove_tenant(&text, "a"), set_bypass(&text, true));
    }
}
