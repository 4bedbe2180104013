//! System, turns and content blocks.

use super::*;
use crate::canon::{Source, ToolCall, ToolResult};

fn block(block: &Value) -> Conversation {
    talk(json!([{"role": "user", "content": [block]}]))
}

fn only(conversation: &Conversation) -> &[Block] {
    assert_eq!(conversation.turns.len(), 1);
    &conversation.turns[0].blocks
}

fn call_and(result: &Value) -> Value {
    json!([
        {"role": "user", "content": "Go"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}]},
        {"role": "user", "content": [result]},
    ])
}

#[test]
fn case_08_the_system_prompt_may_be_a_string_or_blocks() {
    let string = with("system", json!("Be kind."));
    assert_eq!(string.turns[0], Turn { role: Role::System, blocks: vec![text("Be kind.")] });
    let blocks = with(
        "system",
        json!([
            {"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "text", "text": "Be brief."},
        ]),
    );
    assert_eq!(blocks.turns[0].blocks, [text("Be kind."), text("Be brief.")]);
    assert_eq!(told(&blocks), Vec::<&str>::new());
    assert_eq!(with("system", json!("")).turns.len(), 1);
    assert_eq!(with("system", json!(null)).turns.len(), 1);
}

#[test]
fn case_08_a_system_message_in_the_middle_keeps_its_place() {
    let conversation = talk(json!([
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Go on"},
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
    ]));
    let roles: Vec<_> = conversation.turns.iter().map(|turn| turn.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User, Role::System]);
    assert_eq!(told(&conversation), Vec::<&str>::new());
}

#[test]
fn a_system_message_for_one_turn_is_gone_after_it() {
    let passing = json!({"role": "system", "content": "Only now.", "clear_at": "next_user_message"});
    let now = talk(json!([{"role": "user", "content": "Hi"}, passing]));
    assert_eq!(now.turns.len(), 2);
    let later = talk(json!([
        {"role": "user", "content": "Hi"},
        passing,
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "And now?"},
    ]));
    assert!(later.turns.iter().all(|turn| turn.role != Role::System));
}

#[test]
fn the_accounting_line_of_claude_code_is_not_for_other_models() {
    let conversation = with(
        "system",
        json!([
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.197; cc_entrypoint=cli; cch=0;"},
            {"type": "text", "text": "You are a coding assistant."},
        ]),
    );
    assert_eq!(conversation.turns[0].blocks, [text("You are a coding assistant.")]);
}

#[test]
fn case_09_cache_marks_are_dropped_without_a_word() {
    let mark = json!({"type": "ephemeral"});
    let conversation = read_json(&json!({
        "model": "m", "max_tokens": 1, "cache_control": mark,
        "system": [{"type": "text", "text": "s", "cache_control": mark}],
        "tools": [{"name": "f", "input_schema": {"type": "object"}, "cache_control": mark}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "u", "cache_control": mark}]},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "t", "name": "f", "input": {}, "cache_control": mark},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": "r", "cache_control": mark},
            ]},
        ],
    }));
    assert_eq!(told(&conversation), Vec::<&str>::new());
    assert_eq!(lost(&conversation, Loss::Nothing), ["cache_control"]);
}

