//! Messages to turns: roles, parts, calls with their results, images and files.

use super::*;
use crate::canon::{Source, ToolCall, ToolResult};

fn call(id: &str, name: &str, arguments: &str) -> Block {
    Block::ToolCall(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() })
}

fn result(id: &str, content: &str) -> Block {
    let content = if content.is_empty() { Vec::new() } else { vec![text(content)] };
    Block::ToolResult(ToolResult { id: id.to_owned(), content, is_error: false })
}

fn tool_call(id: &str, name: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}})
}

fn part(part: &Value) -> Result<Conversation, AskError> {
    saying(&json!([{"role": "user", "content": [part]}]))
}

/// The one block of a user's message of one part.
fn block(value: &Value) -> Block {
    part(value).unwrap().turns.remove(0).blocks.remove(0)
}

#[test]
fn case_08_system_and_developer_messages_keep_their_places() {
    let said = turns(&json!([
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": [{"type": "text", "text": "Be"}, {"type": "text", "text": "brief."}]},
        {"role": "user", "content": "Hi"},
        {"role": "system", "content": "It is late."},
        {"role": "user", "content": "Well?"},
    ]));
    let expected = [
        turn(Role::System, vec![text("Be kind.")]),
        turn(Role::System, vec![text("Be"), text("brief.")]),
        turn(Role::User, vec![text("Hi")]),
        turn(Role::System, vec![text("It is late.")]),
        turn(Role::User, vec![text("Well?")]),
    ];
    assert_eq!(said, expected);
}

