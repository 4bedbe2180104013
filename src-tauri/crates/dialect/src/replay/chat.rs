//! A stored `chat.completion` as chunks.
//!
//! Every choice opens with its role, thinks, speaks, calls, and says why it stops, as OpenAI's own do; choices
//! come one after the other. What no chunk of OpenAI's has is said once: of the answer with the first chunk, of
//! the choice with the last one, of the message behind its text.

use bytes::Bytes;

use super::write::{self, Object, list, next_group, pieces};
use crate::json::{self, Fields, Raw};

/// What every chunk repeats.
pub(super) const HEAD: [&str; 5] = ["id", "created", "model", "service_tier", "system_fingerprint"];

/// What other hosts call the thinking that comes before the text.
const THINKING: [&str; 2] = ["reasoning_content", "reasoning"];

/// What of a message has its own place in a stream.
const PLACED: [&str; 7] =
    ["role", "content", "refusal", "tool_calls", "function_call", THINKING[0], THINKING[1]];

/// The whole stream.
pub(super) fn stream(body: &Fields<'_>, usage_asked: bool) -> Bytes {
    let usage = body.iter().filter(|(name, _)| *name == "usage" && usage_asked).last();
    let mut chunks = Chunks::new(body, usage.is_some());
    let choices = body.items("choices").unwrap_or_default();
    for (position, choice) in choices.objects().enumerate() {
        Choice::read(&choice, position).write(&mut chunks);
    }
    if let Some((name, usage)) = usage.filter(|(_, usage)| !usage.is_null()) {
        chunks.out.extend_from_slice(&chunks.before);
        chunks.out.extend_from_slice(b",\"choices\":[],");
        write::quoted(&mut chunks.out, name);
        chunks.out.push(b':');
        write::flat(&mut chunks.out, usage.get());
        chunks.out.extend_from_slice(b"}\n\n");
    }
    chunks.out.extend_from_slice(b"data: [DONE]\n\n");
    chunks.out.into()
}

/// Writes chunks.
struct Chunks {
    out: Vec<u8>,
    /// What every chunk begins with.
    before: Vec<u8>,
    /// What the first chunk has besides.
    once: Vec<u8>,
    /// Once asked for, it is a field of every chunk.
    usage: bool,
}

impl Chunks {
    fn new(body: &Fields<'_>, usage: bool) -> Self {
        let mut before = b"data: ".to_vec();
        write::object(&mut before, |head| {
            for name in HEAD {
                if let Some((_, value)) = body.iter().filter(|(known, _)| *known == name).last() {
                    head.raw(name, value);
                }
                if name == "id" {
                    head.text("object", "chat.completion.chunk");
                }
            }
        });
        // The object goes on.
        before.pop();
        let mut once = Vec::new();
        let elsewhere = |name: &str| HEAD.contains(&name) || matches!(name, "object" | "choices" | "usage");
        for (name, value) in body.iter().filter(|(name, _)| !elsewhere(name)) {
            once.push(b',');
            write::quoted(&mut once, name);
            once.push(b':');
            write::flat(&mut once, value.get());
        }
        Self { out: Vec::new(), before, once, usage }
    }

    fn write(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        let Self { out, before, once, usage } = self;
        out.extend_from_slice(before);
        out.extend_from_slice(once);
        once.clear();
        out.extend_from_slice(b",\"choices\":[");
        write::object(out, fill);
        out.push(b']');
        if *usage {
            out.extend_from_slice(b",\"usage\":null");
        }
        out.extend_from_slice(b"}\n\n");
    }
}

/// One choice.
struct Choice<'c> {
    index: u64,
    fields: &'c Fields<'c>,
    message: Fields<'c>,
    /// Null included; `None` if the host says nothing of them.
    logprobs: Option<Raw<'c>>,
}

impl<'c> Choice<'c> {
    fn read(fields: &'c Fields<'c>, position: usize) -> Self {
        let index = fields.count("index").unwrap_or(position as u64);
        let message = fields.object("message").unwrap_or_default();
        let logprobs = fields.iter().filter(|(name, _)| *name == "logprobs").last();
        Self { index, fields, message, logprobs: logprobs.map(|(_, value)| value) }
    }

