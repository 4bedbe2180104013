//! Several clients that ask the same at once: one of them asks a provider, the others wait for its answer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use evenkeel_dialect::normal::Key;
use parking_lot::Mutex;
use tokio::sync::watch;

/// Who is under way.
#[derive(Debug, Default, Clone)]
pub(crate) struct Flights(Arc<Mutex<HashMap<Key, watch::Sender<Ended>>>>);

/// How a flight ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ended {
    /// Whoever had it is gone, and nothing is known about the answer: somebody else has to ask, and one is enough.
    #[default]
    GivenUp,
    /// There was an answer or an error. What of it may be given to others is in the cache by now.
    Landed,
}

/// Held by the one who asks; when it is dropped, the others look.
#[derive(Debug)]
pub(crate) struct Flight {
    flights: Flights,
    key: Key,
}

/// The end of somebody else's flight.
#[derive(Debug)]
pub(crate) struct Landing(watch::Receiver<Ended>);

impl Flights {
    /// The flight, or the landing of whoever has it.
    pub(crate) fn board(&self, key: Key) -> Result<Flight, Landing> {
        match self.0.lock().entry(key) {
            Entry::Occupied(flight) => Err(Landing(flight.get().subscribe())),
            Entry::Vacant(place) => {
                place.insert(watch::Sender::new(Ended::GivenUp));
                Ok(Flight { flights: self.clone(), key })
            }
        }
    }
}

impl Flight {
    /// There is nothing more to wait for. Merely dropped, it is given up, as when a client hangs up.
    pub(crate) fn land(self) {
        if let Some(waiting) = self.flights.0.lock().get(&self.key) {
            waiting.send_replace(Ended::Landed);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.0.lock().remove(&self.key);
    }
}

impl Landing {
    /// Ends when the flight does, and says how.
    pub(crate) async fn wait(mut self) -> Ended {
        // An error says that the sender is gone without a word.
        let _ = self.0.changed().await;
        *self.0.borrow()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_waits_until_the_first_is_through() {
        let flights = Flights::default();
        let key = Key::from_bytes([7; 32]);
        let first = flights.board(key).expect("nobody is under way");
        let landing = flights.board(key).expect_err("somebody is under way");
        let waiting = tokio::spawn(landing.wait());
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        first.land();
        assert_eq!(waiting.await.expect("no panic"), Ended::Landed);
        assert!(flights.board(key).is_ok(), "the next one asks for itself");
    }

    #[tokio::test]
    async fn a_flight_that_is_given_up_is_told_from_one_that_landed() {
        let flights = Flights::default();
        let key = Key::from_bytes([7; 32]);
        let first = flights.board(key).expect("nobody is under way");
        let landing = flights.board(key).expect_err("somebody is under way");
        drop(first);
        assert_eq!(landing.wait().await, Ended::GivenUp);
    }

    #[test]
    fn another_question_is_another_flight() {
        let flights = Flights::default();
        let _first = flights.board(Key::from_bytes([1; 32])).expect("nobody is under way");
        assert!(flights.board(Key::from_bytes([2; 32])).is_ok());
    }
}