#[test]
fn tool_calls_keep_their_arguments_as_they_were_written() {
    let body = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"Go"},
        {"role":"assistant","content":[
            {"type":"tool_use","id":"toolu_1","name":"f","input":{ "b": 1.0, "a":"\u00e4" }},
            {"type":"tool_use","id":"toolu_2","name":"g"},
            {"type":"tool_use","id":"toolu_3","name":"h","input":"{\"x\":1}"},
            {"type":"tool_use","id":"toolu_4","name":"i","input":{"half":"\ud83d"}}]}]}"#;
    let conversation = read(body.as_bytes()).unwrap();
    let arguments: Vec<_> = conversation.turns[1]
        .blocks
        .iter()
        .map(|block| match block {
            Block::ToolCall(ToolCall { arguments, .. }) => arguments.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(arguments, [r#"{ "b": 1.0, "a":"\u00e4" }"#, "", r#"{"x":1}"#, r#"{"half":"\ufffd"}"#]);
}

#[test]
fn case_04_results_keep_their_content_and_their_failure() {
    let result = |extra: Value| {
        let mut result = json!({"type": "tool_result", "tool_use_id": "toolu_1"});
        result.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        match talk(call_and(&result)).turns.swap_remove(2).blocks.swap_remove(0) {
            Block::ToolResult(ToolResult { content, is_error, .. }) => (content, is_error),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(result(json!({"content": "42"})), (vec![text("42")], false));
    assert_eq!(result(json!({"content": "no", "is_error": true})), (vec![text("no")], true));
    assert_eq!(result(json!({})), (vec![], false));
    assert_eq!(result(json!({"content": {"temperature": 21}})).0, [text(r#"{"temperature":21}"#)]);
    let png =
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}});
    let image = Source::Base64 { media_type: "image/png".to_owned(), data: "aGk=".to_owned() };
    assert_eq!(
        result(json!({"content": [{"type": "text", "text": "Look:"}, png]})).0,
        [text("Look:"), Block::Image(image)]
    );
    assert_eq!(
        result(json!({"content": [{"type": "tool_reference", "tool_name": "mcp_find"}]})).0,
        [text("The tool `mcp_find` is available.")]
    );
}

#[test]
fn case_04_an_orphaned_result_is_the_callers_fault() {
    let error = refused(&json!({"model": "m", "max_tokens": 1, "messages": [
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_9", "content": "42"}]},
    ]}));
    assert_eq!(error.param.as_deref(), Some("messages[0].content[0].tool_use_id"));
    assert!(error.message.contains("toolu_9"), "{}", error.message);
}

#[test]
fn case_34_images_by_bytes_by_address_and_by_file() {
    let image = |source: Value| match only(&block(&json!({"type": "image", "source": source}))) {
        [Block::Image(source)] => source.clone(),
        other => panic!("{other:?}"),
    };
    let inline = |data: &str| image(json!({"type": "base64", "media_type": "image/PNG", "data": data}));
    let png = Source::Base64 { media_type: "image/png".to_owned(), data: "aGkh".to_owned() };
    assert_eq!(inline("aGkh"), png);
    assert_eq!(inline("aG\r\nkh\n"), png, "without line breaks");
    assert_eq!(
        image(json!({"type": "url", "url": "https://e.org/a"})),
        Source::Url("https://e.org/a".to_owned())
    );
    assert_eq!(image(json!({"type": "file", "file_id": "file_1"})), Source::Stored("file_1".to_owned()));
    let broken = block(&json!({"type": "image", "source": {"type": "magic"}}));
    assert_eq!(lost(&broken, Loss::Meaning), ["messages[0].content[0].source"]);
}

#[test]
fn case_35_documents_in_all_their_forms() {
    let document = |source: Value| {
        let conversation = block(&json!({"type": "document", "source": source, "title": "Plan"}));
        only(&conversation).to_vec()
    };
    let named = |source| Block::Document { source, name: Some("Plan".to_owned()) };
    let pdf = json!({"type": "base64", "media_type": "application/pdf", "data": "JVBE"});
    let bytes = Source::Base64 { media_type: "application/pdf".to_owned(), data: "JVBE".to_owned() };
    assert_eq!(document(pdf), [named(bytes)]);
    assert_eq!(
        document(json!({"type": "url", "url": "https://e.org"})),
        [named(Source::Url("https://e.org".to_owned()))]
    );
    assert_eq!(
        document(json!({"type": "text", "media_type": "text/plain", "data": "words"})),
        [named(Source::Text("words".to_owned()))]
    );
    assert_eq!(
        document(json!({"type": "file", "file_id": "file_1"})),
        [named(Source::Stored("file_1".to_owned()))]
    );
    assert_eq!(
        document(json!({"type": "content", "content": "words"})),
        [named(Source::Text("words".to_owned()))]
    );
    let parts = json!({"type": "content", "content": [
        {"type": "text", "text": "One."},
        {"type": "image", "source": {"type": "url", "url": "https://e.org/a.png"}},
        {"type": "text", "text": "Two."},
    ]});
    assert_eq!(
        document(parts),
        [
            named(Source::Text("One.\n\nTwo.".to_owned())),
            Block::Image(Source::Url("https://e.org/a.png".to_owned())),
        ]
    );
}

#[test]
fn what_is_said_about_a_document_stands_before_it_and_citations_are_told() {
    let conversation = block(&json!({
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "words"},
        "context": "A letter of 1913.",
        "citations": {"enabled": true},
    }));
    assert_eq!(only(&conversation)[0], text("A letter of 1913."));
    assert_eq!(told(&conversation), ["messages[].content[].citations"]);
    let off = block(&json!({
        "type": "document", "citations": {"enabled": false},
        "source": {"type": "text", "media_type": "text/plain", "data": "words"},
    }));
    assert_eq!(told(&off), Vec::<&str>::new());
}

#[test]
fn search_results_become_text_that_names_its_source() {
    let conversation = block(&json!({
        "type": "search_result",
        "title": "Ulm",
        "source": "https://e.org/ulm",
        "content": [{"type": "text", "text": "A city."}, {"type": "text", "text": "On the Danube."}],
    }));
    let expected = "Search result: Ulm\nSource: https://e.org/ulm\n\nA city.\nOn the Danube.";
    assert_eq!(only(&conversation), [text(expected)]);
}

#[test]
fn case_17_thinking_is_kept_apart_and_what_is_redacted_is_dropped() {
    let conversation = talk(json!([
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "EqQB"},
            {"type": "redacted_thinking", "data": "EmwK"},
            {"type": "text", "text": "Because."},
        ]},
        {"role": "user", "content": "I see."},
    ]));
    assert_eq!(conversation.turns[1].blocks, [Block::Thinking("Hm.".to_owned()), text("Because.")]);
    assert_eq!(told(&conversation), Vec::<&str>::new());
}

#[test]
fn a_summary_of_earlier_messages_is_text_unless_it_is_encrypted() {
    let compacted = |block: Value| {
        talk(json!([{"role": "assistant", "content": [block]}, {"role": "user", "content": "Go on"}]))
    };
    let readable = compacted(json!({"type": "compaction", "content": "They met.", "signature": "x"}));
    assert_eq!(readable.turns[0].blocks, [text("Summary of the conversation up to here:\nThey met.")]);
    assert_eq!(told(&readable), Vec::<&str>::new());
    let sealed = compacted(json!({"type": "compaction", "encrypted_content": "x"}));
    assert_eq!(lost(&sealed, Loss::Meaning), ["messages[0].content[0].compaction"]);
}

#[test]
fn blocks_of_the_providers_own_tools_change_the_meaning() {
    for kind in [
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "mcp_tool_use",
        "mcp_tool_result",
        "container_upload",
        "code_execution_tool_result",
        "advisor_tool_result",
        "tool_search_tool_result",
        "something_of_next_year",
    ] {
        let conversation = talk(json!([
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": kind, "id": "srvtoolu_1"}]},
            {"role": "user", "content": "Go on"},
        ]));
        assert_eq!(lost(&conversation, Loss::Meaning), [format!("messages[1].content[1].{kind}")]);
    }
    let readable = talk(json!([{"role": "user", "content": [{"type": "note", "text": "Remember."}]}]));
    assert_eq!(readable.turns[0].blocks, [text("Remember.")]);
    assert_eq!(told(&readable), ["messages[].content[].note"]);
}

#[test]
fn a_call_made_by_code_at_the_provider_changes_the_meaning() {
    let called_by = |caller: Value| {
        talk(json!([
            {"role": "user", "content": "Go"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "t", "name": "f", "input": {}, "caller": caller},
            ]},
        ]))
    };
    let direct = called_by(json!({"type": "direct"}));
    assert_eq!(lost(&direct, Loss::Meaning), Vec::<&str>::new());
    let code = called_by(json!({"type": "code_execution_20250825", "tool_id": "srvtoolu_1"}));
    assert_eq!(lost(&code, Loss::Meaning), ["messages[1].content[0].caller"]);
}

