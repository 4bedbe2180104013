//! `[providers.NAME]`: one place that answers requests.

use url::Url;

use crate::Glob;

/// The wire format a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's Chat Completions and what belongs to it.
    OpenAi,
    /// Anthropic's Messages.
    Anthropic,
}

impl Dialect {
    /// As it is written in the file: `openai` or `anthropic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// Where the provider's key comes from. The key itself never stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The keychain of the operating system, by the provider's name.
    Keychain,
    /// The environment variable of this name.
    Env(String),
    /// The provider needs no key.
    None,
}

/// For which requests the first token is watched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// For all: a request that does not stream is sent as one that does, and its body assembled.
    Always,
    /// Only for requests that stream anyway.
    Streams,
}

/// Whether stable parts of a prompt are marked for Anthropic's prompt cache, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptCaching {
    /// Never marked.
    Off,
    /// Marked for five minutes.
    FiveMinutes,
    /// Marked for an hour.
    OneHour,
}

/// One provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name in routes, headers and the ledger; never `primary` or `secondary`.
    pub name: String,
    /// The wire formats it speaks, at least one, none twice.
    pub dialects: Vec<Dialect>,
    /// Where it is reached; see [`Provider::url`] for how paths are put on it.
    pub base_url: Url,
    /// Where its key comes from.
    pub key: KeySource,
    /// The models it serves under their own names.
    pub models: Vec<Glob>,
    /// The model to ask for when it doesn't serve the one that the client named.
    pub default_model: Option<String>,
    /// For which requests the first token is watched for.
    pub watch: Watch,
    /// Whether it serves `/v1/responses` itself.
    pub responses: bool,
    /// The model that the guardrail step `cheaper` asks for.
    pub cheaper_model: Option<String>,
    /// Headers sent with every request to it: valid names in lower case, no credentials.
    pub headers: Vec<(String, String)>,
    /// The proxy to reach it through, in place of the system's setting.
    pub proxy: Option<Url>,
    /// Marks for Anthropic's prompt cache.
    pub prompt_caching: PromptCaching,
}

impl Provider {
    /// One of the two simulated providers: no key, every model.
    pub(super) fn practice(name: &str, dialect: Dialect, base_url: Url) -> Self {
        Self {
            name: name.to_owned(),
            dialects: vec![dialect],
            base_url,
            key: KeySource::None,
            models: super::everything(),
            default_model: None,
            watch: Watch::Always,
            responses: false,
            cheaper_model: None,
            headers: Vec::new(),
            proxy: None,
            prompt_caching: PromptCaching::FiveMinutes,
        }
    }

    /// Whether it speaks this wire format.
    pub fn speaks(&self, dialect: Dialect) -> bool {
        self.dialects.contains(&dialect)
    }

    /// Whether it serves the model under that name.
    pub fn serves(&self, model: &str) -> bool {
        self.models.iter().any(|glob| glob.matches(model))
    }

    /// The address of an endpoint at this provider. `path` is the path at Evenkeel, such as
    /// `/v1/chat/completions`.
    ///
    /// The vendors count `/v1` differently: it is part of an OpenAI base URL and not of an Anthropic one.
    /// People get that wrong, and a host that speaks both has only one base URL, so both forms are taken:
    /// for OpenAI `/v1` is added to a base URL without any path, for Anthropic it is taken off the end.
    pub fn url(&self, dialect: Dialect, path: &str) -> Url {
        let base = self.base_url.path().trim_end_matches('/');
        let rest = path.strip_prefix("/v1").unwrap_or(path);
        let full = match dialect {
            Dialect::OpenAi if base.is_empty() => format!("/v1{rest}"),
            Dialect::OpenAi => format!("{base}{rest}"),
            Dialect::Anthropic => format!("{}/v1{rest}", base.strip_suffix("/v1").unwrap_or(base)),
        };
        let mut url = self.base_url.clone();
        url.set_path(&full);
        url
    }
}
