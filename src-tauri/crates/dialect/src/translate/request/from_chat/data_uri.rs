//! `data:image/png;base64,…`: how Chat Completions carries files.

use std::borrow::Cow;

/// The parts of a data URI.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DataUri<'a> {
    /// In lower case, without parameters; empty if it says none.
    pub(super) media_type: String,
    /// As it stands there.
    data: &'a str,
    base64: bool,
}

impl<'a> DataUri<'a> {
    /// `None` if it is another kind of address.
    pub(super) fn parse(uri: &'a str) -> Option<Self> {
        let (scheme, rest) = uri.trim_start().split_at_checked("data:".len())?;
        if !scheme.eq_ignore_ascii_case("data:") {
            return None;
        }
        let (header, data) = rest.split_once(',')?;
        let mut parameters = header.split(';').map(str::trim);
        let media_type = parameters.next().unwrap_or_default().to_ascii_lowercase();
        let base64 = parameters.any(|parameter| parameter.eq_ignore_ascii_case("base64"));
        Some(Self { media_type, data, base64 })
    }

    /// The base64 without line breaks; `None` if there is none.
    pub(super) fn base64(&self) -> Option<Cow<'a, str>> {
        let data = without_breaks(self.data);
        (self.base64 && !data.is_empty()).then_some(data)
    }
}

/// Mail programs and some encoders break base64 into lines, which providers refuse.
pub(super) fn without_breaks(data: &str) -> Cow<'_, str> {
    if data.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return Cow::Owned(data.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    }
    Cow::Borrowed(data)
}
