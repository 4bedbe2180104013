//! Keys in both directions: the providers' secrets, which come from outside and are only carried, and
//! the local keys, which are made here and known by their hash.
//!
//! No function here returns a secret that could be printed by mistake: provider keys are
//! [`secrecy::SecretString`]s, cleared from memory when dropped, and a local key is shown once, by the
//! command that made it.
//!
//! - [`keychain`]: the system's keychain, asked so that nothing waits for it for long
//! - [`ring`]: every provider's key as it was last read, with what stands in for a missing one
//! - [`provider`]: which place the configuration names
//! - [`form`]: what can be told of a key by looking at it, and how much of one may be shown
//! - [`local`], [`token`]: our own, in private files. They are not in the keychain: `evenkeel env` runs in
//!   every new shell and must neither wait nor ask, and whoever can read `admin.token` can have a new
//!   local key anyway

pub mod form;
pub mod keychain;
pub mod local;
pub mod provider;
pub mod ring;
pub mod token;

pub use ring::KeyRing;
