//! A shell's start-up file: a program that nobody but the shell can read, so ours is one block between two marks.

use serde_json::{Map, Value};

use super::{Change, TextError};

/// The line above what is ours.
const BEGIN: &str = "# >>> evenkeel >>>";
/// The line below it.
const END: &str = "# <<< evenkeel <<<";
/// What the block is called in a document.
const BLOCK: &str = "block";

/// What is between the marks, under one key, and what is around them under another.
pub(super) fn read(text: &str) -> Result<Value, TextError> {
    let mut document = Map::new();
    let around = match block(text)? {
        Some((start, end)) => {
            let inner = text[start..end].lines().skip(1).filter(|line| line.trim_end() != END);
            document.insert(BLOCK.to_owned(), inner.collect::<Vec<_>>().join("\n").into());
            format!("{}{}", &text[..start], &text[end..])
        }
        None => text.to_owned(),
    };
    // The blank line above the block comes and goes with it.
    document.insert("around".to_owned(), around.trim_end().into());
    Ok(Value::Object(document))
}

pub(super) fn put(text: &str, change: Change<'_>) -> Result<String, TextError> {
    let found = block(text)?;
    match change {
        Change::Set(value) => {
            let lines = value.as_str().unwrap_or_default();
            let ours = format!("{BEGIN}\n{lines}\n{END}\n");
            if let Some((start, end)) = found {
                return Ok(format!("{}{ours}{}", &text[..start], &text[end..]));
            }
            let gap = match text {
                "" => "",
                text if text.ends_with("\n\n") => "",
                text if text.ends_with('\n') => "\n",
                _ => "\n\n",
            };
            Ok(format!("{text}{gap}{ours}"))
        }
        Change::Remove(_) => {
            let Some((start, end)) = found else { return Ok(text.to_owned()) };
            let above = &text[..start];
            let above = above.strip_suffix('\n').filter(|above| above.ends_with('\n')).unwrap_or(above);
            Ok(format!("{above}{}", &text[end..]))
        }
    }
}

/// Where the block begins and ends, marks and line end included.
fn block(text: &str) -> Result<Option<(usize, usize)>, TextError> {
    let (mut at, mut start) = (0, None);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        match (line.trim_end(), start) {
            (BEGIN, None) => start = Some((at, number + 1)),
            (END, Some((start, _))) => return Ok(Some((start, at + line.len()))),
            _ => {}
        }
        at += line.len();
    }
    match start {
        None => Ok(None),
        Some((_, line)) => {
            Err(TextError::Invalid { line, what: format!("there is no line \"{END}\" below this one") })
        }
    }
}
