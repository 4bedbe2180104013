//! Which path speaks which dialect.

use super::*;

#[test]
fn a_vendors_own_path_decides_and_the_header_decides_elsewhere() {
    let cases = [
        ("/v1/messages", false, Dialect::Anthropic),
        ("/v1/messages?beta=true", false, Dialect::Anthropic),
        ("/v1/messages/count_tokens", false, Dialect::Anthropic),
        ("/v1/messages-of-old", false, Dialect::OpenAi),
        ("/v1/complete", false, Dialect::Anthropic),
        ("/v1/completions", true, Dialect::OpenAi),
        ("/v1/chat/completions", true, Dialect::OpenAi),
        ("/v1/responses/resp_1", true, Dialect::OpenAi),
        ("/v1/models", false, Dialect::OpenAi),
        ("/v1/models", true, Dialect::Anthropic),
        ("/v1/files", true, Dialect::Anthropic),
    ];
    for (path, header, dialect) in cases {
        assert_eq!(Dialect::for_path(path, header), dialect, "{path} with anthropic-version: {header}");
    }
}

#[test]
fn only_the_four_exchanges_are_read() {
    assert_eq!(Api::for_path("/v1/messages?beta=true"), Some(Api::Messages));
    assert_eq!(Api::for_path("/v1/chat/completions"), Some(Api::ChatCompletions));
    assert_eq!(Api::for_path("/v1/responses"), Some(Api::Responses));
    for path in
        ["/v1/responses/resp_1", "/v1/responses/", "/v1/responses/compact", "/v1/responses/input_tokens"]
    {
        assert_eq!(Api::for_path(path), None, "{path}");
    }
    assert_eq!(Api::for_path("/v1/messages/count_tokens"), None);
    assert_eq!(Api::for_path("/v1/embeddings"), Some(Api::Embeddings));
    assert_eq!(Api::Messages.dialect().as_str(), "anthropic");
    assert_eq!(serde_json::to_string(&Dialect::OpenAi).unwrap(), r#""openai""#);
}
