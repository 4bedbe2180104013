//! Items of the input, one after another.

use super::*;

#[test]
fn messages_in_every_form() {
    let input = json!([
        {"role": "developer", "content": "Be brief."},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Be kind."}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}, {"type": "input_text", "text": ""}, "there"]},
        {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "phase": "final_answer",
         "content": [{"type": "output_text", "text": "Hello", "annotations": []}, {"type": "refusal", "refusal": "No more."}]},
        {"role": "user", "content": ""},
        {"role": "user", "content": null},
    ]);
    assert_eq!(
        turns(&input),
        [
            turn(Role::System, vec![said("Be brief.")]),
            turn(Role::System, vec![said("Be kind.")]),
            turn(Role::User, vec![said("Hi"), said("there")]),
            turn(Role::Assistant, vec![said("Hello"), Block::Refusal("No more.".to_owned())]),
        ]
    );
}

#[test]
fn case_24_an_earlier_refusal_is_part_of_the_conversation() {
    let input = json!([{"role": "assistant", "content": [{"type": "refusal", "refusal": "I won't."}]}, {"role": "user", "content": "Why?"}]);
    assert_eq!(turns(&input)[0].blocks, [Block::Refusal("I won't.".to_owned())]);
}

#[test]
fn images_and_files_by_address_by_id_and_in_place() {
    let base64 = |media_type: &str, data: &str| Source::Base64 {
        media_type: media_type.to_owned(),
        data: data.to_owned(),
    };
    let input = json!([{"role": "user", "content": [
        {"type": "input_image", "image_url": "https://a.example/cat.png", "detail": "auto"},
        {"type": "input_image", "image_url": "data:image/PNG;base64,iVBO\r\nRw0K"},
        {"type": "input_image", "image_url": {"url": "data:image/webp;charset=x;base64,UklG"}},
        {"type": "input_image", "image_url": null, "file_id": "file_1"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"},
        {"type": "input_file", "filename": "notes.MD", "file_data": "aGVsbG8="},
        {"type": "input_file", "filename": "cat.png", "file_data": "data:image/png;base64,iVBORw0K"},
        {"type": "input_file", "file_url": "https://a.example/b.pdf"},
        {"type": "input_file", "file_id": "file_2", "file_url": null},
    ]}]);
    let document = |source, name: Option<&str>| Block::Document { source, name: name.map(str::to_owned) };
    assert_eq!(
        turns(&input)[0].blocks,
        [
            Block::Image(Source::Url("https://a.example/cat.png".to_owned())),
            Block::Image(base64("image/png", "iVBORw0K")),
            Block::Image(base64("image/webp", "UklG")),
            Block::Image(Source::Stored("file_1".to_owned())),
            document(base64("application/pdf", "JVBE"), Some("a.pdf")),
            document(base64("text/plain", "aGVsbG8="), Some("notes.MD")),
            Block::Image(base64("image/png", "iVBORw0K")),
            document(Source::Url("https://a.example/b.pdf".to_owned()), None),
            document(Source::Stored("file_2".to_owned()), None),
        ]
    );
    let part = |part: Value| json!({"model": "gpt-5", "input": [{"role": "user", "content": [part]}]});
    let plain = part(json!({"type": "input_image", "image_url": "data:image/svg+xml,<svg/>"}));
    assert_eq!(refused(&plain).param.as_deref(), Some("input[0].content[0].image_url"));
    let fine =
        part(json!({"type": "input_image", "image_url": "https://a.example/cat.png", "detail": "high"}));
    assert_eq!(losses(&fine), [("input[].content[].detail".to_owned(), Loss::Told)]);
    let audio = part(json!({"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}}));
    assert_eq!(losses(&audio), [("input[0].content[0].input_audio".to_owned(), Loss::Meaning)]);
}

#[test]
fn case_04_results_follow_the_turn_that_called_in_the_order_of_its_calls() {
    let input = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "Let me see."},
        {"type": "function_call", "call_id": "a", "name": "weather", "arguments": "{\"city\":\"Oslo\"}"},
        {"type": "function_call", "call_id": "b", "name": "weather", "arguments": ""},
        {"type": "function_call_output", "call_id": "b", "output": "sun"},
        {"role": "user", "content": "Hurry!"},
        {"type": "function_call_output", "call_id": "a", "output": [{"type": "input_text", "text": "rain"}, {"type": "input_image", "image_url": "https://a.example/rain.png"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Wet."}]},
        {"type": "function_call", "call_id": "c", "name": "umbrella", "arguments": {"size": 2}},
        {"type": "function_call_output", "call_id": "c", "output": {"ok": true}},
        {"type": "function_call_output", "call_id": "c", "output": "again"},
    ]);
    assert_eq!(
        turns(&input),
        [
            turn(Role::User, vec![said("Weather?")]),
            turn(
                Role::Assistant,
                vec![
                    said("Let me see."),
                    call("a", "weather", "{\"city\":\"Oslo\"}"),
                    call("b", "weather", "")
                ]
            ),
            turn(
                Role::User,
                vec![
                    result(
                        "a",
                        vec![
                            said("rain"),
                            Block::Image(Source::Url("https://a.example/rain.png".to_owned()))
                        ]
                    ),
                    result("b", vec![said("sun")]),
                ]
            ),
            turn(Role::User, vec![said("Hurry!")]),
            turn(Role::Assistant, vec![said("Wet."), call("c", "umbrella", r#"{"size":2}"#)]),
            turn(Role::User, vec![result("c", vec![said(r#"{"ok":true}"#), said("again")])]),
        ]
    );
}

#[test]
fn case_04_a_result_without_its_call_is_the_callers_fault() {
    let orphan = json!({"model": "gpt-5", "input": [{"role": "user", "content": "Hi"}, {"type": "function_call_output", "call_id": "call_9", "output": "x"}]});
    let problem = refused(&orphan);
    assert_eq!(problem.param.as_deref(), Some("input[1].call_id"));
    insta::assert_snapshot!(problem.message, @r#"`input[1]` is the output of the call "call_9", and no such call stands before it. Send the call as well, or leave its output out."#);
    let nameless = json!({"model": "gpt-5", "input": [{"type": "custom_tool_call_output", "output": "x"}]});
    assert_eq!(refused(&nameless).param.as_deref(), Some("input[0].call_id"));

    // The call may be where the rest of the conversation is; then that is what is said.
    let mut elsewhere = orphan.clone();
    elsewhere["previous_response_id"] = json!("resp_1");
    assert_eq!(losses(&elsewhere), [("previous_response_id".to_owned(), Loss::Meaning)]);
}

#[test]
fn a_result_that_names_its_tool_needs_no_call() {
    let input = json!([{"type": "function_call_output", "call_id": "h", "name": "create_thread", "namespace": "codex_app", "output": "task"}]);
    assert_eq!(
        turns(&input),
        [
            turn(Role::Assistant, vec![call("h", "codex_app__create_thread", "")]),
            turn(Role::User, vec![result("h", vec![said("task")])]),
        ]
    );
}

#[test]
fn case_17_reasoning_goes_to_no_other_provider() {
    let input = json!([
        {"role": "user", "content": "Hi"},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm"}], "encrypted_content": "gAAA"},
        {"type": "reasoning", "id": "rs_evenkeel_1", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm"}]},
        {"type": "item_reference", "id": "rs_evenkeel_1"},
        {"role": "assistant", "content": "Hello"},
    ]);
    let body = json!({"model": "gpt-5", "input": input});
    assert_eq!(turns(&input).len(), 2);
    assert!(losses(&body).iter().all(|(_, loss)| *loss == Loss::Nothing), "{:?}", losses(&body));
}

#[test]
fn calls_of_older_tools_and_of_mcp_servers_stay_calls() {
    let input = json!([
        {"type": "local_shell_call", "id": "lsh_1", "call_id": "s", "status": "completed", "action": {"type": "exec", "command": ["ls"]}},
        {"type": "local_shell_call_output", "id": "s", "output": "{\"output\":\"a.txt\"}"},
        {"type": "apply_patch_call", "call_id": "p", "status": "completed", "operation": {"type": "delete_file", "path": "a.txt"}},
        {"type": "apply_patch_call_output", "call_id": "p", "status": "completed"},
        {"type": "mcp_call", "id": "mcp_1", "server_label": "wiki", "name": "ask", "arguments": "{\"q\":1}", "output": "An answer."},
        {"role": "assistant", "content": "Done."},
    ]);
    assert_eq!(
        turns(&input),
        [
            turn(Role::Assistant, vec![call("s", "local_shell", r#"{"type":"exec","command":["ls"]}"#)]),
            turn(Role::User, vec![result("s", vec![said(r#"{"output":"a.txt"}"#)])]),
            turn(Role::Assistant, vec![call("p", "apply_patch", r#"{"type":"delete_file","path":"a.txt"}"#)]),
            turn(Role::User, vec![result("p", vec![])]),
            turn(Role::Assistant, vec![call("mcp_1", "wiki__ask", r#"{"q":1}"#)]),
            turn(Role::User, vec![result("mcp_1", vec![said("An answer.")])]),
            turn(Role::Assistant, vec![said("Done.")]),
        ]
    );
}

#[test]
fn what_openai_ran_is_left_out_and_what_only_it_knows_is_refused() {
    let of =
        |item: Value| losses(&json!({"model": "gpt-5", "input": [{"role": "user", "content": "Hi"}, item]}));
    for kind in
        ["web_search_call", "file_search_call", "code_interpreter_call", "mcp_list_tools", "tool_search_call"]
    {
        assert_eq!(of(json!({"type": kind, "id": "x"})), [(format!("input[].{kind}"), Loss::Nothing)]);
    }
    let image = json!({"type": "image_generation_call", "id": "ig_1", "result": "iVBO"});
    assert_eq!(of(image), [("input[].image_generation_call".to_owned(), Loss::Told)]);
    for item in [
        json!({"type": "item_reference", "id": "msg_1"}),
        json!({"id": "msg_1"}),
        json!({"type": "compaction", "encrypted_content": "gAAA"}),
        json!({"type": "computer_call", "call_id": "c", "action": {}}),
        json!({"type": "mcp_approval_response", "approval_request_id": "m", "approve": true}),
        json!({"type": "item_from_the_future"}),
    ] {
        assert_eq!(of(item.clone()).first().map(|(_, loss)| *loss), Some(Loss::Meaning), "{item}");
    }
}

#[test]
fn a_configuration_that_changes_on_the_way_counts() {
    let body = json!({"model": "gpt-5", "reasoning": {"effort": "low"}, "input": [
        {"type": "configuration_update", "reasoning": {"effort": "high"}, "text": {"format": {"type": "json_object"}}},
        {"role": "user", "content": "Hi"},
    ]});
    let conversation = conversation(&body);
    assert_eq!(conversation.reasoning, Some(Reasoning::Effort("high".to_owned())));
    assert!(matches!(conversation.format, Format::JsonObject));
}

/// A conversation of many parallel calls and results is read in one go, not each with all others.
#[test]
fn long_conversations_are_read_quickly() {
    let mut input = Vec::new();
    for n in 0..20_000 {
        input
            .push(json!({"type": "function_call", "call_id": n.to_string(), "name": "f", "arguments": "{}"}));
    }
    for n in (0..20_000).rev() {
        input.push(json!({"type": "function_call_output", "call_id": n.to_string(), "output": "x"}));
    }
    let started = std::time::Instant::now();
    let turns = turns(&Value::from(input));
    assert_eq!((turns.len(), turns[1].blocks.len()), (2, 20_000));
    assert_eq!(turns[1].blocks[0], result("0", vec![said("x")]));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
