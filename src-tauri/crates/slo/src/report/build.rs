//! From counters to the document.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    Book, CauseSpend, ChangeNote, CostReport, Coverage, EntryReport, ForecastReport, FrozenReport, Input,
    LatencyReport, OlderEntries, SavedExcluded, SloReport, SuccessReport, Usd, WindowReport,
};
use crate::{
    budget::{
        BadRequest, BurnColour, Forecast, Ledger, Money, Outlook, Rate, Share, forecast, interval, timeline,
    },
    standing::{Band, Hold, Policy},
    words::{self, Facts, Judged},
};

/// How many entries and changes a document lists one by one.
const LISTED: usize = 200;

/// The report about one promise. It never fails: what isn't known is `null` in it and said in its words.
pub fn build(input: &Input<'_>, book: Book) -> SloReport {
    let facts = facts(input, book);
    let (measured, promise) = (&input.measured, input.promise);
    let bad = input.bad_requests.iter().filter(|request| input.window.contains(request.at));
    let bad: Vec<BadRequest> = bad.copied().collect();
    let ledger = Ledger::of(&bad, input.declared).balanced(measured.bad, &measured.causes, input.window.from);
    let (entries, older_entries) = listed(&ledger);
    let words = words::of(&facts);
    SloReport {
        name: promise.name.clone(),
        tenant: promise.tenant.clone(),
        feature: promise.feature.clone(),
        window: WindowReport { from: input.window.from, to: input.window.to },
        coverage: Coverage {
            observed_h: hours(input.observed_seconds),
            window_h: hours(input.window.seconds()),
        },
        n: facts.success.n,
        success: success(input, &facts),
        latency: latency(input, &facts),
        cost: cost(&facts),
        rescued: measured.rescued,
        cached: measured.cached,
        without_cache: SavedExcluded {
            p95_ms: measured.without_cache.p95_ms,
            average_usd: facts.without_cache.average_micros().map(Usd),
        },
        not_counted: measured.not_counted,
        spend: ledger.by_cause().into_iter().map(|(cause, bad)| CauseSpend { cause, bad }).collect(),
        forecast: forecast_report(facts.outlook.forecast),
        sentence: words.sentence(&facts.hold),
        met: facts.met(),
        frozen: frozen(&facts),
        entries,
        older_entries,
        changes: changes(input),
        words,
    }
}

/// Everything that is said about a promise, judged once.
fn facts<'a>(input: &'a Input<'a>, book: Book) -> Facts<'a> {
    let success = input.measured.success(input.promise);
    let latency = input.measured.latency();
    let money = input.measured.money(input.promise);
    let without_cache = input.measured.without_cache;
    let hold = input.hold.next(input.now, &success);
    let today = input.now.to_zoned(TimeZone::UTC).date();
    Facts {
        input,
        book,
        judged: [Judged::of(&success), Judged::of(&latency), Judged::of_money(&money)],
        policy: Policy::of(&success, &hold),
        hold,
        outlook: forecast::outlook(&success, input.days, today),
        without_cache: Money {
            priced: without_cache.priced,
            unpriced: 0,
            spent_micros: without_cache.cost_micros,
            target_micros: input.promise.cost_micros,
        },
        success,
        latency,
        money,
    }
}

fn success(input: &Input<'_>, facts: &Facts<'_>) -> SuccessReport {
    let budget = facts.success;
    let target = budget.target;
    let interval = interval::wilson(budget.good(), budget.n).filter(|_| budget.n < interval::SHOWN_UNDER);
    let burn = |counts: Rate| counts.burn_hundredths(target).map(as_hundredths);
    SuccessReport {
        target_percent: target.percent(),
        good: budget.good(),
        bad: budget.bad,
        rate_percent: rate_ppm(budget.good(), budget.n).map(percent),
        low_percent: interval.map(|interval| percent(interval.low_ppm)),
        high_percent: interval.map(|interval| percent(interval.high_ppm)),
        allowed: budget.allowed(),
        left: budget.left(),
        burn_1h: burn(input.last_hour),
        burn_6h: burn(input.last_six_hours),
        policy: facts.policy,
        met: facts.judged_success().met(),
        needed: target.needed(),
        burn_colour: BurnColour::of(input.last_hour, input.last_six_hours, target),
    }
}

