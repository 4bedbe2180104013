//! What the client calls things: it is told of losses in the words of its own request.

use crate::Api;

/// Names of fields in one dialect's requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) stop: &'static str,
    pub(super) limit: &'static str,
    pub(super) reasoning: &'static str,
    pub(super) format: &'static str,
    pub(super) image: &'static str,
    pub(super) document: &'static str,
    /// What a result holds beside text.
    pub(super) attachment: &'static str,
    pub(super) message: &'static str,
}

impl Terms {
    pub(super) fn of(api: Api) -> Self {
        match api {
            Api::ChatCompletions | Api::Embeddings => Self {
                stop: "stop",
                limit: "max_tokens",
                reasoning: "reasoning_effort",
                format: "response_format",
                image: "messages[].content[].image_url",
                document: "messages[].content[].file",
                attachment: "messages[].content[].image_url",
                message: "messages[].content",
            },
            Api::Messages => Self {
                stop: "stop_sequences",
                limit: "max_tokens",
                reasoning: "thinking",
                format: "output_config.format",
                image: "messages[].content[].image",
                document: "messages[].content[].document",
                attachment: "messages[].content[].tool_result.content",
                message: "messages[].content",
            },
            Api::Responses => Self {
                stop: "stop",
                limit: "max_output_tokens",
                reasoning: "reasoning.effort",
                format: "text.format",
                image: "input[].content[].input_image",
                document: "input[].content[].input_file",
                attachment: "input[].output",
                message: "input[].content",
            },
        }
    }
}
