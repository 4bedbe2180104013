//! Turns to messages.

use super::*;

fn said(turns: Vec<Turn>) -> Conversation {
    Conversation { turns, ..conversation() }
}

fn turn(role: Role, blocks: Vec<Block>) -> Turn {
    Turn { role, blocks }
}

fn result(id: &str, content: Vec<Block>) -> Block {
    Block::ToolResult(ToolResult { id: id.to_owned(), content, is_error: false })
}

fn failed(id: &str, content: Vec<Block>) -> Block {
    Block::ToolResult(ToolResult { id: id.to_owned(), content, is_error: true })
}

fn image() -> Block {
    Block::Image(Source::Base64 { media_type: "image/png".to_owned(), data: "AAAA".to_owned() })
}

fn pdf(name: Option<&str>) -> Block {
    let source = Source::Base64 { media_type: "application/pdf".to_owned(), data: "JVBERi0x".to_owned() };
    Block::Document { source, name: name.map(str::to_owned) }
}

/// The messages, given that nothing was dropped.
fn messages(turns: Vec<Turn>) -> Value {
    let (mut body, dropped) = written(said(turns));
    assert!(dropped.is_empty(), "{dropped:?}");
    body["messages"].take()
}

fn refused(blocks: Vec<Block>, traits: &ModelTraits) -> (String, String) {
    match with_traits(said(vec![turn(Role::User, blocks)]), traits).unwrap_err() {
        TranslateError::Untranslatable { field, message } => (field, message),
        TranslateError::Invalid(error) => panic!("{error:?}"),
    }
}

#[test]
fn case_08_instructions_are_system_messages_in_their_places() {
    let turns = vec![
        turn(Role::System, vec![text("Be kind."), text("Be brief.")]),
        turn(Role::User, vec![text("Hi")]),
        turn(Role::Assistant, vec![text("Hello.")]),
        turn(Role::System, vec![text("It is late.")]),
        turn(Role::User, vec![text("Well?")]),
    ];
    let expected = json!([
        {"role": "system", "content": "Be kind.\n\nBe brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "system", "content": "It is late."},
        {"role": "user", "content": "Well?"},
    ]);
    assert_eq!(messages(turns), expected);
}

#[test]
fn case_10_turns_that_say_nothing_are_left_out() {
    let turns = vec![
        turn(Role::System, vec![text("")]),
        turn(Role::User, vec![text("a"), text(""), text("b")]),
        turn(Role::Assistant, vec![Block::Thinking("Hm.".to_owned())]),
        turn(Role::Assistant, vec![text("c")]),
        turn(Role::User, Vec::new()),
    ];
    assert_eq!(
        messages(turns),
        json!([{"role": "user", "content": "a\n\nb"}, {"role": "assistant", "content": "c"}])
    );
}

#[test]
fn case_03_parallel_calls_are_one_message_and_thinking_is_left_out() {
    let blocks = vec![
        Block::Thinking("Hm.".to_owned()),
        call("a", "f", "{}"),
        text("Both."),
        call("b", "g", "{\"x\":1}"),
    ];
    let expected = json!([{"role": "assistant", "content": "Both.", "tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{\"x\":1}"}},
    ]}]);
    assert_eq!(messages(vec![turn(Role::Assistant, blocks)]), expected);
}

#[test]
fn case_03_calls_in_neighbouring_turns_are_one_message_so_that_results_can_follow() {
    let turns = vec![
        turn(Role::Assistant, vec![text("One."), call("a", "f", "{}")]),
        turn(Role::Assistant, vec![text("Two."), call("b", "f", "{}")]),
        turn(Role::User, vec![result("a", vec![text("1")]), result("b", vec![text("2")])]),
        turn(Role::Assistant, vec![text("Three.")]),
        turn(Role::Assistant, vec![text("Four.")]),
    ];
    let written = messages(turns);
    assert_eq!(written[0]["content"], "One.\n\nTwo.");
    assert_eq!(written[0]["tool_calls"].as_array().unwrap().len(), 2);
    let roles: Vec<_> = written.as_array().unwrap().iter().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["assistant", "tool", "tool", "assistant", "assistant"]);
}

#[test]
fn case_04_results_follow_their_calls_in_order_before_anything_else() {
    let turns = vec![
        turn(Role::Assistant, vec![call("a", "f", "{}"), call("b", "f", "{}"), call("c", "f", "{}")]),
        turn(Role::System, vec![text("Note.")]),
        turn(
            Role::User,
            vec![text("First?"), result("c", vec![text("3")]), result("a", vec![text("1"), text("more")])],
        ),
        turn(Role::User, vec![result("b", Vec::new()), text("Then?")]),
    ];
    let expected = json!([
        {"role": "tool", "tool_call_id": "a", "content": "1\n\nmore"},
        {"role": "tool", "tool_call_id": "b", "content": ""},
        {"role": "tool", "tool_call_id": "c", "content": "3"},
        {"role": "system", "content": "Note."},
        {"role": "user", "content": "First?"},
        {"role": "user", "content": "Then?"},
    ]);
    assert_eq!(messages(turns).as_array().unwrap()[1..], *expected.as_array().unwrap());
}

