//! Responses read: a whole response, to [`Event`]s.
//!
//! What another API can't say is left out: the provider's own tools, annotations, encrypted thinking, items that
//! are not known yet.

use std::borrow::Cow;

use super::ids;
use crate::Dialect;
use crate::canon::{Event, Finish, FinishReason};
use crate::fold::FoldError;
use crate::json::{self, Fields};
use crate::stream::responses::failure;
use crate::translate::ToolOrigin;
use crate::usage::Usage;

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Reader {
    stem: String,
    /// Tool calls so far, which is the next one's ordinal.
    calls: usize,
    refused: bool,
}

impl Reader {
    /// `stem` goes into the ids of calls that come without one.
    pub(super) fn new(stem: String) -> Self {
        Self { stem, calls: 0, refused: false }
    }

    /// Takes one event; true if it is the last one, which says everything once more.
    pub(super) fn event(
        &mut self,
        name: Option<&str>,
        event: &Fields<'_>,
        events: &mut Vec<Event>,
    ) -> Result<bool, FoldError> {
        let response = event.object("response");
        let kind = event.text("type");
        match (kind.as_deref().or(name), response) {
            (Some("response.completed" | "response.incomplete"), Some(response)) => {
                self.response(&response, events).map(|()| true)
            }
            (Some("response.completed" | "response.incomplete"), None) => {
                Err(FoldError::malformed("the last event has no response"))
            }
            (Some("response.failed"), response) => Err(FoldError::Failed(failure(response.as_ref()))),
            (Some("response.error"), _) => Err(FoldError::Failed(failure(Some(event)))),
            _ => Ok(false),
        }
    }

    /// A whole body.
    pub(super) fn response(&mut self, body: &Fields<'_>, events: &mut Vec<Event>) -> Result<(), FoldError> {
        let output = body.items("output").ok_or_else(|| FoldError::malformed("`output` is no list"))?;
        let owned = |name| body.text(name).map(Cow::into_owned);
        events.push(Event::Start { id: owned("id"), model: owned("model") });
        let usage = body.get("usage").map(|usage| Usage::of(Dialect::OpenAi, usage));
        events.extend(usage.filter(|usage| !usage.is_empty()).map(Event::Usage));
        for item in output.objects() {
            let kind = item.text("type");
            match kind.as_deref() {
                Some("message") => self.message(&item, events),
                Some("reasoning") => think(&item, events),
                Some("function_call") => {
                    let arguments = item.text("arguments").map(Cow::into_owned);
                    self.call(&item, arguments, events);
                }
                Some("custom_tool_call") => {
                    let input = item.text("input").unwrap_or_default();
                    self.call(&item, Some(ToolOrigin::arguments_of(&input)), events);
                }
                _ => {}
            }
        }
        events.extend([Event::Finish(self.finish(body)), Event::End]);
        Ok(())
    }

    fn message(&mut self, item: &Fields<'_>, events: &mut Vec<Event>) {
        if let Some(text) = item.text("content") {
            events.push(Event::Text(text.into_owned()));
        }
        for part in item.items("content").unwrap_or_default().objects() {
            let kind = part.text("type");
            match (kind.as_deref(), part.text("refusal"), part.text("text")) {
                (Some("refusal"), Some(refusal), _) => {
                    self.refused = true;
                    events.push(Event::Refusal(refusal.into_owned()));
                }
                (Some("output_text" | "text"), _, Some(text)) => events.push(Event::Text(text.into_owned())),
                _ => {}
            }
        }
    }

    fn call(&mut self, item: &Fields<'_>, arguments: Option<String>, events: &mut Vec<Event>) {
        // Without a name nobody can make the call.
        let Some(name) = item.text("name") else { return };
        let ordinal = self.calls;
        self.calls += 1;
        let id = item.text("call_id").or_else(|| item.text("id"));
        let id = id.map_or_else(|| ids::call(&self.stem, ordinal), Cow::into_owned);
        events.push(Event::CallStart { ordinal, id, name: name.into_owned() });
        events.extend(arguments.map(|fragment| Event::CallArguments { ordinal, fragment }));
        events.push(Event::CallEnd { ordinal });
    }

    /// A limit or a filter is told beside the status; calls and refusals are told by their items alone.
    fn finish(&self, body: &Fields<'_>) -> Finish {
        let incomplete = body.text("status").as_deref() == Some("incomplete");
        let details = body.object("incomplete_details").filter(|_| incomplete);
        let word = details.as_ref().and_then(|details| details.text("reason"));
        let reason = match word.as_deref() {
            Some("content_filter") => FinishReason::Refusal,
            _ if incomplete => FinishReason::Length,
            _ if self.refused => FinishReason::Refusal,
            _ => FinishReason::Stop,
        };
        Finish { reason, stop_sequence: None }
    }
}

/// Thinking, as far as it is shown: in full where the host does so, else the parts of its summary, which are
/// paragraphs.
fn think(item: &Fields<'_>, events: &mut Vec<Event>) {
    let texts = |name| {
        let parts = item.items(name).unwrap_or_default().objects();
        parts.filter_map(|part| part.get("text").and_then(json::text).map(Cow::into_owned))
    };
    let mut shown: Vec<String> = texts("content").filter(|text| !text.is_empty()).collect();
    if shown.is_empty() {
        shown = texts("summary").filter(|text| !text.is_empty()).collect();
    }
    if !shown.is_empty() {
        events.push(Event::Thinking(shown.join("\n\n")));
    }
}
