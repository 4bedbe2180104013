//! Which provider made an answer that a later request refers to by its id.
//!
//! A provider keeps some conversations itself (`previous_response_id`, message threads). Only the one that made
//! the answer knows it, so the request that goes on from it is pinned there. Kept in memory alone: after a
//! restart nobody is known, and the client's SDK gets the refusal from which it starts anew.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;

/// Ids that are remembered; the oldest go first.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct MadeBy(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    providers: HashMap<String, String>,
    order: VecDeque<String>,
}

impl MadeBy {
    pub(crate) fn remember(&self, id: &str, provider: &str) {
        let mut book = self.0.lock();
        if book.providers.insert(id.to_owned(), provider.to_owned()).is_some() {
            return;
        }
        book.order.push_back(id.to_owned());
        if book.order.len() > MOST
            && let Some(oldest) = book.order.pop_front()
        {
            book.providers.remove(&oldest);
        }
    }

    pub(crate) fn provider(&self, id: &str) -> Option<String> {
        self.0.lock().providers.get(id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ten_thousand_are_known() {
        let made = MadeBy::default();
        for n in 0..=MOST {
            made.remember(&format!("resp_{n}"), "openai");
        }
        assert_eq!(made.provider("resp_0"), None);
        assert_eq!(made.provider("resp_1").as_deref(), Some("openai"));
        made.remember("resp_1", "other");
        assert_eq!(made.provider("resp_1").as_deref(), Some("other"));
    }
}
