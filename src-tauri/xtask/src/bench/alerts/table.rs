//! How it is shown.

use std::time::Duration;

use super::month::{Detected, False};

pub(super) fn false_head(markdown: bool) -> String {
    if markdown {
        return "| service | requests/h | success | p95 | cost | all |\n| --- | ---: | ---: | ---: | ---: | ---: |"
            .to_owned();
    }
    format!(
        "Pages in 30 days\n{:<16} {:>10} {:>8} {:>8} {:>8} {:>8}",
        "service", "requests/h", "success", "p95", "cost", "all"
    )
}

pub(super) fn false_line(service: &str, rate: u32, pages: &False, markdown: bool) -> String {
    let ([success, p95, cost], all) = (pages.0, pages.all());
    if markdown {
        return format!("| {service} | {rate} | {success:.2} | {p95:.2} | {cost:.2} | {all:.2} |");
    }
    format!("{service:<16} {rate:>10} {success:>8.2} {p95:>8.2} {cost:>8.2} {all:>8.2}")
}

pub(super) fn detected_head(markdown: bool) -> String {
    if markdown {
        return "| fault | requests/h | half of them | nine in ten | never | goal |\n| --- | ---: | ---: | ---: | ---: | --- |"
            .to_owned();
    }
    format!(
        "Minutes to the page\n{:<16} {:>10} {:>12} {:>12} {:>8}  goal",
        "fault", "requests/h", "half of them", "nine in ten", "never"
    )
}

pub(super) fn detected_line(
    fault: &str,
    rate: u32,
    found: &Detected,
    goal: Option<f64>,
    markdown: bool,
) -> String {
    let minutes =
        |minutes: Option<f64>| minutes.map_or_else(|| "–".to_owned(), |minutes| format!("{minutes:.1}"));
    let (median, ninth) = (minutes(found.median), minutes(found.ninth));
    let never = format!("{}/{}", found.never, found.all);
    let goal = match goal {
        None => String::new(),
        Some(goal) if found.median.is_some_and(|median| median <= goal) => format!("{goal:.0}: met"),
        Some(goal) => format!("{goal:.0}: MISSED"),
    };
    if markdown {
        return format!("| {fault} | {rate} | {median} | {ninth} | {never} | {goal} |");
    }
    format!("{fault:<16} {rate:>10} {median:>12} {ninth:>12} {never:>8}  {goal}")
}

pub(super) fn summary(months: u64, faults: u64, took: Duration, missed: &[String]) -> String {
    let took = took.as_secs_f64();
    let mut text = format!("{months} months and {faults} faults in each row, in {took:.0} s. ");
    if missed.is_empty() {
        text.push_str("Every goal is met.");
    } else {
        text.push_str("Goals missed:");
        for miss in missed {
            text.push_str("\n  ");
            text.push_str(miss);
        }
    }
    text
}
