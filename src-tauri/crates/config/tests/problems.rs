//! What a person reads about the mistakes in a file. Every report is a snapshot: line, column, key,
//! message and fix, as `evenkeel check` prints them.

use evenkeel_config::{Problem, Severity, parse};

/// All problems of the text, notices left out.
fn problems(text: &str) -> Vec<Problem> {
    let all = match parse(text) {
        Ok(parsed) => parsed.notices,
        Err(problems) => {
            assert_eq!(problems[0].severity, Severity::Error, "errors come first");
            problems
        }
    };
    all.into_iter().filter(|problem| problem.severity != Severity::Notice).collect()
}

fn report(text: &str) -> String {
    let line = |problem: &Problem| {
        let Problem { severity, line, column, key, message, fix } = problem;
        format!("{line}:{column} {} {key}\n    {message}\n    {fix}\n", severity.as_str())
    };
    format!("{text}\n---\n{}", problems(text).iter().map(line).collect::<String>())
}

/// Two providers with keys, which by themselves give no problem.
const TWO: &str = "[providers.openai]\nkey = \"env:A\"\n[providers.groq]\nkey = \"env:B\"\n";

macro_rules! reports {
    ($($name:ident: $text:expr;)+) => { $(
        #[test]
        fn $name() {
            insta::assert_snapshot!(report(&$text));
        }
    )+ };
}

reports! {
    all_mistakes_are_told_at_once: r#"bypas = true
bypass = "yes"

[server]
listen = "9950"
max_body = "32 megabytes"
require_key = 1

[providers.openai]
key = "env:OPENAI_API_KEY"
watch = "allways"
timeout = "2s"

[[routes]]
retries = 4
idle_timeout = 30
"#;
    unknown_keys_suggest_what_was_meant: r#"listen = "127.0.0.1:1"
nonsense = 1
[server]
alow_hosts = []
[providers.openai]
api_key = "env:A"
base-url = "https://a.example"
key = "env:A"
[[routes]]
first_token_timout = "1s"
fallback = { provider = "openai" }
"#;
    syntax_errors_have_a_place: "[server\nlisten = 127.0.0.1\nrequire_key =\n";
    syntax_errors_of_values: "[server]\nlisten = 127.0.0.1\nrequire_key =\nmax_body = \"32MiB\nallow_hosts = []\n";
    a_key_twice: "bypass = true\nbypass = false\n";
    wrong_types: r#"providers = ["openai"]
guardrails = { max_input_tokens = 1.5, max_cost_per_request = -1, on_exceed = "reject" }
cache = { fresh_for = 3600, max_size = true, backend = 1979-05-27 }
alerts = { notices = "no" }
[routes]
name = "default"
[tenants]
acme = "support-bot"
"#;
    a_provider_that_nobody_knows: "[providers.opnai]\nkey = \"none\"\n\n[providers.mine]\nkey = \"none\"\nbase_url = \"https://a.example\"\n";
    provider_names: "[providers.primary]\ndialect = \"openai\"\nbase_url = \"https://a.example\"\nkey = \"none\"\n\
        [providers.\"my host\"]\ndialect = [\"openai\", \"openai\"]\nbase_url = \"https://a.example\"\nkey = \"none\"\n";
    routes_to_unknown_providers: format!("{TWO}[[routes]]\nprimary = {{ provider = \"opeani\" }}\nsecondary = {{ provider = \"anthropic\" }}\npin = \"nobody\"\n");
    routes_without_any_provider: "[[routes]]\nprimary = { provider = \"openai\" }\n";
    a_target_as_text: format!("{TWO}[[routes]]\nprimary = \"openai\"\nsecondary = {{ model = \"gpt-5\" }}\n");
    one_provider_in_both_places: format!("{TWO}[[routes]]\nprimary = {{ provider = \"groq\" }}\nsecondary = {{ provider = \"groq\", model = \"other\" }}\n");
    routes_of_one_name_and_routes_never_reached: format!("{TWO}[[routes]]\n[[routes]]\nname = \"default\"\nmodels = []\n");
    time_outs: format!("{TWO}[[routes]]\nconnect_timeout = \"0s\"\nidle_timeout = \"2 weeks\"\ntotal_timeout = \"2s\"\nlast_first_token_timeout = \"30d\"\n");
    weights_and_pins: "[providers.ollama]\n[[routes]]\nstrategy = \"weighted\"\nprimary = { provider = \"ollama\", weight = 0 }\npin = \"secondary\"\n";
    a_secret_as_key: "[providers.openai]\nkey = \"sk-canary-0123456789\"\n[providers.anthropic]\nkey = \"my-secret-of-another-form\"\n[providers.groq]\nkey = \"env:not a name\"\n";
    secrets_in_headers: "[providers.ollama.headers]\nAuthorization = \"Bearer canary\"\nx-api-key = \"canary\"\nx-trace = \"sk-ant-canary-0123\"\nx-other = \"Basic Y2FuYXJ5\"\n";
    other_headers: "[providers.ollama.headers]\n\"bad name\" = \"x\"\nHost = \"a\"\nx-evenkeel-id = \"1\"\nx-text = \"ü\"\nX-Twice = \"1\"\nx-twice = \"2\"\n";
    secrets_in_addresses: "[providers.ollama]\nbase_url = \"https://me:canary@a.example/v1\"\nproxy = \"http://me:canary@proxy.example\"\n\
        [cache]\nbackend = \"redis\"\nredis_url = \"redis://:canary@a.example\"\n";
    addresses: format!("{TWO}base_url = \"api.groq.com\"\n[providers.xai]\nkey = \"env:C\"\nbase_url = \"ftp://a.example\"\n\
        [providers.mistral]\nkey = \"env:D\"\nbase_url = \"https://a.example/v1?key=1\"\n[providers.deepseek]\nkey = \"env:E\"\nbase_url = \"http://a.example\"\n");
    our_own_address: "[providers.ollama]\nbase_url = \"http://localhost:9950/v1\"\n";
    open_to_the_network: "[server]\nlisten = \"0.0.0.0:9950\"\nrequire_key = false\n";
    hosts_and_origins: "[server]\nallow_hosts = [\"https://a.example\", \"b.example:80\", \"*\", \"\", \"c.example\"]\n\
        allow_origins = [\"*\", \"a.example\", \"https://b.example/\", \"https://c.example/path\", \"http://d.example:5173\"]\nmax_body = \"2GiB\"\n";
    slos_and_tenants: "[[slo]]\nsuccess = 0.995\n[[slo]]\nsuccess = 101\ntenant = \"acme\"\np95 = \"0ms\"\n\
        [tenants.\"a b\"]\nfeatures = [\"x\", \"x\", \"\"]\n";
    cache_alerts_prices_exports: "[cache]\nbackend = \"redis\"\nfresh_for = \"60d\"\nmax_size = 0\n[alerts]\nquiet_hours = \"22-7\"\nwebhook = \"ntfy\"\n\
        [prices.m]\n[export.langfuse]\ncontent = true\n[guardrails]\non_exceed = [\"reject\", \"reject\"]\nmax_cost_per_day = 10\nmax_cost_per_month = 5\n";
}

