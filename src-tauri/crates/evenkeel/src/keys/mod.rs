//! Keys in both directions: the providers' secrets, which come from outside and are only carried, and
//! the local keys, which are made here and known by their hash.
//!
//! In this release a provider's secret comes from an environment variable; the keychain follows with
//! the desktop program. No function here returns a secret that could be printed by mistake: provider
//! keys are [`secrecy::SecretString`]s, and a local key is shown once, by the command that made it.

pub mod local;
pub mod provider;
pub mod token;
