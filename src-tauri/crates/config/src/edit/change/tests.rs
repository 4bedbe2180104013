use serde_json::json;

use super::*;
use crate::parse;

/// A file as people have it.
const FILE: &str = r#"# My router. Do not lose this line.

bypass = false                 # never on a Friday

[providers.openai]             # the cheap one
key = "env:OPENAI_API_KEY"
# more about openai

# The one that steps in.
[providers.anthropic]
key = "env:ANTHROPIC_API_KEY"

[[routes]]
name = "chat"
models = ["gpt-*"]
first_token_timeout = '2s'     # measured in March
secondary = { provider = "anthropic", model = "claude-haiku-4-5" }   # small is enough

# Everything else.
[[routes]]

[alerts]
# quiet at night
quiet_hours = "22:00-07:00"
on_call = 1
"#;

fn file() -> String {
    FILE.replace("on_call = 1\n", "")
}

fn set(path: &str, value: Value) -> Change {
    Change::Set { path: path.to_owned(), value }
}

fn unset(path: &str) -> Change {
    Change::Unset { path: path.to_owned() }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// The lines that differ, as a reader of a diff would see them.
fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.split('\n').collect(), new.split('\n').collect());
    let first = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let gone = old[first..old.len() - last].iter().map(|line| format!("-{line}"));
    let come = new[first..new.len() - last].iter().map(|line| format!("+{line}"));
    gone.chain(come).collect::<Vec<_>>().join("\n")
}

fn change(changes: &[Change]) -> String {
    let (old, new) = (file(), apply(&file(), changes).expect("it can be made"));
    parse(&new).unwrap_or_else(|problems| panic!("{problems:?}\n{new}"));
    diff(&old, &new)
}

