//! Ids of calls in the form that the model's host takes.

use std::borrow::Cow;

use crate::translate::request::spelling;

/// OpenAI refuses longer ids.
const LONGEST: usize = 40;

/// How an id is written. The same id is written in the same way wherever it stands, so that results still find
/// their calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// As it came, or a shorter one that stands for it.
    Short,
    /// Nine letters and digits: Mistral's API, and the chat templates of its models elsewhere, refuse all else.
    Nine,
}

impl Ids {
    /// What `model` takes, told from its name: its host may be anybody.
    pub(super) fn of(model: &str) -> Self {
        let families = ["mistral", "ministral", "magistral", "mixtral", "codestral", "devstral", "pixtral"];
        let model = model.to_ascii_lowercase();
        if families.into_iter().any(|family| model.contains(family)) { Self::Nine } else { Self::Short }
    }

    pub(super) fn sent(self, id: &str) -> Cow<'_, str> {
        match self {
            Self::Short => spelling::short(id, LONGEST),
            Self::Nine => spelling::letters_and_digits::<9>(id),
        }
    }
}
