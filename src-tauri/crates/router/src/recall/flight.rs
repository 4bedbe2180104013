//! Several clients that ask the same at once: one of them asks a provider, the others wait for its answer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use evenkeel_dialect::normal::Key;
use parking_lot::Mutex;
use tokio::sync::watch;

/// Who is under way.
#[derive(Debug, Default, Clone)]
pub(crate) struct Flights(Arc<Mutex<HashMap<Key, watch::Sender<()>>>>);

/// Held by the one who asks; when it is dropped, the others look.
#[derive(Debug)]
pub(crate) struct Flight {
    flights: Flights,
    key: Key,
}

/// The end of somebody else's flight.
#[derive(Debug)]
pub(crate) struct Landing(watch::Receiver<()>);

impl Flights {
    /// The flight, or the landing of whoever has it.
    pub(crate) fn board(&self, key: Key) -> Result<Flight, Landing> {
        match self.0.lock().entry(key) {
            Entry::Occupied(flight) => Err(Landing(flight.get().subscribe())),
            Entry::Vacant(place) => {
                place.insert(watch::Sender::new(()));
                Ok(Flight { flights: self.clone(), key })
            }
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flights.0.lock().remove(&self.key);
    }
}

impl Landing {
    /// Ends when the flight does, however it does.
    pub(crate) async fn wait(mut self) {
        // Nothing is ever sent; an error says that the sender is gone.
        let _ = self.0.changed().await;
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
        drop(first);
        waiting.await.expect("no panic");
        assert!(flights.board(key).is_ok(), "the next one asks for itself");
    }

    #[test]
    fn another_question_is_another_flight() {
        let flights = Flights::default();
        let _first = flights.board(Key::from_bytes([1; 32])).expect("nobody is under way");
        assert!(flights.board(Key::from_bytes([2; 32])).is_ok());
    }
}
