//! Three books about the same requests, and how they have to agree.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::harness::CHAT;
use crate::harness::raw::Raw;
use crate::harness::wording::{INPUT_TOKENS, WORD, WORDS};

/// 9 tokens at a dollar a million and 8 at two: what one answer costs.
const COST_USD: f64 = 0.000_025;

/// One request as its client made it.
pub struct Asked {
    pub id: String,
    pub path: &'static str,
    pub body: Value,
    pub stream: bool,
    pub impatient: bool,
}

/// What its client made of the answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    Whole,
    /// A stream that ended in an error event.
    Broken,
    Refused(u16),
    HungUp,
}

/// Reads an answer as strictly as a client can; anything that is neither whole nor an honest error fails the test.
pub fn ending(asked: &Asked, status: u16, body: &str) -> Ending {
    if status != 200 {
        let error: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
        assert!(error["error"]["message"].is_string(), "{status} {body}");
        return Ending::Refused(status);
    }
    let words = body.matches(WORD).count();
    if !asked.stream {
        assert_eq!(words, WORDS, "{} is not what the provider said: {body}", asked.id);
        return Ending::Whole;
    }
    let last = if asked.path == CHAT { "data: [DONE]" } else { "event: message_stop" };
    let (finished, failed) = (body.contains(last), body.contains("\"error\""));
    match (finished && words == WORDS, failed) {
        (true, false) => Ending::Whole,
        (false, true) if !finished => Ending::Broken,
        _ => panic!("{} is neither whole nor broken: {words} words, {body}", asked.id),
    }
}

/// How many requests ended how.
pub fn summary(seen: &[(Asked, Ending, usize)]) -> String {
    let count = |wanted: fn(&Ending) -> bool| seen.iter().filter(|(_, ending, _)| wanted(ending)).count();
    format!(
        "{} requests: {} whole, {} broken and told, {} refused, {} left by their client",
        seen.len(),
        count(|ending| *ending == Ending::Whole),
        count(|ending| *ending == Ending::Broken),
        count(|ending| matches!(ending, Ending::Refused(_))),
        count(|ending| *ending == Ending::HungUp),
    )
}

/// A row's tries.
fn attempts(row: &Value) -> &[Value] {
    row["attempts"].as_array().map_or(&[], Vec::as_slice)
}

/// The clients' book against the ledger, and the ledger against the providers'.
pub fn agree(seen: &[(Asked, Ending, usize)], rows: &[Value], providers: &[(&str, &Raw)]) {
    let by_id: HashMap<&str, &Value> =
        rows.iter().map(|row| (row["id"].as_str().expect("an id"), row)).collect();
    assert_eq!(by_id.len(), rows.len(), "a request stands in the ledger twice");
    assert_eq!(rows.len(), seen.len());
    for (asked, ending, attempts) in seen {
        let row = by_id.get(asked.id.as_str()).unwrap_or_else(|| panic!("{} has no row", asked.id));
        client_agrees(asked, ending, *attempts, row);
    }
    for (name, provider) in providers {
        provider_agrees(name, provider, rows);
    }
    // Faults on both sides, or this test shows nothing.
    for wanted in [Ending::Whole, Ending::Broken, Ending::HungUp] {
        assert!(seen.iter().any(|(_, ending, _)| *ending == wanted), "no request ended {wanted:?}");
    }
}

fn client_agrees(asked: &Asked, ending: &Ending, tries: usize, row: &Value) {
    let (status, outcome) =
        (row["status"].as_u64().unwrap_or(0), row["outcome"].as_str().unwrap_or_default());
    let case = format!("{ending:?}, but the ledger says {row}");
    assert_eq!(row["stream"].as_bool(), Some(asked.stream), "{case}");
    if !matches!(ending, Ending::Refused(_)) {
        assert_eq!(attempts(row).len(), tries, "{case}");
    }
    let oks = attempts(row).iter().filter(|attempt| attempt["outcome"] == "ok").count();
    match ending {
        Ending::Whole => {
            assert_eq!((status, outcome, oks), (200, "ok", 1), "{case}");
            let tokens = (row["tokens"]["input"].as_u64(), row["tokens"]["output"].as_u64());
            assert_eq!(tokens, (Some(INPUT_TOKENS as u64), Some(WORDS as u64)), "counted once: {case}");
            let answer = attempts(row).last().expect("a try");
            assert_eq!(answer["cost_usd"], COST_USD, "paid once: {case}");
        }
        Ending::Broken => assert_eq!((status, outcome, oks), (200, "broken_stream", 0), "{case}"),
        Ending::Refused(seen) => {
            assert_eq!((status, oks), (u64::from(*seen), 0), "{case}");
            assert_eq!(row["counted"], "bad", "{case}");
        }
        // The provider may have broken off just before the client left.
        Ending::HungUp => assert!(["cancelled", "broken_stream"].contains(&outcome), "{case}"),
    }
}

/// Every request that a provider read is one attempt in the ledger, and every id that it gave stands there once.
fn provider_agrees(name: &str, provider: &Raw, rows: &[Value]) {
    let tried: Vec<&Value> =
        rows.iter().flat_map(attempts).filter(|attempt| attempt["provider"] == name).collect();
    let asked = provider.seen().len();
    assert!(asked > 0, "{name} was never asked");
    assert_eq!(tried.len(), asked, "attempts in the ledger, and requests that {name} read");
    let ids: Vec<&str> = tried.iter().filter_map(|attempt| attempt["provider_request_id"].as_str()).collect();
    let once: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "an answer of {name} is billed twice");
    for id in once {
        let number = id.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')?.parse::<usize>().ok());
        assert!(number.is_some_and(|number| number < asked), "{name} never gave the id {id}");
    }
    // Whoever got a head got an id; the others were cut or timed out before one.
    for attempt in tried.iter().filter(|attempt| attempt["provider_request_id"].is_null()) {
        let outcome = attempt["outcome"].as_str().unwrap_or_default();
        assert!(["connect", "first_token_timeout"].contains(&outcome), "{attempt}");
    }
}
