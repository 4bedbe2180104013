//! A provider's error body, whatever shape it came in.
//!
//! Errors come from the provider, from a gateway in front of it, from a proxy, or from a framework that the
//! host is built on; what they have in common is that somebody wrote a sentence. Nothing here fails: an
//! unreadable body is an error without a message.

use std::borrow::Cow;

use crate::Dialect;
use crate::json::{self, Fields, Raw};

mod redact;

/// Characters of a provider's message that are kept in the ledger.
const SHORT: usize = 300;
/// Characters kept of a body that is plain text; what lies behind is no message any more.
const PLAIN: usize = 2_000;

/// OpenAI's code for a conversation that doesn't fit.
pub const TOO_LONG: &str = "context_length_exceeded";

/// An error as a provider told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderError {
    /// The HTTP status; for an error within a 2xx answer or a stream, the status that the vendor gives that
    /// kind of error, so that it can be classified like any other.
    pub status: u16,
    /// The machine-readable reason, the finest there is: `context_length_exceeded`, `insufficient_quota`;
    /// for Anthropic `error.details.error_code`.
    pub code: Option<String>,
    /// The error's type: `invalid_request_error`, `overloaded_error`.
    pub kind: Option<String>,
    /// The provider's own words, unshortened. May quote a key: use [`ProviderError::short_message`] wherever
    /// it is stored or shown.
    pub message: Option<String>,
}

impl ProviderError {
    /// Reads the body of an answer with a status of 400 or above.
    pub fn read(dialect: Dialect, status: u16, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let body = body.trim().trim_start_matches('\u{feff}');
        let mut error = Self { status, ..Self::default() };
        match body.as_bytes().first() {
            None => {}
            Some(b'<') => error.message = Some(html_title(body)),
            Some(_) => match Raw::parse(body) {
                Some(value) => error.take_json(dialect, value),
                None => error.message = Some(body.chars().take(PLAIN).collect()),
            },
        }
        error
    }

    /// Reads an error that came where an answer was due: in a stream, or in a body with status 200.
    pub(crate) fn in_band(dialect: Dialect, value: Raw<'_>) -> Self {
        let mut error = Self::default();
        error.take_json(dialect, value);
        error.status = error.implied_status();
        error
    }

    /// The message for ledger, log and screen: secrets taken out, at most 300 characters.
    pub fn short_message(&self) -> Option<String> {
        let message = redact::secrets(self.message.as_deref()?);
        if message.chars().count() <= SHORT {
            return Some(message);
        }
        Some(message.chars().take(SHORT - 1).chain(['…']).collect())
    }

    /// The conversation doesn't fit the model's context window. Tools shorten it and go on when they read that, so
    /// it has to be told in the client's own terms.
    pub fn is_too_long(&self) -> bool {
        const WORDS: [&str; 4] = [
            "prompt is too long",
            "maximum context length",
            "exceeds the context window",
            // "input length and `max_tokens` exceed context limit"
            "exceed context limit",
        ];
        let said = || self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        self.code.as_deref() == Some(TOO_LONG)
            || (matches!(self.status, 400 | 413) && WORDS.iter().any(|words| said().contains(words)))
    }

    fn take_json(&mut self, dialect: Dialect, value: Raw<'_>) {
        if let Some(text) = json::text(value) {
            self.message = Some(text.into_owned());
        } else if let Some(first) = json::items(value).and_then(|mut items| items.next()) {
            // Google wraps its envelope in a list of one.
            if first.is_object() {
                self.take_json(dialect, first);
            }
        } else if let Some(outer) = Fields::of(value) {
            self.take_fields(dialect, &outer);
        }
    }

    fn take_fields(&mut self, dialect: Dialect, outer: &Fields<'_>) {
        let error = outer.get("error");
        if let Some(inner) = error.and_then(Fields::of) {
            self.take_reason(dialect, &inner);
        }
        // Whatever the inner object lacks may stand beside it: `{"error":"text","code":…}`, `{"detail":…}`.
        self.take_reason(dialect, outer);
        if self.message.is_none() {
            let known = ["detail", "details", "msg", "error_description", "title", "errors"];
            let mut sentence = error.into_iter().chain(known.into_iter().filter_map(|name| outer.get(name)));
            self.message = sentence.find_map(sentence_of);
        }
    }