#[test]
fn a_prefilled_answer_is_kept_and_told() {
    let conversation = talk(json!([
        {"role": "user", "content": "As JSON, please"},
        {"role": "assistant", "content": "{"},
    ]));
    assert_eq!(conversation.turns[1], Turn { role: Role::Assistant, blocks: vec![text("{")] });
    assert_eq!(told(&conversation), ["messages[-1].prefill"]);
}

#[test]
fn wrong_messages_are_named() {
    let cases = [
        (json!("Hi"), "messages"),
        (json!(["Hi"]), "messages[0]"),
        (json!([{"role": "tool", "content": "Hi"}]), "messages[0].role"),
        (json!([{"content": "Hi"}]), "messages[0].role"),
        (json!([{"role": "user", "content": 7}]), "messages[0].content"),
        (json!([{"role": "user", "content": ["Hi"]}]), "messages[0].content[0]"),
        (json!([{"role": "user", "content": [{"type": "tool_use", "name": "f"}]}]), "messages[0].content[0]"),
        (
            json!([{"role": "assistant", "content": [{"type": "tool_use", "id": "t"}]}]),
            "messages[0].content[0].name",
        ),
        (
            json!([{"role": "assistant", "content": [{"type": "tool_result", "tool_use_id": "t"}]}]),
            "messages[0].content[0]",
        ),
    ];
    for (messages, param) in cases {
        let error = refused(&json!({"model": "m", "max_tokens": 1, "messages": messages}));
        assert_eq!(error.param.as_deref(), Some(param), "{messages}: {}", error.message);
    }
    assert_eq!(refused(&json!({"model": "m"})).param.as_deref(), Some("messages"));
    assert_eq!(read(b"[]").unwrap_err().param, None);
    assert_eq!(read(b"\xff").unwrap_err().message, "The body is not JSON: it is not UTF-8 at byte 0.");
}

#[test]
fn half_a_surrogate_pair_is_no_reason_to_fail() {
    let body = br#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a\ud83d b\ud83d\ude00 \\ud83d"}]}"#;
    let conversation = read(body).unwrap();
    assert_eq!(conversation.turns[0].blocks, [text("a\u{fffd} b\u{1f600} \\ud83d")]);
}