#[test]
fn case_10_messages_that_say_nothing_are_left_out_and_neighbours_stay_apart() {
    let said = turns(&json!([
        {"role": "user", "content": "a"},
        {"role": "user", "content": ""},
        {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": null},
        {"role": "assistant", "content": "c"},
    ]));
    let expected = [
        turn(Role::User, vec![text("a")]),
        turn(Role::User, vec![text("b")]),
        turn(Role::Assistant, vec![text("c")]),
    ];
    assert_eq!(said, expected);
}

#[test]
fn case_03_several_calls_of_one_message_stay_in_one_turn() {
    let said = turns(&json!([
        {"role": "user", "content": "Compare."},
        {"role": "assistant", "content": "Looking.", "tool_calls": [tool_call("a", "left"), tool_call("b", "right")]},
    ]));
    assert_eq!(said[1].blocks, [text("Looking."), call("a", "left", "{}"), call("b", "right", "{}")]);
}

#[test]
fn case_04_tool_messages_become_one_turn_in_the_order_of_the_calls_ahead_of_text() {
    let said = turns(&json!([
        {"role": "assistant", "tool_calls": [tool_call("a", "f"), tool_call("b", "f"), tool_call("c", "f")]},
        {"role": "tool", "tool_call_id": "c", "content": "3"},
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": "1"}], "name": "f"},
        {"role": "user", "content": "And?"},
        {"role": "tool", "tool_call_id": "b", "content": ""},
    ]));
    let expected = [
        turn(Role::Assistant, vec![call("a", "f", "{}"), call("b", "f", "{}"), call("c", "f", "{}")]),
        turn(Role::User, vec![result("a", "1"), result("b", ""), result("c", "3")]),
        turn(Role::User, vec![text("And?")]),
    ];
    assert_eq!(said, expected);
}

#[test]
fn case_04_a_result_without_its_call_is_the_callers_fault() {
    let orphan = json!([
        {"role": "user", "content": "Hi"},
        {"role": "tool", "tool_call_id": "call_9", "content": "1"},
        {"role": "assistant", "tool_calls": [tool_call("call_9", "f")]},
    ]);
    let (param, message) = problem(saying(&orphan));
    assert_eq!(param, "messages[1].tool_call_id");
    assert_eq!(
        message,
        "`messages[1].tool_call_id` is `call_9`, but no assistant message before it has a tool call with this id. \
         Send the call with its result."
    );
    let missing = json!([{"role": "user", "content": "Hi"}, {"role": "tool", "content": "1"}]);
    assert_eq!(
        problem(saying(&missing)).1,
        "`messages[1].tool_call_id` is missing; it must be the id of the call that is answered here."
    );
    let function = json!([{"role": "function", "name": "f", "content": "1"}]);
    assert_eq!(problem(saying(&function)).0, "messages[0].name");
}

#[test]
fn a_late_result_goes_to_the_turn_behind_its_call() {
    let said = turns(&json!([
        {"role": "assistant", "tool_calls": [tool_call("a", "f")]},
        {"role": "user", "content": "Go on."},
        {"role": "assistant", "tool_calls": [tool_call("b", "f")]},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
    ]));
    let expected = [
        turn(Role::Assistant, vec![call("a", "f", "{}")]),
        turn(Role::User, vec![result("a", "1")]),
        turn(Role::User, vec![text("Go on.")]),
        turn(Role::Assistant, vec![call("b", "f", "{}")]),
        turn(Role::User, vec![result("b", "2")]),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_second_result_of_one_call_is_put_behind_the_first() {
    let said = turns(&json!([
        {"role": "assistant", "tool_calls": [tool_call("a", "f")]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "a", "content": "2"},
    ]));
    let content = vec![text("1"), text("2")];
    assert_eq!(
        said[1].blocks,
        [Block::ToolResult(ToolResult { id: "a".to_owned(), content, is_error: false })]
    );
}

#[test]
fn ids_that_a_host_repeats_or_leaves_out_are_made_unique_with_their_results() {
    let said = turns(&json!([
        {"role": "assistant", "tool_calls": [tool_call("call_0", "f")]},
        {"role": "tool", "tool_call_id": "call_0", "content": "first"},
        {"role": "assistant", "tool_calls": [tool_call("call_0", "f"), tool_call("call_0", "g")]},
        {"role": "tool", "tool_call_id": "call_0", "content": "second"},
        {"role": "tool", "tool_call_id": "call_0", "content": "third"},
        {"role": "assistant", "tool_calls": [{"function": {"name": "f"}}, {"function": {"name": "g"}}]},
        {"role": "tool", "content": "fourth"},
        {"role": "tool", "content": "fifth"},
    ]));
    assert_eq!(said[1].blocks, [result("call_0", "first")]);
    assert_eq!(said[2].blocks, [call("call_0_1_0", "f", "{}"), call("call_0_1_1", "g", "{}")]);
    assert_eq!(said[3].blocks, [result("call_0_1_0", "second"), result("call_0_1_1", "third")]);
    assert_eq!(said[4].blocks, [call("call_2_0", "f", ""), call("call_2_1", "g", "")]);
    assert_eq!(said[5].blocks, [result("call_2_0", "fourth"), result("call_2_1", "fifth")]);
}

#[test]
fn the_older_function_calls_are_read_as_tool_calls() {
    let said = turns(&json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": null, "function_call": {"name": "weather", "arguments": "{\"city\":\"Bern\"}"}},
        {"role": "function", "name": "weather", "content": "rain"},
    ]));
    assert_eq!(said[1].blocks, [call("call_1_0", "weather", "{\"city\":\"Bern\"}")]);
    assert_eq!(said[2].blocks, [result("call_1_0", "rain")]);
    let other = json!([
        {"role": "assistant", "function_call": {"name": "weather", "arguments": "{}"}},
        {"role": "function", "name": "clock", "content": "noon"},
    ]);
    assert_eq!(problem(saying(&other)).0, "messages[1].name");
}

