//! Events of OpenAI's Responses to a `response`.
//!
//! The last event carries the whole response, and that is the body, byte for byte. Only hosts that leave its
//! `output` out there get it put together from the items that were reported done before.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::FoldError;
use crate::json::{self, Fields};
use crate::stream::responses::failure;

/// The answer so far.
#[derive(Debug, Default)]
pub(super) struct Response {
    /// Items as they were reported done, by their place in the output.
    items: BTreeMap<u64, String>,
    body: Option<String>,
}

impl Response {
    /// Takes one event; true if it is the last one.
    pub(super) fn add(&mut self, name: Option<&str>, event: &Fields<'_>) -> Result<bool, FoldError> {
        let kind = event.text("type");
        match kind.as_deref().or(name) {
            Some("response.output_item.done") => {
                if let Some(item) = event.get("item").filter(|item| item.get().starts_with('{')) {
                    let next = self.items.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
                    let index = event.count("output_index").unwrap_or(next);
                    self.items.insert(index, item.get().to_owned());
                }
            }
            Some("response.completed" | "response.incomplete") => {
                let response = event.get("response").filter(|response| response.get().starts_with('{'));
                let response =
                    response.ok_or_else(|| FoldError::malformed("the last event has no response"))?;
                self.body = Some(self.whole(response.get())?);
                return Ok(true);
            }
            Some("response.failed") => {
                return Err(FoldError::Failed(failure(event.object("response").as_ref())));
            }
            Some("response.error") => return Err(FoldError::Failed(failure(Some(event)))),
            // Lifecycle, deltas, and whatever comes next year.
            _ => {}
        }
        Ok(false)
    }

    fn whole(&self, response: &str) -> Result<String, FoldError> {
        let broken = |_| FoldError::malformed("the last event's response is no JSON object");
        let fields = Fields::parse(response).map_err(broken)?;
        let known = fields.items("output");
        if self.items.is_empty() || known.is_some_and(|items| !items.is_empty()) {
            return Ok(response.to_owned());
        }
        let items: Vec<&str> = self.items.values().map(String::as_str).collect();
        let output = format!("[{}]", items.join(","));
        let mut body = String::with_capacity(response.len() + output.len());
        body.push('{');
        for (name, value) in fields.iter().filter(|(name, _)| *name != "output") {
            body.extend([&json::quoted(name), ":", value.get(), ","]);
        }
        body.extend(["\"output\":", &output, "}"]);
        Ok(body)
    }

    pub(super) fn finish(self) -> Result<Bytes, FoldError> {
        let body = self.body.ok_or_else(|| FoldError::malformed("the stream had no finished response"))?;
        Ok(body.into())
    }
}