#[test]
fn case_04_the_model_sees_that_a_tool_failed() {
    let turns = vec![
        turn(Role::Assistant, vec![call("a", "f", "{}"), call("b", "f", "{}")]),
        turn(Role::User, vec![failed("a", vec![text("no such file")]), failed("b", Vec::new())]),
    ];
    let written = messages(turns);
    assert_eq!(written[1]["content"], "The tool call failed: no such file");
    assert_eq!(written[2]["content"], "The tool call failed.");
}

#[test]
fn case_05_images_of_results_go_into_the_users_message_behind_them_and_are_told() {
    let turns = vec![
        turn(Role::Assistant, vec![call("a", "shot", "{}"), call("b", "shot", "{}")]),
        turn(
            Role::User,
            vec![
                result("a", vec![text("done"), image()]),
                result("b", vec![image()]),
                text("What is on them?"),
            ],
        ),
    ];
    let (body, dropped) = written(said(turns));
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}});
    let expected = json!([
        {"role": "tool", "tool_call_id": "a", "content": "done"},
        {"role": "tool", "tool_call_id": "b", "content": "The result is in the next message."},
        {"role": "user", "content": [
            {"type": "text", "text": "From the result of tool call a:"}, picture,
            {"type": "text", "text": "From the result of tool call b:"}, picture,
            {"type": "text", "text": "What is on them?"},
        ]},
    ]);
    assert_eq!(body["messages"].as_array().unwrap()[1..], *expected.as_array().unwrap());
    assert_eq!(dropped, ["messages[].content[].tool_result.content"]);
}

#[test]
fn case_05_an_image_of_a_result_gets_a_message_of_its_own_if_the_user_says_nothing() {
    let turns = vec![
        turn(Role::Assistant, vec![call("a", "shot", "{}")]),
        turn(Role::User, vec![failed("a", vec![image()])]),
        turn(Role::Assistant, vec![text("I see.")]),
    ];
    let (body, _) = written(said(turns));
    let roles: Vec<_> = body["messages"].as_array().unwrap().iter().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["assistant", "tool", "user", "assistant"]);
    assert_eq!(body["messages"][1]["content"], "The tool call failed: The result is in the next message.");
}

#[test]
fn case_06_missing_arguments_are_an_empty_object_and_broken_ones_stay() {
    let arguments = |arguments: &str| {
        messages(vec![turn(Role::Assistant, vec![call("a", "f", arguments)])])[0]["tool_calls"][0]["function"]
            ["arguments"]
            .clone()
    };
    assert_eq!(arguments(""), "{}");
    assert_eq!(arguments(" \n"), "{}");
    assert_eq!(arguments("{\"a\": 1.0"), "{\"a\": 1.0");
    assert_eq!(arguments("{\"a\":\"\u{1F600}\"}"), "{\"a\":\"\u{1F600}\"}");
}