    fn take_reason(&mut self, dialect: Dialect, fields: &Fields<'_>) {
        let detailed = fields.object("details").and_then(|details| details.text("error_code"));
        let plain = fields.get("code").and_then(word);
        let code = match dialect {
            Dialect::Anthropic => detailed.or(plain),
            Dialect::OpenAi => plain.or(detailed),
        };
        // Google puts the kind into `status`; as a number that field repeats the HTTP status.
        let kind = fields.text("type").filter(|kind| kind != "error").or_else(|| fields.text("status"));
        let own = |text: Cow<'_, str>| text.into_owned();
        self.code = self.code.take().or(code.map(own));
        self.kind = self.kind.take().or(kind.map(own));
        self.message = self.message.take().or(fields.text("message").map(own));
    }

    /// What HTTP would have said, from code and type as both vendors document them.
    fn implied_status(&self) -> u16 {
        if let Some(status) = self.code.as_deref().and_then(|code| code.parse().ok())
            && (400..=599).contains(&status)
        {
            return status;
        }
        let known = [self.code.as_deref(), self.kind.as_deref()];
        match known.into_iter().flatten().find_map(status_of).unwrap_or(500) {
            // OpenAI's type for both is `server_error`; with a status of its own it would have been a 503.
            500 if self.says_overloaded() => 503,
            status => status,
        }
    }

    fn says_overloaded(&self) -> bool {
        self.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains("overloaded"))
    }
}

fn status_of(word: &str) -> Option<u16> {
    Some(match word {
        // The second line is what the Responses API reports of a request that it took and then would not answer.
        "invalid_request_error"
        | "context_length_exceeded"
        | "INVALID_ARGUMENT"
        | "invalid_prompt"
        | "bio_policy"
        | "misalignment_policy_violation" => 400,
        "authentication_error" | "invalid_api_key" | "UNAUTHENTICATED" => 401,
        "billing_error" => 402,
        "permission_error" | "PERMISSION_DENIED" => 403,
        "not_found_error" | "model_not_found" | "NOT_FOUND" => 404,
        "conflict_error" => 409,
        "request_too_large" => 413,
        "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" | "RESOURCE_EXHAUSTED" => 429,
        "api_error" | "server_error" | "internal_error" | "INTERNAL" => 500,
        "server_is_overloaded" | "server_overloaded" | "slow_down" | "UNAVAILABLE" => 503,
        "timeout_error" | "DEADLINE_EXCEEDED" => 504,
        "overloaded_error" => 529,
        _ if is_about_an_image(word) => 400,
        _ => return None,
    })
}

/// The Responses API has a dozen codes for an image that it can't use: `invalid_image_url`, `image_too_large`,
/// `failed_to_download_image`, `unsupported_image_media_type`, …
fn is_about_an_image(code: &str) -> bool {
    let starts = ["image_", "invalid_image", "invalid_base64_image", "failed_to_download_image"];
    starts.into_iter().any(|start| code.starts_with(start))
        || ["unsupported_image_media_type", "empty_image_file"].contains(&code)
}

/// A code, which some hosts give as a number.
fn word(value: Raw<'_>) -> Option<Cow<'_, str>> {
    match json::text(value) {
        Some(text) => Some(text).filter(|text| !text.is_empty()),
        None => value.get().parse::<u64>().is_ok().then(|| Cow::Borrowed(value.get())),
    }
}

/// Something that reads like a sentence, for the shapes of frameworks: a string, or a list of objects with
/// `msg` or `message` each (`FastAPI` reports invalid fields so).
fn sentence_of(value: Raw<'_>) -> Option<String> {
    if let Some(text) = json::text(value) {
        return Some(text.into_owned()).filter(|text| !text.is_empty());
    }
    if let Some(fields) = Fields::of(value) {
        return fields.text("message").or_else(|| fields.text("msg")).map(Cow::into_owned);
    }
    let sentences: Vec<String> = json::items(value)?
        .filter_map(|item| match Fields::of(item) {
            Some(fields) => fields.text("message").or_else(|| fields.text("msg")),
            None => json::text(item),
        })
        .map(Cow::into_owned)
        .collect();
    Some(sentences.join("; ")).filter(|text| !text.is_empty())
}

/// An HTML page's title says most of what there is to say: "502 Bad Gateway".
fn html_title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = || {
        let open = lower.find("<title")?;
        let start = open + lower[open..].find('>')? + 1;
        let end = start + lower[start..].find("</title")?;
        Some(page[start..end].split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|title| !title.is_empty())
    };
    title().map_or_else(|| "an HTML page".to_owned(), |title| format!("an HTML page titled \"{title}\""))
}

#[cfg(test)]
mod tests;
