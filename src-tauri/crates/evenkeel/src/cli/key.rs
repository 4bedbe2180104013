//! `evenkeel key`: the providers' keys in the keychain.
//!
//! A running router makes the change itself, so that it is in force at once; without one the keychain is
//! asked from here. The key comes from a hidden prompt or from standard input, never from an argument,
//! where every process of the machine could read it.

use std::io::{self, IsTerminal, Read};

use evenkeel_config::Config;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{Done, Stop, args::Key, client::Client, context::Context, practice::percent, words};
use crate::{
    admin::types::{ConfigView, KeyList, KeyRow, SetKey},
    app::keys as app_keys,
    cache::{self, key::Place},
    failure::{Code, Failure},
    keys::{
        KeyRing,
        form::{self, Carried},
        keychain::Trouble,
        provider,
    },
};

/// Far longer than any key; a file given by mistake is not read to its end.
const READ_AT_MOST: u64 = 64 * 1024;

pub(crate) fn run(context: &Context, command: &Key) -> Result<Done, Stop> {
    let router = context.router()?;
    match command {
        Key::Set { provider } => set(context, router.as_ref(), provider),
        Key::Remove { provider } => remove(context, router.as_ref(), provider),
        Key::List => list(context, router.as_ref()),
    }
}

fn set(context: &Context, router: Option<&Client>, name: &str) -> Result<Done, Stop> {
    // Before anybody types a key that can't be used.
    let config = config_in_force(context, router)?;
    provider::takes_a_kept_key(&config, name)?;
    let key = form::accept(&ask(name)?)?;
    if is_sealing_key(&config, name) {
        cache::key::accept(&key)?;
    }
    if name == provider::REDIS && config.provider(name).is_none() {
        cache::accept_address(&key)?;
    }
    let row = match router {
        Some(router) => {
            router.put(&format!("/api/keys/{}", percent(name)), &SetKey { key: Carried::new(key) })?
        }
        None if is_sealing_key(&config, name) => set_sealing_key(context, &config, &key)?,
        None => set_at_rest(&config, name, &key)?,
    };
    let place = match row.source.as_str() {
        "memory" => "held by the router",
        "file" => "kept in the data folder, for there is no keychain,",
        _ => "kept in the keychain",
    };
    let used = config.provider(name).is_some()
        || [provider::WEBHOOK, provider::CACHE, provider::REDIS].contains(&name);
    let when = match (router.is_some(), used) {
        (true, true) => " and in use",
        _ => "",
    };
    told(context, &row, format!("The key of {name}{} is {place}{when}.", ending(&row)))
}

/// The running router's configuration, for it may have been started with a file of its own.
fn config_in_force(context: &Context, router: Option<&Client>) -> Result<Config, Stop> {
    let Some(router) = router else { return Ok(context.config()?.config) };
    let view: ConfigView = router.get("/api/config")?;
    Ok(match evenkeel_config::parse(&view.effective) {
        Ok(parsed) => parsed.config,
        Err(_) => context.config()?.config,
    })
}

/// What was typed at a prompt that shows nothing of it, or all of standard input.
fn ask(name: &str) -> Result<Zeroizing<String>, Stop> {
    let unreadable = |error: &io::Error| -> Stop {
        Failure::new(Code::InvalidRequest, format!("The key can't be read: {error}."))
            .hint(format!(
                "Paste it at the prompt, or send it to standard input: evenkeel key set {name} < FILE"
            ))
            .into()
    };
    if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(format!("Key of {name} (it will not be shown): "));
        return typed.map(Zeroizing::new).map_err(|error| unreadable(&error));
    }
    // Room for all of it from the start: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(16 * 1024));
    io::stdin().take(READ_AT_MOST).read_to_string(&mut text).map_err(|error| unreadable(&error))?;
    Ok(text)
}

fn set_at_rest(config: &Config, name: &str, key: &SecretString) -> Result<KeyRow, Stop> {
    let ring = KeyRing::default();
    let written = super::runtime()?.block_on(ring.keychain().write(name, key.clone()));
    written.map_err(|trouble| not_kept(&trouble, name))?;
    let mut row = KeyRow {
        provider: name.to_owned(),
        source: "keychain".to_owned(),
        last4: form::last4(key),
        state: "ok".to_owned(),
        replaceable: true,
        note: form::mismatch(name, key),
    };
    let missing = config.provider(name).is_none() && name != provider::WEBHOOK && name != provider::REDIS;
    row.add_note(missing.then(|| app_keys::not_configured(name)));
    Ok(row)
}

fn is_sealing_key(config: &Config, name: &str) -> bool {
    name == provider::CACHE && config.provider(name).is_none()
}

/// What the cache is sealed with, kept where the next start finds it.
fn set_sealing_key(context: &Context, config: &Config, key: &SecretString) -> Result<KeyRow, Stop> {
    let key = cache::key::accept(key)?;
    context.with_store(async |store| {
        let ring = KeyRing::default();
        let place = cache::key::set(&ring, config, &context.paths, &key).await?;
        Place::store(Some(place), &store).await?;
        Ok(cache::key::row(&ring, config, &context.paths, Some(place)))
    })
}

fn remove_sealing_key(context: &Context, config: &Config) -> Result<KeyRow, Stop> {
    context.with_store(async |store| {
        let ring = KeyRing::default();
        let last = Place::stored(&store).await;
        let removed = cache::key::remove(&ring, config, &context.paths).await?;
        if !removed && last.is_none() {
            return Err(cache::key::none_kept());
        }
        Place::store(None, &store).await?;
        Ok(cache::key::row(&ring, config, &context.paths, None))
    })
}

