//! One model and what it can do.

use serde::Deserialize;

use crate::Glob;

/// One model.
///
/// The facts are those that a request has to be fitted to; what a model is good at is nobody's business here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact about the model, independent of the others"
)]
pub struct Model {
    /// Who serves it, such as `openai`; see [`Catalogue::vendors`](super::Catalogue::vendors).
    pub vendor: String,
    /// The name to ask for it by; no two models share one.
    pub name: String,
    /// Further names of it, dated ones above all.
    pub aliases: Vec<Glob>,
    /// How much model it is; `None` for an embedding model.
    pub tier: Option<Tier>,
    /// Whether it is the one of its vendor and tier that stands in for other models.
    pub current: bool,
    /// Tiers besides its own that it stands in for, because its vendor has no model of them.
    pub stands_in_for: Vec<Tier>,
    /// The name that the same model has at its own vendor, if this is another host.
    pub of: Option<String>,
    /// Tokens of input and output together.
    pub context: Option<u64>,
    /// The most tokens that it answers with, hidden reasoning included.
    pub max_output: Option<u64>,
    /// Whether its first visible token comes late although nobody asked it to think.
    pub slow_start: bool,
    /// How it is told to think.
    pub thinking: Thinking,
    /// The levels that it takes where it is told by a level, lowest first; else empty.
    pub efforts: Vec<Effort>,
    /// Whether it takes `temperature`, `top_p` and `top_k`.
    pub sampling: bool,
    /// Whether it refuses `temperature` and `top_p` in one request.
    pub one_of_temperature_and_top_p: bool,
    /// Whether it takes a JSON schema for its answer.
    pub structured_output: bool,
    /// Whether it sees images.
    pub images: bool,
    /// Whether it reads PDFs.
    pub documents: bool,
    /// Whether its output limit goes by the name `max_completion_tokens`.
    pub max_completion_tokens: bool,
    /// How it takes function tools in Chat Completions.
    pub tools_in_chat: ToolsInChat,
    /// Whether it can be made to call a tool (`tool_choice` other than auto and none).
    pub forced_tools: bool,
    /// Whether it continues a conversation that ends with its own turn; else such a request is refused.
    pub prefill: bool,
    /// The shortest prompt, in tokens, that the vendor's prompt cache takes, where it has to be marked.
    pub min_cacheable: Option<u64>,
    /// Whether its vendor no longer serves it. Clients still ask for such models, so they are known.
    pub retired: bool,
    /// What there is to say of an embedding model.
    pub embedding: Option<Embedding>,
}

impl Model {
    /// The name that tells whether two entries are the same model at two hosts.
    pub fn original(&self) -> &str {
        self.of.as_deref().unwrap_or(&self.name)
    }

    /// Whether it stands in for models of this tier.
    pub fn stands_for(&self, tier: Tier) -> bool {
        self.current && (self.tier == Some(tier) || self.stands_in_for.contains(&tier))
    }
}

/// How much model it is, by its vendor's own ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The most able ones.
    Flagship,
    /// The ones for most work.
    Balanced,
    /// The quick and cheap ones.
    Fast,
}

impl Tier {
    /// All of them, the most able first.
    pub const ALL: [Self; 3] = [Self::Flagship, Self::Balanced, Self::Fast];

    /// As it is written: `flagship`, `balanced` or `fast`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flagship => "flagship",
            Self::Balanced => "balanced",
            Self::Fast => "fast",
        }
    }
}

/// How a model is told to think.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thinking {
    /// It isn't.
    #[default]
    None,
    /// By a number of tokens.
    Budget,
    /// By a level.
    Effort,
}

/// How hard a model is told to think, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Not at all.
    None,
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// As usual.
    Medium,
    /// Hard.
    High,
    /// Very hard.
    Xhigh,
    /// As hard as it can.
    Max,
}

impl Effort {
    /// As both vendors write it, such as `xhigh`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
}

/// How a model takes function tools in Chat Completions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ToolsInChat {
    /// As they come.
    #[default]
    Freely,
    /// Only in a request that says `reasoning_effort = "none"`; some of these models refuse them even where
    /// the request says nothing.
    WithoutThinking,
    /// Not at all: it is to be asked through Responses.
    Never,
}

/// What there is to say of an embedding model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedding {
    /// How long its vectors are unless a shorter one is asked for.
    pub dimensions: u64,
}
