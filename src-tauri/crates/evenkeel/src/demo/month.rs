//! The month: a small company's two products, busy by day and quiet by night, with one outage, one deploy and one
//! drill. The same for the same moment, so that a picture of it can be made twice.

use evenkeel_practice::{PRACTICE_A, PRACTICE_B};
use evenkeel_slo::{Cause, Counted};
use evenkeel_store::{AttemptRow, BudgetWindow, EventRow, LedgerRow, Mode, Tokens, WindowKind};
use jiff::{SignedDuration, Timestamp};

/// Everything that is written.
pub(super) struct Month {
    pub(super) rows: Vec<LedgerRow>,
    pub(super) events: Vec<EventRow>,
    pub(super) windows: Vec<BudgetWindow>,
    pub(super) awake: Vec<(Timestamp, Timestamp)>,
}

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// A little less than the window, so that nothing of it leaves while somebody looks.
const LENGTH: i64 = 30 * DAY - 2 * HOUR;

/// Seconds before now at which things began, and how long they lasted.
const OUTAGE: (i64, i64) = (15 * DAY + 3 * HOUR, 14 * MINUTE);
const DEPLOY: (i64, i64) = (9 * DAY + 2 * HOUR, 30 * MINUTE);
const DRILL: (i64, i64) = (4 * DAY + 4 * HOUR, 10 * MINUTE);
const OFFLINE: (i64, i64) = (12 * DAY + 5 * HOUR, 4 * MINUTE);
/// The laptop slept: a long weekend, and two nights. The weekend holds a whole day of the calendar at whatever hour the
/// month ends, so that a chart of days has its gap.
const ASLEEP: [(i64, i64); 3] =
    [(24 * DAY + 6 * HOUR, 60 * HOUR), (18 * DAY + 9 * HOUR, 9 * HOUR), (6 * DAY + 8 * HOUR, 8 * HOUR)];

/// Requests in each hour of a working day, in tenths; a day has some 300.
const BY_HOUR: [u64; 24] =
    [12, 8, 6, 6, 8, 14, 40, 90, 190, 260, 290, 270, 200, 240, 290, 280, 250, 210, 140, 90, 70, 56, 36, 20];

/// Who asked, what for, with which weight, and about how many tokens go in.
const SOURCES: [(&str, &str, u64, u64); 4] = [
    ("demo-acme", "support-bot", 46, 2_600),
    ("demo-acme", "invoice-reader", 22, 5_200),
    ("demo-globex", "search", 20, 1_400),
    ("demo-globex", "release-notes", 12, 6_400),
];

pub(super) fn of(now: Timestamp) -> Month {
    let mut traffic = Traffic { now: now.as_second(), dice: Dice(SEED), rows: Vec::new() };
    traffic.month();
    let Traffic { mut rows, .. } = traffic;
    rows.sort_by_key(|row| row.at);
    for (number, row) in (1..).zip(&mut rows) {
        row.id = format!("demo-{number:05}");
    }
    Month { rows, events: events(now), windows: windows(now), awake: awake(now) }
}

struct Traffic {
    now: i64,
    dice: Dice,
    rows: Vec<LedgerRow>,
}

impl Traffic {
    fn month(&mut self) {
        let first = self.now - LENGTH;
        for hour in 0..LENGTH / HOUR {
            let start = first + hour * HOUR;
            let hour_of_day = usize::try_from(start.div_euclid(HOUR).rem_euclid(24)).unwrap_or_default();
            // Saturdays and Sundays; 1 January 1970 was a Thursday.
            let weekend = matches!((start.div_euclid(DAY) + 3).rem_euclid(7), 5 | 6);
            let tenths = BY_HOUR[hour_of_day] * if weekend { 4 } else { 12 } / 10;
            let many = tenths * (80 + self.dice.below(41)) / 100 + self.dice.below(10);
            for _ in 0..many / 10 {
                let at = start + self.below(HOUR);
                self.ordinary(at);
            }
        }
        self.burst(OUTAGE, 104, 8, Cause::ProviderOutage);
        self.burst(DEPLOY, 34, 4, Cause::Unknown);
        self.burst(DRILL, 42, 2, Cause::ProviderOutage);
        self.burst(OFFLINE, 5, 5, Cause::OwnNetwork);
        self.drill();
        // A rate limit now and then, which is what the last week is slowly spending on.
        for (days, failed) in [(7, 1), (5, 1), (3, 1), (2, 2), (1, 1)] {
            for place in 0..failed {
                let at = self.now - days * DAY - 3 * HOUR + place * 90;
                let row = self.failed(at, Cause::RateLimit);
                self.rows.push(row);
            }
        }
    }

