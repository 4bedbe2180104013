//! YAML: no crate changes it and keeps its comments, so lines are put in and taken out, and only at the top.
//!
//! What is done here is deliberately little: a value on one line, and an entry of a list written one entry a line or
//! block. A file written in another way is refused, and its owner gets the lines to add. A real parser reads the text
//! before and after.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

use super::{Change, Place, TextError};

pub(super) fn read(text: &str) -> Result<Value, TextError> {
    let documents = Yaml::load_from_str(text)
        .map_err(|error| TextError::Invalid { line: error.marker().line(), what: error.info().to_owned() })?;
    match documents.as_slice() {
        [] => Ok(Value::Object(Map::new())),
        [one] => match document(one, 0)? {
            Value::Null => Ok(Value::Object(Map::new())),
            Value::Object(keys) => Ok(Value::Object(keys)),
            _ => Err(TextError::refused("it isn't a list of names and values")),
        },
        _ => Err(TextError::refused("it holds more than one document")),
    }
}

fn document(yaml: &Yaml<'_>, depth: usize) -> Result<Value, TextError> {
    if depth > 100 {
        return Err(TextError::refused("it is nested too deeply"));
    }
    Ok(match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(yes)) => (*yes).into(),
        Yaml::Value(Scalar::Integer(number)) => (*number).into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Sequence(entries) => {
            Value::Array(entries.iter().map(|entry| document(entry, depth + 1)).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(keys) => {
            let mut map = Map::new();
            for (key, value) in keys {
                let key = match key {
                    Yaml::Value(Scalar::String(text)) => text.to_string(),
                    other => format!("{other:?}"),
                };
                map.insert(key, document(value, depth + 1)?);
            }
            Value::Object(map)
        }
        // Never ours: only compared with itself.
        other => Value::String(format!("{other:?}")),
    })
}

