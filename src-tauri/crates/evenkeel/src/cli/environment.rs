//! `evenkeel env`: the variables that point tools at Evenkeel, or past it.
//!
//! With the bypass, the way back must work on a bad day: with a router that hangs, with a configuration
//! that was just broken, and without printing a secret.

use std::{env, net::SocketAddr};

use evenkeel_config::{Config, Dialect, KeySource, Provider};

use super::{
    Done, Stop,
    args::{Env, Shell},
    context::Context,
    shell::Value,
};
use crate::{
    admin::types::{ConfigView, PracticeStatus},
    app::{bind::reachable, environment_bypass},
    failure::{Code, Failure},
    keys,
    paths::Paths,
};

/// Holds the key of a tenant other than `local`, of which only a hash is kept.
const TENANT_KEY: &str = "EVENKEEL_KEY";

/// Variables to set, and what to say about them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) variables: Vec<(&'static str, Value)>,
    /// Explanations that belong beside the variables, printed as comments.
    pub(crate) comments: Vec<String>,
    /// Remarks for standard error.
    pub(crate) notes: Vec<String>,
}

pub(crate) fn run(context: &Context, args: &Env) -> Result<Done, Stop> {
    let environment = build(context, args.tenant.as_deref(), args.bypass)?;
    let mut done = if context.json {
        let variables: serde_json::Map<_, _> = environment
            .variables
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::Plain(text) => text.clone().into(),
                    Value::Of(other) => format!("${other}").into(),
                    Value::Unset => serde_json::Value::Null,
                };
                ((*name).to_owned(), value)
            })
            .collect();
        Done::json(&variables)?
    } else {
        let shell = args.shell.unwrap_or_else(Shell::in_use);
        let comments = environment.comments.iter().map(|comment| format!("# {comment}\n"));
        let lines =
            environment.variables.iter().map(|(name, value)| format!("{}\n", shell.assignment(name, value)));
        Done::text(comments.chain(lines).collect::<String>())
    };
    done.notes = environment.notes;
    Ok(done)
}

/// The environment for `env` and `run`.
pub(crate) fn build(context: &Context, tenant: Option<&str>, bypass: bool) -> Result<Environment, Stop> {
    if bypass || environment_bypass() { past_the_router(context) } else { to_the_router(context, tenant) }
}

fn to_the_router(context: &Context, tenant: Option<&str>) -> Result<Environment, Stop> {
    let mut environment = Environment::default();
    let router = context.router()?;
    if router.is_none() {
        let start = format!("Evenkeel is not running; start it with: {} serve", context.program());
        environment.notes.push(start);
    }
    let address = router
        .map_or_else(|| reachable(context.config_or_default().server.listen), |router| router.address());
    let key = match tenant {
        None | Some(evenkeel_router::LOCAL) => local_key(context)?,
        Some(tenant) => tenant_key(context, tenant)?,
    };
    environment.variables = towards(address, key);
    Ok(environment)
}

fn towards(address: SocketAddr, key: String) -> Vec<(&'static str, Value)> {
    vec![
        ("OPENAI_BASE_URL", Value::Plain(format!("http://{address}/v1"))),
        ("OPENAI_API_KEY", Value::Plain(key.clone())),
        ("ANTHROPIC_BASE_URL", Value::Plain(format!("http://{address}"))),
        ("ANTHROPIC_API_KEY", Value::Plain(key)),
    ]
}

/// What `evenkeel env` prints while a router listens there, for the account's own shell; `None` while there is
/// no local key.
pub(crate) fn exports(listen: SocketAddr, paths: &Paths) -> Option<String> {
    let key = keys::local::read(&paths.local_key())?;
    let shell = Shell::in_use();
    let lines = towards(reachable(listen), key);
    let mut text =
        lines.iter().map(|(name, value)| shell.assignment(name, value)).collect::<Vec<_>>().join("\n");
    text.push('\n');
    Some(text)
}

pub(crate) fn local_key(context: &Context) -> Result<String, Stop> {
    keys::local::read(&context.paths.local_key()).ok_or_else(|| {
        Failure::new(Code::KeyUnknown, "There is no local key yet; it is made when Evenkeel first starts.")
            .hint(format!("Start it with: {} serve", context.program()))
            .into()
    })
}

