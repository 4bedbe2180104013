//! From the roll-ups, the promise's own report and the events to a chart's input.

use std::time::Duration;

use evenkeel_kit::chart::{
    self, Budget, Chart, Line, Mark, MarkKind, Outlook, Point, Scene, Shape, Share, Shares,
};
use evenkeel_kit::chart::{Step, Subject, USUAL, Unit};
use evenkeel_slo::{report::SloReport, tally::Counts};
use evenkeel_store::{By, EventRow, Resolution, WindowKind};
use jiff::{SignedDuration, Timestamp};

use super::{Name, Wanted};
use crate::{
    app::Running,
    failure::{Code, Failure},
    promises::{board::Narrow, board::subjects, book, measure::Subject as Promised, reported},
};

/// Events that are looked through for marks.
const EVENTS: u32 = 1_000;
/// Marks that are handed on; more could not be told apart in a month.
const MARKS: usize = 500;
/// The router says once a minute that it is there. So long after the last time it still is.
const STILL_THERE: SignedDuration = SignedDuration::from_secs(150);
/// From here to a month back is what roll-ups by the hour and the day are made for.
const SHORTEST: Duration = Duration::from_hours(1);
const LONGEST: Duration = Duration::from_hours(30 * 24);

pub(super) async fn chart(running: &Running, name: Name, wanted: &Wanted) -> Result<Chart, Failure> {
    if let Some(window) = wanted.window.filter(|window| !(SHORTEST..=LONGEST).contains(window)) {
        let message = format!("A chart shows from 1 h to 30 days, not {} s.", window.as_secs());
        return Err(
            Failure::new(Code::InvalidRequest, message).hint("Write the window as 1h, 24h, 7d or 30d.")
        );
    }
    let narrow =
        Narrow { tenant: wanted.tenant.clone(), feature: wanted.feature.clone(), window: wanted.window };
    let promised = promise(running, wanted, &narrow)?;
    let to = Timestamp::now();
    let from = to.checked_sub(promised.slo().window.min(LONGEST)).unwrap_or(Timestamp::MIN);
    let subject = match name {
        Name::Success | Name::P95 | Name::Cost => {
            Subject::Line(line(running, name, &promised, (from, to)).await?)
        }
        Name::Budget => Subject::Budget(budget(&report(running, &narrow, &promised).await?)),
        Name::Causes => Subject::Shares(causes(&report(running, &narrow, &promised).await?)),
        Name::Providers => Subject::Shares(providers(running, (from, to)).await?),
    };
    let scene = Scene {
        about: promised.slo().name.clone(),
        from,
        to,
        shape: wanted.shape.unwrap_or(Shape::Full(USUAL)),
        awake: awake(running, from, to).await?,
        marks: marks(running, from, to).await?,
    };
    Ok(Chart { scene, subject })
}

/// The promise that is asked about, or whose targets judge what is.
fn promise(running: &Running, wanted: &Wanted, narrow: &Narrow) -> Result<Promised, Failure> {
    let slos = running.settings().config.slos.clone();
    let found = subjects(&slos, narrow).into_iter().find(|subject| match &wanted.slo {
        Some(name) => subject.slo().name == *name,
        None => true,
    });
    found.ok_or_else(|| {
        let known: Vec<&str> = slos.iter().map(|slo| slo.name.as_str()).collect();
        let asked = wanted.slo.as_deref().unwrap_or_default();
        Failure::new(Code::InvalidRequest, format!("slo={asked} is no promise of the configuration."))
            .hint(format!("There are: {}.", known.join(", ")))
    })
}

async fn report(running: &Running, narrow: &Narrow, promised: &Promised) -> Result<SloReport, Failure> {
    let document = running.slo_document(narrow).await?;
    let named = document.slos.into_iter().find(|report| report.name == promised.slo().name);
    named.ok_or_else(|| Failure::new(Code::InternalError, "The configuration changed meanwhile. Ask again."))
}

async fn line(
    running: &Running,
    name: Name,
    promised: &Promised,
    (from, to): (Timestamp, Timestamp),
) -> Result<Line, Failure> {
    let bucket = chart::bucket(to.duration_since(from));
    let resolution = match bucket.as_secs() {
        ..3_600 => Resolution::Minute,
        3_600..86_400 => Resolution::Hour,
        _ => Resolution::Day,
    };
    let practice = running.routing().practice;
    let points = promised
        .points(running.store(), practice, resolution, (from, to))
        .await
        .map_err(|error| unreadable(&error))?;
    let judged = reported(promised.slo());
    let (unit, target) = match name {
        Name::P95 => (Unit::P95, judged.p95_ms),
        Name::Cost => (Unit::Cost, u64::try_from(judged.cost_micros).unwrap_or_default()),
        _ => (Unit::Success, u64::from(judged.success.ppm())),
    };
    let mut merged: Vec<(Timestamp, Counts)> = Vec::new();
    for point in points {
        let second = point.start.as_second();
        let start = second - second.rem_euclid(bucket.as_secs().max(1));
        let start = Timestamp::from_second(start).unwrap_or(point.start);
        match merged.last_mut() {
            Some((last, counts)) if *last == start => counts.merge(&point.counts),
            _ => merged.push((start, point.counts)),
        }
    }
    let points = merged
        .iter()
        .filter_map(|(start, counts)| {
            let (value, n) = value(unit, counts)?;
            Some(Point { start: *start, value, n })
        })
        .collect();
    Ok(Line { unit, target, bucket, points })
}

