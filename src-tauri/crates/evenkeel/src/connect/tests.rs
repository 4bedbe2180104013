use super::*;

#[test]
fn cursor_is_explained_and_not_offered() {
    let failure = tool("cursor").err().expect("not offered");
    assert_eq!(failure.code, Code::ToolUnsupported);
    assert!(failure.message.contains("own servers"), "{}", failure.message);
}

#[test]
fn an_unknown_tool_is_answered_with_those_there_are() {
    let failure = tool("emacs").err().expect("unknown");
    assert_eq!(failure.code, Code::UnknownTool);
    let hint = failure.hint.expect("a hint");
    for adapter in adapters::ALL {
        assert!(hint.contains(adapter.id()), "{hint}");
        assert_eq!(tool(adapter.id()).expect("known").id(), adapter.id());
    }
    assert_eq!(tool("claude").expect("known").id(), "claude-code");
}
