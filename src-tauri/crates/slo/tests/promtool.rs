//! The pending and firing core against Prometheus itself: a thousand random series, judged by both.
//!
//! What Evenkeel does otherwise on purpose is set aside here: no data counts as healthy, as Prometheus has it, no
//! number of healthy requests is asked for, and nothing is a gap, for every tick is on time. Where the states of
//! any series differ at any tick, `promtool` names the series and the tick.
//!
//! Linux alone has it as a package; the machine is the same everywhere.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use evenkeel_slo::alerts::{Alert, Context, Kind, Measured, Moment, Promise, Reading, Rules, State, Verdict};

const SERIES: u64 = 1_000;
const TICKS: usize = 360;

/// Prometheus looks back five minutes for a sample. Gaps in these series are shorter, or begin with the marker
/// that says "gone": how it counts a sample that is exactly as old differs between its versions.
const LONGEST_CARRY: usize = 18;

/// What a series says at one tick.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sample {
    Value(bool),
    /// Nothing; the last value holds on.
    Missing,
    /// Nothing, and the last value is gone too.
    Gone,
}

/// Numbers that are the same in every run: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn length(&mut self, longest: usize) -> usize {
        let bound = u64::try_from(longest).expect("it is small");
        usize::try_from(self.below(bound)).expect("it is small") + 1
    }
}

/// Runs of breach and health around the lengths of both holds, with gaps of both kinds.
fn series(seed: u64) -> Vec<Sample> {
    let mut random = Random(seed);
    // Every series has a character: some flap from tick to tick, some stay for half an hour.
    let longest = [2, 8, 22, 45, 120][usize::try_from(random.below(5)).expect("it is small")];
    let mut samples = Vec::with_capacity(TICKS);
    while samples.len() < TICKS {
        match random.below(10) {
            0..5 => samples.extend(vec![Sample::Value(true); random.length(longest)]),
            5..8 => samples.extend(vec![Sample::Value(false); random.length(longest.min(30))]),
            8 => {
                let value = Sample::Value(random.below(2) == 0);
                samples.push(value);
                samples.extend(vec![Sample::Missing; random.length(LONGEST_CARRY)]);
                samples.push(value);
            }
            _ => {
                samples.push(Sample::Gone);
                samples.extend(vec![Sample::Missing; random.length(40)]);
            }
        }
    }
    samples.truncate(TICKS);
    samples
}

/// The states of our machine, by the numbers that the query uses.
fn states(samples: &[Sample], hold: Duration, keep: Duration) -> Vec<u8> {
    let rules = Rules {
        success_hold: hold,
        resolve_hold: keep,
        resolve_requests: 0,
        repeat_every: Duration::ZERO,
        ..Rules::default()
    };
    let (promise, context) = (Promise::default(), Context::default());
    let mut pulse = evenkeel_slo::alerts::tick::Pulse::default();
    let mut now = Moment { wall_ms: 0, mono_ms: 0 };
    let mut alert = Alert::new(Kind::Success, now);
    let mut last = false;
    let mut states = Vec::with_capacity(samples.len());
    for sample in samples {
        last = match *sample {
            Sample::Value(value) => value,
            Sample::Missing => last,
            Sample::Gone => false,
        };
        let verdict = if last { Verdict::Breach } else { Verdict::Healthy };
        let reading = Reading { verdict, measured: Measured::default(), healthy: 0 };
        let tick = pulse.beat(now, rules.every);
        assert!(!tick.gap, "every tick is on time");
        alert.evaluate(&tick, &reading, &promise, &rules, &context);
        states.push(match alert.state() {
            State::Inactive | State::Resolved => 0,
            State::Pending => 1,
            State::Firing => 2,
        });
        now.wall_ms += 15_000;
        now.mono_ms += 15_000;
    }
    states
}

/// Prometheus's own shorthand: `0+0x3` is four times 0, `_x3` three times nothing.
fn shorthand<T: PartialEq>(values: &[T], one: impl Fn(&T, usize) -> String) -> String {
    let runs = values.chunk_by(|left, right| left == right);
    runs.map(|run| one(&run[0], run.len())).collect::<Vec<_>>().join(" ")
}

fn number(value: u8, times: usize) -> String {
    format!("{value}+0x{}", times - 1)
}

/// A hold and a time that a firing alert is kept for; each series is judged by one of them.
const RULES: [(&str, u64, u64); 3] = [("five", 300, 300), ("fifteen", 900, 300), ("plain", 300, 0)];