    fn write(&self, chunks: &mut Chunks) {
        self.role(chunks);
        for name in THINKING {
            self.text(name, None, chunks);
        }
        let probabilities = |name| Fields::of(self.logprobs?)?.items(name);
        self.text("content", probabilities("content"), chunks);
        self.text("refusal", probabilities("refusal"), chunks);
        self.others(chunks);
        if let Some(function) = self.message.object("function_call") {
            self.call("function_call", &function, chunks);
        }
        let calls = self.message.items("tool_calls").unwrap_or_default();
        for (index, call) in calls.objects().enumerate() {
            self.tool_call(index, &call, chunks);
        }
        self.end(chunks);
    }

    fn chunk(&self, chunks: &mut Chunks, logprobs: Probabilities<'_>, fill: impl FnOnce(&mut Object<'_>)) {
        chunks.write(|choice| {
            choice.plain("index", &self.index.to_string());
            choice.object("delta", fill);
            self.tell(logprobs, choice);
            choice.plain("finish_reason", "null");
        });
    }

    /// What the host says of probabilities with every chunk, if anything.
    fn tell(&self, logprobs: Probabilities<'_>, choice: &mut Object<'_>) {
        let Some(all) = self.logprobs else { return };
        match (logprobs, Fields::of(all)) {
            (Probabilities::Shape, Some(all)) => choice.object("logprobs", |shape| {
                for (name, value) in all.iter() {
                    if is_list_of_tokens(name, value) {
                        shape.plain(name, "[]");
                    } else {
                        shape.raw(name, value);
                    }
                }
            }),
            (Probabilities::Of(name, tokens), _) if !tokens.is_empty() => {
                choice.object("logprobs", |piece| {
                    piece.with(name, |out| list(out, tokens));
                });
            }
            (Probabilities::Shape, None) => choice.raw("logprobs", all),
            _ => choice.plain("logprobs", "null"),
        }
    }

    /// The first chunk: who speaks, and what there is nothing of.
    fn role(&self, chunks: &mut Chunks) {
        self.chunk(chunks, Probabilities::Shape, |delta| {
            match self.message.get("role") {
                Some(role) => delta.raw("role", role),
                None => delta.text("role", "assistant"),
            }
            for (name, value) in self.message.iter() {
                match name {
                    "content" | "refusal" if json::literal(value).is_some() => {
                        let opens = if name == "content" { "\"\"" } else { "null" };
                        delta.plain(name, opens);
                    }
                    "role" | "tool_calls" => {}
                    _ if value.is_null() => delta.plain(name, "null"),
                    _ => {}
                }
            }
        });
    }

    /// A field of text, in pieces, with the tokens' probabilities beside it, in as many pieces as they need. What is
    /// no text (Mistral's parts) comes in one.
    fn text(&self, name: &str, tokens: Option<json::Items<'_>>, chunks: &mut Chunks) {
        let Some(value) = self.message.get(name) else { return };
        let Some(literal) = json::literal(value) else {
            return self.chunk(chunks, Probabilities::None, |delta| delta.raw(name, value));
        };
        let mut pieces = pieces(literal);
        let mut tokens = tokens.unwrap_or_default();
        loop {
            let (piece, group) = (pieces.next(), next_group(&mut tokens));
            if piece.is_none() && group.is_empty() {
                return;
            }
            self.chunk(chunks, Probabilities::Of(name, &group), |delta| {
                if let Some(piece) = piece {
                    delta.literal(name, piece);
                }
            });
        }
    }

    /// What has no place of its own: annotations, pictures, and what hosts make up.
    fn others(&self, chunks: &mut Chunks) {
        // Where there is a refusal, be it null, a list of annotations goes without saying.
        let refused = self.message.iter().any(|(name, _)| name == "refusal");
        let is_other = |name: &str, value: Raw<'_>| {
            let goes_without_saying = refused
                && name == "annotations"
                && json::items(value).is_some_and(|annotations| annotations.is_empty());
            !PLACED.contains(&name) && !goes_without_saying
        };
        if !self.message.present().any(|(name, value)| is_other(name, value)) {
            return;
        }
        self.chunk(chunks, Probabilities::None, |delta| {
            for (name, value) in self.message.present().filter(|(name, value)| is_other(name, *value)) {
                delta.raw(name, value);
            }
        });
    }

    /// The call of old: `function_call` opens with its name and is filled.
    fn call(&self, name: &str, function: &Fields<'_>, chunks: &mut Chunks) {
        self.chunk(chunks, Probabilities::None, |delta| delta.object(name, |first| opened(function, first)));
        for (field, piece) in fillings(function) {
            self.chunk(chunks, Probabilities::None, |delta| {
                delta.object(name, |more| more.literal(field, piece));
            });
        }
    }

    fn tool_call(&self, index: usize, call: &Fields<'_>, chunks: &mut Chunks) {
        let list = |delta: &mut Object<'_>, fill: &dyn Fn(&mut Object<'_>)| {
            delta.with("tool_calls", |out| {
                out.push(b'[');
                write::object(out, |piece| {
                    piece.count("index", index);
                    fill(piece);
                });
                out.push(b']');
            });
        };
        self.chunk(chunks, Probabilities::None, |delta| {
            list(delta, &|first| {
                for (name, value) in call.iter().filter(|(name, _)| *name != "index") {
                    match Fields::of(value).filter(|_| matches!(name, "function" | "custom")) {
                        Some(function) => first.object(name, |open| opened(&function, open)),
                        None => first.raw(name, value),
                    }
                }
            });
        });
        for kind in ["function", "custom"] {
            let Some(function) = call.object(kind) else { continue };
            for (field, piece) in fillings(&function) {
                self.chunk(chunks, Probabilities::None, |delta| {
                    list(delta, &|more| more.object(kind, |more| more.literal(field, piece)));
                });
            }
        }
    }

    /// The last chunk: why it stopped, and what hosts report on the whole choice.
    fn end(&self, chunks: &mut Chunks) {
        chunks.write(|choice| {
            choice.plain("index", &self.index.to_string());
            choice.object("delta", |_| {});
            self.tell(Probabilities::None, choice);
            if let Some(reason) = self.fields.get("finish_reason") {
                choice.raw("finish_reason", reason);
            }
            let elsewhere =
                |name: &str| matches!(name, "index" | "delta" | "message" | "logprobs" | "finish_reason");
            for (name, value) in self.fields.iter().filter(|(name, _)| !elsewhere(name)) {
                choice.raw(name, value);
            }
        });
    }
}

/// What a chunk says of probabilities.
#[derive(Clone, Copy)]
enum Probabilities<'t> {
    /// Nothing.
    None,
    /// Which lists there will be, still empty.
    Shape,
    /// These tokens', of the content or the refusal.
    Of(&'t str, &'t [Raw<'t>]),
}

fn is_list_of_tokens(name: &str, value: Raw<'_>) -> bool {
    matches!(name, "content" | "refusal") && value.is_list()
}

/// What a call is filled with piece by piece.
fn is_filled(name: &str) -> bool {
    matches!(name, "arguments" | "input")
}

/// A call as it opens: named, and not filled yet.
fn opened(function: &Fields<'_>, first: &mut Object<'_>) {
    for (name, value) in function.iter() {
        match json::literal(value).filter(|_| is_filled(name)) {
            Some(_) => first.text(name, ""),
            None => first.raw(name, value),
        }
    }
}

/// The pieces that it is filled with.
fn fillings<'f>(function: &'f Fields<'_>) -> impl Iterator<Item = (&'static str, &'f str)> {
    ["arguments", "input"].into_iter().flat_map(|name| {
        let literal = function.get(name).and_then(json::literal).unwrap_or_default();
        pieces(literal).map(move |piece| (name, piece))
    })
}
