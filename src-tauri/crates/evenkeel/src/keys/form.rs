//! What can be told of a key by looking at it, and how much of one may be shown.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::local;
use crate::failure::{Code, Failure};

/// What the vendors' keys begin with, the longer beginnings first. A plain `sk-` is not among them: several
/// vendors use it.
const MARKS: [(&str, &str); 8] = [
    ("sk-ant-", "anthropic"),
    ("sk-or-", "openrouter"),
    ("sk-proj-", "openai"),
    ("sk-svcacct-", "openai"),
    ("sk-admin-", "openai"),
    ("gsk_", "groq"),
    ("xai-", "xai"),
    ("AIza", "gemini"),
];

/// Shown of a key, so that its owner can tell it from another.
const SHOWN: usize = 4;
/// A key must be this much longer than what is shown of it.
const HIDDEN: usize = 8;
/// No vendor's key comes near; a whole file given by mistake does.
const LONGEST: usize = 8 * 1024;

/// What was typed or pasted, as a key that can be sent; white space around it is not part of it.
pub fn accept(typed: &str) -> Result<SecretString, Failure> {
    let key = typed.trim();
    let refuse = |message: &str| Err(Failure::new(Code::InvalidRequest, message));
    if key.is_empty() {
        return refuse("No key was given.").map_err(|failure| {
            failure
                .hint("Paste it at the prompt, or send it to standard input: evenkeel key set openai < FILE")
        });
    }
    if key.starts_with(local::PREFIX) {
        return refuse("This is a local key of Evenkeel (ek-…), which no provider knows.")
            .map_err(|failure| failure.hint("Give the key that the provider showed you."));
    }
    if key.len() > LONGEST || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse("This is not a key: it has spaces, line ends or characters that can't be sent.")
            .map_err(|failure| failure.hint("Copy the key alone, without a name, quotes or a second line."));
    }
    Ok(key.into())
}

/// Whose key this is by its form, where that is certain.
pub fn vendor(key: &SecretString) -> Option<&'static str> {
    let key = key.expose_secret();
    MARKS.iter().find(|(mark, _)| key.starts_with(mark)).map(|(_, vendor)| *vendor)
}

/// A warning where a key looks like another vendor's. Providers under names of their own may be anyone's.
pub fn mismatch(provider: &str, key: &SecretString) -> Option<String> {
    let vendor = vendor(key)?;
    let is_known = evenkeel_config::preset_names().any(|name| name == provider);
    (is_known && vendor != provider)
        .then(|| format!("This looks like a key of {vendor}, not of {provider}; evenkeel check tells."))
}

/// The last four characters, and of a short key nothing.
pub fn last4(key: &SecretString) -> Option<String> {
    let key = key.expose_secret();
    let start = key.len().checked_sub(SHOWN).filter(|hidden| *hidden >= HIDDEN)?;
    key.get(start..).map(str::to_owned)
}

/// A key on its way through a document: shown by no `Debug`, cleared from memory when dropped.
#[derive(Debug, Clone)]
pub struct Carried(SecretString);

impl Carried {
    /// The text as it came, not looked at yet.
    pub fn new(text: SecretString) -> Self {
        Self(text)
    }

    /// The text as it is, for what is no provider's key.
    pub fn text(&self) -> SecretString {
        self.0.clone()
    }

    /// The key in it.
    pub fn accept(&self) -> Result<SecretString, Failure> {
        accept(self.0.expose_secret())
    }
}

impl serde::Serialize for Carried {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl<'de> serde::Deserialize<'de> for Carried {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Ok(Self(text.as_str().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_key_loses_its_line_end_and_nothing_else() {
        assert_eq!(accept(" sk-abc\r\n").expect("a key").expose_secret(), "sk-abc");
    }

    #[test]
    fn what_is_no_provider_s_key_is_refused_without_repeating_it() {
        for typed in
            ["", "\n", "ek-0123456789abcdef0123456789abcdef", "two words", "sk-ä", "a\nb", &"x".repeat(9000)]
        {
            let failure = accept(typed).expect_err(typed);
            assert_eq!(failure.code, Code::InvalidRequest);
            let said = format!("{failure:?}");
            assert!(typed.trim().is_empty() || !said.contains(typed.trim()), "{said}");
        }
    }

    #[test]
    fn a_key_of_another_vendor_is_noticed_only_where_both_are_certain() {
        let anthropic: SecretString = "sk-ant-api03-abc".into();
        assert!(
            mismatch("openai", &anthropic).expect("a warning").contains("a key of anthropic, not of openai")
        );
        assert_eq!(mismatch("anthropic", &anthropic), None);
        assert_eq!(mismatch("my-proxy", &anthropic), None);
        assert_eq!(mismatch("deepseek", &"sk-abc".into()), None, "several vendors' keys begin with sk-");
    }

    #[test]
    fn four_characters_are_shown_at_most_and_none_of_a_short_key() {
        assert_eq!(last4(&"sk-proj-abcdefgh1234".into()).as_deref(), Some("1234"));
        assert_eq!(last4(&"short-1234".into()), None);
    }

    #[test]
    fn a_carried_key_shows_itself_only_in_the_document() {
        let carried: Carried = serde_json::from_str("\"sk-canary\"").expect("read");
        assert!(!format!("{carried:?}").contains("canary"));
        assert_eq!(serde_json::to_string(&carried).expect("written"), "\"sk-canary\"");
    }
}