#[test]
fn an_id_that_is_too_long_is_shortened_alike_in_call_and_result() {
    let (first, second) = (format!("call_{}", "x".repeat(60)), format!("call_{}y", "x".repeat(60)));
    let written = messages(vec![
        turn(Role::Assistant, vec![call(&first, "f", "{}"), call(&second, "f", "{}")]),
        turn(Role::User, vec![result(&second, vec![text("2")]), result(&first, vec![text("1")])]),
    ]);
    let ids: Vec<_> = (0..2).map(|at| written[0]["tool_calls"][at]["id"].as_str().unwrap()).collect();
    assert!(ids.iter().all(|id| id.len() == 40 && id.starts_with("call_xxx")), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
    assert_eq!((&written[1]["tool_call_id"], &written[1]["content"]), (&json!(ids[0]), &json!("1")));
    assert_eq!((&written[2]["tool_call_id"], &written[2]["content"]), (&json!(ids[1]), &json!("2")));
}

#[test]
fn a_refusal_of_an_earlier_turn_is_what_the_model_said() {
    let blocks = vec![Block::Refusal("I can't.".to_owned())];
    assert_eq!(
        messages(vec![turn(Role::Assistant, blocks)]),
        json!([{"role": "assistant", "content": "I can't."}])
    );
}

#[test]
fn case_34_images_are_data_or_addresses_between_the_texts() {
    let url = "https://example.org/a.png?b=\"c\"";
    let blocks = vec![text("This:"), image(), text("and this:"), Block::Image(Source::Url(url.to_owned()))];
    let expected = json!([{"role": "user", "content": [
        {"type": "text", "text": "This:"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "text", "text": "and this:"},
        {"type": "image_url", "image_url": {"url": url}},
    ]}]);
    assert_eq!(messages(vec![turn(Role::User, blocks)]), expected);
}

#[test]
fn case_34_a_model_without_eyes_is_not_asked_about_images() {
    let blind = ModelTraits { images: false, ..ModelTraits::default() };
    let (field, message) = refused(vec![image()], &blind);
    assert_eq!(field, "messages[].content[].image");
    assert_eq!(
        message,
        "`messages[].content[].image`: the other provider's model `gpt-x` doesn't see images; leave it out, or pin the request."
    );
    let stored = Block::Image(Source::Stored("file_1".to_owned()));
    assert!(refused(vec![stored], &ModelTraits::default()).1.contains("stored at one provider"));
}

#[test]
fn case_35_documents_are_files_or_text() {
    let plain =
        Block::Document { source: Source::Text("Rules.".to_owned()), name: Some("rules.txt".to_owned()) };
    let blocks = vec![pdf(Some("a.pdf")), pdf(None), plain.clone()];
    let file = |name: &str| json!({"type": "file", "file": {"filename": name, "file_data": "data:application/pdf;base64,JVBERi0x"}});
    let expected =
        json!([file("a.pdf"), file("document.pdf"), {"type": "text", "text": "rules.txt:\nRules."}]);
    assert_eq!(messages(vec![turn(Role::User, blocks)])[0]["content"], expected);

    let unread = ModelTraits { documents: false, ..ModelTraits::default() };
    let (body, _) = written_with(said(vec![turn(Role::User, vec![plain])]), &unread);
    assert_eq!(
        body["messages"][0]["content"], "rules.txt:\nRules.",
        "text is text, whatever the model reads besides"
    );
}

#[test]
fn case_35_documents_that_cannot_be_sent_are_refused_with_the_reason() {
    let document = |source: Source| vec![Block::Document { source, name: None }];
    let why = |source: Source| {
        let (field, message) = refused(document(source), &ModelTraits::default());
        assert_eq!(field, "messages[].content[].document");
        message
    };
    assert!(why(Source::Url("https://example.org/a.pdf".to_owned())).contains("fetches no documents"));
    assert!(why(Source::Stored("file_1".to_owned())).contains("stored at one provider"));
    let office = Source::Base64 { media_type: "application/msword".to_owned(), data: "AA".to_owned() };
    assert!(why(office).contains("takes PDFs and plain text, not application/msword"));
    let address = Block::Image(Source::Url("gs://bucket/a.png".to_owned()));
    assert!(refused(vec![address], &ModelTraits::default()).1.contains("http(s)"));
    let unread = ModelTraits { documents: false, ..ModelTraits::default() };
    assert!(refused(vec![pdf(None)], &unread).1.contains("doesn't read PDFs"));
}

#[test]
fn a_file_in_a_result_is_refused_or_attached_like_any_other() {
    let turns = |content: Vec<Block>| {
        said(vec![
            turn(Role::Assistant, vec![call("a", "fetch", "{}")]),
            turn(Role::User, vec![result("a", content)]),
        ])
    };
    let plain = Block::Document { source: Source::Text("Rules.".to_owned()), name: None };
    let (body, dropped) = written(turns(vec![text("Found:"), plain]));
    assert_eq!(body["messages"][1]["content"], "Found:\n\nRules.");
    assert!(dropped.is_empty());
    let (body, _) = written(turns(vec![pdf(None)]));
    assert_eq!(body["messages"][2]["content"][1]["type"], "file");
    let blind = ModelTraits { images: false, ..ModelTraits::default() };
    assert!(with_traits(turns(vec![image()]), &blind).is_err());
}

#[test]
fn a_picture_by_the_assistant_is_told() {
    let (body, dropped) = written(said(vec![turn(Role::Assistant, vec![text("Here:"), image()])]));
    assert_eq!(body["messages"][0]["content"], "Here:");
    assert_eq!(dropped, ["messages[].content[].image"]);
}

#[test]
fn what_stands_where_nothing_of_its_kind_can_stand_is_refused() {
    for (role, block) in [
        (Role::System, image()),
        (Role::Assistant, result("a", Vec::new())),
        (Role::User, call("a", "f", "{}")),
    ] {
        assert!(
            with_traits(said(vec![turn(role, vec![block])]), &ModelTraits::default()).is_err(),
            "{role:?}"
        );
    }
}
