use serde_json::json;

use super::*;
use crate::ask::ToolResult;

fn ask(text: &str) -> Ask {
    Ask {
        model: "m".to_owned(),
        text: text.to_owned(),
        input_tokens: 1,
        stream: false,
        include_usage: false,
        choices: 1,
        limit: None,
        stops: Vec::new(),
        tools: Vec::new(),
        demand: Demand::Free,
        one_call: false,
        results: Vec::new(),
        shape: None,
    }
}

fn tool(name: &str) -> Tool {
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    Tool { name: name.to_owned(), schema }
}

fn text(reply: &Reply) -> &str {
    match &reply.content {
        Content::Text(text) => text,
        Content::Calls(calls) => panic!("tools were called: {calls:?}"),
    }
}

fn names(reply: &Reply) -> Vec<&str> {
    match &reply.content {
        Content::Calls(calls) => calls.iter().map(|call| call.tool.as_str()).collect(),
        Content::Text(text) => panic!("answered with text: {text}"),
    }
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
        assert!(text(&whole).starts_with(text(&cut)));
        assert!(cut.output_tokens <= limit);
        let expected = if limit < whole.output_tokens { End::Length } else { End::Complete };
        assert_eq!(cut.end, expected, "limit {limit}");
    }
}

#[test]
fn a_stop_sequence_ends_the_answer_before_it() {
    let reply = Reply::to(&Ask { stops: vec!["prompt".into(), " model".into()], ..ask("x") }, "p");
    assert_eq!(reply.end, End::Stop(" model".to_owned()));
    assert!(text(&reply).ends_with("no"), "{}", text(&reply));
}

#[test]
fn tools_are_called_when_their_whole_name_is_mentioned() {
    let tools = || vec![tool("get_weather"), tool("get"), tool("get_time")];
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
fn a_tool_result_is_answered_with_text_even_if_a_call_is_demanded() {
    let results = vec![
        ToolResult { tool: "get_weather".into(), text: "Sunny, 21 degrees".into() },
        ToolResult { tool: "get_time".into(), text: "noon".into() },
    ];
    let asked =
        Ask { tools: vec![tool("get_weather")], demand: Demand::Any, results, ..ask("get_weather now") };
    let reply = Reply::to(&asked, "p");
    assert_eq!(
        text(&reply),
        "This is a practice answer from p, which got the results of get_weather and get_time. The last one began \
         with: \"noon\"."
    );
}

#[test]
fn a_shape_is_answered_with_json_that_fits() {
    let shape = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let reply = Reply::to(&Ask { shape: Some(shape), ..ask("x") }, "p");
    assert_eq!(text(&reply), r#"{"n":1}"#);
}

#[test]
fn pieces_put_together_are_the_whole() {
    for text in ["", "one", " two words ", "a\n\nb  c", "ünï cödé — …", "{\"a\":[1,2,3]}"] {
        assert_eq!(words(text).concat(), text);
        assert_eq!(slices(text).concat(), text);
    }
    assert_eq!(words("This is\n it"), ["This", " is", "\n it"]);
    assert_eq!(slices("{\"a\": \"bcdef\"}"), ["{\"a\": \"b", "cdef\"}"]);
}
