//! What a prompt can say to get an answer that a prompt of plain words would not get.
//!
//! A person in front of a client and a test behind a router both have nothing but the prompt to steer with,
//! and the prompt survives every translation. Two of the cues are the strings that Anthropic documents for
//! the same purpose, so that a test written for the real vendor works here too.

/// The cues in one text.
#[expect(clippy::struct_excessive_bools, reason = "a text may hold any of them together")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cues {
    /// `[practice:refuse]`: declines, in words.
    pub(crate) refuse: bool,
    /// `[practice:filter]`: a filter cuts the answer in the middle.
    pub(crate) filter: bool,
    /// Anthropic's own string: declines without a word.
    pub(crate) refuse_silently: bool,
    /// `[practice:fail]`: an error comes up while the answer is under way; without a stream, instead of it.
    pub(crate) fail: bool,
    /// `[practice:preamble]`: says something before it calls tools.
    pub(crate) preamble: bool,
    /// `[practice:interleave]`: streams the arguments of several calls in turns.
    pub(crate) interleave: bool,
    /// `[practice:recite]`: answers with what was understood of the request.
    pub(crate) recite: bool,
    /// Anthropic's own string: thinking comes encrypted.
    pub(crate) redact: bool,
}

const REFUSAL: &str = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_";
const REDACTED: &str = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_";
const LEAD: &str = "[practice:";

impl Cues {
    /// The cues in this text.
    pub(crate) fn of(text: &str) -> Self {
        let mut cues = Self {
            refuse_silently: text.contains(REFUSAL),
            redact: text.contains(REDACTED),
            ..Self::default()
        };
        for rest in text.split(LEAD).skip(1) {
            match rest.split_once(']').map(|(cue, _)| cue) {
                Some("refuse") => cues.refuse = true,
                Some("filter") => cues.filter = true,
                Some("fail") => cues.fail = true,
                Some("preamble") => cues.preamble = true,
                Some("interleave") => cues.interleave = true,
                Some("recite") => cues.recite = true,
                _ => {}
            }
        }
        cues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_stand_anywhere_in_a_text_and_unknown_ones_are_only_words() {
        let cues = Cues::of("Please [practice:refuse] now [practice:dance][practice:fail]");
        assert_eq!(cues, Cues { refuse: true, fail: true, ..Cues::default() });
        assert_eq!(Cues::of("practice:refuse [practice:refuse"), Cues::default());
        assert!(Cues::of("ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAE").refuse_silently);
    }
}
