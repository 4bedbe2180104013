use serde_json::json;

use super::{
    pieces::{in_turns, slices, words as split},
    words::practice_text,
    *,
};
use crate::ask::{
    Demand, Tool,
    turn::{Piece, Role, Turn},
};

fn ask(text: &str) -> Ask {
    Ask { model: "m".to_owned(), turns: vec![Turn::text(Role::User, text)], choices: 1, ..Ask::default() }
}

/// The same after these tools were called and gave back these texts.
fn after(text: &str, results: &[(&str, &str)]) -> Ask {
    let mut ask = ask(text);
    let calls = results.iter().map(|(tool, _)| Piece::Call {
        id: (*tool).to_owned(),
        tool: (*tool).to_owned(),
        arguments: "{}".to_owned(),
    });
    ask.turns.push(Turn { role: Role::Assistant, pieces: calls.collect() });
    let results = results.iter().map(|(tool, text)| Piece::Result {
        id: (*tool).to_owned(),
        content: vec![Piece::Text((*text).to_owned())],
        failed: false,
    });
    ask.turns.push(Turn { role: Role::User, pieces: results.collect() });
    ask
}

fn tool(name: &str) -> Tool {
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    Tool { name: name.to_owned(), schema }
}

fn tools() -> Vec<Tool> {
    vec![tool("get_weather"), tool("get"), tool("get_time")]
}

fn names(reply: &Reply) -> Vec<&str> {
    reply.calls.iter().map(|call| call.tool.as_str()).collect()
}

#[test]
fn the_answer_names_the_provider_and_repeats_the_first_words() {
    assert_eq!(
        practice_text("practice-a", "Hello  there"),
        "This is a practice answer from practice-a, a simulated provider inside Evenkeel: no model has read your \
         prompt. It began with: \"Hello there\"."
    );
    let long = practice_text("practice-b", "1 2 3 4 5 6 7 8 9 10 11 12 13");
    assert!(long.ends_with("\"1 2 3 4 5 6 7 8 9 10 11 12…\"."), "{long}");
    assert!(practice_text("practice-a", " \n").ends_with("It had no text."));
}

#[test]
fn an_answer_over_the_limit_is_cut_at_a_character() {
    let whole = Reply::to(&ask("héllo wörld"), "p");
    assert_eq!(whole.end, End::Complete);
    for limit in 1..=whole.output_tokens {
        let cut = Reply::to(&Ask { limit: Some(limit), ..ask("héllo wörld") }, "p");
        assert!(whole.text.starts_with(&cut.text));
        assert!(cut.output_tokens <= limit);
        let expected = if limit < whole.output_tokens { End::Length } else { End::Complete };
        assert_eq!(cut.end, expected, "limit {limit}");
    }
}

#[test]
fn a_stop_sequence_ends_the_answer_before_it() {
    let reply = Reply::to(&Ask { stops: vec!["prompt".into(), " model".into()], ..ask("x") }, "p");
    assert_eq!(reply.end, End::Stop(" model".to_owned()));
    assert!(reply.text.ends_with("no"), "{}", reply.text);
}

#[test]
fn tools_are_called_when_their_whole_name_is_mentioned() {
    let with = |text| Reply::to(&Ask { tools: tools(), ..ask(text) }, "p");
    assert_eq!(names(&with("Please use get_weather, then get_time.")), ["get_weather", "get_time"]);
    assert_eq!(with("What is the weather? I don't get-it").end, End::Complete);

    let one = Reply::to(&Ask { tools: tools(), one_call: true, ..ask("get_weather get_time") }, "p");
    assert_eq!(names(&one), ["get_weather"]);
}

#[test]
fn tool_choice_forces_forbids_or_leaves_it_open() {
    let with = |demand, text| Reply::to(&Ask { tools: vec![tool("a"), tool("b")], demand, ..ask(text) }, "p");
    assert_eq!(names(&with(Demand::Named("b".into()), "a")), ["b"]);
    assert_eq!(names(&with(Demand::Any, "nothing named")), ["a"]);
    assert_eq!(names(&with(Demand::Any, "take b")), ["b"]);
    assert_eq!(with(Demand::Never, "a").end, End::Complete);
}

#[test]
fn results_are_quoted_each_even_if_a_call_is_demanded() {
    let asked = after("get_weather now", &[("get_weather", "Sunny, 21 degrees"), ("get_time", "noon")]);
    for demand in [Demand::Free, Demand::Any, Demand::Named("get_weather".into())] {
        let reply = Reply::to(&Ask { tools: tools(), demand, ..after_again(&asked) }, "p");
        assert_eq!(
            reply.text,
            "This is a practice answer from p, which got the results of get_weather and get_time. get_weather gave: \
             \"Sunny, 21 degrees\". get_time gave: \"noon\"."
        );
    }
}

fn after_again(ask: &Ask) -> Ask {
    Ask { turns: ask.turns.clone(), choices: 1, ..Ask::default() }
}