fn tenant_key(context: &Context, tenant: &str) -> Result<String, Stop> {
    let rotate = format!("or make a new one: {} tenant rotate {tenant}", context.program());
    let hash = super::tenant::key_hash(context, tenant)?;
    let unknown = |message: String| -> Stop {
        Failure::new(Code::KeyUnknown, message)
            .hint(format!("Set {TENANT_KEY} to the key you were shown, {rotate}"))
            .into()
    };
    let Some(key) = env::var(TENANT_KEY).ok().filter(|key| !key.is_empty()) else {
        return Err(unknown(format!(
            "Evenkeel keeps only a hash of {tenant}'s key and can't print the key itself."
        )));
    };
    if hash != Some(evenkeel_store::hash_key(&key)) {
        return Err(unknown(format!("The key in {TENANT_KEY} is not {tenant}'s.")));
    }
    Ok(key)
}

fn past_the_router(context: &Context) -> Result<Environment, Stop> {
    let router = context.router().ok().flatten();
    // The file as it is now may be broken; what the router has in force is better.
    let view: Option<ConfigView> = router.as_ref().and_then(|router| router.get("/api/config").ok());
    let config = match view.and_then(|view| evenkeel_config::parse(&view.effective).ok()) {
        Some(parsed) => parsed.config,
        None => context.config()?.config,
    };
    if config.providers.is_empty() {
        let practice: Option<PracticeStatus> =
            router.as_ref().and_then(|router| router.get("/api/practice").ok());
        return practice.as_ref().and_then(past_the_router_in_practice).ok_or_else(|| {
            Failure::new(Code::NoProvider, "No provider is configured, so there is no address past Evenkeel.")
                .hint(format!("Add one to {}.", context.paths.config_file().display()))
                .into()
        });
    }
    let own = router.map_or_else(|| reachable(config.server.listen), |router| router.address());
    let current = |name: &str| env::var(name).ok();
    Ok(past_to_providers(&config, &format!("http://{own}"), &current))
}

fn past_the_router_in_practice(practice: &PracticeStatus) -> Option<Environment> {
    let (first, second) = (practice.providers.first()?, practice.providers.last()?);
    // The practice providers take any key; an SDK refuses to start without one.
    let key = Value::Plain("practice".to_owned());
    Some(Environment {
        variables: vec![
            ("OPENAI_BASE_URL", Value::Plain(format!("http://{}/v1", first.listen))),
            ("OPENAI_API_KEY", key.clone()),
            ("ANTHROPIC_BASE_URL", Value::Plain(format!("http://{}", second.listen))),
            ("ANTHROPIC_API_KEY", key),
        ],
        comments: vec!["PRACTICE: these are the practice providers' own addresses.".to_owned()],
        notes: Vec::new(),
    })
}

