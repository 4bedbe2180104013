//! The project's own commands: `cargo xtask run | test | ui | bench | bundle`.
//!
//! A newcomer types one of them in a fresh clone and everything else follows, so each command first sees to
//! what it needs (system packages, Node, the dashboard) and says so in one line when it can't.
//!
//! - [`run`]: builds and starts Evenkeel.
//! - [`test`]: everything CI runs, in the order in which a mistake is cheapest to find.
//! - [`ui`]: installs and builds the dashboard, only when it is older than its sources.
//! - [`bench`]: what the router adds to a request, what clients see while a provider fails, and how well the
//!   alerts judge.
//! - [`bundle`]: installable packages.
//! - [`packages`], [`node`], [`clients`], [`promtool`]: the tools that a machine needs, and how they get there.
//! - [`fuzz`]: looks for inputs that the wire formats can't stand.
//! - [`tree`], [`deny`]: what may be linked into the programs.
//! - [`workspace`], [`shell`]: where things lie, and starting other programs.
//!
//! It stays small and, but for `bench`, free of the product's own crates: it must compile in seconds, before
//! anything else can.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its terminal")]

mod bench;
mod bundle;
mod clients;
mod deny;
mod fuzz;
mod node;
mod packages;
mod promtool;
mod run;
mod shell;
mod test;
mod tree;
mod ui;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Evenkeel's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build, and start the desktop app, or `evenkeel serve` without a display
    Run(run::Options),
    /// Run everything that CI runs
    Test {
        /// Add the checks that are too slow for every change
        #[arg(long)]
        full: bool,
    },
    /// Install and build the dashboard
    Ui,
    /// Measure latency, start and memory of a release build against going direct; `faults`: the fault table;
    /// `rollups`: figures over a month; `alerts`: false pages and minutes to the page; `cache`: look-ups in kept
    /// answers
    Bench {
        #[command(subcommand)]
        what: Option<bench::What>,
        /// Arguments for the load generator, after `--` (try `-- --help`)
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Build the deb and the rpm, with both programs
    Bundle,
    /// The load generator behind `bench`
    #[cfg(feature = "bench")]
    #[command(hide = true)]
    BenchLoad(bench::load::Options),
    /// The fault table behind `bench faults`
    #[cfg(feature = "bench")]
    #[command(hide = true, override_usage = "cargo xtask bench faults [OPTIONS] [ROWS]...")]
    BenchFaults(bench::faults::Options),
    /// The tables behind `bench alerts`
    #[cfg(feature = "bench")]
    #[command(hide = true, override_usage = "cargo xtask bench alerts [OPTIONS]")]
    BenchAlerts(bench::alerts::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Workspace::find().and_then(|workspace| match arguments.command {
        Task::Run(options) => run::run(&workspace, &options),
        Task::Test { full } => Ok(test::test(&workspace, full)),
        Task::Ui => ui::ui(&workspace),
        Task::Bench { what, arguments } => bench::bench(&workspace, what.as_ref(), &arguments),
        Task::Bundle => bundle::bundle(&workspace),
        #[cfg(feature = "bench")]
        Task::BenchLoad(options) => bench::load::run(&workspace, &options),
        #[cfg(feature = "bench")]
        Task::BenchFaults(options) => bench::faults::run(&workspace, &options),
        #[cfg(feature = "bench")]
        Task::BenchAlerts(options) => bench::alerts::run(&options),
    });
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
