//! The form of the answer.

use insta::assert_json_snapshot;
use serde_json::json;

use super::*;
use crate::canon::{Format, Tool};

fn asking_for(schema: &Value) -> Conversation {
    Conversation {
        turns: vec![says(Role::System, "You extract."), says(Role::User, "Anna, 7, Ulm")],
        format: Format::JsonSchema {
            name: Some("person".to_owned()),
            description: None,
            schema: raw(schema),
            strict: Some(true),
        },
        ..Conversation::default()
    }
}

fn person() -> Value {
    json!({
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
    })
}

/// The schema that is sent, or nothing if it can't be made to fit.
fn fitted(schema: &Value) -> Option<Value> {
    let sent = send(asking_for(schema));
    Some(sent.body.get("output_config")?["format"]["schema"].clone())
}

#[test]
fn case_23_a_schema_becomes_native_structured_output() {
    let sent = send(asking_for(&person()));
    assert_json_snapshot!(sent.body);
    assert_eq!(sent.dropped, Vec::<String>::new());
    assert_eq!(sent.memory.answer_tool, None);
}

#[test]
fn case_23_rules_that_the_grammar_refuses_move_into_the_description() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Order",
        "properties": {
            "code": {"type": "string", "minLength": 3, "maxLength": 8, "description": "The code."},
            "price": {"type": "number", "minimum": 0, "multipleOf": 0.01},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 5},
            "some": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "at": {"type": "string", "format": "date-time"},
            "color": {"type": "string", "format": "color"},
            "plain": {"type": "string", "pattern": "^[a-z]{2,5}-\\d+$"},
            "ahead": {"type": "string", "pattern": "^(?=.*\\d).+$"},
            "state": {"enum": ["open", "closed", null]},
            "either": {"oneOf": [{"type": "string"}, {"type": "integer", "maximum": 9}]},
        },
        "required": ["code", "price", "tags", "some", "at", "color", "plain", "ahead", "state", "either"],
    });
    let sent = send(asking_for(&schema));
    assert_json_snapshot!(sent.body["output_config"]["format"]["schema"]);
    let told: Vec<_> = sent
        .dropped
        .iter()
        .map(|field| field.strip_prefix("response_format.json_schema.schema.").unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "format",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minLength",
            "minimum",
            "multipleOf",
            "pattern"
        ]
    );
}

#[test]
fn case_23_every_object_is_closed_wherever_it_stands() {
    let open = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    let schema = json!({
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": open},
            "choice": {"anyOf": [open, {"type": "null"}]},
            "ref": {"$ref": "#/$defs/part", "description": "beside a reference"},
            "old": {"allOf": [{"$ref": "#/$defs/part"}], "description": "An older generator's."},
        },
        "required": ["list", "choice", "ref", "old"],
        "$defs": {"part": open},
    });
    let fitted = fitted(&schema).unwrap();
    let closed = fitted.to_string().matches(r#""additionalProperties":false"#).count();
    assert_eq!(closed, 4, "{fitted}");
    assert_eq!(fitted["properties"]["ref"], json!({"$ref": "#/$defs/part"}));
    assert_eq!(fitted["properties"]["old"]["anyOf"], json!([{"$ref": "#/$defs/part"}]));
}

#[test]
fn case_23_a_schema_that_closing_would_change_is_asked_for_by_other_means() {
    let with = |node: Value| json!({"type": "object", "properties": {"x": node}, "required": ["x"]});
    let part = json!({"type": "object", "properties": {"next": {"$ref": "#/$defs/part"}}});
    let unfit = [
        with(json!({"type": "object"})),
        with(json!({"type": "object", "additionalProperties": {"type": "string"}})),
        with(json!({"type": "object", "properties": {}, "additionalProperties": true})),
        with(json!({"type": "object", "patternProperties": {"^a": {}}, "additionalProperties": false})),
        with(json!({"type": "array", "prefixItems": [{"type": "string"}]})),
        with(json!({"allOf": [{"$ref": "#/a"}, {"$ref": "#/b"}]})),
        with(json!({"$ref": "https://example.com/schema.json"})),
        with(json!({"$ref": "#"})),
        with(json!({"not": {"type": "string"}})),
        with(json!({
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "anyOf": [{"type": "object", "properties": {"b": {"type": "string"}}}],
        })),
        with(json!({"enum": [{"a": 1}]})),
        with(json!({})),
        with(json!(true)),
        json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/part"}}, "$defs": {"part": part}}),
        json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/missing"}}, "$defs": {"a": {"$ref": "#/$defs/missing"}}}),
    ];
    for schema in unfit {
        let sent = send(asking_for(&schema));
        assert_eq!(sent.body.get("output_config"), None, "{schema}");
        assert_eq!(sent.memory.answer_tool.as_deref(), Some("person"), "{schema}");
        assert_eq!(sent.body["tools"][0]["input_schema"], schema, "the tool takes the schema as it is");
        assert_eq!(
            sent.body["tool_choice"],
            json!({"type": "tool", "name": "person", "disable_parallel_tool_use": true})
        );
        assert_eq!(sent.dropped, ["response_format"], "{schema}: it is no longer certain to match");
    }
}

