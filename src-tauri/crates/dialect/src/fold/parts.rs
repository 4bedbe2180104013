//! Message content that comes as a list of parts instead of text.
//!
//! OpenAI's deltas carry text; Mistral's reasoning models send lists (`[{"type":"thinking","thinking":[…]}]`),
//! and go over to text for the answer. Parts of one kind that follow each other are pieces of one part.

use super::node::{Node, Object};

pub(super) fn grow_content(message: &mut Object, piece: Node) {
    let Some(content) = message.get_mut("content") else {
        message.set("content", piece);
        return;
    };
    match (content, piece) {
        (Node::List(parts), Node::List(more)) => more.into_iter().for_each(|part| grow(parts, part)),
        (Node::List(parts), Node::Text(text)) => {
            if !text.is_empty() {
                grow(parts, text_part(text));
            }
        }
        (content @ Node::Text(_), Node::List(more)) => {
            let text = std::mem::replace(content, Node::List(Vec::new()));
            grow_content(message, text);
            grow_content(message, Node::List(more));
        }
        (content, piece) => content.grow("content", piece),
    }
}

fn grow(parts: &mut Vec<Node>, part: Node) {
    let kind = kind_of(&part);
    match (parts.last_mut(), part) {
        (Some(Node::Object(last)), Node::Object(more))
            if kind.is_some() && last.text("type") == kind.as_deref() =>
        {
            for (name, piece) in more.into_fields() {
                match (last.get_mut(&name), piece) {
                    (Some(Node::List(known)), Node::List(more)) => {
                        for part in more {
                            grow(known, part);
                        }
                    }
                    (_, piece) => last.grow(&name, piece),
                }
            }
        }
        (_, part) => parts.push(part),
    }
}

/// The kind of a part that may come in pieces.
fn kind_of(part: &Node) -> Option<String> {
    match part.field("type") {
        Some(Node::Text(kind)) if kind == "text" || kind == "thinking" => Some(kind.clone()),
        _ => None,
    }
}

fn text_part(text: String) -> Node {
    let mut part = Object::default();
    part.set("type", Node::Text("text".to_owned()));
    part.set("text", Node::Text(text));
    Node::Object(part)
}
