//! Notices on the desktop: small, silent, and never in anybody's way.
//!
//! They need no toolkit, only a session bus (or the system's own centre on macOS and Windows), so the headless
//! router raises them too where there is one. A notice is a courtesy: where it can't be shown, the log has
//! said the same thing already.
//!
//! Pages are the loud ones: an alert that stays until it is seen, with buttons, and that is tried again where it
//! can't be shown.
//!
//! - [`Desk`]: the thread that shows them
//! - `service`: the notification service behind it
//! - `page`: what a page says and offers
//! - `episodes`: which switches of provider are worth a notice
//! - `absence`: the same for the network

pub(crate) mod absence;
mod desk;
pub(crate) mod episodes;
pub(crate) mod page;
mod service;

pub use desk::Desk;

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// At most 50 characters, for a popup shows no more.
    pub title: String,
    /// One sentence or two.
    pub body: String,
}

impl Notice {
    /// A notice of these words.
    pub fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { title: title.into(), body: body.into() }
    }

    /// What "Send a test notification" shows.
    pub fn test() -> Self {
        Self::new(
            "Test notice from Evenkeel",
            "Notices work. One like this says when another provider answers.",
        )
    }
}