fn latency(input: &Input<'_>, facts: &Facts<'_>) -> LatencyReport {
    let budget = facts.latency;
    LatencyReport {
        basis: input.promise.basis,
        target_ms: input.promise.p95_ms,
        n: budget.n,
        slow: budget.bad,
        p95_ms: input.measured.p95_ms(input.promise),
        allowed: budget.allowed(),
        left: budget.left(),
        met: facts.judged_latency().met(),
        standing: Band::of(&budget),
    }
}

fn cost(facts: &Facts<'_>) -> CostReport {
    let money = facts.money;
    CostReport {
        target_usd: Usd(money.target_micros),
        total_usd: Usd(money.spent_micros),
        average_usd: money.average_micros().map(Usd),
        unpriced: money.unpriced,
        left_usd: Usd(money.left_micros()),
        allowed_usd: Usd(money.allowed_micros()),
        met: facts.judged_cost().met(),
        standing: Band::of_money(&money),
    }
}

fn listed(ledger: &Ledger) -> (Vec<EntryReport>, OlderEntries) {
    let mut newest: Vec<_> = ledger.entries().iter().collect();
    newest.sort_by_key(|entry| std::cmp::Reverse(entry.to));
    let (shown, older) = newest.split_at(newest.len().min(LISTED));
    let older = OlderEntries {
        entries: older.len() as u64,
        bad: older.iter().fold(0, |sum, entry| sum.saturating_add(entry.bad)),
    };
    let shown = shown.iter().map(|entry| EntryReport {
        cause: entry.cause,
        from: entry.from,
        to: entry.to,
        bad: entry.bad,
        note: entry.note.clone(),
    });
    (shown.collect(), older)
}

fn changes(input: &Input<'_>) -> Vec<ChangeNote> {
    let annotations = timeline::annotate(input.changes, input.bad_requests);
    let newest = annotations.into_iter().take(LISTED).map(|annotation| ChangeNote {
        at: annotation.change.at,
        kind: annotation.change.kind,
        text: annotation.change.text,
        bad_within_an_hour: annotation.bad_within_an_hour,
    });
    newest.collect()
}

fn forecast_report(forecast: Forecast) -> Option<ForecastReport> {
    let (from, to, recovers) = match forecast {
        Forecast::TooLittle => return None,
        Forecast::NotWithin => (None, None, None),
        Forecast::Gone { from, to } => (Some(from), to, None),
        Forecast::UsedUp { recovers } => (None, None, recovers),
    };
    Some(ForecastReport {
        exhausted_from: from.and_then(midnight),
        exhausted_to: to.and_then(midnight),
        recovers: recovers.and_then(midnight),
    })
}

fn frozen(facts: &Facts<'_>) -> Option<FrozenReport> {
    let Outlook { thaws, .. } = facts.outlook;
    let (since, by_hand, reason) = match &facts.hold {
        Hold::UsedUp { since } => (*since, false, None),
        Hold::ByHand { since, reason } => (*since, true, reason.clone()),
        Hold::Free | Hold::Thawed { .. } => return None,
    };
    let thaws = thaws.filter(|_| !by_hand).and_then(midnight);
    Some(FrozenReport { since, by_hand, reason, thaws })
}

fn midnight(day: Date) -> Option<Timestamp> {
    day.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp())
}

/// The rate in parts per million, cut: a million only where nothing is missing.
fn rate_ppm(good: u64, n: u64) -> Option<u32> {
    let ppm = (u128::from(good.min(n)) * u128::from(Share::ALL.ppm())).checked_div(u128::from(n))?;
    u32::try_from(ppm).ok()
}

fn percent(ppm: u32) -> f64 {
    f64::from(ppm) / 10_000.0
}

#[expect(clippy::cast_precision_loss, reason = "a burn rate beyond 2^53 is not read digit by digit")]
fn as_hundredths(number: u64) -> f64 {
    number as f64 / 100.0
}

#[expect(clippy::cast_precision_loss, reason = "hours of a window are far below 2^53")]
fn hours(seconds: u64) -> f64 {
    (seconds / 36) as f64 / 100.0
}
