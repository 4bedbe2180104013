//! Why the keychain gave no answer, in the words of its owner.

use crate::{
    failure::{Code, Failure},
    keys::provider::fallback_variable,
};

/// What kept the keychain from answering. Not finding a key is an answer, and not in this list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No D-Bus session: a server, a container, a login over SSH.
    #[error("There is no keychain here: no D-Bus session is running.")]
    NoSession,
    /// A session on which nothing keeps secrets.
    #[error("There is no keychain here: no program on this D-Bus session keeps secrets.")]
    NoService,
    /// It asked to be unlocked, and was refused or could ask nobody.
    #[error("The keychain is locked, and nobody unlocked it.")]
    Locked,
    /// It took longer than [`super::PATIENCE`].
    #[error("The keychain did not answer within 5 s; it may be waiting for you to unlock it.")]
    Slow,
    /// An earlier call still waits.
    #[error("The keychain is waiting for you to unlock it.")]
    Waiting,
    /// Anything else, in the keychain's own words.
    #[error("The keychain failed: {0}.")]
    Failed(String),
}

impl Trouble {
    /// Whether there is no keychain at all, so that a key can be held in memory instead.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NoSession | Self::NoService)
    }

    /// The stable name, for events.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NoSession | Self::NoService => "absent",
            Self::Locked => "locked",
            Self::Slow | Self::Waiting => "slow",
            Self::Failed(_) => "failed",
        }
    }

    /// What its owner can do so that a provider's key is found.
    pub fn fix(&self, provider: &str) -> String {
        let variable = fallback_variable(provider);
        match self {
            Self::NoSession => {
                format!("Start Evenkeel in a desktop session, or set {variable} where it is started.")
            }
            Self::NoService => format!(
                "Start one, such as gnome-keyring, KWallet or KeePassXC, or set {variable} where Evenkeel is started."
            ),
            Self::Locked => "Unlock it, and have it read again: evenkeel key list".to_owned(),
            Self::Slow | Self::Waiting => {
                "Answer its question; its keys are used from that moment on.".to_owned()
            }
            Self::Failed(_) => {
                format!(
                    "Look into it with your system's keychain program, or set {variable} where Evenkeel is started."
                )
            }
        }
    }

    /// The same for one who asked for a change to this provider's key.
    pub fn failure(&self, what: &str, provider: &str) -> Failure {
        let (code, hint) = match self {
            Self::NoSession | Self::NoService => (Code::KeychainAbsent, self.fix(provider)),
            Self::Locked => (Code::KeychainLocked, "Unlock it, and do this again.".to_owned()),
            Self::Slow | Self::Waiting => {
                (Code::KeychainSlow, "Answer its question, and do this again.".to_owned())
            }
            Self::Failed(_) => (Code::KeychainFailed, self.fix(provider)),
        };
        Failure::new(code, format!("{what}. {self}")).hint(hint)
    }
}
