use super::*;

#[test]
fn an_object_has_its_required_properties_or_all_of_them() {
    let schema = |required: Value| {
        json!({
            "type": "object",
            "properties": { "city": { "type": "string" }, "days": { "type": "integer", "minimum": 3 } },
            "required": required,
        })
    };
    assert_eq!(sample(&schema(json!(["city"]))), json!({ "city": "practice city" }));
    assert_eq!(sample(&schema(json!([]))), json!({ "city": "practice city", "days": 3 }));
}

#[test]
fn values_that_the_schema_spells_out_are_taken() {
    assert_eq!(sample(&json!({ "enum": ["celsius", "fahrenheit"] })), "celsius");
    assert_eq!(sample(&json!({ "const": 7 })), 7);
    assert_eq!(sample(&json!({ "type": "string", "default": "x" })), "x");
}

#[test]
fn every_type_has_a_value_of_that_type() {
    assert_eq!(sample(&json!({ "type": "number" })), 1.5);
    assert_eq!(sample(&json!({ "type": "number", "maximum": 0.5 })), 0.5);
    assert_eq!(sample(&json!({ "type": "boolean" })), true);
    assert_eq!(sample(&json!({ "type": "null" })), Value::Null);
    assert_eq!(sample(&json!({ "type": ["null", "string"] })), "practice value");
    assert_eq!(sample(&json!({ "type": "string", "format": "date" })), "2026-01-31");
    assert_eq!(sample(&json!({ "type": "string", "maxLength": 3 })), "pra");
    assert_eq!(sample(&json!({ "type": "string", "minLength": 16 })), "practice valuexx");
    assert_eq!(
        sample(&json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2 })),
        json!([1, 1])
    );
    assert_eq!(sample(&json!({ "type": "array" })), json!([]));
    assert_eq!(sample(&json!({})), json!({}));
}

#[test]
fn references_are_followed_but_not_for_ever() {
    let schema = json!({
        "type": "object",
        "properties": { "next": { "$ref": "#/$defs/node" } },
        "$defs": { "node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/node" } } } },
    });
    let mut value = sample(&schema);
    let mut depth = 0;
    while let Some(next) = value.get("next").cloned() {
        value = next;
        depth += 1;
    }
    assert!((2..=DEEPEST).contains(&depth), "nested {depth} deep");
    assert_eq!(sample(&json!({ "anyOf": [{ "type": "null" }, { "type": "boolean" }] })), true);
}

#[test]
fn a_schema_that_refers_to_itself_everywhere_ends_too() {
    let itself = json!({ "type": "array", "minItems": 16, "items": { "$ref": "#" } });
    let properties: Map<String, Value> = (0..100).map(|at| (format!("p{at}"), itself.clone())).collect();
    let written = sample(&json!({ "type": "object", "properties": properties })).to_string();
    assert!(written.len() < 2_000_000, "{} bytes", written.len());
}
