//! What Anthropic's grammar for answers that must match a schema can't express.
//!
//! <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>

use serde_json::Value;

use crate::ask::json::list;

const NUMBERS: [&str; 5] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const STRINGS: [&str; 2] = ["minLength", "maxLength"];
const ARRAYS: [&str; 2] = ["maxItems", "uniqueItems"];

/// Says what is wrong with a schema, as the vendor does behind the path to it.
pub(super) fn check(schema: &Value) -> Result<(), String> {
    let kind = schema.get("type").and_then(Value::as_str);
    let is_object = kind == Some("object") || schema.get("properties").is_some();
    if is_object && schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err("For 'object' type, 'additionalProperties' must be explicitly set to false".to_owned());
    }
    match kind {
        Some("integer" | "number") => none_of(schema, kind, &NUMBERS)?,
        Some("string") => none_of(schema, kind, &STRINGS)?,
        Some("array") => {
            none_of(schema, kind, &ARRAYS)?;
            if schema.get("minItems").and_then(Value::as_u64).is_some_and(|least| least > 1) {
                let message = "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
                return Err(message.to_owned());
            }
        }
        _ => {}
    }
    for holder in ["properties", "$defs", "definitions"] {
        for (_, inner) in schema.get(holder).and_then(Value::as_object).into_iter().flatten() {
            check(inner)?;
        }
    }
    for holder in ["anyOf", "allOf", "oneOf", "prefixItems"] {
        list(schema, holder).iter().try_for_each(check)?;
    }
    schema.get("items").map_or(Ok(()), check)
}

fn none_of(schema: &Value, kind: Option<&str>, refused: &[&str]) -> Result<(), String> {
    let kind = kind.unwrap_or_default();
    let mut found: Vec<&str> = refused.iter().copied().filter(|field| schema.get(field).is_some()).collect();
    found.sort_unstable();
    match found.as_slice() {
        [] => Ok(()),
        [one] => Err(format!("For '{kind}' type, property '{one}' is not supported")),
        many => Err(format!("For '{kind}' type, properties {} are not supported", many.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_grammar_cannot_say_is_named() {
        let object = |property: Value| json!({ "type": "object", "additionalProperties": false, "properties": { "a": property } });
        assert_eq!(check(&object(json!({ "type": "string", "format": "date" }))), Ok(()));
        assert_eq!(check(&object(json!({ "type": "array", "minItems": 1, "items": {} }))), Ok(()));
        let refused = [
            (json!({ "type": "object" }), "'additionalProperties' must be explicitly set to false"),
            (object(json!({ "type": "integer", "minimum": 1 })), "property 'minimum' is not supported"),
            (
                object(json!({ "type": "integer", "minimum": 1, "maximum": 2 })),
                "For 'integer' type, properties maximum, minimum are not supported",
            ),
            (object(json!({ "type": "string", "minLength": 1 })), "property 'minLength'"),
            (object(json!({ "type": "array", "minItems": 2 })), "'minItems' values other than 0 or 1"),
            (object(json!({ "anyOf": [{ "type": "object" }] })), "additionalProperties"),
            (object(json!({ "type": "array", "items": { "type": "object" } })), "additionalProperties"),
        ];
        for (schema, expected) in refused {
            let told = check(&schema).unwrap_err();
            assert!(told.contains(expected), "{schema}: {told}");
        }
    }
}
