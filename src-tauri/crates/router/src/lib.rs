//! The localhost router: one request from admission to its ledger row.
//!
//! The stages, in the order in which they run; each takes the value before it and hands on the next:
//!
//! - [`admit`]: who asks, for what, with which controls → `Admitted`
//! - [`plan`]: route, [`target`]s in order, models, deadlines, as plain data → `Plan`
//! - [`guardrail`]: what it may cost → `Plan`
//! - [`recall`]: an answer that is known already, and one on its way into the cache
//! - [`attempt`]: one target asked once, with the [`question`] made for it; [`failover`] is the loop over it
//! - [`relay`]: the answer to the client, byte for byte or in the client's [`wording`], observed
//! - [`settle`]: the one ledger row with its [`bill`], also for those who hang up; [`spoken`] is what an answer
//!   that broke off is billed by
//!
//! Around them: [`guard`] (Host and Origin before anything else), [`endpoint`] and [`body`] (what a
//! path means, reading within bounds), [`direct`] (bypass and pass-through: no plan, no retry),
//! [`models`] and [`count`] (what is answered without asking a model),
//! [`classify`], [`outcome`] and [`given_up`] (what a failure is, what follows from it, what the client reads), [`stream`] (an answer as
//! pieces), [`broken`] (what it is called when they stop), [`deadlines`], [`patience`] (how long one is waited for), [`reach`] (whether anybody can be reached at all), [`alarm`] (by one timer), [`breaker`], [`upstream`] (a provider ready to be asked), [`runtime`] (a
//! configuration that runs), [`tenants`], [`secrets`], [`bypass`], [`refusal`] (our own errors),
//! [`in_flight`], [`redact`], [`events`], [`clock`].
//!
//! The router opens no file, reads no environment and knows no window: configuration, secrets, clock
//! and store are handed in, and whoever wants to know what happens subscribes to its events.

mod admit;
mod alarm;
mod attempt;
mod bill;
mod body;
mod breaker;
mod broken;
mod bypass;
mod classify;
mod clock;
mod cost;
mod count;
mod deadlines;
mod direct;
mod draw;
mod endpoint;
mod events;
mod failed;
mod failover;
mod given_up;
pub mod guard;
mod guardrail;
pub mod headers;
mod in_flight;
mod known;
mod learn;
mod limits;
mod made_by;
mod models;
mod outcome;
mod patience;
mod plan;
mod prompt_cache;
mod question;
mod reach;
mod recall;
mod redact;
mod refusal;
mod relay;
mod retry_after;
mod router;
mod runtime;
mod secrets;
mod serve;
mod settle;
mod silent;
mod spend;
mod spoken;
mod stream;
mod target;
mod tenants;
mod upstream;
mod wording;

pub use breaker::{BreakerChange, BreakerState, BreakerView, Learnt, Own, Remembered};
pub use bypass::{BypassSource, BypassState, EnvironmentWins};
pub use clock::{Clock, SystemClock};
pub use events::{Event, Events, NetworkChange};
pub use outcome::Outcome;
pub use reach::{Network, Witness};
pub use recall::Shelf;
pub use refusal::{Code, Refusal};
pub use router::{Parts, ProviderView, Router, Snapshot, UnknownProvider};
pub use secrets::{KeyState, Secrets};
pub use spend::{Scope, Spending};
pub use target::Role;
pub use tenants::LOCAL;
pub use upstream::install_crypto;
