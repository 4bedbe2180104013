//! `[[routes]]`: which requests go where, and how long each step may take.

use std::time::Duration;

use super::Guardrails;
use crate::Glob;

/// One route. The first whose patterns match a request is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name in the ledger; no two routes share one.
    pub name: String,
    /// Patterns over the model that the client names.
    pub models: Vec<Glob>,
    /// Patterns over the request's feature.
    pub features: Vec<Glob>,
    /// Which of the two is asked first.
    pub strategy: Strategy,
    /// Asked first. Its provider is `""` only if the file names no provider at all.
    pub primary: RouteTarget,
    /// Takes over when the primary fails; never the same provider. `None` only if there is no second one.
    pub secondary: Option<RouteTarget>,
    /// Further tries on the same provider before the other one is asked, at most 3.
    pub retries: u32,
    /// How long each step may take.
    pub deadlines: Deadlines,
    /// Send to this target only, never to the other.
    pub pin: Option<Pin>,
    /// Limits of this route, over those of `[guardrails]`.
    pub guardrails: Guardrails,
}

impl Route {
    /// Weight of a primary that names none.
    pub const PRIMARY_WEIGHT: u32 = 9;
    /// Weight of a secondary that names none.
    pub const SECONDARY_WEIGHT: u32 = 1;

    /// Whether a request for this model with this feature belongs to the route. A request without a
    /// feature fits only patterns that the empty name fits, such as `*`.
    pub fn matches(&self, model: &str, feature: Option<&str>) -> bool {
        let feature = feature.unwrap_or_default();
        self.models.iter().any(|glob| glob.matches(model))
            && self.features.iter().any(|glob| glob.matches(feature))
    }

    /// The primary, then the secondary if there is one.
    pub fn targets(&self) -> impl Iterator<Item = &RouteTarget> {
        std::iter::once(&self.primary).chain(self.secondary.as_ref())
    }
}

impl Default for Route {
    /// The route `default`: everything, with no provider named yet.
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            models: super::everything(),
            features: super::everything(),
            strategy: Strategy::Ordered,
            primary: RouteTarget { provider: String::new(), weight: Self::PRIMARY_WEIGHT, model: None },
            secondary: None,
            retries: 1,
            deadlines: Deadlines::default(),
            pin: None,
            guardrails: Guardrails::default(),
        }
    }
}

/// One of a route's two providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTarget {
    /// The provider's name.
    pub provider: String,
    /// Its share of first tries under [`Strategy::Weighted`].
    pub weight: u32,
    /// The model to ask for, whatever the client named.
    pub model: Option<String>,
}

/// How the first target of a request is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The primary, always.
    Ordered,
    /// Drawn by weight, so that real traffic keeps proving the spare.
    Weighted,
}

/// Whom a route is pinned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// The route's primary.
    Primary,
    /// The route's secondary.
    Secondary,
    /// The provider of this name.
    Provider(String),
}

impl Pin {
    /// The same pin as a place in the route, if its provider has one there.
    pub(super) fn by_place(self, route: &Route) -> Option<Self> {
        match self {
            Self::Provider(name) if route.primary.provider == name => Some(Self::Primary),
            Self::Provider(name)
                if route.secondary.as_ref().is_some_and(|target| target.provider == name) =>
            {
                Some(Self::Secondary)
            }
            Self::Provider(_) => None,
            place => Some(place),
        }
    }
}

/// How long each step of a request may take. None is zero; none is over a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// To connect, inside the first-token budget.
    pub connect: Duration,
    /// To the first meaningful event, while another target can still take over.
    pub first_token: Duration,
    /// The same for the last target left.
    pub last_first_token: Duration,
    /// The same for models and requests that are known to start late.
    pub slow_first_token: Duration,
    /// Between two chunks.
    pub idle: Duration,
    /// From the request's arrival to its last byte, over all attempts.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            first_token: Duration::from_secs(2),
            last_first_token: Duration::from_mins(1),
            slow_first_token: Duration::from_mins(1),
            idle: Duration::from_secs(30),
            total: Duration::from_mins(10),
        }
    }
}
