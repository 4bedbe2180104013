//! Structured output, choices, probabilities and limits.

use evenkeel_practice::{PRACTICE_A, ProviderOptions, practice_text};
use serde_json::{Value, json};

use super::support::{CHAT, MESSAGES, RESPONSES, Stand, chat, message, response, weather_schema};

const FITS: &str = r#"{"city":"practice city"}"#;

#[tokio::test]
async fn a_schema_is_answered_alike_in_every_place_it_can_stand() {
    let stand = Stand::of(ProviderOptions::both(PRACTICE_A).with_responses()).await;
    let schema = weather_schema();
    let named = json!({ "name": "w", "schema": schema });
    let chat_format = json!({ "response_format": { "type": "json_schema", "json_schema": named } });
    assert_eq!(stand.ask(CHAT, chat("Hi", &chat_format)).await.text(), FITS);
    let format = json!({ "type": "json_schema", "schema": schema });
    for more in [json!({ "output_config": { "format": format } }), json!({ "output_format": format })] {
        assert_eq!(stand.ask(MESSAGES, message("Hi", &more)).await.text(), FITS);
    }
    let text = json!({ "text": { "format": { "type": "json_schema", "name": "w", "schema": schema } } });
    assert_eq!(stand.ask(RESPONSES, response("Hi", &text)).await.text(), FITS);
}

#[tokio::test]
async fn any_json_is_an_object_and_must_be_asked_for_in_words() {
    let stand = Stand::of(ProviderOptions::openai(PRACTICE_A).with_responses()).await;
    let format = json!({ "response_format": { "type": "json_object" } });
    assert_eq!(stand.ask(CHAT, chat("Answer in JSON", &format)).await.text(), "{}");
    let told = stand.ask(CHAT, chat("Answer", &format)).await.told();
    assert!(told.contains("must contain the word 'json'"), "{told}");
    let format = json!({ "text": { "format": { "type": "json_object" } } });
    assert_eq!(stand.ask(RESPONSES, response("Answer in JSON", &format)).await.text(), "{}");
    let told = stand.ask(RESPONSES, response("Answer", &format)).await.told();
    assert!(told.contains("must contain the word 'json'"), "{told}");
}

#[tokio::test]
async fn a_schema_that_the_vendor_cannot_hold_to_is_refused() {
    let stand = Stand::start().await;
    let strict = |schema: Value| {
        let named = json!({ "name": "w", "schema": schema, "strict": true });
        chat("Hi", &json!({ "response_format": { "type": "json_schema", "json_schema": named } }))
    };
    let answer = stand.ask(CHAT, strict(weather_schema())).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("response_format")));
    assert!(answer.told().ends_with("Missing 'unit'."), "{}", answer.told());

    let bounded = json!({
        "type": "object", "additionalProperties": false,
        "properties": { "n": { "type": "integer", "minimum": 1 } },
    });
    let format = json!({ "output_config": { "format": { "type": "json_schema", "schema": bounded } } });
    let told = stand.ask(MESSAGES, message("Hi", &format)).await.told();
    assert_eq!(told, "output_config.format.schema: For 'integer' type, property 'minimum' is not supported");
    let tool = json!({ "name": "t", "strict": true, "input_schema": bounded });
    let told = stand.ask(MESSAGES, message("Hi", &json!({ "tools": [tool] }))).await.told();
    assert!(told.starts_with("tools.0.custom: For 'integer' type"), "{told}");
}

#[tokio::test]
async fn eight_choices_are_the_most_and_each_is_counted() {
    let stand = Stand::start().await;
    let one = stand.ask(CHAT, chat("Hi", &json!({}))).await.json();
    let eight = stand.ask(CHAT, chat("Hi", &json!({ "n": 8 }))).await.json();
    assert_eq!(eight["choices"].as_array().unwrap().len(), 8);
    let tokens = |answer: &Value| answer["usage"]["completion_tokens"].as_u64().unwrap();
    assert_eq!(tokens(&eight), 8 * tokens(&one));
    let nine = stand.ask(CHAT, chat("Hi", &json!({ "n": 9 }))).await;
    assert_eq!((nine.status, &nine.json()["error"]["code"]), (400, &json!("integer_above_max_value")));
}

#[tokio::test]
async fn probabilities_cover_the_text_streamed_or_not() {
    let stand = Stand::start().await;
    let more = json!({ "logprobs": true, "top_logprobs": 2 });
    let whole = stand.ask(CHAT, chat("Hi", &more)).await.json();
    let joined = |tokens: &[Value]| -> String {
        tokens.iter().map(|token| token["token"].as_str().unwrap()).collect()
    };
    let content = whole["choices"][0]["logprobs"]["content"].as_array().unwrap();
    assert_eq!(joined(content), practice_text(PRACTICE_A, "Hi"));
    for token in content {
        let top = token["top_logprobs"].as_array().unwrap();
        assert_eq!((top.len(), &top[0]["token"]), (2, &token["token"]));
        assert!(
            token["logprob"].as_f64().unwrap() <= 0.0
                && top[1]["logprob"].as_f64() < top[0]["logprob"].as_f64()
        );
    }
    let more = json!({ "logprobs": true, "stream": true });
    let chunks = stand.ask(CHAT, chat("Hi", &more)).await.data();
    let streamed: Vec<Value> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["logprobs"]["content"].as_array())
        .flatten()
        .cloned()
        .collect();
    assert_eq!(joined(&streamed), practice_text(PRACTICE_A, "Hi"));
}

#[tokio::test]
async fn the_sequence_that_ended_an_answer_is_named_where_the_dialect_has_a_place_for_it() {
    let stand = Stand::of(ProviderOptions::both(PRACTICE_A).with_responses()).await;
    let stops = json!([" model", " practice"]);
    let chat = stand.ask(CHAT, chat("Hi", &json!({ "stop": stops }))).await.json();
    assert_eq!(
        (&chat["choices"][0]["finish_reason"], &chat["choices"][0]["message"]["content"]),
        (&json!("stop"), &json!("This is a"))
    );
    let more = json!({ "stop_sequences": stops, "stream": true });
    let events = stand.ask(MESSAGES, message("Hi", &more)).await.data();
    let delta = &events[events.len() - 2]["delta"];
    assert_eq!(
        (&delta["stop_reason"], &delta["stop_sequence"]),
        (&json!("stop_sequence"), &json!(" practice"))
    );
    let cut = stand.ask(RESPONSES, response("Hi", &json!({ "max_output_tokens": 16 }))).await.json();
    assert_eq!(
        (&cut["status"], &cut["incomplete_details"]["reason"], &cut["output"][0]["status"]),
        (&json!("incomplete"), &json!("max_output_tokens"), &json!("incomplete"))
    );
}
