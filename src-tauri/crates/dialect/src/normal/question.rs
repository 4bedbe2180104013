//! What is asked, field by field, under names of our own.

use super::object::{Members, Object, is_empty, is_number, is_text, text};
use crate::json::Tree;

/// The fields that several dialects have.
#[derive(Debug, Default)]
pub(super) struct Question<'a>(Members<'a>);

impl<'a> Question<'a> {
    pub(super) fn set(&mut self, name: &'static str, value: Option<Tree<'a>>) {
        if let Some(value) = value {
            self.0.push((name.into(), value));
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The limit on the output. Of two names that say two things the second one stays as it stands.
    pub(super) fn max_output(&mut self, body: &mut Object<'a>, name: &str) {
        let known = self.0.iter().find(|(known, _)| known == "max_output").map(|(_, limit)| limit);
        match known {
            None => {
                let limit = body.take_if(name, |limit| matches!(limit, Tree::Number(_)));
                self.set("max_output", limit);
            }
            Some(Tree::Number(known)) => {
                let known: Result<f64, _> = known.parse();
                body.forget_default(name, |limit| known.is_ok_and(|known| is_number(limit, known)));
            }
            Some(_) => {}
        }
    }

    /// The texts that end the answer, as they are: a line feed is one.
    pub(super) fn stop(&mut self, body: &mut Object<'a>, name: &str) {
        body.forget_default(name, |stop| is_empty(stop) || is_text(stop, ""));
        let stop = match body.take_text(name) {
            Some(one) => Some(Tree::List(vec![text(one)])),
            None => body.take_list(name).map(Tree::List),
        };
        self.set("stop", stop);
    }

    /// How the next token is drawn.
    pub(super) fn sampling(&mut self, body: &mut Object<'a>) {
        for name in ["temperature", "top_p"] {
            body.forget_default(name, |value| is_number(value, 1.0));
            self.set(name, body.take(name));
        }
        self.set("top_k", body.take("top_k"));
    }

    /// How many words the model makes.
    pub(super) fn verbosity(&mut self, object: &mut Object<'a>) {
        object.forget_default("verbosity", |level| is_text(level, "medium"));
        self.set("verbosity", object.take("verbosity"));
    }

    pub(super) fn into_members(self) -> Members<'a> {
        self.0
    }
}
