//! What a client sees while a provider misbehaves: one row a fault, printed with the goal that it has to meet.
//!
//! The router is the release build, started afresh for every cell of the table, so that no breaker, connection or
//! learnt habit of one cell helps the next. The primary has the fault; the secondary works, but for the row where
//! both are down. Clients speak the OpenAI dialect; in a "cross" cell the secondary speaks Anthropic's.
//!
//! - [`fault`]: the list of faults, and which goal goes with each
//! - [`wire`]: answers and errors in both dialects, byte by byte
//! - [`provider`]: a provider that follows a fault's script
//! - [`client`]: one request, and how its answer really ended
//! - [`cell`]: one router, 200 requests, and what came of them
//! - [`ledger`]: what the router wrote down about the same requests
//! - [`verdict`]: the goals
//! - [`table`]: how it is shown

mod cell;
mod client;
mod fault;
mod ledger;
mod provider;
mod table;
mod verdict;
mod wire;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::workspace::Workspace;
use cell::{Cell, Figures};
use fault::{ROWS, Row};
use verdict::Miss;

/// How often a cell is measured at most.
const RUNS: u32 = 3;

/// Which rows, and how much of each.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these rows (their names stand in the first column; default: all)
    rows: Vec<String>,
    /// Requests in each cell
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1000))]
    requests: u32,
    /// Requests under way at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    concurrency: u32,
    /// Print the table as Markdown, as it stands in docs/reliability.md
    #[arg(long)]
    markdown: bool,
}

/// The command `bench-faults`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let rows = chosen(&options.rows)?;
    // One thread for providers and clients together, so that they take one core from what they measure.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(workspace, options, &rows))
}

fn chosen(names: &[String]) -> Result<Vec<&'static Row>> {
    if names.is_empty() {
        return Ok(ROWS.iter().collect());
    }
    let find = |name: &String| {
        ROWS.iter().find(|row| row.name == name).with_context(|| {
            let known: Vec<_> = ROWS.iter().map(|row| row.name).collect();
            format!("there is no row {name:?}; the rows are: {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}

async fn measure(workspace: &Workspace, options: &Options, rows: &[&'static Row]) -> Result<ExitCode> {
    let program = workspace.program("evenkeel", true);
    if !program.is_file() {
        bail!("{} isn't built; start this as `cargo xtask bench faults`", workspace.shown(&program));
    }
    let begun = Instant::now();
    let mut missed = Vec::new();
    println!("{}", table::head(options.markdown));
    for row in rows {
        for (stream, cross) in [(true, false), (true, true), (false, false), (false, true)] {
            let cell = Cell { row, stream, cross };
            let judged =
                judged(&cell, &program, options).await.with_context(|| format!("the row {}", cell.name()))?;
            println!("{}", table::line(&cell, &judged, options.markdown));
            missed
                .extend(judged.misses.into_iter().map(|miss| format!("{}: {}", cell.name(), miss.sentence)));
        }
    }
    println!("\n{}", summary(options, rows.len() * 4, begun, &missed));
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A cell with its verdict.
struct Judged {
    figures: Figures,
    misses: Vec<Miss>,
    runs: u32,
}

/// Runs a cell, and once or twice more where all that was missed is a few milliseconds: another program may have
/// had the core just then. A failure, a slow request or a wrong count is never tried again, and the table tells of
/// every run.
async fn judged(cell: &Cell, program: &Path, options: &Options) -> Result<Judged> {
    let mut runs = 0;
    loop {
        runs += 1;
        let figures = cell.run(program, options.requests, options.concurrency).await?;
        let misses = verdict::misses(cell, &figures);
        let may_be_noise = !misses.is_empty() && misses.iter().all(|miss| miss.milliseconds);
        if runs == RUNS || !may_be_noise {
            return Ok(Judged { figures, misses, runs });
        }
    }
}

fn summary(options: &Options, cells: usize, begun: Instant, missed: &[String]) -> String {
    let Options { requests, concurrency, .. } = options;
    let goals = if missed.is_empty() {
        "Every goal is met.".to_owned()
    } else {
        format!("Goals missed ({}):\n- {}", missed.len(), missed.join("\n- "))
    };
    let seconds = begun.elapsed().as_secs();
    format!("{cells} cells of {requests} requests, {concurrency} at a time, in {seconds} s. {goals}")
}
