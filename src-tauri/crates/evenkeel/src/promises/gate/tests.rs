use super::*;

const BASE: &str = r#"
[providers.openai]
key = "env:A"
[providers.anthropic]
key = "env:B"
[[routes]]
name = "default"
primary = { provider = "openai" }
secondary = { provider = "anthropic" }
"#;

fn config(text: &str) -> Config {
    evenkeel_config::parse(text).expect("a good configuration").config
}

fn changed(from: &str, to: &str) -> Vec<Proposal> {
    proposals(&config(BASE), &config(&BASE.replace(from, to)))
}

#[test]
fn a_saved_file_with_nothing_new_in_it_asks_nothing() {
    assert_eq!(changed("", ""), []);
    assert_eq!(changed("[providers.openai]", "# a note\n[providers.openai]"), []);
}

#[test]
fn a_new_key_asks_nothing() {
    assert_eq!(changed("env:A", "env:C"), []);
}

#[test]
fn another_order_of_providers_is_a_change_of_routes() {
    let swapped = BASE.replace("primary = { provider = \"openai\" }", "primary = { provider = \"X\" }");
    let swapped = swapped.replace("provider = \"anthropic\"", "provider = \"openai\"");
    let swapped = swapped.replace("\"X\"", "\"anthropic\"");
    assert_eq!(proposals(&config(BASE), &config(&swapped)), [Proposal::Routes]);
}

#[test]
fn another_model_and_another_cache_are_changes_of_their_own() {
    assert_eq!(
        changed("{ provider = \"openai\" }", "{ provider = \"openai\", model = \"gpt-5\" }"),
        [Proposal::Models]
    );
    assert_eq!(
        changed("key = \"env:B\"", "key = \"env:B\"\nprompt_caching = \"1h\""),
        [Proposal::PromptCaching]
    );
}

#[test]
fn alerts_prices_and_guardrails_ask_nothing() {
    assert_eq!(changed("[providers.openai]", "[alerts]\nnotices = false\n[providers.openai]"), []);
    assert_eq!(
        changed("[providers.openai]", "[guardrails]\nmax_output_tokens = 100\n[providers.openai]"),
        []
    );
}

#[test]
fn the_way_back_is_known() {
    let earlier = Earlier::default();
    let before = config(BASE);
    let other =
        config(&BASE.replace("{ provider = \"openai\" }", "{ provider = \"openai\", model = \"x\" }"));
    assert!(!earlier.knows(&before));
    earlier.remember(&before);
    assert!(earlier.knows(&before));
    assert!(!earlier.knows(&other));
}
