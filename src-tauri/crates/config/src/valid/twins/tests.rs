use crate::{Problem, Severity, parse};

/// The warnings about a file whose providers need no keys.
fn warnings(text: &str) -> Vec<Problem> {
    let notices = parse(text).unwrap_or_else(|problems| panic!("{problems:#?}")).notices;
    notices.into_iter().filter(|notice| notice.severity == Severity::Warning).collect()
}

fn told(text: &str) -> Vec<String> {
    warnings(text).iter().map(ToString::to_string).collect()
}

const HOST: &str = "key = \"none\"\ndialect = \"openai\"\nbase_url = \"https://gateway.example/v1\"\n";

#[test]
fn a_secondary_without_a_model_in_place_of_the_primarys_is_told_where_it_stands() {
    let text = "[providers.openai]\n[providers.ollama]\n[[routes]]\nsecondary = { provider = \"ollama\" }\n";
    assert_eq!(
        told(text),
        ["line 4, column 13: warning: \"ollama\" has no model in place of those of \"openai\", so it never \
          takes over. Set default_model for the provider \"ollama\", or model in this target of the route."]
    );
    assert_eq!(warnings(text)[0].key, "routes[0].secondary");
}

#[test]
fn a_secondary_that_nobody_wrote_down_is_told_at_its_provider() {
    let warnings = warnings("[providers.ollama]\n\n[providers.openai]\n");
    let [warning] = warnings.as_slice() else { panic!("{warnings:#?}") };
    assert_eq!((warning.line, warning.key.as_str()), (3, "providers.openai"));
}

#[test]
fn either_model_that_the_warning_asks_for_ends_it() {
    for text in [
        "[providers.openai]\n[providers.ollama]\ndefault_model = \"qwen3:8b\"\n",
        "[providers.openai]\n[providers.ollama]\n[[routes]]\nsecondary = { provider = \"ollama\", model = \"qwen3:8b\" }\n",
    ] {
        assert_eq!(told(text), [""; 0], "{text}");
    }
}

#[test]
fn providers_with_shipped_pairs_need_no_model() {
    let names = ["openai", "anthropic", "gemini", "xai", "mistral", "deepseek", "openrouter", "groq"];
    for one in names {
        for two in names.iter().filter(|two| **two != one) {
            assert_eq!(told(&format!("[providers.{one}]\n[providers.{two}]\n")), [""; 0]);
        }
    }
}

#[test]
fn hosts_that_share_a_model_need_no_pair() {
    let both = |one: &str, two: &str| {
        told(&format!("[providers.one]\n{HOST}models = [{one}]\n[providers.two]\n{HOST}models = [{two}]\n"))
    };
    assert_eq!(both("\"house-*\"", "\"house-*\", \"other\""), [""; 0]);
    assert_eq!(both("\"house-large\"", "\"house-*\""), [""; 0]);
    assert_eq!(both("\"*\"", "\"house-*\""), [""; 0]);
    assert_eq!(both("\"house-*\"", "\"*\""), [""; 0]);
    assert_eq!(both("\"house-*\"", "\"other-*\"").len(), 1);
}

#[test]
fn a_pair_outside_the_routes_models_is_none() {
    let two =
        format!("[providers.openai]\n[providers.house]\n{HOST}models = [\"claude-haiku-*\"]\n[[routes]]\n");
    assert_eq!(told(&two), [""; 0]);
    let warnings = warnings(&format!("{two}models = [\"gpt-6-sol\", \"gpt-5.5\"]\n"));
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.starts_with("\"house\" has no model in place of"), "{warnings:#?}");
}

#[test]
fn a_primary_that_has_no_model_for_its_route_is_told() {
    let ollama = "[providers.ollama]\n[[routes]]\n";
    assert_eq!(told(&format!("{ollama}models = [\"qwen3:*\", \"claude-*\"]\n")), [""; 0]);
    let warnings =
        warnings(&format!("{ollama}models = [\"claude-*\"]\nprimary = {{ provider = \"ollama\" }}\n"));
    let [warning] = warnings.as_slice() else { panic!("{warnings:#?}") };
    assert_eq!(warning.message, "\"ollama\" has no model for any request of this route.");
    assert_eq!((warning.line, warning.key.as_str()), (4, "routes[0].primary"));
}

#[test]
fn a_primary_with_a_model_of_its_own_leaves_every_name_to_the_secondary() {
    let route = "[[routes]]\nprimary = { provider = \"openai\", model = \"gpt-6-luna\" }\n";
    assert_eq!(told(&format!("[providers.openai]\n[providers.ollama]\n{route}")), [""; 0]);
    assert_eq!(
        told(&format!("[providers.openai]\n[providers.ollama]\n{route}models = [\"gpt-6*\"]\n")).len(),
        1
    );
}