    /// A request on an ordinary day, if anybody was there to hear it.
    fn ordinary(&mut self, at: i64) {
        let ago = self.now - at;
        let slept = |(before, lasted): &(i64, i64)| ago <= *before && ago >= before - lasted;
        if ago < MINUTE || ASLEEP.iter().any(slept) || [OUTAGE, DRILL, OFFLINE].iter().any(slept) {
            return;
        }
        let row = match self.dice.below(1_000) {
            0..=1 => self.wrong(at),
            2..=49 => self.cached(at),
            50..=55 => self.rescued(at, "first_token_timeout"),
            _ => self.answered(at),
        };
        self.rows.push(row);
    }

    /// Requests of a few minutes in which the first provider was away; the second answers all but `failed`.
    fn burst(&mut self, (before, lasted): (i64, i64), many: i64, failed: i64, cause: Cause) {
        let start = self.now - before;
        for place in 0..many {
            let at = start + 5 + place * (lasted - 20) / many;
            // The first ones fail: nobody knew yet.
            let row = match cause {
                _ if place < failed => self.failed(at, cause),
                Cause::Unknown => self.answered(at),
                _ => self.rescued(at, "server_error"),
            };
            self.rows.push(row);
        }
    }

    /// The drill's own test requests, which count for nothing.
    fn drill(&mut self) {
        let start = self.now - DRILL.0;
        for place in 0..6 {
            let row = self.rescued(start + 40 + place * 80, "server_error");
            self.rows.push(LedgerRow {
                mode: Mode::Drill,
                counted: Counted::No,
                feature: Some("drill".to_owned()),
                ..row
            });
        }
    }

    fn answered(&mut self, at: i64) -> LedgerRow {
        let mut row = self.asked(at);
        let first = self.latency();
        let output = 40 + self.dice.below(360);
        row.first_token_ms = Some(first);
        row.total_ms = first + output * 9;
        row.tokens.output = Some(output);
        row.cost_micros = Some(price(&row.tokens));
        row.attempts = vec![attempt(&row, 1, PRACTICE_A, "ok", Some(200), row.total_ms)];
        row
    }

    /// The first provider failed, the second one answered.
    fn rescued(&mut self, at: i64, outcome: &str) -> LedgerRow {
        let mut row = self.answered(at);
        let waited = if outcome == "first_token_timeout" { 2_000 } else { 90 + self.dice.below(240) };
        let status = (outcome == "server_error").then_some(503);
        let lost = AttemptRow {
            first_token_ms: None,
            cost_micros: Some(0),
            tokens: Tokens::default(),
            ..attempt(&row, 1, PRACTICE_A, outcome, status, waited)
        };
        row.model = Some("claude-haiku-4-5".to_owned());
        let mut second = attempt(&row, 2, PRACTICE_B, "ok", Some(200), row.total_ms);
        second.model.clone_from(&row.model);
        row.first_token_ms = row.first_token_ms.map(|first| first + waited);
        row.total_ms += waited;
        row.provider = Some(PRACTICE_B.to_owned());
        row.served_by = Some("secondary".to_owned());
        row.attempts = vec![lost, second];
        row
    }

    fn failed(&mut self, at: i64, cause: Cause) -> LedgerRow {
        let mut row = self.asked(at);
        let (outcome, status, answer) = match cause {
            Cause::RateLimit => ("rate_limited", Some(429), 429),
            Cause::OwnNetwork => ("connect", None, 503),
            _ => ("server_error", Some(503), 502),
        };
        row.total_ms = 600 + self.dice.below(1_400);
        row.attempts = [PRACTICE_A, PRACTICE_B]
            .into_iter()
            .zip(1..)
            .map(|(provider, n)| AttemptRow {
                first_token_ms: None,
                cost_micros: Some(0),
                tokens: Tokens::default(),
                ..attempt(&row, n, provider, outcome, status, row.total_ms / 2)
            })
            .collect();
        row.provider = Some(PRACTICE_B.to_owned());
        row.served_by = None;
        row.model = None;
        row.status = answer;
        outcome.clone_into(&mut row.outcome);
        row.counted = Counted::Bad;
        row.cause = Some(cause);
        row.tokens = Tokens::default();
        row.cost_micros = Some(0);
        row
    }

    /// Wrong in itself, and so in none of the rates.
    fn wrong(&mut self, at: i64) -> LedgerRow {
        let row = self.asked(at);
        LedgerRow {
            status: 400,
            outcome: "invalid_request".to_owned(),
            counted: Counted::No,
            provider: None,
            served_by: None,
            model: None,
            total_ms: 3,
            tokens: Tokens::default(),
            cost_micros: Some(0),
            ..row
        }
    }

    fn cached(&mut self, at: i64) -> LedgerRow {
        let row = self.answered(at);
        LedgerRow {
            provider: None,
            served_by: Some("cache".to_owned()),
            cache: "hit".to_owned(),
            saved_micros: row.cost_micros,
            cost_micros: Some(0),
            first_token_ms: Some(2 + at.rem_euclid(5).unsigned_abs()),
            total_ms: 8,
            tokens: Tokens::default(),
            attempts: Vec::new(),
            ..row
        }
    }

