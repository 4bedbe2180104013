//! The objects of a Messages request, as loose as they come.
//!
//! Every field is a slice of the body, whatever its type; what is null is absent, and of a field that stands
//! twice the last one counts. Fields that are not listed are kept by name, so nothing goes unnoticed. The
//! conversions take these apart without `..`: a field that is added here and mapped nowhere does not compile.

use crate::json::{Fields, Raw};

macro_rules! objects {
    ($($(#[$doc:meta])* $object:ident { $($field:ident: $name:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $object<'a> {
            $(pub(super) $field: Option<Raw<'a>>,)*
            /// Names of fields that nobody here has heard of.
            pub(super) rest: Vec<String>,
        }

        impl<'a> $object<'a> {
            pub(super) fn read(fields: &Fields<'a>) -> Self {
                let mut object = Self::default();
                for (name, value) in fields.iter() {
                    let value = (value.get() != "null").then_some(value);
                    match name {
                        $($name => object.$field = value,)*
                        _ if value.is_some() => object.rest.push(name.to_owned()),
                        _ => {}
                    }
                }
                object
            }
        }
    )*};
}

objects! {
    /// The body.
    Request {
        model: "model",
        messages: "messages",
        system: "system",
        max_tokens: "max_tokens",
        stream: "stream",
        stop_sequences: "stop_sequences",
        temperature: "temperature",
        top_p: "top_p",
        top_k: "top_k",
        tools: "tools",
        tool_choice: "tool_choice",
        thinking: "thinking",
        output_config: "output_config",
        output_format: "output_format",
        metadata: "metadata",
        cache_control: "cache_control",
        service_tier: "service_tier",
        context_management: "context_management",
        betas: "betas",
        inference_geo: "inference_geo",
        speed: "speed",
        thread: "thread",
        container: "container",
        mcp_servers: "mcp_servers",
        compaction: "compaction",
        fallbacks: "fallbacks",
        fallback_credit_token: "fallback_credit_token",
        billing_policy: "billing_policy",
        diagnostics: "diagnostics",
        user_profile_id: "user_profile_id",
        workspace_id: "workspace_id",
    }

    /// One of `messages`. The last two belong to system messages in the middle of a conversation.
    Message { role: "role", content: "content", clear_at: "clear_at", output_config: "output_config" }

    #[expect(clippy::struct_field_names, reason = "the names are those of the API")]
    Text { kind: "type", text: "text", cache_control: "cache_control", citations: "citations" }

    Image { kind: "type", source: "source", cache_control: "cache_control", transformations: "transformations" }

    Document {
        kind: "type",
        source: "source",
        title: "title",
        context: "context",
        citations: "citations",
        cache_control: "cache_control",
    }

    /// Where an image's or a document's bytes are.
    Source {
        kind: "type",
        media_type: "media_type",
        data: "data",
        url: "url",
        file_id: "file_id",
        content: "content",
    }

    SearchResult {
        kind: "type",
        title: "title",
        source: "source",
        content: "content",
        citations: "citations",
        cache_control: "cache_control",
    }

    ToolUse {
        kind: "type",
        id: "id",
        name: "name",
        input: "input",
        cache_control: "cache_control",
        caller: "caller",
        toolset_name: "toolset_name",
    }

    ToolResult {
        kind: "type",
        tool_use_id: "tool_use_id",
        content: "content",
        is_error: "is_error",
        cache_control: "cache_control",
        toolset_name: "toolset_name",
    }

    #[expect(clippy::struct_field_names, reason = "the names are those of the API")]
    Thinking { kind: "type", thinking: "thinking", signature: "signature" }

    /// What stands for earlier messages that were summarised.
    Compaction {
        kind: "type",
        content: "content",
        cache_control: "cache_control",
        encrypted_content: "encrypted_content",
        signature: "signature",
        tool_changes: "tool_changes",
    }

    /// A tool that comes or goes in the middle of a conversation.
    ToolChange { kind: "type", tool: "tool", cache_control: "cache_control" }

    /// Which tool comes or goes.
    ToolReference { kind: "type", name: "name", tool_name: "tool_name", definition: "definition" }

    Tool {
        kind: "type",
        name: "name",
        description: "description",
        input_schema: "input_schema",
        strict: "strict",
        cache_control: "cache_control",
        defer_loading: "defer_loading",
        eager_input_streaming: "eager_input_streaming",
        allowed_callers: "allowed_callers",
        input_examples: "input_examples",
    }

    ToolChoice { kind: "type", name: "name", disable_parallel_tool_use: "disable_parallel_tool_use" }

    ThinkingConfig {
        kind: "type",
        budget_tokens: "budget_tokens",
        display: "display",
        block_binding: "block_binding",
    }

    OutputConfig { effort: "effort", format: "format", task_budget: "task_budget" }

    OutputFormat { kind: "type", schema: "schema", name: "name" }

    Metadata { user_id: "user_id" }
}