#[test]
fn case_23_more_optional_fields_than_the_grammar_takes() {
    let optional = |n: usize| {
        let properties: serde_json::Map<_, _> =
            (0..n).map(|n| (format!("p{n}"), json!({"type": "string"}))).collect();
        json!({"type": "object", "properties": properties})
    };
    assert!(fitted(&optional(24)).is_some());
    assert!(fitted(&optional(25)).is_none());
    let unions = |n: usize| {
        let properties: serde_json::Map<_, _> =
            (0..n).map(|n| (format!("p{n}"), json!({"type": ["string", "null"]}))).collect();
        let required: Vec<_> = properties.keys().cloned().collect();
        json!({"type": "object", "properties": properties, "required": required})
    };
    assert!(fitted(&unions(16)).is_some());
    assert!(fitted(&unions(17)).is_none());
    let either = json!({"anyOf": [{"type": "string"}, {"type": "null"}]});
    let choices = json!({
        "type": "object",
        "properties": {"list": {"type": "array", "items": either}, "one": either},
        "required": ["list", "one"],
    });
    let mut many = unions(14);
    assert!(fitted(&choices).is_some());
    many["properties"]["both"] = choices.clone();
    many["required"].as_array_mut().unwrap().push(json!("both"));
    assert!(fitted(&many).is_some());
    many["properties"]["more"] = either;
    many["required"].as_array_mut().unwrap().push(json!("more"));
    assert!(fitted(&many).is_none());
}

#[test]
fn case_23_an_older_model_answers_through_a_made_up_tool() {
    let traits = ModelTraits { structured_output: false, ..ModelTraits::default() };
    let sent = send_to(asking_for(&person()), &traits);
    assert_json_snapshot!(sent.body);
    assert_eq!(sent.memory.answer_tool.as_deref(), Some("person"));
}

#[test]
fn case_23_with_tools_of_the_clients_own_the_form_is_asked_for_in_words() {
    let traits = ModelTraits { structured_output: false, ..ModelTraits::default() };
    let tools = vec![Tool { name: "find".to_owned(), description: None, parameters: None, strict: None }];
    let sent = send_to(Conversation { tools, ..asking_for(&person()) }, &traits);
    assert_eq!(sent.memory.answer_tool, None);
    assert_eq!(sent.body["tools"].as_array().unwrap().len(), 1);
    assert_eq!(sent.body["system"][0]["text"], "You extract.");
    let asked = sent.body["system"][1]["text"].as_str().unwrap();
    assert!(asked.contains("matches this JSON Schema") && asked.contains(r#""age""#), "{asked}");
    assert_eq!(sent.dropped, ["response_format"]);

    let native = Conversation {
        tools: vec![Tool { name: "find".to_owned(), description: None, parameters: None, strict: None }],
        ..asking_for(&person())
    };
    assert!(send(native).body.get("output_config").is_some(), "the native form gets along with tools");
}

#[test]
fn case_23_a_json_object_is_asked_for_in_words() {
    let conversation = Conversation { turns: hello(), format: Format::JsonObject, ..Conversation::default() };
    let sent = send(conversation);
    assert_eq!(sent.body["system"], "Answer with one JSON object and nothing else.");
    assert_eq!(sent.dropped, ["response_format"], "a promise became a request");
}

#[test]
fn a_long_chain_of_definitions_is_no_burden() {
    let definitions: serde_json::Map<_, _> = (0..5000)
        .map(|n| {
            let next = if n == 4999 {
                json!({"type": "string"})
            } else {
                json!({"$ref": format!("#/$defs/d{}", n + 1)})
            };
            (format!("d{n}"), next)
        })
        .collect();
    let schema = json!({
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/d0"}},
        "required": ["x"],
        "$defs": definitions,
    });
    assert!(fitted(&schema).is_some());
}
