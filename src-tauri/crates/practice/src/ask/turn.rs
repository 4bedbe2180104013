//! A conversation without a dialect, and what an answer needs to know of it.

/// Whose turn it is. What tools gave back belongs to the user's turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    System,
    User,
    Assistant,
}

/// What one side said in one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) pieces: Vec<Piece>,
}

/// One piece of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    File(Attachment),
    Call { id: String, tool: String, arguments: String },
    Result { id: String, content: Vec<Piece>, failed: bool },
    Refusal(String),
}

/// A picture or a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) kind: Kind,
    pub(crate) origin: Origin,
    /// A document's name or title.
    pub(crate) name: Option<String>,
}

/// What an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Image,
    Document,
}

/// Where an attachment's bytes are. They are counted, not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Bytes {
        media_type: String,
        size: usize,
    },
    Url(String),
    /// At the vendor, under its id.
    Stored(String),
}

/// What a tool gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolResult {
    /// The tool's name, found by the call.
    pub(crate) tool: String,
    pub(crate) text: String,
}

impl Turn {
    pub(crate) fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, pieces: vec![Piece::Text(text.into())] }
    }

    fn last_text(&self) -> Option<&str> {
        self.pieces.iter().rev().find_map(|piece| match piece {
            Piece::Text(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
    }
}

/// The last text of the user.
pub(crate) fn last_text(turns: &[Turn]) -> &str {
    let mut users = turns.iter().rev().filter(|turn| turn.role == Role::User);
    users.find_map(Turn::last_text).unwrap_or_default()
}

/// The results since the last turn of the model, each with the name that its call had.
pub(crate) fn results(turns: &[Turn]) -> Vec<ToolResult> {
    let begin = turns.iter().rposition(|turn| turn.role == Role::Assistant).map_or(0, |at| at + 1);
    results_in(&turns[begin..])
        .map(|(id, content)| ToolResult { tool: tool_of(turns, id).to_owned(), text: text_of(content) })
        .collect()
}

/// What all tools said since the user last said something, over however many turns.
pub(crate) fn heard(turns: &[Turn]) -> Vec<String> {
    let begin = last_said(turns).map_or(0, |at| at + 1);
    results_in(&turns[begin..]).map(|(_, content)| text_of(content)).collect()
}

/// The tools that were called since the user last said something.
pub(crate) fn called(turns: &[Turn]) -> Vec<&str> {
    calls(&turns[last_said(turns).unwrap_or_default()..]).map(|(_, tool)| tool).collect()
}

/// Every picture and document, those in tools' results included.
pub(crate) fn attachments(turns: &[Turn]) -> Vec<&Attachment> {
    fn collect<'a>(pieces: &'a [Piece], found: &mut Vec<&'a Attachment>) {
        for piece in pieces {
            match piece {
                Piece::File(file) => found.push(file),
                Piece::Result { content, .. } => collect(content, found),
                Piece::Text(_) | Piece::Call { .. } | Piece::Refusal(_) => {}
            }
        }
    }
    let mut found = Vec::new();
    for turn in turns {
        collect(&turn.pieces, &mut found);
    }
    found
}

/// The texts of some pieces, one to a line.
pub(crate) fn text_of(pieces: &[Piece]) -> String {
    let texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// The tool that a call with this id called.
pub(crate) fn tool_of<'a>(turns: &'a [Turn], id: &str) -> &'a str {
    calls(turns).rfind(|(call, _)| *call == id).map_or("a tool", |(_, tool)| tool)
}

fn last_said(turns: &[Turn]) -> Option<usize> {
    turns.iter().rposition(|turn| turn.role == Role::User && turn.last_text().is_some())
}

fn results_in(turns: &[Turn]) -> impl Iterator<Item = (&str, &[Piece])> {
    turns.iter().flat_map(|turn| &turn.pieces).filter_map(|piece| match piece {
        Piece::Result { id, content, .. } => Some((id.as_str(), content.as_slice())),
        _ => None,
    })
}

fn calls(turns: &[Turn]) -> impl DoubleEndedIterator<Item = (&str, &str)> {
    turns.iter().flat_map(|turn| &turn.pieces).filter_map(|piece| match piece {
        Piece::Call { id, tool, .. } => Some((id.as_str(), tool.as_str())),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
