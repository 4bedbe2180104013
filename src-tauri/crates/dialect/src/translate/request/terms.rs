//! What the client calls things: it is told of losses in the words of its own request.

use crate::Api;

/// Names of fields in one dialect's requests.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) limit: &'static str,
    pub(super) stop: &'static str,
    pub(super) reasoning: &'static str,
    pub(super) user: &'static str,
    pub(super) format: &'static str,
    pub(super) format_schema: &'static str,
    pub(super) strict_tool: &'static str,
    pub(super) tool_schema: &'static str,
    /// Content that has no place where it stands.
    pub(super) content: &'static str,
    pub(super) image: &'static str,
    pub(super) document: &'static str,
    /// What a result holds beside text.
    pub(super) attachment: &'static str,
}

impl Terms {
    pub(super) fn of(api: Api) -> &'static Self {
        match api {
            Api::ChatCompletions | Api::Embeddings => &Self {
                limit: "max_tokens",
                stop: "stop",
                reasoning: "reasoning_effort",
                user: "user",
                format: "response_format",
                format_schema: "response_format.json_schema.schema",
                strict_tool: "tools[].function.strict",
                tool_schema: "tools[].function.parameters",
                content: "messages[].content",
                image: "messages[].content[].image_url",
                document: "messages[].content[].file",
                attachment: "messages[].content[].image_url",
            },
            Api::Responses => &Self {
                limit: "max_output_tokens",
                stop: "stop",
                reasoning: "reasoning.effort",
                user: "user",
                format: "text.format",
                format_schema: "text.format.schema",
                strict_tool: "tools[].strict",
                tool_schema: "tools[].parameters",
                content: "input[].content",
                image: "input[].content[].input_image",
                document: "input[].content[].input_file",
                attachment: "input[].output",
            },
            Api::Messages => &Self {
                limit: "max_tokens",
                stop: "stop_sequences",
                reasoning: "thinking",
                user: "metadata.user_id",
                format: "output_config.format",
                format_schema: "output_config.format.schema",
                strict_tool: "tools[].strict",
                tool_schema: "tools[].input_schema",
                content: "messages[].content",
                image: "messages[].content[].image",
                document: "messages[].content[].document",
                attachment: "messages[].content[].tool_result.content",
            },
        }
    }
}