#[test]
fn a_result_that_names_another_tool_leads_to_it_and_no_tool_is_called_twice() {
    let with = |ask: Ask| Reply::to(&Ask { tools: tools(), ..ask }, "p");
    assert_eq!(
        names(&with(after("get_weather", &[("get_weather", "see get_time and get_weather")]))),
        ["get_time"]
    );
    assert_eq!(with(after("get_weather", &[("get_weather", "get_weather is done")])).end, End::Complete);
    // Who takes one at a time gets the other one next.
    let one = Ask { one_call: true, ..after("get_weather get_time", &[("get_weather", "Sunny")]) };
    assert_eq!(names(&with(one)), ["get_time"]);
}

#[test]
fn a_shape_is_answered_with_json_that_fits() {
    let shape = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let reply = Reply::to(&Ask { shape: Some(shape), ..ask("x") }, "p");
    assert_eq!(reply.text, r#"{"n":1}"#);
}

#[test]
fn calls_are_cut_by_the_limit_too() {
    let with = |limit| {
        let asked = Ask { tools: tools(), limit: Some(limit), ..ask("get_weather get_time") };
        Reply::to(&asked, "p")
    };
    let whole = with(100);
    assert_eq!((names(&whole), &whole.end), (vec!["get_weather", "get_time"], &End::Calls));
    let bytes: usize = whole.calls.iter().map(Call::bytes).sum();
    assert_eq!(with(tokens(bytes)).end, End::Calls);
    for limit in 1..tokens(bytes) {
        let cut = with(limit);
        assert_eq!(cut.end, End::Length, "limit {limit}");
        assert!(cut.output_tokens <= limit);
        assert!(cut.calls.iter().zip(&whole.calls).all(|(a, b)| b.arguments.starts_with(&a.arguments)));
    }
}

#[test]
fn thinking_takes_from_the_limit_first() {
    let thinking = Some(Thinking::Hidden { tokens: 64 });
    let whole = Reply::to(&Ask { thinking, ..ask("x") }, "p");
    assert_eq!((whole.thinking_tokens(), whole.output_tokens), (64, 64 + tokens(whole.text.len())));
    let cut = Reply::to(&Ask { thinking, limit: Some(66), ..ask("x") }, "p");
    assert_eq!((cut.text.as_str(), &cut.end, cut.output_tokens), ("This is ", &End::Length, 66));
    let silent = Reply::to(&Ask { thinking, limit: Some(10), ..ask("x") }, "p");
    assert_eq!((silent.text.as_str(), &silent.end, silent.thinking_tokens()), ("", &End::Length, 10));
}

#[test]
fn cues_make_it_decline_or_break_off() {
    let refused = Reply::to(&ask("[practice:refuse]"), "p");
    assert!(refused.refusal.is_some_and(|refusal| refusal.contains("from p")));
    assert_eq!((refused.end, refused.text.as_str()), (End::Refused, ""));
    let silent = Reply::to(&ask("ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_0"), "p");
    assert_eq!((silent.refusal.as_deref(), silent.output_tokens), (Some(""), 0));
    let filtered = Reply::to(&ask("[practice:filter]"), "p");
    assert_eq!(filtered.end, End::Filtered);
    assert!(practice_text("p", "[practice:filter]").starts_with(&filtered.text));
    let spoken = Reply::to(&Ask { tools: tools(), ..ask("[practice:preamble] get_time") }, "p");
    assert_eq!((spoken.text.as_str(), names(&spoken)), ("p now calls get_time.", vec!["get_time"]));
}

#[test]
fn a_recital_is_the_same_whatever_the_order_of_keys() {
    let mut asked = after("[practice:recite]", &[("get", "x")]);
    asked.limit = Some(1000);
    asked.stops = vec!["#".into()];
    asked.tools = vec![Tool { name: "t".into(), schema: json!({ "b": [{ "d": 1, "c": 2 }], "a": 1 }) }];
    assert_eq!(
        Reply::to(&asked, "p").text,
        "user: [practice:recite]\nassistant calls get with {}\nget gave: x\n\
         tool: t {\"a\":1,\"b\":[{\"c\":2,\"d\":1}]}\nat most: 1000 tokens\nstops at: \"#\""
    );
}

#[test]
fn pieces_put_together_are_the_whole() {
    for text in ["", "one", " two words ", "a\n\nb  c", "ünï cödé — …", "{\"a\":[1,2,3]}"] {
        assert_eq!(split(text).concat(), text);
        assert_eq!(slices(text).concat(), text);
    }
    assert_eq!(split("This is\n it"), ["This", " is", "\n it"]);
    assert_eq!(slices("{\"a\": \"bcdef\"}"), ["{\"a\": \"b", "cdef\"}"]);
    assert_eq!(in_turns(vec![vec![1, 4], vec![], vec![2, 5, 6], vec![3]]), [1, 2, 3, 4, 5, 6]);
}
