//! How well the alerts judge: pages for nothing, and minutes until a page for something, over simulated months.
//!
//! The alerts themselves run, on a clock that takes no time: requests come at random (a Poisson process) all day
//! and night, and every 15 simulated seconds the alerts are evaluated, as in the app.
//!
//! - [`service`]: what requests are like, when all is well and in each fault
//! - [`month`]: one simulated stretch of time, and the pages in it
//! - [`cost`]: what an evaluation takes on this machine
//! - [`table`]: how it is shown

mod cost;
mod month;
mod service;
mod table;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use evenkeel_slo::alerts::{Rules, Sensitivity};

use month::{Detected, False};
use service::{FAULTS, SERVICES};

/// Requests an hour.
const RATES: [u32; 3] = [20, 100, 1_000];

/// Pages a month on a healthy service at most.
const FALSE_PAGES: f64 = 1.0;

/// Evaluating every alert of twenty promises takes at most so many microseconds.
const EVALUATION_US: f64 = 1_000.0;

/// How much of it.
#[derive(Args)]
pub(crate) struct Options {
    /// Simulated months for each row of false pages
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    months: u64,
    /// Simulated faults for each row of minutes to the page
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    faults: u64,
    /// How much proof the alerts ask for: standard, quiet or literal
    #[arg(long, default_value = "standard", value_parser = sensitivity)]
    sensitivity: Sensitivity,
    /// Print the tables as Markdown, as they stand in docs/slo.md
    #[arg(long)]
    markdown: bool,
}

fn sensitivity(word: &str) -> Result<Sensitivity, String> {
    match word {
        "standard" => Ok(Sensitivity::Standard),
        "quiet" => Ok(Sensitivity::Quiet),
        "literal" => Ok(Sensitivity::Literal),
        _ => Err("it is standard, quiet or literal".to_owned()),
    }
}

/// The command `bench-alerts`.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let begun = Instant::now();
    let rules = Rules { sensitivity: options.sensitivity, ..Rules::default() };
    let mut missed = Vec::new();

    println!("{}", table::false_head(options.markdown));
    for service in SERVICES {
        for rate in RATES {
            let pages = many(options.months, |seed| month::healthy(service, rate, &rules, seed))?;
            let mean = False::mean(&pages);
            println!("{}", table::false_line(service.name, rate, &mean, options.markdown));
            if service.healthy && mean.all() > FALSE_PAGES {
                missed.push(format!("{} at {rate}/h: {:.2} pages a month", service.name, mean.all()));
            }
        }
    }
    println!("\n{}", table::detected_head(options.markdown));
    for fault in FAULTS {
        for rate in RATES {
            let runs = many(options.faults, |seed| month::fault(fault, rate, &rules, seed))?;
            let detected = Detected::of(runs);
            let goal = fault.goal(rate);
            println!("{}", table::detected_line(fault.name, rate, &detected, goal, options.markdown));
            if let Some(goal) = goal
                && detected.median.is_none_or(|median| median > goal)
            {
                missed.push(format!("{} at {rate}/h: not within {goal} min", fault.name));
            }
        }
    }
    println!();
    for (what, microseconds) in cost::rounds(&rules) {
        println!("{what}: {microseconds:.1} µs");
        if microseconds > EVALUATION_US {
            missed.push(format!("{what}: over a millisecond"));
        }
    }
    println!("\n{}", table::summary(options.months, options.faults, begun.elapsed(), &missed));
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same under many seeds, on every core.
fn many<T: Send>(seeds: u64, one: impl Fn(u64) -> T + Sync) -> Result<Vec<T>> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return done;
            }
            done.push(one(seed));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for thread in running {
            all.extend(thread.join().ok().context("a simulation ended in a panic")?);
        }
        Ok(all)
    })
}
