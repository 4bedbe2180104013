//! What an evaluation takes on this machine.

use std::hint::black_box;
use std::time::Instant;

use evenkeel_slo::alerts::{Context, Moment, Promise, Rules, Watch};
use fastrand::Rng;

use super::service::HEALTHY;

const ROUNDS: u32 = 400;
const START_MS: i64 = 1_793_491_200_000;

/// Microseconds for all three alerts of one promise at a usual rate, and of twenty promises under floods.
pub(super) fn rounds(rules: &Rules) -> [(&'static str, f64); 2] {
    [
        ("all alerts of one promise, 1,000 requests/h", round(1, 1_000.0, rules)),
        ("all alerts of 20 promises, 1,000,000 requests/h each", round(20, 1_000_000.0, rules)),
    ]
}

/// The mean of a round of evaluations, with windows as full as that traffic makes them.
fn round(promises: u64, rate: f64, rules: &Rules) -> f64 {
    const FILLED_MS: i64 = 1_200_000;
    let at = |ms: i64| Moment { wall_ms: START_MS + ms, mono_ms: ms.unsigned_abs() };
    let mut watches: Vec<Watch> = (0..promises)
        .map(|seed| {
            let mut random = Rng::with_seed(seed);
            let mut watch = Watch::new(Promise::default(), rules.clone(), at(0));
            let mut next_ms = 0.0;
            #[expect(clippy::cast_possible_truncation, reason = "some minutes of milliseconds")]
            while (next_ms as i64) < FILLED_MS {
                let request = HEALTHY.request(watch.promise(), START_MS + next_ms as i64, &mut random);
                watch.record(&request);
                next_ms -= (1.0 - random.f64()).ln() * 3_600_000.0 / rate;
            }
            watch
        })
        .collect();
    let context = Context::default();
    let begun = Instant::now();
    for nth in 0..ROUNDS {
        // So little time between them that the windows stay as full as they are.
        let now = at(FILLED_MS + i64::from(nth));
        for watch in &mut watches {
            black_box(watch.evaluate(black_box(now), &context));
        }
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
}