#[test]
fn case_06_arguments_come_through_as_the_model_wrote_them() {
    let arguments = |arguments: Value| {
        let call = json!({"id": "a", "function": {"name": "f", "arguments": arguments}});
        match turns(&json!([{"role": "assistant", "tool_calls": [call]}])).remove(0).blocks.remove(0) {
            Block::ToolCall(call) => call.arguments,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(arguments(json!("")), "");
    assert_eq!(arguments(json!(null)), "");
    assert_eq!(arguments(json!("{\"a\": 1.0")), "{\"a\": 1.0", "broken");
    assert_eq!(arguments(json!({"a": 1})), "{\"a\":1}", "not in a string, as some hosts' clients send them");
    let nameless =
        json!([{"role": "assistant", "tool_calls": [tool_call("a", "f"), {"id": "b", "function": {}}]}]);
    assert_eq!(problem(saying(&nameless)).0, "messages[0].tool_calls[1].function.name");
}

#[test]
fn thinking_of_an_earlier_turn_is_known_for_what_it_is() {
    let said = saying(&json!([
        {"role": "assistant", "content": "Hi", "reasoning_content": "Hm.", "reasoning_details": [{"type": "x"}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": "Hi", "reasoning": "Hm.", "annotations": [], "parsed": {"a": 1}},
    ]))
    .unwrap();
    assert_eq!(said.turns[0].blocks, [Block::Thinking("Hm.".to_owned()), text("Hi")]);
    assert_eq!(said.turns[1].blocks, [Block::Thinking(String::new()), text("Hi")]);
    assert_eq!(said.turns[2].blocks, [Block::Thinking("Hm.".to_owned()), text("Hi")]);
    assert!(lost(&said, Loss::Told).is_empty());
    assert_eq!(lost(&said, Loss::Nothing), ["messages[].annotations", "messages[].parsed"]);
}

#[test]
fn a_refusal_is_read_from_the_field_and_from_a_part() {
    let refusal = Block::Refusal("No.".to_owned());
    let said = turns(&json!([
        {"role": "assistant", "content": null, "refusal": "No."},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    ]));
    assert_eq!(said[0].blocks, std::slice::from_ref(&refusal));
    assert_eq!(said[1].blocks, [refusal]);
}

#[test]
fn case_34_images_come_as_data_or_by_address() {
    let image = |media_type: &str| {
        Block::Image(Source::Base64 { media_type: media_type.to_owned(), data: "iVBORw0KGgo=".to_owned() })
    };
    let url = |url: &str| json!({"type": "image_url", "image_url": {"url": url, "detail": "auto"}});
    assert_eq!(block(&url("data:image/png;base64,iVBORw0KGgo=")), image("image/png"));
    assert_eq!(block(&url("DATA:image/JPG; charset=x ;BASE64,iVBORw\n0KGgo=\r\n")), image("image/jpeg"));
    assert_eq!(
        block(&json!({"type": "image_url", "image_url": "data:image/webp;base64,iVBORw0KGgo="})),
        image("image/webp")
    );
    let address = "HTTPS://example.org/a.png?x=1,2;base64";
    assert_eq!(block(&url(address)), Block::Image(Source::Url(address.to_owned())));
}

#[test]
fn case_34_an_image_without_its_bytes_is_refused_by_its_place() {
    for url in ["data:image/png,AAAA", "data:image/png;base64,", "data:image/png", ""] {
        let (param, message) = problem(part(&json!({"type": "image_url", "image_url": {"url": url}})));
        assert_eq!(param, "messages[0].content[0].image_url.url", "{url}");
        assert!(message.ends_with("base64 like `data:image/png;base64,…`.") || url.is_empty(), "{message}");
    }
    // Which types and which addresses the other provider takes is for its writer to say.
    for url in ["data:image/tiff;base64,AAAA", "gs://b/o.png", "file:///etc/passwd"] {
        part(&json!({"type": "image_url", "image_url": {"url": url}})).unwrap();
    }
}

#[test]
fn the_detail_of_an_image_is_told_unless_it_is_the_default() {
    let detail = |detail: &str| {
        let image = json!({"url": "https://example.org/a.png", "detail": detail});
        part(&json!({"type": "image_url", "image_url": image})).unwrap()
    };
    assert_eq!(lost(&detail("high"), Loss::Told), ["messages[].content[].image_url.detail"]);
    assert!(detail("auto").unmapped.is_empty());
}

#[test]
fn case_35_files_come_as_data_or_are_stored_at_one_provider() {
    let file = |file: Value| json!({"type": "file", "file": file});
    let pdf = |name: Option<&str>| Block::Document {
        source: Source::Base64 { media_type: "application/pdf".to_owned(), data: "JVBERi0x".to_owned() },
        name: name.map(str::to_owned),
    };
    let data = "data:application/pdf;base64,JVBERi0x";
    assert_eq!(block(&file(json!({"file_data": data, "filename": "a.pdf"}))), pdf(Some("a.pdf")));
    assert_eq!(block(&file(json!({"file_data": "JVBERi0x"}))), pdf(None), "bare base64");
    let image = block(&file(json!({"file_data": "data:image/png;base64,AAAA"})));
    assert!(matches!(image, Block::Image(Source::Base64 { .. })));

    let stored = part(&file(json!({"file_id": "file-1"}))).unwrap();
    assert!(
        matches!(&stored.turns[0].blocks[0], Block::Document { source: Source::Stored(id), .. } if id == "file-1")
    );
    let office = block(&file(json!({"file_data": "data:application/msword;base64,AAAA"})));
    assert!(
        matches!(office, Block::Document { source: Source::Base64 { media_type, .. }, .. } if media_type == "application/msword"),
        "whether the other provider reads it is for its writer to say"
    );
    assert_eq!(problem(part(&file(json!({"filename": "a.pdf"})))).0, "messages[0].content[0].file.file_data");
    assert_eq!(problem(part(&json!({"type": "file"}))).0, "messages[0].content[0].file");
}

#[test]
fn sounds_films_and_unknown_parts_are_what_the_question_is_about() {
    let bell = json!({"role": "user", "content": "What is it?"});
    for (message, place) in [
        (
            json!({"role": "user", "content": [{"type": "text", "text": "And this?"}, {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}]}),
            "messages[1].content[1].input_audio",
        ),
        (json!({"role": "assistant", "content": "A bell.", "audio": {"id": "audio_1"}}), "messages[1].audio"),
        (
            json!({"role": "user", "content": [{"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}}]}),
            "messages[1].content[0].video_url",
        ),
        (
            json!({"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}),
            "messages[1].content",
        ),
    ] {
        let said = saying(&json!([bell, message])).unwrap();
        assert_eq!(lost(&said, Loss::Meaning), [place]);
        assert!(lost(&said, Loss::Told).is_empty());
    }
}

#[test]
fn the_name_of_a_participant_is_told_whoever_it_is() {
    for role in ["user", "assistant", "system"] {
        let said = saying(&json!([{"role": role, "name": "ann", "content": "a"}])).unwrap();
        assert_eq!(lost(&said, Loss::Told), ["messages[].name"], "{role}");
    }
}

#[test]
fn what_messages_say_beyond_that_is_told_once_and_caching_marks_are_not() {
    let said = saying(&json!([
        {"role": "user", "name": "ann", "content": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}, "lang": "en"}]},
        {"role": "user", "name": "bob", "content": "b", "cache_control": {"type": "ephemeral"}},
        {"role": "assistant", "content": "c", "tool_calls": [tool_call("a", "f")], "prefix": true},
        {"role": "tool", "name": "f", "tool_call_id": "a", "content": "d", "is_final": true},
    ]))
    .unwrap();
    assert_eq!(
        lost(&said, Loss::Told),
        ["messages[].name", "messages[].content[].lang", "messages[].prefix", "messages[].is_final"]
    );
    assert_eq!(lost(&said, Loss::Nothing), ["cache_control"]);
}

#[test]
fn messages_of_the_wrong_shape_are_refused_by_their_place() {
    let param = |messages: Value| problem(saying(&messages)).0;
    assert_eq!(param(json!(["hi"])), "messages[0]");
    assert_eq!(param(json!([{"role": "user", "content": "a"}, {"content": "b"}])), "messages[1].role");
    assert_eq!(param(json!([{"role": "narrator", "content": "a"}])), "messages[0].role");
    assert_eq!(param(json!([{"role": "user", "content": 7}])), "messages[0].content");
    assert_eq!(param(json!([{"role": "user", "content": [7]}])), "messages[0].content[0]");
    assert_eq!(
        param(json!([{"role": "user", "content": [{"type": "text", "text": 7}]}])),
        "messages[0].content[0].text"
    );
    assert_eq!(param(json!([{"role": "assistant", "tool_calls": {}}])), "messages[0].tool_calls");
    assert_eq!(param(json!([{"role": "assistant", "tool_calls": ["x"]}])), "messages[0].tool_calls[0]");
    let custom = saying(
        &json!([{"role": "assistant", "tool_calls": [{"id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}]}]),
    );
    assert_eq!(lost(&custom.unwrap(), Loss::Meaning), ["messages[0].tool_calls[0].custom"]);
}
