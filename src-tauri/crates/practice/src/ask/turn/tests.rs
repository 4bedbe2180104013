use super::*;

fn call(id: &str, tool: &str) -> Piece {
    Piece::Call { id: id.to_owned(), tool: tool.to_owned(), arguments: "{}".to_owned() }
}

fn result(id: &str, text: &str) -> Piece {
    Piece::Result { id: id.to_owned(), content: vec![Piece::Text(text.to_owned())], failed: false }
}

fn turn(role: Role, pieces: Vec<Piece>) -> Turn {
    Turn { role, pieces }
}

#[test]
fn results_are_those_since_the_last_answer_whatever_message_they_came_in() {
    let asked = Turn::text(Role::User, "go");
    let answer = turn(Role::Assistant, vec![call("1", "first"), call("2", "second")]);
    let one_message = vec![
        asked.clone(),
        answer.clone(),
        turn(Role::User, vec![result("1", "a"), result("2", "b"), Piece::Text("thanks".into())]),
    ];
    let several = vec![
        asked,
        answer,
        turn(Role::User, vec![result("1", "a")]),
        turn(Role::User, vec![result("2", "b")]),
        Turn::text(Role::User, "thanks"),
    ];
    let expected = [("first", "a"), ("second", "b")];
    for turns in [one_message, several] {
        let results = results(&turns);
        let found: Vec<_> =
            results.iter().map(|result| (result.tool.as_str(), result.text.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(last_text(&turns), "thanks");
        assert_eq!(called(&turns), Vec::<&str>::new());
    }
}

#[test]
fn calls_count_from_the_users_last_words_on() {
    let turns = vec![
        Turn::text(Role::User, "old"),
        turn(Role::Assistant, vec![call("1", "old_tool")]),
        turn(Role::User, vec![result("1", "x")]),
        Turn::text(Role::User, "new"),
        turn(Role::Assistant, vec![call("2", "a")]),
        turn(Role::User, vec![result("2", "x")]),
        turn(Role::Assistant, vec![call("3", "b")]),
        turn(Role::User, vec![result("3", "x")]),
    ];
    assert_eq!(called(&turns), ["a", "b"]);
    assert_eq!(last_text(&turns), "new");
    assert_eq!(results(&turns)[0].tool, "b");
}

#[test]
fn an_empty_text_is_no_text_and_a_result_without_its_call_is_of_a_tool() {
    let turns = vec![
        Turn::text(Role::User, "said"),
        turn(Role::User, vec![result("9", "x"), Piece::Text(String::new())]),
    ];
    assert_eq!(last_text(&turns), "said");
    assert_eq!(results(&turns)[0].tool, "a tool");
}
