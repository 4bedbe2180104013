//! Functions: offered, demanded, called, answered.

use evenkeel_dialect::translate::ModelTraits;
use serde_json::{Value, json};

use crate::cell::row;
use crate::media::{PNG, png_uri};
use crate::provider::{Answer, Said, Stop};

fn schema() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
}

/// A tool in the spelling of each client.
fn tools(name: &str, strict: bool) -> [Value; 3] {
    let mut function = json!({"name": name, "description": "Tells the weather.", "parameters": schema()});
    let mut own = json!({"name": name, "description": "Tells the weather.", "input_schema": schema()});
    if strict {
        function["strict"] = json!(true);
        own["strict"] = json!(true);
    }
    let mut flat = json!({"type": "function"});
    flat.as_object_mut().expect("an object").extend(function.as_object().expect("an object").clone());
    [json!([{"type": "function", "function": function}]), json!([flat]), json!([own])]
}

#[test]
fn a_call() {
    let [chat, responses, messages] = tools("weather", true);
    row("a_call")
        .ask("", json!({"tools": chat}), json!({"tools": responses}), json!({"tools": messages}))
        .answer(Answer::of(
            &[Said::Text("I look."), Said::Call("weather", r#"{"city": "Kiel"}"#)],
            Stop::Calls,
        ))
        .check();
}

#[test]
fn a_call_without_arguments() {
    let [chat, responses, messages] = [
        json!([{"type": "function", "function": {"name": "now"}}]),
        json!([{"type": "function", "name": "now"}]),
        json!([{"name": "now", "input_schema": {"type": "object"}}]),
    ];
    row("a_call_without_arguments")
        .ask("", json!({"tools": chat}), json!({"tools": responses}), json!({"tools": messages}))
        .answer(Answer::of(&[Said::Call("now", "")], Stop::Calls))
        .check();
}

#[test]
fn parallel_calls() {
    let [chat, responses, messages] = tools("weather", false);
    let mut answer = Answer::of(
        &[Said::Call("weather", r#"{"city":"Kiel"}"#), Said::Call("weather", r#"{"city":"Bonn"}"#)],
        Stop::Calls,
    );
    answer.interleaved = true;
    row("parallel_calls")
        .ask(
            "",
            json!({"tools": chat, "parallel_tool_calls": true}),
            json!({"tools": responses, "parallel_tool_calls": true}),
            json!({"tools": messages}),
        )
        .answer(answer)
        .check();
}

/// Two calls, and their results in the other order: a failure and an image.
#[test]
fn results() {
    let call = |id: &str, city: &str| json!({"id": id, "type": "function", "function": {"name": "weather", "arguments": json!({"city": city}).to_string()}});
    let chat = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "I look.", "tool_calls": [call("c1", "Kiel"), call("c2", "Bonn")]},
        {"role": "tool", "tool_call_id": "c2", "content": "no such city"},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "sunny"}, {"type": "image_url", "image_url": {"url": png_uri()}}]},
        {"role": "user", "content": "So?"},
    ]);
    let called = |id: &str, city: &str| json!({"type": "function_call", "call_id": id, "name": "weather", "arguments": json!({"city": city}).to_string()});
    let responses = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "I look."},
        called("c1", "Kiel"),
        called("c2", "Bonn"),
        {"type": "function_call_output", "call_id": "c2", "output": "no such city"},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "sunny"}, {"type": "input_image", "image_url": png_uri()}]},
        {"role": "user", "content": "So?"},
    ]);
    let used = |id: &str, city: &str| json!({"type": "tool_use", "id": id, "name": "weather", "input": {"city": city}});
    let image =
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}});
    let messages = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, used("c1", "Kiel"), used("c2", "Bonn")]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c2", "content": "no such city", "is_error": true},
            {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "sunny"}, image]},
            {"type": "text", "text": "So?"},
        ]},
    ]);
    let [offered, flat, own] = tools("weather", false);
    row("results")
        .ask(
            "",
            json!({"messages": chat, "tools": offered}),
            json!({"input": responses, "tools": flat}),
            json!({"messages": messages, "tools": own}),
        )
        .check();
}