/// The figure of a bucket, if there is one in it.
fn value(unit: Unit, counts: &Counts) -> Option<(u64, u64)> {
    let tally = &counts.tally;
    match unit {
        Unit::Success => {
            let n = tally.n();
            let ppm = u128::from(tally.good) * 1_000_000 / u128::from(n.max(1));
            (n > 0).then(|| (u64::try_from(ppm).unwrap_or_default(), n))
        }
        Unit::P95 => Some((counts.p95_ms()?, tally.latency_n)),
        Unit::Cost => Some((u64::try_from(tally.average_cost_micros()?).unwrap_or_default(), tally.cost_n)),
    }
}

fn budget(report: &SloReport) -> Budget {
    let mut steps: Vec<Step> = report
        .entries
        .iter()
        .map(|entry| Step { at: entry.from, bad: entry.bad, why: words(entry.cause.as_str()) })
        .collect();
    if report.older_entries.bad > 0 {
        let why = figure_of_older(report.older_entries.entries);
        steps.push(Step { at: report.window.from, bad: report.older_entries.bad, why });
    }
    let outlook = match report.forecast {
        None => Outlook::Unknown,
        Some(forecast) if report.success.left <= 0 => Outlook::Recovers(forecast.recovers),
        Some(forecast) => match forecast.exhausted_from {
            None => Outlook::Lasts,
            Some(from) => Outlook::Gone { from, to: forecast.exhausted_to },
        },
    };
    Budget { n: report.n, allowed: report.success.allowed, left: report.success.left, steps, outlook }
}

fn figure_of_older(entries: u64) -> String {
    evenkeel_slo::figure::counted(entries, "earlier event", "earlier events")
}

fn causes(report: &SloReport) -> Shares {
    let parts = report
        .spend
        .iter()
        .map(|spend| Share { name: words(spend.cause.as_str()), value: spend.bad, n: spend.bad })
        .collect();
    Shares::Causes { parts, n: report.n }
}

fn words(cause: &str) -> String {
    cause.replace('_', " ")
}

/// Of every request in the book: money is spent by providers, whoever asked.
async fn providers(running: &Running, (from, to): (Timestamp, Timestamp)) -> Result<Shares, Failure> {
    let (mode, _) = book(running.routing().practice);
    let shares =
        running.store().breakdown(mode, By::Provider, from, to).await.map_err(|error| unreadable(&error))?;
    let parts = shares
        .into_iter()
        .filter(|share| share.counts.tally.cost_n > 0)
        .map(|share| Share {
            name: match (share.other, share.name.as_str()) {
                (true, _) => "others".to_owned(),
                (_, "") => "nobody asked".to_owned(),
                (_, name) => name.to_owned(),
            },
            value: u64::try_from(share.counts.tally.cost_micros).unwrap_or_default(),
            n: share.counts.tally.cost_n,
        })
        .collect();
    Ok(Shares::Providers { parts })
}

async fn awake(
    running: &Running,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(Timestamp, Timestamp)>, Failure> {
    let observed = running.store().observed(from, to).await.map_err(|error| unreadable(&error))?;
    let mut spans = observed.spans;
    // What this run has seen and not written down yet.
    let began = running.began().max(from);
    match spans.last_mut() {
        Some(last) if to.duration_since(last.1) < STILL_THERE => last.1 = to,
        _ if to.duration_since(began) < STILL_THERE => spans.push((began, to)),
        _ => {}
    }
    Ok(spans)
}

async fn marks(running: &Running, from: Timestamp, to: Timestamp) -> Result<Vec<Mark>, Failure> {
    let store = running.store();
    let events = store.events(EVENTS).await.map_err(|error| unreadable(&error))?;
    let mut marks: Vec<Mark> = events.into_iter().filter(|event| event.at >= from).filter_map(mark).collect();
    let windows = store.budget_windows(from, to).await.map_err(|error| unreadable(&error))?;
    marks.extend(windows.into_iter().map(|window| {
        let (kind, what) = match window.kind {
            WindowKind::Deploy => (MarkKind::Deploy, "Deploy you declared"),
            WindowKind::Experiment => (MarkKind::Experiment, "Experiment you declared"),
        };
        let reason = window.reason.trim_end_matches('.');
        Mark { at: window.from, kind, text: format!("{what}: {reason}.") }
    }));
    marks.truncate(MARKS);
    Ok(marks)
}

/// An event that a chart shows.
fn mark(event: EventRow) -> Option<Mark> {
    let kind = match event.kind.as_str() {
        "switched" => MarkKind::Failover,
        "alert_firing" => MarkKind::Alert,
        "drill_started" => MarkKind::Drill,
        _ => return None,
    };
    Some(Mark { at: event.at, kind, text: event.text })
}

fn unreadable(error: &evenkeel_store::StoreError) -> Failure {
    Failure::new(Code::StoreFailed, format!("The figures can't be read: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_moved_traffic_or_hurt_it_is_marked() {
        let event = |kind: &str| EventRow {
            at: Timestamp::UNIX_EPOCH,
            kind: kind.to_owned(),
            text: "Something.".to_owned(),
            data: None,
        };
        let kinds = ["switched", "alert_firing", "drill_started", "config_reloaded", "alert_resolved"];
        let marked: Vec<_> = kinds.map(|kind| mark(event(kind)).map(|mark| mark.kind)).into_iter().collect();
        assert_eq!(
            marked,
            [Some(MarkKind::Failover), Some(MarkKind::Alert), Some(MarkKind::Drill), None, None]
        );
    }

    #[test]
    fn a_bucket_without_a_figure_is_a_gap_and_not_a_zero() {
        for unit in [Unit::Success, Unit::P95, Unit::Cost] {
            assert_eq!(value(unit, &Counts::default()), None);
        }
    }
}
