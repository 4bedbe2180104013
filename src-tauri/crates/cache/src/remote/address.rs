//! Where Redis is, with a password that nobody sees.

use std::fmt;

use url::Url;
use zeroize::Zeroizing;

/// An address such as `rediss://user:password@cache.example:6380/2`.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress {
    whole: Zeroizing<String>,
    shown: String,
    password: Option<Zeroizing<String>>,
}

/// Why it is none. Never quotes it, for there may be a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRedisAddress {
    /// Not a URL, another scheme, or no host.
    #[error("it must look like redis://host:6379 or rediss://user:password@host:6380/0")]
    Form,
    /// What follows the host is no number.
    #[error(
        "after the host may stand the number of a database and nothing else, such as redis://host:6379/2"
    )]
    Database,
    /// A query or a fragment, for example one that would turn certificates off.
    #[error("it may have no ? and no # part; certificates are always verified")]
    Extra,
}

impl RedisAddress {
    /// Checks and takes it.
    pub fn parse(text: &str) -> Result<Self, BadRedisAddress> {
        let url = Url::parse(text.trim()).map_err(|_| BadRedisAddress::Form)?;
        if !matches!(url.scheme(), "redis" | "rediss") || url.host_str().is_none_or(str::is_empty) {
            return Err(BadRedisAddress::Form);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BadRedisAddress::Extra);
        }
        let database = url.path().trim_matches('/');
        if !database.is_empty() && database.parse::<u32>().is_err() {
            return Err(BadRedisAddress::Database);
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default());
        let password = url.password().map(|password| Zeroizing::new(password.to_owned()));
        Ok(Self { whole: Zeroizing::new(url.into()), shown, password })
    }

    /// All of it, for whoever connects.
    pub(crate) fn whole(&self) -> &str {
        &self.whole
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.whole.starts_with("rediss:")
    }

    /// Somebody else's words about it, without the password should they quote it.
    pub(crate) fn redact(&self, text: &str) -> String {
        match &self.password {
            Some(password) if !password.is_empty() => text.replace(password.as_str(), "…"),
            _ => text.to_owned(),
        }
    }
}

/// Without user and password.
impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown_and_never_quoted_by_an_error() {
        let address = RedisAddress::parse("rediss://ann:canary@cache.example:6380/2").unwrap();
        assert_eq!(address.to_string(), "rediss://cache.example:6380");
        assert!(!format!("{address:?}").contains("canary"));
        assert_eq!(address.redact("no canary here"), "no … here");
        for bad in
            ["redis://:canary@", "http://:canary@a", "redis://:canary@a/x", "rediss://:canary@a#insecure"]
        {
            let error = RedisAddress::parse(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{bad}");
        }
    }

    #[test]
    fn certificates_cannot_be_turned_off() {
        assert_eq!(RedisAddress::parse("rediss://a#insecure"), Err(BadRedisAddress::Extra));
    }
}
