//! The form of the answer.
//!
//! In the order of how sure it is: the API's own structured output, if the model has it and the schema fits;
//! a made-up tool that must be called, if there are no other tools; an instruction. Never silently nothing.

use super::schema::Grammar;
use super::{Context, LONGEST_NAME, input_schema};
use crate::canon::{Format, Json};
use crate::json::{Fields, Raw};
use crate::translate::request::instructions;
use crate::translate::request::spelling::plain;
use crate::wire::messages as wire;

/// The made-up tool, where the client's schema has no name.
const ANSWER: &str = "answer";

/// How the form is asked for.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// For `output_config.format`.
    pub(super) native: Option<Json>,
    /// Must be called; its arguments are the answer.
    pub(super) tool: Option<wire::Tool>,
}

pub(super) fn plan(
    format: Format,
    may_make_up_a_tool: bool,
    grammar: &mut Grammar,
    context: &mut Context<'_>,
) -> Shape {
    let (name, description, schema, strict) = match format {
        Format::Text => return Shape::default(),
        // Asked for in words, and told: OpenAI promises JSON here, and nobody can promise it for this API.
        Format::JsonObject => {
            context.instructions.push(instructions::JSON_OBJECT.to_owned());
            context.losses.tell(context.terms.format);
            return Shape::default();
        }
        Format::JsonSchema { name, description, schema, strict } => (name, description, schema, strict),
    };
    let traits = context.question.traits;
    if traits.structured_output
        && let Some(fitted) = grammar.fit(&schema)
    {
        context.tell_moved(context.terms.format_schema, &fitted.moved);
        if let Some(description) = description {
            context.instructions.push(format!("What to answer with: {description}"));
        }
        return Shape { native: Some(fitted.schema), tool: None };
    }
    if strict == Some(true) {
        context.losses.tell(context.terms.format);
    }
    let fields = Fields::of(Raw::from(&*schema));
    let is_object = fields.is_some_and(|schema| schema.text("type").as_deref() == Some("object"));
    if may_make_up_a_tool && traits.forced_tools && is_object {
        let input_schema::Taken { schema, remark } = input_schema::read(Some(schema));
        let description = [Some("Give your answer by calling this.".to_owned()), description, remark];
        let tool = wire::Tool {
            name: plain(name.as_deref().unwrap_or(ANSWER), ANSWER, LONGEST_NAME).into_owned(),
            description: description.into_iter().flatten().reduce(|a, b| format!("{a} {b}")),
            input_schema: schema,
            strict: false,
        };
        return Shape { native: None, tool: Some(tool) };
    }
    context.instructions.push(instructions::json_schema(description.as_deref(), &schema));
    Shape::default()
}
