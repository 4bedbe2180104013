//! System, roles, calls and results.

use insta::assert_json_snapshot;
use serde_json::json;

use super::*;

#[test]
fn case_08_leading_system_turns_become_the_system_prompt_in_order() {
    let sent = send(Conversation {
        turns: vec![says(Role::System, "One."), says(Role::System, "Two."), says(Role::User, "Hi")],
        ..Conversation::default()
    });
    assert_eq!(
        sent.body["system"],
        json!([{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}])
    );
    assert_eq!(sent.body["messages"], json!([{"role": "user", "content": "Hi"}]));

    let one = send(Conversation {
        turns: vec![says(Role::System, "Only."), says(Role::User, "Hi")],
        ..Conversation::default()
    });
    assert_eq!(one.body["system"], "Only.");
    assert_eq!(send(Conversation { turns: hello(), ..Conversation::default() }).body.get("system"), None);
}

#[test]
fn case_08_a_system_turn_in_the_middle_keeps_its_place_and_is_marked() {
    let sent = send(Conversation {
        turns: vec![
            says(Role::User, "Hi"),
            says(Role::Assistant, "Hello."),
            says(Role::System, "Be brief from now on."),
            says(Role::User, "And now?"),
        ],
        ..Conversation::default()
    });
    assert_json_snapshot!(sent.body["messages"]);
    assert_eq!(sent.dropped, Vec::<String>::new(), "nothing is lost, so nothing is told");
}

#[test]
fn case_10_neighbours_of_one_role_are_merged() {
    let merged = messages(vec![
        says(Role::User, "One."),
        says(Role::User, "Two."),
        says(Role::Assistant, "Three."),
        says(Role::Assistant, "Four."),
        says(Role::User, "Five."),
    ]);
    let texts = |one: &str, two: &str| json!([{"type": "text", "text": one}, {"type": "text", "text": two}]);
    assert_eq!(
        merged,
        json!([
            {"role": "user", "content": texts("One.", "Two.")},
            {"role": "assistant", "content": texts("Three.", "Four.")},
            {"role": "user", "content": "Five."},
        ])
    );
}

#[test]
fn case_10_the_first_and_the_last_message_are_always_the_users() {
    let opened = messages(vec![says(Role::Assistant, "How can I help?"), says(Role::User, "Sing.")]);
    assert_eq!(opened[0], json!({"role": "user", "content": "(The assistant speaks first.)"}));
    assert_eq!(opened[1]["role"], "assistant");

    let closed = messages(vec![says(Role::User, "Sing."), says(Role::Assistant, "La")]);
    assert_eq!(closed[2], json!({"role": "user", "content": "(Go on.)"}));

    let only_system = messages(vec![says(Role::System, "Say hello.")]);
    assert_eq!(only_system, json!([{"role": "user", "content": "(Go ahead.)"}]));
    assert_eq!(messages(vec![]), only_system);
}

#[test]
fn case_10_blank_texts_and_empty_messages_are_not_sent() {
    let sent = messages(vec![
        turn(Role::User, vec![Block::Text(String::new()), Block::Text("Hi".to_owned())]),
        says(Role::Assistant, " \n"),
        turn(Role::User, vec![]),
        says(Role::User, "Still there?"),
    ]);
    let texts = json!([{"type": "text", "text": "Hi"}, {"type": "text", "text": "Still there?"}]);
    assert_eq!(sent, json!([{"role": "user", "content": texts}]));
}