#[test]
fn results_without_a_call() {
    row("results_without_a_call")
        .ask(
            "",
            json!({"messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "tool_call_id": "c1", "content": "sunny"}]}),
            json!({"input": [{"type": "function_call_output", "call_id": "c1", "output": "sunny"}]}),
            json!({"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "sunny"}]}]}),
        )
        .check();
}

#[test]
fn choices() {
    let [chat, responses, messages] = tools("weather", false);
    let chosen = |tools: &Value, choice: Value| json!({"tools": tools, "tool_choice": choice});
    let mut all = row("choices");
    for (label, word, own) in [("auto", "auto", "auto"), ("any", "required", "any"), ("none", "none", "none")]
    {
        let own = chosen(&messages, json!({"type": own}));
        all = all.ask(label, chosen(&chat, json!(word)), chosen(&responses, json!(word)), own);
    }
    all.ask(
        "this one",
        chosen(&chat, json!({"type": "function", "function": {"name": "weather"}})),
        chosen(&responses, json!({"type": "function", "name": "weather"})),
        chosen(&messages, json!({"type": "tool", "name": "weather"})),
    )
    .ask(
        "one at a time",
        json!({"tools": chat, "parallel_tool_calls": false}),
        json!({"tools": responses, "parallel_tool_calls": false}),
        chosen(&messages, json!({"type": "auto", "disable_parallel_tool_use": true})),
    )
    .check();
}

#[test]
fn choices_of_a_model_that_cannot_be_forced() {
    let [chat, responses, messages] = tools("weather", false);
    row("choices_of_a_model_that_cannot_be_forced")
        .traits(ModelTraits { forced_tools: false, ..ModelTraits::default() })
        .ask(
            "any",
            json!({"tools": chat, "tool_choice": "required"}),
            json!({"tools": responses, "tool_choice": "required"}),
            json!({"tools": messages, "tool_choice": {"type": "any"}}),
        )
        .check();
}

/// Names that the provider's dialect refuses come back as the client's own.
#[test]
fn names() {
    let long = "mcp__a_server_with_a_long_name__and_a_tool_with_a_name_that_is_longer_still";
    let [_, _, own] = tools(long, false);
    let [chat, _, _] = tools("files.read/all", false);
    let [_, mut flat, _] = tools("read", false);
    flat[0]["name"] = json!("read");
    row("names")
        .ask("chat", json!({"tools": chat}), Value::Null, Value::Null)
        .answer(Answer::of(&[Said::Call("files_read_all_6c54e183df435df2", "{}")], Stop::Calls))
        .check();
    row("names_too_long")
        .ask("messages", Value::Null, Value::Null, json!({"tools": own}))
        .answer(Answer::of(
            &[Said::Call("mcp__a_server_with_a_long_name__and_a_tool_with_f6082c3b88723a9f", "{}")],
            Stop::Calls,
        ))
        .check();
}

/// What only the Responses API has: tools of plain text, and tools in a namespace.
#[test]
fn tools_of_responses_alone() {
    let tools = json!([
        {"type": "custom", "name": "shell", "description": "Runs a command."},
        {"type": "namespace", "name": "files", "tools": [{"type": "function", "name": "read", "parameters": schema()}]},
        {"type": "web_search"},
    ]);
    let input = json!([
        {"role": "user", "content": "List and read."},
        {"type": "custom_tool_call", "call_id": "c1", "name": "shell", "input": "ls -la"},
        {"type": "custom_tool_call_output", "call_id": "c1", "output": "keel.rs"},
    ]);
    row("tools_of_responses_alone")
        .ask("", Value::Null, json!({"tools": tools, "input": input}), Value::Null)
        .answer(Answer::of(
            &[
                Said::Call("shell", r#"{"input":"cat \"keel.rs\""}"#),
                Said::Call("files__read", r#"{"city":"Kiel"}"#),
            ],
            Stop::Calls,
        ))
        .check();
}
