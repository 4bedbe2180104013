//! What is right, step by step: each looks at the line that a script printed for its step.

use serde_json::{Value, json};

/// Fails with these words.
fn wrong<T>(what: &str) -> Result<T, String> {
    Err(what.to_owned())
}

fn text(seen: &Value) -> &str {
    seen["text"].as_str().unwrap_or_default()
}

fn written_by(seen: &Value, by: &str) -> Result<(), String> {
    if text(seen).contains(by) { Ok(()) } else { Err(format!("the text is not by {by}")) }
}

/// Tokens in and out, as the client shows them to its user.
fn counted(seen: &Value) -> Result<(), String> {
    let some = |name: &str| seen[name].as_u64().is_some_and(|tokens| tokens > 0);
    if some("input") && some("output") { Ok(()) } else { wrong("the client doesn't see the usage") }
}

fn ended(seen: &Value, words: &[&str]) -> Result<(), String> {
    match seen["finish"].as_str() {
        Some(finish) if !words.contains(&finish) => wrong("it ended for another reason"),
        _ => Ok(()),
    }
}

/// A whole answer to the greeting that every script starts with.
pub fn answer(seen: &Value, by: &str) -> Result<(), String> {
    ended(seen, &["stop"])?;
    counted(seen)?;
    greeted(seen, by)
}

/// The same where the client speaks the Anthropic dialect, which has another word for the end.
pub fn message(seen: &Value, by: &str) -> Result<(), String> {
    ended(seen, &["end_turn"])?;
    counted(seen)?;
    greeted(seen, by)
}

/// An answer of which the client shows the text alone.
pub fn greeted(seen: &Value, by: &str) -> Result<(), String> {
    written_by(seen, by)?;
    if text(seen).contains("\"Hello to the keel\"") { Ok(()) } else { wrong("the prompt did not arrive") }
}

fn in_pieces(seen: &Value) -> Result<(), String> {
    let many = seen["pieces"].as_u64().is_some_and(|pieces| pieces > 5);
    if many { Ok(()) } else { wrong("it did not come in pieces") }
}

/// An answer that came piece by piece.
pub fn answer_in_pieces(seen: &Value, by: &str) -> Result<(), String> {
    answer(seen, by).and_then(|()| in_pieces(seen))
}

/// The same in the Anthropic dialect.
pub fn message_in_pieces(seen: &Value, by: &str) -> Result<(), String> {
    message(seen, by).and_then(|()| in_pieces(seen))
}

/// The first and the last event are what the Anthropic dialect promises.
pub fn message_events(seen: &Value, _: &str) -> Result<(), String> {
    let ends = (seen["first"].as_str(), seen["last"].as_str());
    if ends == (Some("message_start"), Some("message_stop")) { Ok(()) } else { wrong("the ends are wrong") }
}

