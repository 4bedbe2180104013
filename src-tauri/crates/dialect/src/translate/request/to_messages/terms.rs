//! What the client calls the things that it may have to be told about.

use crate::Api;

#[derive(Debug)]
pub(super) struct Terms {
    pub(super) reasoning: &'static str,
    pub(super) format: &'static str,
    pub(super) format_schema: &'static str,
    pub(super) stop: &'static str,
    pub(super) user: &'static str,
    pub(super) image: &'static str,
    pub(super) file: &'static str,
    pub(super) strict_tool: &'static str,
    pub(super) tool_schema: &'static str,
}

impl Terms {
    pub(super) fn of(api: Api) -> &'static Self {
        match api {
            Api::ChatCompletions | Api::Embeddings => &Self {
                reasoning: "reasoning_effort",
                format: "response_format",
                format_schema: "response_format.json_schema.schema",
                stop: "stop",
                user: "user",
                image: "messages[].content[].image_url",
                file: "messages[].content[].file",
                strict_tool: "tools[].function.strict",
                tool_schema: "tools[].function.parameters",
            },
            Api::Responses => &Self {
                reasoning: "reasoning.effort",
                format: "text.format",
                format_schema: "text.format.schema",
                stop: "stop",
                user: "user",
                image: "input[].content[].image_url",
                file: "input[].content[].file_data",
                strict_tool: "tools[].strict",
                tool_schema: "tools[].parameters",
            },
            Api::Messages => &Self {
                reasoning: "thinking",
                format: "output_config.format",
                format_schema: "output_config.format.schema",
                stop: "stop_sequences",
                user: "metadata.user_id",
                image: "messages[].content[].source",
                file: "messages[].content[].source",
                strict_tool: "tools[].strict",
                tool_schema: "tools[].input_schema",
            },
        }
    }
}