#[test]
fn an_open_listener_with_keys_is_only_noticed() {
    let parsed = parse("[server]\nlisten = \"0.0.0.0:9950\"\n").unwrap();
    assert_eq!(parsed.notices.len(), 1);
    assert_eq!((parsed.notices[0].severity, parsed.notices[0].line), (Severity::Notice, 2));
}

#[test]
fn our_own_address_is_recognised_in_every_spelling() {
    for (listen, base_url, ours) in [
        ("127.0.0.1:9950", "http://127.0.0.1:9950", true),
        ("127.0.0.1:9950", "http://LOCALHOST:9950/v1", true),
        ("0.0.0.0:9950", "http://127.0.0.1:9950", true),
        ("[::1]:9950", "http://[::1]:9950", true),
        ("127.0.0.1:80", "http://localhost", true),
        ("127.0.0.1:9950", "http://127.0.0.1:9951", false),
        ("127.0.0.1:9950", "https://api.example:9950", false),
        ("127.0.0.1:0", "http://127.0.0.1:9950", false),
    ] {
        let text =
            format!("[server]\nlisten = \"{listen}\"\n[providers.ollama]\nbase_url = \"{base_url}\"\n");
        assert_eq!(parse(&text).is_err(), ours, "{listen} {base_url}");
    }
}

#[test]
fn a_problem_reads_well_on_one_line() {
    let problem = &problems("bypass = 1\n")[0];
    assert_eq!(
        problem.to_string(),
        "line 1, column 10: error: bypass must be true or false, not a bare number. \
         Write true or false, without quotes."
    );
    assert_eq!(serde_json::to_value(problem).unwrap()["severity"], "error");
}