/// The events of a response in the order in which the vendor sends them, whatever lies between them.
pub fn response_events(seen: &Value, by: &str) -> Result<(), String> {
    answer_in_pieces(seen, by)?;
    let kinds: Vec<&str> = seen["kinds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut rest = kinds.iter();
    let order = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    for kind in order {
        if !rest.any(|seen| *seen == kind) {
            return Err(format!("{kind} is missing or in the wrong place"));
        }
    }
    if rest.next().is_none() { Ok(()) } else { wrong("something follows the end") }
}

/// The tools that were called, in order, each with the argument that its schema requires.
fn called(seen: &Value, names: &[&str]) -> Result<(), String> {
    let calls = seen["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !calls.iter().map(|call| call[0].as_str()).eq(names.iter().copied().map(Some)) {
        return wrong("these are not the calls");
    }
    let whole = |call: &Value| call[1]["place"].as_str().is_some_and(|place| !place.is_empty());
    if calls.iter().all(whole) { Ok(()) } else { wrong("an argument is missing") }
}

/// Three turns: a call, a second call because of its result, and an answer that quotes what the second gave.
pub fn tools_in_turn(seen: &Value, by: &str) -> Result<(), String> {
    called(seen, &["get_weather", "get_tide"])?;
    written_by(seen, by)?;
    if seen["turns"] != 3 {
        return wrong("it is not three turns");
    }
    if text(seen).contains("High water at noon") { Ok(()) } else { wrong("the last result is not quoted") }
}

/// Two turns: both calls in one answer, and an answer that quotes both results.
pub fn tools_at_once(seen: &Value, by: &str) -> Result<(), String> {
    called(seen, &["get_weather", "get_tide"])?;
    written_by(seen, by)?;
    if seen["turns"] != 2 {
        return wrong("it is not two turns");
    }
    let quoted = ["Sunny intervals", "High water at noon"].iter().all(|result| text(seen).contains(result));
    if quoted { Ok(()) } else { wrong("a result is not quoted") }
}

/// One call, because the client demanded one.
pub fn one_call(seen: &Value, _: &str) -> Result<(), String> {
    called(seen, &["get_weather"])
}

/// An object that fits the schema, as the client parsed it.
pub fn voyage(seen: &Value, _: &str) -> Result<(), String> {
    let value = &seen["value"];
    let ports = value["ports"].as_array().is_some_and(|ports| ports.iter().all(Value::is_string));
    if value["title"].is_string() && value["days"].is_i64() && ports {
        Ok(())
    } else {
        wrong("it does not fit")
    }
}

/// An answer to a picture, which arrived whole.
pub fn pictured(seen: &Value, by: &str) -> Result<(), String> {
    greeted(seen, by)?;
    if text(seen).contains("image/png, 70 bytes") { Ok(()) } else { wrong("the picture did not arrive") }
}

/// An answer of which the client asked for a few tokens only.
pub fn cut_short(seen: &Value, _: &str) -> Result<(), String> {
    let short = !text(seen).is_empty() && text(seen).len() < 60;
    if short { ended(seen, &["length", "max_tokens"]) } else { wrong("it was not cut") }
}

/// The headers by which a client can tell who answered.
pub fn headers(seen: &Value, by: &str) -> Result<(), String> {
    let served_by = if by == "practice-a" { "primary" } else { "secondary" };
    let headers = &seen["headers"];
    let facts =
        ["x-evenkeel-served-by", "x-evenkeel-provider", "x-evenkeel-practice"].map(|name| &headers[name]);
    if json!(facts) != json!([served_by, by, "true"]) || !headers["x-evenkeel-id"].is_string() {
        return wrong("the headers don't tell");
    }
    greeted(seen, by)
}

/// A list, and the same for one of it.
pub fn models(seen: &Value, _: &str) -> Result<(), String> {
    let first = &seen["models"][0];
    if first.is_string() && *first == seen["one"] { Ok(()) } else { wrong("no models") }
}

/// Two vectors of one length.
pub fn vectors(seen: &Value, _: &str) -> Result<(), String> {
    let lengths = seen["vectors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let some = lengths.len() == 2 && lengths[0] == lengths[1] && lengths[0].as_u64() > Some(0);
    if some && seen["input"].as_u64() > Some(0) { Ok(()) } else { wrong("no vectors") }
}

/// A count of input tokens.
pub fn tokens(seen: &Value, _: &str) -> Result<(), String> {
    if seen["input"].as_u64() > Some(0) { Ok(()) } else { wrong("no count") }
}

/// A stream without the usage that nobody asked for.
pub fn nothing_unasked(seen: &Value, _: &str) -> Result<(), String> {
    if seen["unasked"] == 0 { Ok(()) } else { wrong("there is usage that nobody asked for") }
}

/// An error of this status whose text tells the user what to do.
pub fn refused(seen: &Value, status: u16, words: &str) -> Result<(), String> {
    if seen["status"] != status {
        return Err(format!("it is not a {status}"));
    }
    let told = seen["message"].as_str().is_some_and(|message| message.contains(words));
    if told { Ok(()) } else { Err(format!("it doesn't say {words:?}")) }
}

/// The same, as the exception that the client documents for it.
pub fn raised(seen: &Value, kind: &str, status: u16, words: &str) -> Result<(), String> {
    if seen["error"] != kind {
        return Err(format!("it is not {kind}"));
    }
    refused(seen, status, words)
}

/// Something came, and then an error of this kind: never an end that looks like one.
pub fn broke_off(seen: &Value, kinds: &[&str]) -> Result<(), String> {
    if !kinds.iter().any(|kind| seen["error"] == *kind) {
        return Err(format!("it is not {}", kinds.join(" or ")));
    }
    if seen["message"] == "" {
        return wrong("the error says nothing");
    }
    if seen["pieces"] == 0 { wrong("nothing came before the break") } else { Ok(()) }
}
