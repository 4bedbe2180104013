//! What a Responses client called a tool that its provider knows under another name or in another form.
//!
//! The Responses API has two kinds of tools that nobody else has: `custom` ones, whose input is plain text
//! instead of JSON, and functions within a `namespace`. Both are sent on as functions, and a client
//! knows the call again only in its own terms: Codex refuses a call without the namespace that it declared.

use std::borrow::Cow;

use crate::json::{self, Fields};

/// The name of the one argument that carries a custom tool's text.
pub(crate) const INPUT: &str = "input";

/// One such tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOrigin {
    /// The function's name in the canonical form.
    pub name: String,
    /// The name as the client declared it.
    pub own_name: String,
    /// The namespace it was declared in.
    pub namespace: Option<String>,
    /// It takes text instead of JSON: a call of it is a `custom_tool_call`.
    pub custom: bool,
}

impl ToolOrigin {
    /// A custom tool's text as a function's arguments.
    pub(crate) fn arguments_of(input: &str) -> String {
        format!("{{\"{INPUT}\":{}}}", json::quoted(input))
    }

    /// The text of a custom tool's call, from the arguments that the model wrote to the function. A model that
    /// wrote something else meant that as the text.
    pub fn input_of(arguments: &str) -> Cow<'_, str> {
        let fields = Fields::parse(arguments.trim_ascii()).ok();
        let input = fields.as_ref().and_then(|fields| fields.get(INPUT)).and_then(json::text);
        input.unwrap_or(Cow::Borrowed(arguments))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_custom_tools_text_survives_being_an_argument(text in any::<String>()) {
            let arguments = ToolOrigin::arguments_of(&text);
            prop_assert_eq!(ToolOrigin::input_of(&arguments), text);
        }
    }

    #[test]
    fn what_is_no_argument_is_the_text_itself() {
        for text in ["ls -la", "", "{\"input\":5}", "{\"cmd\":\"ls\"}", "[1]", "{\"input\":\"cut o"] {
            assert_eq!(ToolOrigin::input_of(text), text);
        }
    }
}
