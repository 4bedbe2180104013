//! A text as lines that keep their own endings, and where in it the parts of a document stand.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

/// A text split after every line feed, so that joining the lines gives the same bytes.
pub(super) struct Lines<'t> {
    lines: Vec<&'t str>,
    ending: &'static str,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let ending = if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) {
            "\r\n"
        } else {
            "\n"
        };
        Self { lines: text.split_inclusive('\n').collect(), ending }
    }

    /// The index of the line that holds the byte.
    fn index_of(&self, byte: usize) -> usize {
        let mut end = 0;
        for (index, line) in self.lines.iter().enumerate() {
            end += line.len();
            if byte < end {
                return index;
            }
        }
        self.lines.len().saturating_sub(1)
    }

    /// Inserts lines as a paragraph of their own: after the line that holds the byte and the comments
    /// that go with it, or at the end.
    pub(super) fn insert_block(&self, block: &[&str], after: Option<usize>) -> String {
        let mut at = after.map_or(self.lines.len(), |byte| self.index_of(byte) + 1);
        let comments = self.lines.iter().skip(at).take_while(|line| is_comment(line)).count();
        if self.lines.get(at + comments).is_none_or(|line| is_blank(line)) {
            at += comments;
        }
        let (before, behind) = self.lines.split_at(at.min(self.lines.len()));
        let mut text = before.concat();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(self.ending);
        }
        if before.last().is_some_and(|line| !is_blank(line)) {
            text.push_str(self.ending);
        }
        for line in block {
            text.push_str(line);
            text.push_str(self.ending);
        }
        if behind.first().is_some_and(|line| !is_blank(line)) {
            text.push_str(self.ending);
        }
        text + &behind.concat()
    }

    /// Inserts a line before everything but an opening comment.
    pub(super) fn insert_at_top(&self, line: &str) -> String {
        let comments = self.lines.iter().take_while(|line| is_comment(line)).count();
        // A comment belongs to what follows it unless a blank line lies between.
        let at = match self.lines.get(comments) {
            Some(next) if comments > 0 && is_blank(next) && next.ends_with('\n') => comments + 1,
            _ => 0,
        };
        let (before, behind) = self.lines.split_at(at);
        let (mark, rest) = match behind.first().and_then(|line| line.strip_prefix('\u{feff}')) {
            Some(_) => ("\u{feff}", behind.concat().trim_start_matches('\u{feff}').to_owned()),
            None => ("", behind.concat()),
        };
        let gap = if behind.first().is_some_and(|line| !is_blank(line)) { self.ending } else { "" };
        format!("{}{mark}{line}{}{gap}{rest}", before.concat(), self.ending)
    }

    /// Inserts lines as a paragraph of their own, before the line that holds the byte and the comments
    /// directly above it.
    pub(super) fn insert_block_before(&self, block: &[&str], before: usize) -> String {
        let mut at = self.index_of(before);
        while at > 0 && self.lines.get(at - 1).is_some_and(|line| is_comment(line)) {
            at -= 1;
        }
        let (before, behind) = self.lines.split_at(at.min(self.lines.len()));
        let mut text = before.concat();
        if before.last().is_some_and(|line| !is_blank(line)) {
            text.push_str(self.ending);
        }
        for line in block {
            text.push_str(line);
            text.push_str(self.ending);
        }
        text.push_str(self.ending);
        text + &behind.concat()
    }

    /// Takes out the lines that hold this part of the text, and nothing else.
    pub(super) fn remove_only(&self, part: Range<usize>) -> String {
        let (first, last) = (self.index_of(part.start), self.index_of(part.end.saturating_sub(1)));
        let kept = self.lines.iter().enumerate().filter(|(at, _)| *at < first || *at > last);
        kept.map(|(_, line)| *line).collect()
    }

    /// Takes out the lines that hold these parts of the text, each with the comment lines directly above
    /// it, and with one blank line so that no double gap stays behind.
    pub(super) fn remove(&self, regions: &[Range<usize>]) -> String {
        let mut gone = vec![false; self.lines.len()];
        for region in regions {
            let (mut first, last) =
                (self.index_of(region.start), self.index_of(region.end.saturating_sub(1)));
            while first > 0 && self.lines.get(first - 1).is_some_and(|line| is_comment(line)) {
                first -= 1;
            }
            let blank_before = first > 0 && self.lines.get(first - 1).is_some_and(|line| is_blank(line));
            let ends_paragraph = self.lines.get(last + 1).is_none_or(|line| is_blank(line));
            if blank_before && ends_paragraph {
                first -= 1;
            }
            for line in gone.iter_mut().take(last + 1).skip(first) {
                *line = true;
            }
        }
        self.lines.iter().zip(gone).filter(|(_, gone)| !gone).map(|(line, _)| *line).collect()
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start_matches('\u{feff}').trim_start().starts_with('#')
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The text with other text in the place of a part of it.
pub(super) fn splice(text: &str, part: Range<usize>, replacement: &str) -> String {
    let (before, behind) =
        (text.get(..part.start).unwrap_or_default(), text.get(part.end..).unwrap_or_default());
    format!("{before}{replacement}{behind}")
}

/// The last byte of a value with everything under it, wherever in the text that stands.
pub(super) fn last_byte(value: &Spanned<DeValue<'_>>) -> usize {
    let own = value.span().end.saturating_sub(1);
    match value.get_ref() {
        DeValue::Table(table) => table.values().map(last_byte).fold(own, usize::max),
        DeValue::Array(items) => items.iter().map(last_byte).fold(own, usize::max),
        _ => own,
    }
}

/// The parts of the text that make up one entry of a table: its header with the keys under it, the headers
/// of its sub-tables likewise, or its key with its value.
pub(super) fn regions(
    text: &str,
    key: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
) -> Vec<Range<usize>> {
    let pair = || Vec::from([Range { start: key.span().start, end: value.span().end }]);
    let DeValue::Table(table) = value.get_ref() else { return pair() };
    let written = text.get(value.span()).unwrap_or_default();
    if written.starts_with('{') {
        return pair();
    }
    let under = table.iter().flat_map(|(key, value)| regions(text, key, value));
    if !written.starts_with('[') {
        return under.collect();
    }
    // A header's own keys follow it up to the next header; sub-tables keep regions of their own.
    let mut own = value.span();
    let mut others = Vec::new();
    for region in under {
        let between = text.get(own.end..region.start);
        let has_header = text.get(region.start..).is_some_and(|rest| rest.starts_with('['));
        if has_header || between.is_none() {
            others.push(region);
        } else {
            own.end = own.end.max(region.end);
        }
    }
    others.insert(0, own);
    others
}
