//! How the providers are started: their names, what each of them speaks, how strict and how fast it is.

use std::{collections::HashSet, io, time::Duration};

use crate::Dialect;

/// Name of the provider that the practice routes try first.
pub const PRACTICE_A: &str = "practice-a";
/// Name of the provider that takes over.
pub const PRACTICE_B: &str = "practice-b";

/// How the providers are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The providers; their names must differ.
    pub providers: Vec<ProviderOptions>,
    /// Seed of what [`Fault::Flaky`](crate::Fault::Flaky) draws; each provider has a sequence of its own.
    pub seed: u64,
    /// How long answers take where no fault says otherwise.
    pub pace: Pace,
}

impl Default for Options {
    /// One provider of each vendor's kind, so that the first failover crosses the dialects.
    fn default() -> Self {
        Self {
            providers: vec![ProviderOptions::openai(PRACTICE_A), ProviderOptions::anthropic(PRACTICE_B)],
            seed: 9950,
            pace: Pace::Natural,
        }
    }
}

impl Options {
    /// The same two names, each with both dialects, for tests of what has nothing to do with translation.
    #[must_use]
    pub fn both_dialects() -> Self {
        Self {
            providers: vec![ProviderOptions::both(PRACTICE_A), ProviderOptions::both(PRACTICE_B)],
            ..Self::default()
        }
    }

    /// Whether a start could work at all.
    pub(crate) fn check(&self) -> io::Result<()> {
        let wrong = |text: String| Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        let mut names = HashSet::new();
        for provider in &self.providers {
            if !names.insert(&provider.name) {
                return wrong(format!(
                    "two practice providers are named \"{}\"; give each its own name",
                    provider.name
                ));
            }
            if provider.dialects.is_empty() {
                return wrong(format!(
                    "practice provider \"{}\" speaks no dialect; give it one",
                    provider.name
                ));
            }
        }
        Ok(())
    }
}

/// One provider before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderOptions {
    /// Its name, which its answers tell.
    pub name: String,
    /// What it speaks, at least one. The paths of the other dialect are not found there.
    pub dialects: Vec<Dialect>,
    /// Whether it serves `/v1/responses`; most hosts of the OpenAI dialect do not. It then keeps conversations
    /// in memory unless the client says `store: false`.
    pub responses: bool,
    /// How exactly it reads.
    pub rules: Rules,
}

impl ProviderOptions {
    /// One that speaks the OpenAI dialect, without `/v1/responses`.
    pub fn openai(name: &str) -> Self {
        Self::speaking(name, vec![Dialect::OpenAi])
    }

    /// One that speaks the Anthropic dialect.
    pub fn anthropic(name: &str) -> Self {
        Self::speaking(name, vec![Dialect::Anthropic])
    }

    /// One that speaks both dialects on its one port, without `/v1/responses`.
    pub fn both(name: &str) -> Self {
        Self::speaking(name, vec![Dialect::OpenAi, Dialect::Anthropic])
    }

    /// The same with `/v1/responses`.
    #[must_use]
    pub fn with_responses(self) -> Self {
        Self { responses: true, ..self }
    }

    /// The same without the vendors' finer rules.
    #[must_use]
    pub fn lax(self) -> Self {
        Self { rules: Rules::Lax, ..self }
    }

    fn speaking(name: &str, dialects: Vec<Dialect>) -> Self {
        Self { name: name.to_owned(), dialects, responses: false, rules: Rules::Vendor }
    }
}

/// How exactly a provider reads what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rules {
    /// As its vendor: what the vendor refuses is refused, in the vendor's words.
    #[default]
    Vendor,
    /// As the many hosts that answer whatever they understand.
    Lax,
}

/// How long a healthy answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// 5 to 15 ms to the first token, the same for the same prompt, then 2 ms for each piece.
    #[default]
    Natural,
    /// No delays of its own; [`Fault::Slow`](crate::Fault::Slow) still waits.
    Instant,
}

impl Pace {
    /// How long the first token of an answer to this prompt takes; `hash` stands for the prompt.
    pub(crate) const fn first_token(self, hash: u64) -> Duration {
        match self {
            Self::Natural => Duration::from_millis(5 + hash % 11),
            Self::Instant => Duration::ZERO,
        }
    }

    /// How long each piece after it takes.
    pub(crate) const fn piece(self) -> Duration {
        match self {
            Self::Natural => Duration::from_millis(2),
            Self::Instant => Duration::ZERO,
        }
    }
}