    /// A request on its way: who, what for, how much goes in.
    fn asked(&mut self, at: i64) -> LedgerRow {
        let mut draw = self.dice.below(SOURCES.iter().map(|source| source.2).sum());
        let source = SOURCES.iter().find(|source| {
            let mine = draw < source.2;
            draw = draw.saturating_sub(source.2);
            mine
        });
        let (tenant, feature, _, input) = *source.unwrap_or(&SOURCES[0]);
        let micros = self.dice.below(1_000_000);
        LedgerRow {
            id: String::new(),
            at: Timestamp::from_microsecond(
                at.saturating_mul(1_000_000).saturating_add(micros.cast_signed()),
            )
            .unwrap_or_default(),
            mode: Mode::Practice,
            tenant: tenant.to_owned(),
            feature: Some(feature.to_owned()),
            route: Some("default".to_owned()),
            dialect: "openai".to_owned(),
            endpoint: "/v1/chat/completions".to_owned(),
            stream: true,
            prompt_version: None,
            model_asked: Some("gpt-5-mini".to_owned()),
            model: Some("gpt-5-mini".to_owned()),
            provider: Some(PRACTICE_A.to_owned()),
            served_by: Some("primary".to_owned()),
            status: 200,
            outcome: "ok".to_owned(),
            counted: Counted::Good,
            cause: None,
            first_token_ms: None,
            total_ms: 0,
            tokens: Tokens { input: Some(input * (50 + self.dice.below(101)) / 100), ..Tokens::default() },
            cost_micros: None,
            saved_micros: None,
            cache: "miss".to_owned(),
            degraded: None,
            attempts: Vec::new(),
            plan: None,
        }
    }

    /// Near enough to log-normal: a product of draws, with a tail of slow ones.
    fn latency(&mut self) -> u64 {
        let mut first = 860;
        for _ in 0..4 {
            first = first * (62 + self.dice.below(84)) / 100;
        }
        if self.dice.below(100) < 2 { first * (2 + self.dice.below(2)) } else { first }
    }

    fn below(&mut self, limit: i64) -> i64 {
        self.dice.below(limit.unsigned_abs()).cast_signed()
    }
}

/// Two dollars a million tokens in, eight out: like a small model of a large provider.
fn price(tokens: &Tokens) -> i64 {
    let micros = tokens.input.unwrap_or_default() * 17 / 10 + tokens.output.unwrap_or_default() * 8;
    i64::try_from(micros).unwrap_or(i64::MAX)
}

fn attempt(
    row: &LedgerRow,
    n: u32,
    provider: &str,
    outcome: &str,
    status: Option<u16>,
    took: u64,
) -> AttemptRow {
    AttemptRow {
        n,
        provider: provider.to_owned(),
        model: row.model.clone(),
        outcome: outcome.to_owned(),
        status,
        first_token_ms: row.first_token_ms,
        total_ms: took,
        cost_micros: row.cost_micros,
        tokens: row.tokens,
        provider_request_id: None,
        detail: None,
    }
}

fn ago(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

fn events(now: Timestamp) -> Vec<EventRow> {
    let (outage, outage_lasted) = OUTAGE;
    let (drill, drill_lasted) = DRILL;
    [
        (LENGTH, "demo_data", "Demo data begins here: every request is made up.".to_owned()),
        (outage - 20, "switched", format!("Switched to {PRACTICE_B}: {PRACTICE_A} answered with errors.")),
        (outage - 3 * MINUTE, "alert_firing", "8 of 38 requests failed within 3 min.".to_owned()),
        (outage - outage_lasted, "switched", format!("Back to {PRACTICE_A} after 14 min.")),
        (drill, "drill_started", format!("Friday drill: {PRACTICE_A} was taken away for 10 min.")),
        (drill - 15, "switched", format!("Switched to {PRACTICE_B}: the drill took {PRACTICE_A} away.")),
        (drill - drill_lasted, "switched", format!("Back to {PRACTICE_A}; the drill is over.")),
    ]
    .into_iter()
    .map(|(before, kind, text)| EventRow { at: ago(now, before), kind: kind.to_owned(), text, data: None })
    .collect()
}

fn windows(now: Timestamp) -> Vec<BudgetWindow> {
    let (before, lasted) = DEPLOY;
    let from = ago(now, before);
    vec![BudgetWindow {
        id: 0,
        kind: WindowKind::Deploy,
        reason: "new prompt for the invoice reader".to_owned(),
        from,
        to: ago(now, before - lasted),
        made: from,
    }]
}

/// From the first request on, but for the times asleep.
fn awake(now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let mut spans = Vec::new();
    let mut from = LENGTH;
    for (before, lasted) in ASLEEP {
        spans.push((ago(now, from), ago(now, before)));
        from = before - lasted;
    }
    spans.push((ago(now, from), now));
    spans
}

/// An xorshift generator: the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
