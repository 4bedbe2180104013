//! The form of the answer. Each of these gives what all dialects can say, and what is left as it stands.

use super::object::{Object, is_bool, object, text};
use super::prose::{self, End};
use crate::json::Tree;

type Read<'a> = (Option<Tree<'a>>, Option<Tree<'a>>);

/// `response_format`
pub(super) fn chat(format: Tree<'_>) -> Read<'_> {
    let mut format = match Object::from_tree(format) {
        Ok(format) => format,
        Err(other) => return (None, Some(other)),
    };
    if !format.says("type", "json_schema") {
        return plain(format);
    }
    let Some(schema) = format.take_object("json_schema") else { return (None, format.rest()) };
    format.forget(&["type"]);
    let (read, other) = json_schema(schema, false);
    format.put_back("json_schema", other);
    (read, format.rest())
}

/// `text.format`
pub(super) fn responses(format: Tree<'_>) -> Read<'_> {
    match Object::from_tree(format) {
        Ok(mut format) if format.says("type", "json_schema") => {
            format.forget(&["type"]);
            json_schema(format, false)
        }
        Ok(format) => plain(format),
        Err(other) => (None, Some(other)),
    }
}

/// `output_config.format`, which holds the model to the schema in any case.
pub(super) fn messages(format: Tree<'_>) -> Read<'_> {
    match Object::from_tree(format) {
        Ok(mut format) if format.says("type", "json_schema") => {
            format.forget(&["type"]);
            json_schema(format, true)
        }
        Ok(format) => (None, format.rest()),
        Err(other) => (None, Some(other)),
    }
}

fn plain(mut format: Object<'_>) -> Read<'_> {
    if format.says("type", "text") {
        // What happens without it, unless there is more to it.
        let kind = format.take("type");
        if !format.is_spent() {
            format.put_back("type", kind);
        }
        return (None, format.rest());
    }
    let json = format.says("type", "json_object");
    if json {
        format.forget(&["type"]);
    }
    (json.then(|| object([("json", Some(Tree::Bool(true)))])), format.rest())
}

fn json_schema(mut of: Object<'_>, always_strict: bool) -> Read<'_> {
    let name = of.take_text("name").map(text);
    let about = of.take_text("description").filter(|about| !about.is_empty());
    let about = about.map(|about| text(prose::normal(about, End::Here)));
    let schema = of.take("schema");
    let mut strict = of.take_if("strict", |strict| is_bool(strict, true)).is_some();
    of.forget_default("strict", |strict| is_bool(strict, false));
    strict |= always_strict;
    let strict = strict.then_some(Tree::Bool(true));
    let known = [("name", name), ("description", about), ("schema", schema), ("strict", strict)];
    (Some(object([("json_schema", Some(object(known)))])), of.rest())
}