#[test]
fn case_04_results_of_parallel_calls_come_in_one_message_first_and_in_call_order() {
    let sent = messages(vec![
        says(Role::User, "Weather in Ulm and Bern?"),
        turn(
            Role::Assistant,
            vec![
                Block::Text("Let me look.".to_owned()),
                call("a", "weather", r#"{"city":"Ulm"}"#),
                call("b", "weather", r#"{"city":"Bern"}"#),
            ],
        ),
        says(Role::System, "The user is in a hurry."),
        turn(Role::User, vec![result("b", "snow")]),
        turn(Role::User, vec![Block::Text("Quick!".to_owned()), result("a", "rain")]),
    ]);
    assert_json_snapshot!(sent);
}

#[test]
fn case_04_a_failed_tool_is_still_a_failure() {
    let failed = |content| {
        let failure = Block::ToolResult(ToolResult { id: "a".to_owned(), content, is_error: true });
        let turns = vec![
            says(Role::User, "Go"),
            turn(Role::Assistant, vec![call("a", "f", "{}")]),
            turn(Role::User, vec![failure]),
        ];
        messages(turns)[2]["content"][0].take()
    };
    assert_eq!(
        failed(vec![Block::Text("no such file".to_owned())]),
        json!({"type": "tool_result", "tool_use_id": "a", "content": "no such file", "is_error": true})
    );
    assert_eq!(failed(vec![])["content"], "(The tool failed without a message.)");
}

#[test]
fn case_04_an_orphaned_result_is_the_callers_fault() {
    let turns = vec![says(Role::User, "Hi"), turn(Role::User, vec![result("call_9", "42")])];
    let conversation = Conversation { turns, ..Conversation::default() };
    let refused = try_send(conversation, Api::ChatCompletions, &ModelTraits::default());
    let Err(TranslateError::Invalid(error)) = refused.map(|sent| sent.body) else {
        panic!("an orphan must be refused as a bad request");
    };
    assert_eq!(error.param.as_deref(), Some("messages"));
    assert!(error.message.contains(r#""call_9""#), "{}", error.message);
}

#[test]
fn a_call_that_was_never_answered_gets_a_result_that_says_so() {
    let sent = messages(vec![
        says(Role::User, "Go"),
        turn(Role::Assistant, vec![call("a", "f", "{}"), call("b", "f", "{}")]),
        turn(Role::User, vec![result("b", "done")]),
        says(Role::User, "Never mind the other one."),
    ]);
    assert_eq!(
        sent[2]["content"],
        json!([
            {"type": "tool_result", "tool_use_id": "a", "content": "(No result.)", "is_error": true},
            {"type": "tool_result", "tool_use_id": "b", "content": "done"},
            {"type": "text", "text": "Never mind the other one."},
        ])
    );
}

#[test]
fn a_result_that_comes_late_is_moved_behind_its_call() {
    let sent = messages(vec![
        says(Role::User, "Go"),
        turn(Role::Assistant, vec![call("a", "f", "{}")]),
        says(Role::User, "Hurry"),
        says(Role::Assistant, "Yes."),
        turn(Role::User, vec![result("a", "done")]),
        says(Role::User, "Well?"),
    ]);
    assert_eq!(sent.as_array().unwrap().len(), 5);
    assert_eq!(sent[2]["content"][0]["tool_use_id"], "a");
    assert_eq!(sent[2]["content"][0]["content"], "done");
    assert_eq!(sent[4], json!({"role": "user", "content": "Well?"}));
}

#[test]
fn two_results_of_one_call_become_one() {
    let sent = messages(vec![
        says(Role::User, "Go"),
        turn(Role::Assistant, vec![call("a", "f", "{}")]),
        turn(Role::User, vec![result("a", "one"), result("a", "two")]),
    ]);
    let texts = json!([{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]);
    assert_eq!(sent[2]["content"], json!([{"type": "tool_result", "tool_use_id": "a", "content": texts}]));
}

#[test]
fn case_05_images_in_results_stay_images() {
    let image = Block::Image(crate::canon::Source::Base64 {
        media_type: "image/png".to_owned(),
        data: "iVBORw0KGgo=".to_owned(),
    });
    let shown = Block::ToolResult(ToolResult {
        id: "a".to_owned(),
        content: vec![Block::Text("Here:".to_owned()), image],
        is_error: false,
    });
    let sent = messages(vec![
        says(Role::User, "Show me"),
        turn(Role::Assistant, vec![call("a", "screenshot", "")]),
        turn(Role::User, vec![shown]),
    ]);
    assert_json_snapshot!(sent[2]);
}

#[test]
fn case_06_arguments_are_an_object_whatever_the_model_wrote() {
    let input = |arguments: &str| {
        let turns = vec![
            says(Role::User, "Go"),
            turn(Role::Assistant, vec![call("a", "f", arguments)]),
            turn(Role::User, vec![result("a", "ok")]),
        ];
        messages(turns)[1]["content"][0]["input"].take()
    };
    assert_eq!(input(""), json!({}));
    assert_eq!(input("  "), json!({}));
    assert_eq!(input("null"), json!({}));
    assert_eq!(input(r#" {"a":1} "#), json!({"a": 1}));
    assert_eq!(input(r#"{"a":"#), json!({"_raw_arguments": r#"{"a":"#}));
    assert_eq!(input("[1,2]"), json!({"_raw_arguments": "[1,2]"}));
    assert_eq!(input("\"{}\""), json!({"_raw_arguments": "\"{}\""}));
    assert_eq!(input(r#"{"a":1} trailing"#), json!({"_raw_arguments": r#"{"a":1} trailing"#}));
    assert_eq!(input(r#"{"half":"\ud83d"}"#), json!({"half": "\u{fffd}"}), "no provider parses half a pair");
}

#[test]
fn case_17_thinking_of_another_provider_is_not_sent() {
    let sent = messages(vec![
        says(Role::User, "Why?"),
        turn(
            Role::Assistant,
            vec![Block::Thinking("I thought of it.".to_owned()), Block::Text("Because.".to_owned())],
        ),
        says(Role::User, "And why that?"),
        turn(Role::Assistant, vec![Block::Thinking("Only thought of it.".to_owned())]),
        says(Role::User, "Hello?"),
    ]);
    assert!(!sent.to_string().contains("thought of it"), "{sent}");
    assert_eq!(sent[1], json!({"role": "assistant", "content": "Because."}));
    assert_eq!(sent.as_array().unwrap().len(), 3, "a turn of nothing but thinking leaves no empty message");
}

#[test]
fn a_refusal_in_the_history_is_what_the_assistant_said() {
    let sent = messages(vec![
        says(Role::User, "Do evil"),
        turn(Role::Assistant, vec![Block::Refusal("I can't help with that.".to_owned())]),
        says(Role::User, "Then good"),
    ]);
    assert_eq!(sent[1], json!({"role": "assistant", "content": "I can't help with that."}));
}

#[test]
fn ids_that_the_api_refuses_are_respelt_alike_in_call_and_result() {
    let turns = || {
        vec![
            says(Role::User, "Go"),
            turn(
                Role::Assistant,
                vec![call("fc:1.a", "f", "{}"), call("fc:1/a", "f", "{}"), call("", "f", "{}")],
            ),
            turn(Role::User, vec![result("fc:1.a", "one"), result("fc:1/a", "two"), result("", "three")]),
        ]
    };
    let sent = messages(turns());
    let mut ids = Vec::new();
    for (n, text) in ["one", "two", "three"].into_iter().enumerate() {
        let id = sent[1]["content"][n]["id"].as_str().unwrap();
        assert_eq!(sent[2]["content"][n]["tool_use_id"], id);
        assert_eq!(sent[2]["content"][n]["content"], text);
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)), "{id}");
        ids.push(id.to_owned());
    }
    assert!(ids[0].starts_with("fc_1_a_") && ids[1].starts_with("fc_1_a_") && ids[0] != ids[1], "{ids:?}");
    assert!(ids[2].starts_with("call_"), "{ids:?}");
    assert_eq!(sent, messages(turns()), "the same every time, for the provider's prompt cache");

    let long = "x".repeat(200);
    let sent = messages(vec![
        says(Role::User, "Go"),
        turn(Role::Assistant, vec![call(&long, "f", "{}")]),
        turn(Role::User, vec![result(&long, "one")]),
    ]);
    assert_eq!(sent[1]["content"][0]["id"].as_str().unwrap().len(), 64);
}

#[test]
fn ids_that_a_host_uses_again_in_every_turn_are_told_apart() {
    let sent = messages(vec![
        says(Role::User, "Go"),
        turn(Role::Assistant, vec![call("call_0", "f", r#"{"n":1}"#)]),
        turn(Role::User, vec![result("call_0", "one")]),
        turn(Role::Assistant, vec![call("call_0", "f", r#"{"n":2}"#)]),
        turn(Role::User, vec![result("call_0", "two")]),
    ]);
    assert_eq!(sent[1]["content"][0]["id"], "call_0");
    assert_eq!(sent[2]["content"][0]["content"], "one");
    assert_eq!(sent[3]["content"][0]["id"], "call_0_2");
    assert_eq!(sent[4]["content"][0]["tool_use_id"], "call_0_2");
    assert_eq!(sent[4]["content"][0]["content"], "two");
}

#[test]
fn a_result_answers_the_latest_call_of_its_id() {
    let sent = messages(vec![
        says(Role::User, "Go"),
        turn(Role::Assistant, vec![call("call_0", "f", r#"{"n":1}"#)]),
        says(Role::User, "Never mind. Again."),
        turn(Role::Assistant, vec![call("call_0", "f", r#"{"n":2}"#)]),
        turn(Role::User, vec![result("call_0", "two")]),
    ]);
    assert_eq!(sent[2]["content"][0]["content"], "(No result.)");
    assert_eq!(sent[4]["content"][0]["content"], "two");
}

#[test]
fn case_18_a_tool_loop_of_three_turns_keeps_its_order() {
    let mut turns = hello();
    for n in 1..=3 {
        let id = format!("call_{n}");
        turns.push(turn(
            Role::Assistant,
            vec![Block::Thinking("unsigned".to_owned()), call(&id, "step", &format!(r#"{{"n":{n}}}"#))],
        ));
        turns.push(turn(Role::User, vec![result(&id, &format!("result {n}"))]));
    }
    let sent = messages(turns);
    let roles: Vec<_> =
        sent.as_array().unwrap().iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant", "user", "assistant", "user"]);
    for n in 1..=3 {
        assert_eq!(sent[2 * n - 1]["content"][0]["input"]["n"], n);
        assert_eq!(sent[2 * n]["content"][0]["content"], format!("result {n}"));
    }
}
