//! One-time links and the sessions they turn into. In memory only: a restart logs browsers out.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use evenkeel_store::hash_key;
use parking_lot::Mutex;

use crate::random::{NoRandomness, base62};

/// How long an unused link works.
pub const LINK_LIFE: Duration = Duration::from_mins(10);
/// How long a session works.
const SESSION_LIFE: Duration = Duration::from_hours(30 * 24);
/// Links and sessions kept at once; beyond that the oldest goes.
const MOST: usize = 64;
/// Characters of base 62, about 256 bits.
const LENGTH: usize = 43;

type Secrets = HashMap<[u8; 32], Instant>;

/// All links and sessions. Kept by hash, so that looking one up tells nothing about the others.
#[derive(Debug, Default)]
pub struct Sessions {
    links: Mutex<Secrets>,
    open: Mutex<Secrets>,
}

impl Sessions {
    /// A new one-time token.
    pub fn new_link(&self, now: Instant) -> Result<String, NoRandomness> {
        keep_new(&mut self.links.lock(), LINK_LIFE, now)
    }

    /// Turns a one-time token into a session; `None` if it is unknown, used or too old.
    pub fn redeem(&self, once: &str, now: Instant) -> Result<Option<String>, NoRandomness> {
        let made = self.links.lock().remove(&hash_key(once));
        match made {
            Some(made) if now.saturating_duration_since(made) < LINK_LIFE => {
                keep_new(&mut self.open.lock(), SESSION_LIFE, now).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whether this is a session that still works.
    pub fn is_open(&self, session: &str, now: Instant) -> bool {
        let open = self.open.lock();
        let made = open.get(&hash_key(session));
        made.is_some_and(|made| now.saturating_duration_since(*made) < SESSION_LIFE)
    }
}

fn keep_new(secrets: &mut Secrets, life: Duration, now: Instant) -> Result<String, NoRandomness> {
    let secret = base62(LENGTH)?;
    secrets.retain(|_, made| now.saturating_duration_since(*made) < life);
    if secrets.len() >= MOST
        && let Some(oldest) = secrets.iter().min_by_key(|(_, made)| **made).map(|(hash, _)| *hash)
    {
        secrets.remove(&oldest);
    }
    secrets.insert(hash_key(&secret), now);
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once_and_only_for_ten_minutes() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let link = sessions.new_link(now).expect("randomness");
        let session = sessions.redeem(&link, now).expect("randomness").expect("a session");
        assert!(sessions.is_open(&session, now));
        assert_eq!(sessions.redeem(&link, now).expect("randomness"), None, "used");
        let late = sessions.new_link(now).expect("randomness");
        assert_eq!(sessions.redeem(&late, now + LINK_LIFE).expect("randomness"), None, "too late");
        assert_eq!(sessions.redeem("guessed", now).expect("randomness"), None);
    }

    #[test]
    fn a_session_ends_after_a_month() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let link = sessions.new_link(now).expect("randomness");
        let session = sessions.redeem(&link, now).expect("randomness").expect("a session");
        assert!(sessions.is_open(&session, now + Duration::from_hours(29 * 24)));
        assert!(!sessions.is_open(&session, now + SESSION_LIFE));
        assert!(!sessions.is_open("guessed", now));
    }

    #[test]
    fn the_oldest_link_gives_way() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let first = sessions.new_link(now).expect("randomness");
        for n in 1..=MOST {
            let later = now + Duration::from_millis(n as u64);
            sessions.new_link(later).expect("randomness");
        }
        assert_eq!(sessions.links.lock().len(), MOST);
        assert_eq!(sessions.redeem(&first, now).expect("randomness"), None);
    }
}