fn not_kept(trouble: &Trouble, name: &str) -> Failure {
    let failure = trouble.failure(&format!("The key of {name} is not kept"), name);
    if trouble.is_absence() {
        let variable = provider::fallback_variable(name);
        return failure.hint(format!(
            "A running router would hold it in memory: start it and do this again. Or set {variable} where it is started."
        ));
    }
    failure
}

fn remove(context: &Context, router: Option<&Client>, name: &str) -> Result<Done, Stop> {
    let row = match router {
        Some(router) => router.delete(&format!("/api/keys/{}", percent(name)))?,
        None => remove_at_rest(context, name)?,
    };
    told(context, &row, format!("The key of {name} is removed."))
}

fn remove_at_rest(context: &Context, name: &str) -> Result<KeyRow, Stop> {
    let config = context.config_or_default();
    let provider = provider::named(&config, name)?;
    if is_sealing_key(&config, name) {
        return remove_sealing_key(context, &config);
    }
    let ring = KeyRing::default();
    let removed = super::runtime()?.block_on(ring.remove(name));
    let removed =
        removed.map_err(|trouble| trouble.failure(&format!("The key of {name} is not removed"), name))?;
    let now = ring.resolve(&provider);
    if removed {
        Ok(app_keys::row(&provider, &now))
    } else {
        Err(provider::none_kept(&provider, &now).into())
    }
}

fn list(context: &Context, router: Option<&Client>) -> Result<Done, Stop> {
    let list = if let Some(router) = router {
        router.get("/api/keys?read=true")?
    } else {
        let config = context.config()?.config;
        let ring = KeyRing::default();
        let sealed = cache::is_wanted(&config.cache) && config.provider(provider::CACHE).is_none();
        let all: Vec<_> = config
            .providers
            .iter()
            .cloned()
            .chain(sealed.then(|| provider::cache(&config)).flatten())
            .collect();
        super::runtime()?.block_on(ring.read(&all));
        let rows = config.providers.iter().map(|provider| app_keys::row(provider, &ring.resolve(provider)));
        let last = context.reader()?.and_then(|reader| Place::stored_in(&reader));
        let row = sealed.then(|| cache::key::row(&ring, &config, &context.paths, last));
        KeyList { keys: rows.chain(row).collect() }
    };
    if context.json { Done::json(&list) } else { Ok(Done::text(in_words(&list))) }
}

/// What was done, and beside it what its owner should know.
fn told(context: &Context, row: &KeyRow, text: String) -> Result<Done, Stop> {
    let done = if context.json { Done::json(row)? } else { Done::text(text) };
    Ok(match &row.note {
        Some(note) if !context.json => done.note(note),
        _ => done,
    })
}

fn ending(row: &KeyRow) -> String {
    row.last4.as_ref().map(|last4| format!(", ending in {last4},")).unwrap_or_default()
}

fn in_words(list: &KeyList) -> String {
    if list.keys.is_empty() {
        return "No provider is configured, so no key is used.".to_owned();
    }
    let rows: Vec<Vec<String>> = list.keys.iter().map(row_in_words).collect();
    words::table(&["PROVIDER", "SOURCE", "KEY", "NOTE"], &rows, &[])
}

fn row_in_words(row: &KeyRow) -> Vec<String> {
    let key = match (row.state.as_str(), &row.last4) {
        ("missing", _) => "missing".to_owned(),
        ("none", _) => "not needed".to_owned(),
        ("rejected", Some(last4)) => format!("…{last4} rejected"),
        ("rejected", None) => "rejected".to_owned(),
        (_, Some(last4)) => format!("…{last4}"),
        (_, None) => "set".to_owned(),
    };
    let source = if row.source == "none" { words::or_dash(None) } else { row.source.clone() };
    vec![row.provider.clone(), source, key, row.note.clone().unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(provider: &str, source: &str, state: &str, last4: Option<&str>, note: Option<&str>) -> KeyRow {
        KeyRow {
            provider: provider.to_owned(),
            source: source.to_owned(),
            last4: last4.map(str::to_owned),
            state: state.to_owned(),
            replaceable: true,
            note: note.map(str::to_owned),
        }
    }

    #[test]
    fn the_list_reads_like_a_sentence_a_line() {
        let keys = vec![
            row("openai", "keychain", "ok", Some("wxyz"), None),
            row("anthropic", "none", "missing", None, Some("Give it one: evenkeel key set anthropic")),
            row("groq", "memory", "rejected", Some("1234"), None),
            row("ollama", "none", "none", None, None),
        ];
        assert_eq!(
            in_words(&KeyList { keys }),
            "\
PROVIDER   SOURCE    KEY             NOTE
openai     keychain  …wxyz
anthropic  –         missing         Give it one: evenkeel key set anthropic
groq       memory    …1234 rejected
ollama     –         not needed
"
        );
    }

    #[test]
    fn without_a_keychain_and_a_router_two_ways_are_named() {
        let failure = not_kept(&Trouble::NoSession, "openai");
        assert_eq!(failure.code, Code::KeychainAbsent);
        assert!(failure.message.starts_with("The key of openai is not kept. There is no keychain here"));
        let hint = failure.hint.expect("a hint");
        assert!(hint.contains("running router") && hint.contains("OPENAI_API_KEY"), "{hint}");
    }
}
