//! The goals, and which of them a cell misses.

use std::time::Duration;

use super::cell::{Cell, Figures};
use super::fault::Goal;

/// 95 of 100 requests have their first token by then, whatever happens.
const P95: Duration = Duration::from_millis(2500);
/// Requests over two seconds that a fault may cost before the breaker knows of it.
const MOST_SLOW: usize = 8;
/// Of what comes after the first requests.
const SETTLED_P95: Duration = Duration::from_millis(10);
/// When nobody can answer, this is soon enough to say so.
const TRUE_ERROR: Duration = Duration::from_millis(100);

/// A goal that a cell misses.
#[derive(Debug)]
pub(super) struct Miss {
    pub(super) sentence: String,
    /// It is about a few milliseconds, which a busy machine can take as well.
    pub(super) milliseconds: bool,
}

/// None if everything is as it should be.
pub(super) fn misses(cell: &Cell, figures: &Figures) -> Vec<Miss> {
    let mut misses = Misses::default();
    let Figures { requests, whole, reported, refused, wrong, slow, broken, ledger, .. } = figures;
    let example = figures.example.as_deref().unwrap_or_default();
    if *wrong > 0 {
        misses.push(format!("{wrong} answers were not what they said they were ({example})"));
    }
    match cell.row.goal(cell.stream) {
        Goal::Served if whole < requests => {
            misses.push(format!("{} of {requests} clients saw a failure ({example})", requests - whole));
        }
        Goal::BreaksAreTold => {
            if *reported as usize != *broken {
                misses.push(format!("{broken} streams broke, {reported} clients were told"));
            }
            if whole + reported < *requests {
                misses.push(format!("{refused} clients were refused ({example})"));
            }
            if ledger.broken != *broken {
                misses.push(format!("{broken} streams broke, the ledger knows of {}", ledger.broken));
            }
        }
        Goal::TrueError => {
            if refused < requests || !example.starts_with("502 providers_failed") {
                misses.push(format!("{refused} of {requests} clients saw an error, such as {example:?}"));
            }
            misses.over("the slowest true error", figures.slowest, TRUE_ERROR);
        }
        Goal::Served => {}
    }
    misses.over("p95", figures.first.p95, P95);
    if *slow > MOST_SLOW {
        misses.push(format!("{slow} requests took over 2 s; at most {MOST_SLOW} may"));
    }
    if let Some(settled) = &figures.settled {
        misses.over("p95 once the breaker is open", settled.p95, SETTLED_P95);
    }
    if ledger.rows != *requests as usize {
        misses.push(format!("{} ledger rows for {requests} requests", ledger.rows));
    }
    misses.0
}

#[derive(Default)]
struct Misses(Vec<Miss>);

impl Misses {
    fn push(&mut self, sentence: String) {
        self.0.push(Miss { sentence, milliseconds: false });
    }

    fn over(&mut self, what: &str, found: Duration, limit: Duration) {
        if found >= limit {
            let found = found.as_secs_f64() * 1000.0;
            let sentence = format!("{what} is {found:.1} ms, not under {} ms", limit.as_millis());
            // Seconds are no noise.
            self.0.push(Miss { sentence, milliseconds: limit < P95 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::ROWS;
    use super::super::ledger::Ledger;
    use super::*;
    use crate::bench::figures::Percentiles;

    fn cell(name: &str, stream: bool) -> Cell {
        let row = ROWS.iter().find(|row| row.name == name).expect("a row");
        Cell { row, stream, cross: false }
    }

    /// 200 whole answers in a millisecond each.
    fn fine() -> Figures {
        let quick = || Percentiles::of(vec![Duration::from_millis(1); 200]);
        Figures {
            requests: 200,
            whole: 200,
            reported: 0,
            refused: 0,
            wrong: 0,
            example: None,
            broken: 0,
            first: quick(),
            slowest: Duration::from_millis(1),
            slow: 0,
            settled: Some(quick()),
            ledger: Ledger { rows: 200, ..Ledger::default() },
        }
    }

    #[test]
    fn each_goal_can_be_missed_alone() {
        assert!(misses(&cell("503", true), &fine()).is_empty());
        let late = Percentiles::of(vec![P95; 200]);
        let cases = [
            Figures { whole: 199, refused: 1, ..fine() },
            Figures { slow: MOST_SLOW + 1, ..fine() },
            Figures { first: late, ..fine() },
            Figures { settled: Some(Percentiles::of(vec![SETTLED_P95; 180])), ..fine() },
            Figures { ledger: Ledger { rows: 199, ..Ledger::default() }, ..fine() },
        ];
        for case in cases {
            assert_eq!(misses(&cell("503", true), &case).len(), 1);
        }
    }

    #[test]
    fn a_break_that_a_client_was_not_told_of_is_a_miss() {
        let broken = |reported, broken| Figures {
            whole: 200 - reported,
            reported,
            broken,
            ledger: Ledger { rows: 200, broken, ..Ledger::default() },
            ..fine()
        };
        assert!(misses(&cell("drop", true), &broken(8, 8)).is_empty());
        assert_eq!(misses(&cell("drop", true), &broken(7, 8)).len(), 1);
        assert_eq!(misses(&cell("drop", false), &broken(8, 8)).len(), 1, "a whole body can always be had");
    }

    #[test]
    fn both_down_must_end_in_the_true_error_and_at_once() {
        let told =
            || Figures { whole: 0, refused: 200, example: Some("502 providers_failed".into()), ..fine() };
        assert!(misses(&cell("both-down", true), &told()).is_empty());
        assert_eq!(misses(&cell("both-down", true), &Figures { slowest: TRUE_ERROR, ..told() }).len(), 1);
        let other = Figures { example: Some("429 rate_limited".into()), ..told() };
        assert_eq!(misses(&cell("both-down", true), &other).len(), 1);
    }
}
