//! The states and what leads from one to the other. Pure: what was found and the time are handed in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

/// How long the first look after one that failed is waited for, and the longest such wait.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// A network that comes back has a route before it has anything else, so a witness may be gone for one look.
const LOOKS_WITHOUT_WITNESS: u32 = 2;

/// Where a provider is, as far as its address tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this machine: no network lies between.
    Loopback,
    /// On a private network: away from it, it is away, and that says nothing about the rest of the world.
    Near,
    /// Anywhere else.
    Far,
}

/// What became of trying one provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It can be reached.
    There,
    /// Somebody else answers in its place with a page.
    Page,
    /// No connection.
    Nowhere {
        /// Its name leads to no address.
        unresolved: bool,
    },
}

/// One look: what became of each provider, and the system's word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    pub(crate) found: BTreeMap<String, (Place, Found)>,
    /// The system has no route beyond its own networks.
    pub(crate) no_route: bool,
}

/// What says, beside the failed connections, that it is our own network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// The system has no route to anywhere.
    NoRoute,
    /// No provider's name leads to an address.
    NoNames,
    /// Somebody else's page came in place of every provider: a network that wants a login first.
    Portal,
}

impl Witness {
    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::NoNames => "no_names",
            Self::Portal => "captive_portal",
        }
    }

    /// In a person's words, to stand behind a colon.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::NoRoute => "this computer has no route to the internet",
            Self::NoNames => "no provider's name can be resolved",
            Self::Portal => "this network wants a login first",
        }
    }
}

/// Who can't be reached, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Away {
    pub(crate) since: Timestamp,
    pub(crate) providers: BTreeSet<String>,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Standing {
    #[default]
    Reachable,
    Unreachable(Away),
    Offline(Away, Witness),
}

impl Standing {
    pub(crate) fn away(&self) -> Option<&Away> {
        match self {
            Self::Reachable => None,
            Self::Unreachable(away) | Self::Offline(away, _) => Some(away),
        }
    }
}

/// The machine.
#[derive(Debug)]
pub(crate) struct Machine {
    standing: Standing,
    /// Looks in a row, while offline, that found no witness.
    doubts: u32,
    wait: Duration,
}

impl Default for Machine {
    fn default() -> Self {
        Self { standing: Standing::Reachable, doubts: 0, wait: FIRST_WAIT }
    }
}

impl Machine {
    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Takes a look into account: one at those that are away, and at a group that is suspected to be. A provider
    /// that was not found at all is no longer configured.
    pub(crate) fn looked(&mut self, suspected: &BTreeSet<String>, look: &Look, now: Timestamp) -> &Standing {
        let there = |name: &String| matches!(look.found.get(name), Some((_, Found::There)));
        let known = |names: &BTreeSet<String>| -> BTreeSet<String> {
            names.iter().filter(|name| look.found.contains_key(*name)).cloned().collect()
        };
        let (since, mut away) = match self.standing.away() {
            Some(before) => (before.since, known(&before.providers)),
            None => (now, BTreeSet::new()),
        };
        if away.iter().any(there) {
            away.clear();
        }
        // One of two that can be reached is enough: what the other one suffers from is the breakers' business.
        if !suspected.iter().any(there) {
            away.extend(known(suspected));
        }
        let offline = matches!(self.standing, Standing::Offline(..));
        self.standing = match (look.witness(&away), &self.standing) {
            _ if away.is_empty() => Standing::Reachable,
            (Some(witness), _) => {
                self.doubts = 0;
                Standing::Offline(Away { since, providers: away }, witness)
            }
            (None, Standing::Offline(_, witness)) if self.doubts + 1 < LOOKS_WITHOUT_WITNESS => {
                self.doubts += 1;
                Standing::Offline(Away { since, providers: away }, *witness)
            }
            // The network is back, and they are still away: from now on it is their outage.
            (None, _) => {
                let since = if offline { now } else { since };
                Standing::Unreachable(Away { since, providers: away })
            }
        };
        if self.standing == Standing::Reachable {
            *self = Self::default();
        }
        &self.standing
    }

    /// How long until the next look; twice as long each time.
    pub(crate) fn next_wait(&mut self) -> Duration {
        let wait = self.wait;
        self.wait = (wait * 2).min(LONGEST_WAIT);
        wait
    }

    /// Something about the network changed: waits begin anew.
    pub(crate) fn nudged(&mut self) {
        self.wait = FIRST_WAIT;
    }
}

impl Look {
    /// What says that it is us. Providers on a private network are no evidence for it, nor against it.
    fn witness(&self, away: &BTreeSet<String>) -> Option<Witness> {
        let far: Vec<Found> = away
            .iter()
            .filter_map(|name| self.found.get(name))
            .filter(|(place, _)| *place == Place::Far)
            .map(|(_, found)| *found)
            .collect();
        if far.is_empty() {
            return None;
        }
        if self.no_route {
            return Some(Witness::NoRoute);
        }
        if far.iter().all(|found| *found == Found::Page) {
            return Some(Witness::Portal);
        }
        let unresolved = |found: &Found| matches!(found, Found::Nowhere { unresolved: true });
        far.iter().all(unresolved).then_some(Witness::NoNames)
    }
}

#[cfg(test)]
mod tests;