/// The providers' own addresses, with every key named and none printed.
fn past_to_providers(config: &Config, own: &str, current: &dyn Fn(&str) -> Option<String>) -> Environment {
    let mut environment = Environment::default();
    for (dialect, url_name, key_name) in [
        (Dialect::OpenAi, "OPENAI_BASE_URL", "OPENAI_API_KEY"),
        (Dialect::Anthropic, "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
    ] {
        let Some(provider) = first_that_speaks(config, dialect) else {
            environment.comments.push(format!("No provider speaks what {url_name} is for."));
            // Only an address of ours is taken away: it would go on pointing at the router.
            if current(url_name).is_some_and(|url| url.starts_with(own)) {
                environment.variables.push((url_name, Value::Unset));
            }
            continue;
        };
        environment.variables.push((url_name, Value::Plain(base_url(provider, dialect))));
        match &provider.key {
            KeySource::Env(name) if name != key_name => {
                environment.variables.push((key_name, Value::Of(name.clone())));
            }
            KeySource::Env(_) => left_alone(&mut environment, provider, key_name, current),
            KeySource::Keychain => {
                let where_it_is =
                    format!("{key_name}: the key of {} is in the keychain; set it yourself.", provider.name);
                environment.comments.push(where_it_is);
                left_alone(&mut environment, provider, key_name, current);
            }
            // Such a host takes anything; an SDK refuses to start without a key.
            KeySource::None => environment.variables.push((key_name, Value::Plain("none".to_owned()))),
        }
    }
    environment
}

/// The base URL as an SDK of this dialect takes it, however the file has it.
fn base_url(provider: &Provider, dialect: Dialect) -> String {
    let (path, added_by_sdk) = match dialect {
        Dialect::OpenAi => ("/v1/models", "/models"),
        Dialect::Anthropic => ("/v1/messages", "/v1/messages"),
    };
    let url = provider.url(dialect, path).to_string();
    url.strip_suffix(added_by_sdk).unwrap_or(&url).to_owned()
}

fn left_alone(
    environment: &mut Environment,
    provider: &Provider,
    key_name: &str,
    current: &dyn Fn(&str) -> Option<String>,
) {
    if current(key_name).is_some_and(|key| key.starts_with(keys::local::PREFIX)) {
        environment.notes.push(format!(
            "{key_name} holds Evenkeel's local key here. Set it to the key of {}, or open a new terminal.",
            provider.name
        ));
    }
}

/// The provider that requests of this dialect would go to: the first route's order, then the file's.
fn first_that_speaks(config: &Config, dialect: Dialect) -> Option<&Provider> {
    let routed = config.routes.first().into_iter().flat_map(|route| {
        let secondary = route.secondary.as_ref().map(|target| target.provider.as_str());
        [Some(route.primary.provider.as_str()), secondary].into_iter().flatten()
    });
    routed
        .filter_map(|name| config.provider(name))
        .chain(&config.providers)
        .find(|provider| provider.dialects.contains(&dialect))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        evenkeel_config::parse(text).expect("a valid configuration").config
    }

    const TWO: &str = r#"
        [providers.anthropic]
        dialect = "anthropic"
        base_url = "https://api.anthropic.com"
        key = "env:ANTHROPIC_API_KEY"
        [providers.openai]
        dialect = "openai"
        base_url = "https://api.openai.com/v1"
        key = "env:WORK_OPENAI"
    "#;

    #[test]
    fn past_the_router_names_keys_and_prints_none() {
        let environment = past_to_providers(&config(TWO), "http://127.0.0.1:9950", &|_| None);
        assert_eq!(
            environment.variables,
            [
                ("OPENAI_BASE_URL", Value::Plain("https://api.openai.com/v1".to_owned())),
                ("OPENAI_API_KEY", Value::Of("WORK_OPENAI".to_owned())),
                ("ANTHROPIC_BASE_URL", Value::Plain("https://api.anthropic.com".to_owned())),
            ]
        );
        assert!(environment.notes.is_empty());
    }

    #[test]
    fn a_host_of_both_dialects_is_addressed_as_each_sdk_wants_it() {
        let both = "[providers.host]\ndialect = [\"openai\", \"anthropic\"]\nbase_url = \"https://host.example/\"\nkey = \"none\"\n";
        let environment = past_to_providers(&config(both), "http://127.0.0.1:9950", &|_| None);
        let urls: Vec<_> = environment.variables.iter().filter(|(name, _)| name.ends_with("URL")).collect();
        assert_eq!(urls[0].1, Value::Plain("https://host.example/v1".to_owned()));
        assert_eq!(urls[1].1, Value::Plain("https://host.example".to_owned()));
    }

    #[test]
    fn a_local_key_left_in_the_shell_is_said() {
        let current = |name: &str| (name == "ANTHROPIC_API_KEY").then(|| "ek-something".to_owned());
        let environment = past_to_providers(&config(TWO), "http://127.0.0.1:9950", &current);
        assert_eq!(environment.notes.len(), 1);
        assert!(environment.notes[0].starts_with("ANTHROPIC_API_KEY holds Evenkeel's local key"));
        assert!(!environment.notes[0].contains("ek-something"));
    }

    #[test]
    fn an_address_of_ours_that_nobody_can_replace_is_taken_away() {
        let only_openai =
            TWO.split("[providers.openai]").nth(1).map(|rest| format!("[providers.openai]{rest}"));
        let config = config(&only_openai.expect("the second half"));
        let ours = |name: &str| (name == "ANTHROPIC_BASE_URL").then(|| "http://127.0.0.1:9950".to_owned());
        let environment = past_to_providers(&config, "http://127.0.0.1:9950", &ours);
        assert!(environment.variables.contains(&("ANTHROPIC_BASE_URL", Value::Unset)));
        let theirs = |_: &str| Some("https://gateway.example".to_owned());
        let environment = past_to_providers(&config, "http://127.0.0.1:9950", &theirs);
        assert!(!environment.variables.contains(&("ANTHROPIC_BASE_URL", Value::Unset)));
    }
}