pub(super) fn put(text: &str, place: &Place, change: Change<'_>) -> Result<String, TextError> {
    let [key] = place.path.as_slice() else {
        return Err(TextError::refused(format!("{place} doesn't stand at the top")));
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let section = section(&lines, key);
    match (change, place.entry, section) {
        (Change::Set(value), false, None) => Ok(appended(text, &format!("{key}: {}\n", word(value)?))),
        (Change::Set(value), false, Some(section)) => replaced(&lines, &section, key, value),
        (Change::Remove(_), false, Some(section)) => section
            .is_one_line(&lines)
            .then(|| without(&lines, section.start, section.start + 1))
            .ok_or_else(|| odd(key)),
        (Change::Set(value), true, None) => Ok(appended(text, &format!("{key}:\n{}", block(value, "  ")?))),
        (Change::Set(value), true, Some(section)) => added(&lines, &section, key, value),
        (Change::Remove(value), true, Some(section)) => taken_out(text, &lines, &section, key, value),
        (Change::Remove(_), _, None) => Ok(text.to_owned()),
    }
}

/// The lines of one key at the top.
struct Section {
    start: usize,
    /// Behind the last line that says something.
    end: usize,
    /// What stands behind the colon, comment included.
    rest: String,
}

impl Section {
    fn is_one_line(&self, lines: &[&str]) -> bool {
        lines[self.start + 1..self.end].iter().all(|line| is_blank(line))
    }
}

fn section(lines: &[&str], key: &str) -> Option<Section> {
    let names = [format!("{key}:"), format!("\"{key}\":"), format!("'{key}':")];
    let start = lines.iter().position(|line| {
        names.iter().any(|name| {
            line.strip_prefix(name.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']))
        })
    })?;
    let rest = lines[start].split_once(':').map(|(_, rest)| rest.trim().to_owned()).unwrap_or_default();
    let next =
        lines[start + 1..].iter().position(|line| is_next(line)).map_or(lines.len(), |at| start + 1 + at);
    let indent = lines[start + 1..next].iter().find(|line| !is_blank(line)).map_or(0, |line| indent_of(line));
    let mut end = next;
    while end > start + 1
        && (lines[end - 1].trim().is_empty()
            || (is_blank(lines[end - 1]) && indent_of(lines[end - 1]) <= indent))
    {
        end -= 1;
    }
    Some(Section { start, end, rest })
}

/// Whether a line begins something else at the top. An entry of a list may begin there too and belongs to the key above.
fn is_next(line: &str) -> bool {
    let text = line.trim_end();
    let is_entry = text == "-" || text.starts_with("- ");
    !(text.is_empty() || text.starts_with([' ', '\t', '#']) || is_entry)
}

fn is_blank(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.starts_with('#')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn odd(key: &str) -> TextError {
    TextError::refused(format!("{key} is written in a way that can't be changed safely"))
}

fn appended(text: &str, lines: &str) -> String {
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{gap}{lines}")
}

fn without(lines: &[&str], from: usize, to: usize) -> String {
    [&lines[..from], &lines[to..]].concat().concat()
}

fn replaced(lines: &[&str], section: &Section, key: &str, value: &Value) -> Result<String, TextError> {
    if !section.is_one_line(lines) {
        return Err(odd(key));
    }
    let line = lines[section.start];
    let (name, _) = line.split_once(':').ok_or_else(|| odd(key))?;
    let comment = comment_of(&section.rest).ok_or_else(|| odd(key))?;
    let gap = if comment.is_empty() { "" } else { "  " };
    let end = if line.ends_with('\n') { "\n" } else { "" };
    let new = format!("{name}: {}{gap}{comment}{end}", word(value)?);
    Ok(format!("{}{new}{}", lines[..section.start].concat(), lines[section.start + 1..].concat()))
}

/// The comment behind a value of one line; `None` where the value is of another kind.
fn comment_of(rest: &str) -> Option<&str> {
    if rest.starts_with('#') {
        return Some(rest);
    }
    if rest.starts_with(['|', '>', '{', '[', '&', '*', '!']) {
        return None;
    }
    let behind = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let end = rest[1..].find(quote)?;
            &rest[1..][end + 1..]
        }
        _ => rest,
    };
    Some(behind.find(" #").map_or("", |at| &behind[at + 1..]))
}

fn added(lines: &[&str], section: &Section, key: &str, value: &Value) -> Result<String, TextError> {
    if !(section.rest.is_empty() || section.rest.starts_with('#')) {
        return Err(odd(key));
    }
    let indent = entries(lines, section).first().map_or(2, |at| indent_of(lines[*at]));
    let before = lines[..section.end].concat();
    let entry = block(value, &" ".repeat(indent))?;
    Ok(format!("{}{}", appended(&before, &entry), lines[section.end..].concat()))
}

/// The lines on which the entries of a list begin.
fn entries(lines: &[&str], section: &Section) -> Vec<usize> {
    let inner = section.start + 1..section.end;
    let Some(first) = inner.clone().find(|at| !is_blank(lines[*at])) else { return Vec::new() };
    let indent = indent_of(lines[first]);
    let is_entry = |line: &str| {
        let text = line.trim();
        indent_of(line) == indent && (text == "-" || text.starts_with("- "))
    };
    inner.filter(|at| is_entry(lines[*at])).collect()
}

fn taken_out(
    text: &str,
    lines: &[&str],
    section: &Section,
    key: &str,
    value: &Value,
) -> Result<String, TextError> {
    let document = read(text)?;
    let list = document.get(key).and_then(Value::as_array).ok_or_else(|| odd(key))?;
    let begins = entries(lines, section);
    if begins.len() != list.len() {
        return Err(odd(key));
    }
    let Some(at) = list.iter().position(|entry| entry == value) else { return Ok(text.to_owned()) };
    // Comments between this entry and the next are about the next.
    let mut end = begins.get(at + 1).copied().unwrap_or(section.end);
    while end > begins[at] + 1 && is_blank(lines[end - 1]) && begins.get(at + 1).is_some() {
        end -= 1;
    }
    Ok(without(lines, begins[at], end))
}

/// An entry of a list, one line or a block.
fn block(value: &Value, indent: &str) -> Result<String, TextError> {
    let Value::Object(keys) = value else { return Ok(format!("{indent}- {}\n", word(value)?)) };
    let mut text = String::new();
    for (key, value) in keys {
        let lead = if text.is_empty() { "- " } else { "  " };
        text.extend([indent, lead, key, ": ", &word(value)?, "\n"]);
    }
    Ok(text)
}

/// A value on one line.
fn word(value: &Value) -> Result<String, TextError> {
    match value {
        Value::String(text) if is_plain(text) => Ok(text.clone()),
        // JSON's strings are YAML's, too.
        Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Null => Ok(value.to_string()),
        Value::Array(entries) => {
            Ok(format!("[{}]", entries.iter().map(word).collect::<Result<Vec<_>, _>>()?.join(", ")))
        }
        Value::Object(_) => Err(TextError::refused("a value of this kind can't be put back")),
    }
}

/// Whether a text is the same without quotes.
fn is_plain(text: &str) -> bool {
    let special = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/.=".contains(&byte) || byte == b':')
        && !text.ends_with(':')
        && !special.contains(&text.to_ascii_lowercase().as_str())
}