fn rule_file() -> String {
    let mut file = "groups:\n- name: g\n  interval: 15s\n  rules:\n".to_owned();
    for (name, hold, keep) in RULES {
        let _ =
            writeln!(file, "  - alert: {name}\n    expr: breach{{rule=\"{name}\"}} == 1\n    for: {hold}s");
        if keep > 0 {
            let _ = writeln!(file, "    keep_firing_for: {keep}s");
        }
    }
    file
}

/// Tests of a hundred series each: what a query costs grows with all that its database holds.
fn test_file(series: u64) -> String {
    let mut file = "rule_files: [rules.yml]\nevaluation_interval: 15s\ntests:\n".to_owned();
    let mut fired = 0;
    for first in (0..series).step_by(100) {
        file.push_str("- interval: 15s\n  input_series:\n");
        for seed in first..series.min(first + 100) {
            fired += one_series(seed, &mut file);
        }
        file.push_str("  promql_expr_test:\n");
        for tick in 0..TICKS {
            let seconds = tick * 15;
            let _ = writeln!(file, "  - expr: {EXPRESSION}\n    eval_time: {seconds}s\n    exp_samples: []");
        }
    }
    assert!(fired as u64 > series / 2, "series in which next to nothing fires prove nothing: {fired}");
    file
}

/// What a series says and the states that we take it for; how often it fires.
fn one_series(seed: u64, file: &mut String) -> usize {
    let (name, hold, keep) = RULES[usize::try_from(seed % 3).expect("it is small")];
    let samples = series(seed);
    let states = states(&samples, Duration::from_secs(hold), Duration::from_secs(keep));
    let said = shorthand(&samples, |sample, times| match sample {
        Sample::Value(value) => number(u8::from(*value), times),
        Sample::Missing => format!("_x{times}"),
        Sample::Gone => "stale".to_owned(),
    });
    let wanted = shorthand(&states, |&state, times| number(state, times));
    let _ = writeln!(file, "  - series: breach{{s=\"{seed}\",rule=\"{name}\"}}\n    values: {said}");
    let _ = writeln!(file, "  - series: want{{s=\"{seed}\"}}\n    values: {wanted}");
    states.windows(2).filter(|pair| *pair == [1, 2]).count()
}

/// Empty where both agree: 2 for firing, 1 for pending and 0 for neither, against what we say.
const EXPRESSION: &str = "(2 * sum by (s) (ALERTS{alertstate=\"firing\"}) \
    or sum by (s) (ALERTS{alertstate=\"pending\"}) or 0 * want) != on (s) want";

/// Named by `cargo xtask test`, which fetches it, or else on PATH.
fn promtool() -> PathBuf {
    std::env::var_os("EVENKEEL_TEST_PROMTOOL").map_or_else(|| "promtool".into(), PathBuf::from)
}

/// Writes both files into a folder of the test's own and has them judged.
fn judge(name: &str, tests: &str) -> Result<String, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder of our own");
    std::fs::write(folder.join("rules.yml"), rule_file()).expect("written");
    std::fs::write(folder.join("tests.yml"), tests).expect("written");
    let program = promtool();
    let output = Command::new(&program).args(["test", "rules", "tests.yml"]).current_dir(&folder).output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "{} can't be started ({error}): run `cargo xtask test`, which fetches promtool, \
             or name one in EVENKEEL_TEST_PROMTOOL",
            program.display()
        )
    });
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(said) } else { Err(said) }
}

#[test]
fn edge_29_a_thousand_random_series_are_judged_as_prometheus_judges_them() {
    if let Err(said) = judge("promtool", &test_file(SERIES)) {
        let beginning: String = said.chars().take(4_000).collect();
        panic!("the two disagree:\n{beginning}");
    }
}

/// A test that can't fail proves nothing: one wrong state among thousands has to be found.
#[test]
fn edge_29_a_single_wrong_state_is_found() {
    let mut tests = test_file(20);
    let wanted = tests.find("want{s=\"7\"}").expect("it is there");
    let values = wanted + tests[wanted..].find("values: ").expect("it has values") + "values: ".len();
    let line = values + tests[values..].find('\n').expect("the line ends");
    let changed = tests[values..line].replacen("1+0x", "2+0x0 1+0x", 1);
    tests.replace_range(values..line, &changed);
    let said = judge("promtool-wrong", &tests).expect_err("promtool agrees with a state that never was");
    assert!(said.contains("s=\"7\""), "{said}");
}