#[test]
fn a_number_changes_where_it_stands_and_its_remark_stays() {
    insta::assert_snapshot!(change(&[set("routes[0].first_token_timeout", json!("4s"))]), @r#"
    -first_token_timeout = '2s'     # measured in March
    +first_token_timeout = "4s"     # measured in March
    "#);
    assert_eq!(
        change(&[set("routes[0].first_token_timeout", json!("2s"))]),
        "",
        "the same value is no change"
    );
    insta::assert_snapshot!(change(&[set("bypass", json!(true))]), @r"
    -bypass = false                 # never on a Friday
    +bypass = true                 # never on a Friday
    ");
}

#[test]
fn a_key_that_was_not_there_joins_its_table() {
    insta::assert_snapshot!(change(&[set("alerts.webhook", json!("https://example.test/x"))]), @r#"+webhook = "https://example.test/x""#);
    insta::assert_snapshot!(change(&[set("routes[0].secondary.weight", json!(2))]), @r#"
    -secondary = { provider = "anthropic", model = "claude-haiku-4-5" }   # small is enough
    +secondary = { provider = "anthropic", model = "claude-haiku-4-5", weight = 2 }   # small is enough
    "#);
}

#[test]
fn a_table_that_was_not_there_is_a_paragraph_of_its_own() {
    insta::assert_snapshot!(change(&[set("cache.serve", json!("never"))]), @r#"
    +[cache]
    +serve = "never"
    +
    "#);
    insta::assert_snapshot!(change(&[set("routes[0].guardrails.max_cost_per_request", json!(0.05))]), @r"
    +[routes.guardrails]
    +max_cost_per_request = 0.05
    +
    ");
    assert_eq!(
        apply("", &[set("slo[0].success", json!(99.9))]).expect("made"),
        "[[slo]]\nsuccess = 99.9\n",
        "the promise that there is without any is written when it changes"
    );
    assert_eq!(
        apply("", &[set("routes[0].guardrails.max_input_tokens", json!(10))]).expect("made"),
        "[[routes]]\n\n[routes.guardrails]\nmax_input_tokens = 10\n"
    );
}

#[test]
fn a_key_is_taken_out_and_the_words_about_it_stay() {
    insta::assert_snapshot!(change(&[unset("alerts.quiet_hours")]), @r#"-quiet_hours = "22:00-07:00""#);
    insta::assert_snapshot!(change(&[unset("routes[0].secondary.model")]), @r#"
    -secondary = { provider = "anthropic", model = "claude-haiku-4-5" }   # small is enough
    +secondary = { provider = "anthropic" }   # small is enough
    "#);
    assert_eq!(change(&[unset("alerts.webhook")]), "", "what isn't there needs no change");
    insta::assert_snapshot!(change(&[unset("routes[1]")]), @r"
    -# Everything else.
    -[[routes]]
    -
    ");
}

#[test]
fn a_provider_is_added_after_the_others() {
    let added = Change::AddProvider { name: "groq".to_owned(), values: map(&json!({})) };
    insta::assert_snapshot!(change(&[added]), @r"
    +[providers.groq]
    +
    ");
    let values = map(
        &json!({ "models": ["x-*"], "base_url": "http://127.0.0.1:9/v1", "dialect": "openai", "key": "none" }),
    );
    let added = Change::AddProvider { name: "my.host".to_owned(), values };
    insta::assert_snapshot!(apply("", &[added]).expect("made"), @r#"
    [providers."my.host"]
    dialect = "openai"
    base_url = "http://127.0.0.1:9/v1"
    key = "none"
    models = ["x-*"]
    "#);
}

#[test]
fn whoever_is_second_is_asked_first_with_the_models_that_go_with_them() {
    insta::assert_snapshot!(change(&[Change::Swap { route: 0 }]), @r#"
    -secondary = { provider = "anthropic", model = "claude-haiku-4-5" }   # small is enough
    +secondary = { provider = "openai" }   # small is enough
    +primary = { provider = "anthropic", model = "claude-haiku-4-5" }
    "#);
    let twice = apply(&file(), &[Change::Swap { route: 0 }, Change::Swap { route: 0 }]).expect("made");
    assert_eq!(parse(&twice).expect("valid").config, parse(&file()).expect("valid").config);
    // No route is written: the one that there is without any is.
    let two = "[providers.openai]\n\n[providers.anthropic]\n";
    insta::assert_snapshot!(apply(two, &[Change::Swap { route: 0 }]).expect("made"), @r#"
    [providers.openai]

    [providers.anthropic]

    [[routes]]
    primary = { provider = "anthropic" }
    secondary = { provider = "openai" }
    "#);
}

#[test]
fn a_provider_gets_another_name_everywhere_and_keeps_what_its_name_filled_in() {
    let rename = Change::RenameProvider { name: "anthropic".to_owned(), to: "claude".to_owned() };
    let text = apply(&file(), &[rename]).expect("made");
    let (old, new) = (parse(&file()).expect("valid").config, parse(&text).expect("valid").config);
    let names: Vec<_> = new.providers.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["openai", "claude"]);
    assert_eq!(new.providers[1], crate::Provider { name: "claude".to_owned(), ..old.providers[1].clone() });
    assert!(
        text.contains("# The one that steps in.\n[providers.claude]\nkey = \"env:ANTHROPIC_API_KEY\"\n"),
        "{text}"
    );
    assert!(text.contains("secondary = { provider = \"claude\", model"), "{text}");
}

#[test]
fn a_provider_is_removed_and_the_other_one_is_asked_alone() {
    let text = apply(&file(), &[Change::RemoveProvider { name: "anthropic".to_owned() }]).expect("made");
    let config = parse(&text).expect("valid").config;
    assert_eq!(config.providers.len(), 1);
    assert!(
        config.routes.iter().all(|route| route.primary.provider == "openai" && route.secondary.is_none())
    );
    assert!(text.contains("# more about openai") && !text.contains("The one that steps in."), "{text}");
    let swapped = apply(&file(), &[Change::Swap { route: 0 }]).expect("made");
    let text = apply(&swapped, &[Change::RemoveProvider { name: "anthropic".to_owned() }]).expect("made");
    assert_eq!(parse(&text).expect("valid").config.routes[0].primary.provider, "openai");
}

#[test]
fn the_first_pair_leaves_a_route_for_everything_else() {
    let values = map(
        &json!({ "name": "small", "models": ["gpt-5-mini"], "secondary": { "provider": "anthropic", "model": "claude-haiku-4-5" } }),
    );
    let pair = Change::Insert { path: "routes[0]".to_owned(), values };
    let two = "[providers.openai]\n\n[providers.anthropic]\n\n[alerts]\n";
    insta::assert_snapshot!(apply(two, std::slice::from_ref(&pair)).expect("made"), @r#"
    [providers.openai]

    [providers.anthropic]

    [alerts]

    [[routes]]
    name = "small"
    models = ["gpt-5-mini"]
    secondary = { provider = "anthropic", model = "claude-haiku-4-5" }

    [[routes]]
    name = "default"
    "#);
    insta::assert_snapshot!(change(&[pair]), @r#"
    +name = "small"
    +models = ["gpt-5-mini"]
    +secondary = { provider = "anthropic", model = "claude-haiku-4-5" }
    +
    +[[routes]]
    "#);
}

#[test]
fn any_notation_can_be_changed() {
    let texts = [
        "alerts = { quiet_hours = '22:00-07:00' }\n",
        "alerts.quiet_hours = '22:00-07:00'\n",
        "[alerts]\nquiet_hours = '22:00-07:00'",
        "\u{feff}[alerts]\r\nquiet_hours = '22:00-07:00' # x\r\n\r\n[cache]\r\n",
        "[\"alerts\"]\n\"quiet_hours\" = '22:00-07:00'\n",
    ];
    for text in texts {
        let set = apply(
            text,
            &[
                set("alerts.webhook", json!("https://e.test/")),
                set("alerts.quiet_hours", json!("01:00-02:00")),
            ],
        )
        .unwrap_or_else(|problem| panic!("{problem:?} {text}"));
        let alerts = parse(&set).unwrap_or_else(|problems| panic!("{problems:?} {set}")).config.alerts;
        assert!(
            alerts.webhook.is_some() && alerts.quiet_hours.is_some_and(|span| span.from_minute == 60),
            "{set}"
        );
        assert_eq!(set.contains("\r\n"), text.contains("\r\n"), "{set:?}");
        assert_eq!(set.replace("\r\n", "").contains('\n'), !text.contains("\r\n"), "{set:?}");
        let unset = apply(&set, &[unset("alerts.webhook"), unset("alerts.quiet_hours")]).expect("made");
        assert_eq!(parse(&unset).expect("valid").config.alerts.quiet_hours, None, "{unset}");
    }
    let inline = "providers = { openai = {}, anthropic = {} }\nroutes = [{ name = 'a' }]\n";
    let changes = [
        set("routes[0].retries", json!(2)),
        Change::AddProvider { name: "groq".to_owned(), values: Map::new() },
        Change::RenameProvider { name: "openai".to_owned(), to: "mine".to_owned() },
        Change::Insert {
            path: "routes[0]".to_owned(),
            values: map(&json!({ "models": ["x"], "name": "x" })),
        },
    ];
    let text = apply(inline, &changes).expect("made");
    let config = parse(&text).unwrap_or_else(|problems| panic!("{problems:?} {text}")).config;
    let names: Vec<_> = config.providers.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["mine", "anthropic", "groq"], "{text}");
    assert_eq!((config.routes[0].name.as_str(), config.routes[1].retries), ("x", 2));
}

#[test]
fn a_list_keeps_the_remarks_of_the_items_that_stay() {
    let text =
        "[guardrails]\non_exceed = [\n  \"truncate\", # first\n  \"cheaper\",  # then\n  \"reject\",\n]\n";
    let less = apply(text, &[set("guardrails.on_exceed", json!(["cheaper", "reject"]))]).expect("made");
    assert!(less.contains("# then") && less.contains("\"cheaper\",") && parse(&less).is_ok(), "{less}");
}

#[test]
fn what_cannot_be_done_is_said_by_its_path_and_in_plain_words() {
    let refused = |change: Change| apply(&file(), &[change]).expect_err("refused");
    let problem = refused(set("routes[7].retries", json!(1)));
    assert_eq!(
        (problem.key.as_str(), problem.message.as_str()),
        ("routes[7].retries", "routes has 2 items, so there is no 7.")
    );
    assert!(refused(set("bypass.on", json!(1))).message.contains("not a table"));
    assert!(refused(set("alerts.webhook", Value::Null)).message.contains("null"));
    assert!(refused(set("no path", json!(1))).message.contains("no path"));
    let name = |name: &str| Change::AddProvider { name: name.to_owned(), values: Map::new() };
    assert_eq!(refused(name("openai")).key, "providers.openai");
    assert!(refused(name("")).message.contains("needs a name"));
    assert!(refused(name("a b")).message.contains("can't be a name"));
    assert!(!format!("{:?}", refused(name("sk-canary-0123456789 x"))).contains("canary"));
    assert!(refused(Change::RemoveProvider { name: "x".to_owned() }).message.contains("no provider"));
    assert!(refused(Change::Swap { route: 9 }).message.contains("no route 9"));
    assert!(apply("not toml", &[set("bypass", json!(true))]).is_err());
    let one = apply("[providers.openai]\n", &[Change::Swap { route: 0 }]).expect_err("nobody to swap with");
    assert!(one.message.contains("no second provider"), "{one:?}");
}
