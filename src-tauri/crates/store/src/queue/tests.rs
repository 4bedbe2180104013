//! The queue's promises: bounded for rows, open for commands, one order for both.

use crate::sample::{event, row, second};

use super::*;

const PACE: Pace = Pace { gather: Duration::ZERO, most: 3 };

fn a_row(id: &str) -> Op {
    Op::Row(row(id, second(0)).into())
}

fn a_flush() -> (Op, oneshot::Receiver<Result<bool, StoreError>>) {
    let (answer, answered) = oneshot::channel();
    (Op::Command(Command { change: Change::Flush, answer }), answered)
}

fn names(ops: &[Op]) -> Vec<String> {
    ops.iter()
        .map(|op| match op {
            Op::Row(row) => row.id.clone(),
            Op::Event(event) => event.text.clone(),
            _ => "command".into(),
        })
        .collect()
}

/// What is there now, without waiting.
fn take(queue: &Queue) -> Vec<String> {
    let now = Instant::now();
    names(&queue.take(PACE, now, now))
}

#[test]
fn rows_beyond_the_capacity_are_dropped_and_counted_but_commands_pass() {
    let queue = Queue::new(2);
    assert!(queue.push(a_row("a")));
    assert!(queue.push(Op::Event(event("b", second(0)))));
    assert!(!queue.push(a_row("c")));
    assert!(!queue.push(Op::Event(event("d", second(0)))));
    assert_eq!(queue.dropped(), 2);
    let (flush, _answered) = a_flush();
    assert!(queue.push_urgent(flush), "somebody waits for this one");
    assert_eq!(take(&queue), ["a", "b", "command"]);
    assert!(queue.push(a_row("e")), "taking made room");
}

#[test]
fn a_batch_is_bounded_and_a_command_comes_after_what_came_before_it() {
    let queue = Queue::new(10);
    for id in ["a", "b", "c", "d"] {
        assert!(queue.push(a_row(id)));
    }
    let (flush, _answered) = a_flush();
    queue.push_urgent(flush);
    assert!(queue.push(a_row("e")));
    assert_eq!(take(&queue), ["a", "b", "c"]);
    assert_eq!(take(&queue), ["d", "command", "e"]);
    assert_eq!(take(&queue), [""; 0]);
}

#[test]
fn a_command_ends_the_gathering() {
    let queue = Queue::new(10);
    queue.push(a_row("a"));
    let (flush, _answered) = a_flush();
    queue.push_urgent(flush);
    let far = Instant::now() + Duration::from_hours(1);
    let batch = queue.take(Pace { gather: Duration::from_hours(1), most: 100 }, far, far);
    assert_eq!(names(&batch), ["a", "command"]);
}

#[test]
fn a_full_batch_ends_the_gathering_from_another_thread() {
    let queue = Queue::new(10);
    let far = Instant::now() + Duration::from_hours(1);
    let batch = std::thread::scope(|scope| {
        let taken = scope.spawn(|| queue.take(Pace { gather: Duration::from_hours(1), most: 3 }, far, far));
        for id in ["a", "b", "c"] {
            queue.push(a_row(id));
        }
        taken.join().unwrap()
    });
    assert_eq!(names(&batch), ["a", "b", "c"]);
}

#[test]
fn a_pause_hands_out_commands_only_and_keeps_the_rows_in_order() {
    let queue = Queue::new(10);
    queue.push(a_row("a"));
    let (flush, _answered) = a_flush();
    queue.push_urgent(flush);
    queue.push(a_row("b"));
    let mut seen = Vec::new();
    queue.pause(Duration::from_millis(1), |op| seen.push(op));
    assert_eq!(names(&seen), ["command"]);
    assert_eq!(take(&queue), ["a", "b"]);
}

#[test]
fn closing_refuses_the_new_keeps_the_old_and_ends_a_pause() {
    let queue = Queue::new(10);
    queue.push(a_row("a"));
    queue.close();
    assert!(!queue.push(a_row("b")));
    let (flush, mut answered) = a_flush();
    assert!(!queue.push_urgent(flush));
    assert!(answered.try_recv().is_err(), "its answer was dropped, so nobody waits");
    queue.pause(Duration::from_hours(1), |_| {});
    assert_eq!(take(&queue), ["a"]);
    assert_eq!(queue.dropped(), 1);
}

#[test]
fn abandoning_counts_rows_and_frees_those_who_wait() {
    let queue = Queue::new(10);
    queue.push(a_row("a"));
    let (flush, mut answered) = a_flush();
    queue.push_urgent(flush);
    queue.abandon();
    assert_eq!(queue.dropped(), 1);
    assert!(matches!(answered.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
}

#[test]
fn only_the_newest_use_of_a_tenant_is_kept() {
    let queue = Queue::new(10);
    for at in [3, 9, 5] {
        queue.used("acme", second(at));
    }
    let taken = queue.take_used();
    assert_eq!(taken, Used::from([("acme".to_owned(), second(9))]));
    queue.used("acme", second(7));
    queue.put_back_used(taken);
    assert_eq!(queue.used_now(), Used::from([("acme".to_owned(), second(9))]));
}
