//! A provider's answer in the client's words: as it is, or translated. After `attempt` nobody else needs to
//! know which.

use bytes::Bytes;
use evenkeel_dialect::Api;
use evenkeel_dialect::fold::{Fold, FoldError};
use evenkeel_dialect::sse::Frame;
use evenkeel_dialect::translate::{FoldTranslator, StreamTranslator};
use evenkeel_dialect::usage::Usage;

use crate::question::Translation;

/// What the Chat Completions dialect ends with, for hosts that never send it.
const DONE: &[u8] = b"data: [DONE]\n\n";

/// A stream, event by event.
pub(crate) enum Wording {
    /// The same dialect: every byte as it came.
    AsItIs(Option<Api>),
    /// The other one.
    Translated(Box<StreamTranslator>),
}

impl Wording {
    pub(crate) fn new(api: Option<Api>, translation: Option<Translation>) -> Self {
        match translation {
            None => Self::AsItIs(api),
            Some(translation) => Self::Translated(Box::new(StreamTranslator::new(translation.reply))),
        }
    }

    /// What the client gets for one event; nothing, where its dialect has nothing to say yet.
    pub(crate) fn say(&mut self, frame: Frame) -> Result<Bytes, FoldError> {
        match self {
            Self::AsItIs(_) => Ok(frame.raw),
            Self::Translated(translator) => translator.push(&frame),
        }
    }

    /// The last words of an answer whose provider has given its reason for stopping and then just stopped:
    /// many hosts never send their dialect's own last event.
    pub(crate) fn last_words(&mut self) -> Option<Bytes> {
        match self {
            Self::AsItIs(Some(Api::ChatCompletions)) => Some(Bytes::from_static(DONE)),
            Self::AsItIs(_) => None,
            Self::Translated(translator) => translator.finish_at_end_of_stream(),
        }
    }
}

/// A stream, put together to a whole body.
pub(crate) enum Folding {
    AsItIs(Fold),
    Translated(Box<FoldTranslator>),
}

impl Folding {
    pub(crate) fn new(api: Api, translation: Option<Translation>) -> Self {
        match translation {
            None => Self::AsItIs(Fold::new(api)),
            Some(translation) => Self::Translated(Box::new(FoldTranslator::new(translation.reply))),
        }
    }

    pub(crate) fn push(&mut self, frame: &Frame) -> Result<(), FoldError> {
        match self {
            Self::AsItIs(fold) => fold.push(frame),
            Self::Translated(fold) => fold.push(frame),
        }
    }

    /// The provider closed its stream; with a reason for stopping, nothing is missing all the same.
    pub(crate) fn ended(&mut self) {
        if let Self::AsItIs(fold) = self {
            fold.end_of_stream();
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Self::AsItIs(fold) => fold.is_complete(),
            Self::Translated(fold) => fold.is_complete(),
        }
    }

    /// What the provider counted, for the client's dialect may have fewer words for it.
    pub(crate) fn usage(&self) -> Option<Usage> {
        match self {
            Self::AsItIs(_) => None,
            Self::Translated(fold) => Some(fold.usage()),
        }
    }

    pub(crate) fn finish(self) -> Result<Bytes, FoldError> {
        match self {
            Self::AsItIs(fold) => fold.finish(),
            Self::Translated(fold) => fold.finish(),
        }
    }
}
