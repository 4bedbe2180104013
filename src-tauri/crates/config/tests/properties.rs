//! What holds for every text: `parse` gives an answer, places lie inside the text, secrets stay inside it.

use evenkeel_config::{effective_toml, parse};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("fixtures/example.toml");
const CANARY: &str = "sk-canary-7f3a9b1c5d";

/// The example with a piece of it replaced by other text.
fn damaged() -> impl Strategy<Value = String> {
    let piece = prop_oneof!["\\PC{0,12}", "[\\[\\]{}=\"',.#\\n -]{0,6}", "[a-z_]{1,10} = [0-9a-z\"]{0,6}\n"];
    (any::<prop::sample::Index>(), 0_usize..40, piece).prop_map(|(at, length, piece)| {
        let characters: Vec<char> = EXAMPLE.chars().collect();
        let at = at.index(characters.len());
        let end = (at + length).min(characters.len());
        characters[..at].iter().chain(&piece.chars().collect::<Vec<_>>()).chain(&characters[end..]).collect()
    })
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let problems = match parse(text) {
        Ok(parsed) => {
            let written = effective_toml(&parsed.config);
            let again = parse(&written).map(|parsed| parsed.config);
            prop_assert_eq!(again.as_ref(), Ok(&parsed.config), "{}", written);
            parsed.notices
        }
        Err(problems) => {
            prop_assert!(!problems.is_empty());
            problems
        }
    };
    let lines: Vec<&str> = text.split('\n').collect();
    for problem in problems {
        prop_assert!(problem.line >= 1 && problem.column >= 1);
        let line = lines.get(problem.line as usize - 1);
        prop_assert!(
            line.is_some_and(|line| problem.column as usize <= line.chars().count() + 1),
            "{problem:?}"
        );
        prop_assert!(!problem.message.is_empty() && !problem.fix.is_empty());
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in "\\PC*|[\\x00-\\x7f]*") {
        check(&text)?;
    }

    #[test]
    fn a_damaged_file_gets_an_answer(text in damaged()) {
        check(&text)?;
    }

    #[test]
    fn a_secret_anywhere_in_the_file_is_in_no_answer(at in any::<prop::sample::Index>(), quoted: bool) {
        // Between any two words of the example, as a bare word or a text of its own.
        let gaps: Vec<usize> = EXAMPLE.match_indices([' ', '\n', '"']).map(|(at, _)| at + 1).collect();
        let at = gaps[at.index(gaps.len())];
        let secret = if quoted { format!("\"{CANARY}\"") } else { CANARY.to_owned() };
        let text = format!("{}{secret}{}", &EXAMPLE[..at], &EXAMPLE[at..]);
        let answer = match parse(&text) {
            Ok(parsed) => format!("{:?}", parsed.notices),
            Err(problems) => format!("{problems:?}"),
        };
        prop_assert!(!answer.contains("canary"), "{}", answer);
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse(&deep).is_err());
    let dotted = format!("{} = 1", vec!["a"; 50_000].join("."));
    assert!(parse(&dotted).is_err());
}
