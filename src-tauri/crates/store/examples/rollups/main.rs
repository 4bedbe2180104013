//! Ten million requests of thirty days as roll-ups, beside a full ledger of a million rows: how long answers take,
//! how large it gets, and how fast the writer is with all of it there.
//!
//! `cargo xtask bench rollups` runs it. With a folder it leaves the database there, to be looked at with
//! `evenkeel slo --home FOLDER`; otherwise it is gone at the end. Ends with 1 if a goal was missed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its terminal")]

mod fill;
mod measure;
mod traffic;

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use evenkeel_slo::tally::Basis;
use evenkeel_store::{Promise, Store};

type Outcome<T> = Result<T, Box<dyn Error>>;

const REQUESTS: u64 = 10_000_000;
const ROWS: i64 = 1_000_000;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    match run(folder.as_deref()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: Option<&Path>) -> Outcome<bool> {
    let temporary = tempfile::TempDir::new()?;
    let folder = folder.unwrap_or(temporary.path());
    if folder.join("evenkeel.db").exists() {
        return Err(format!("{} has a ledger already; name another folder", folder.display()).into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let store = Store::open(folder)?;
    runtime.block_on(store.set_promises(promises()))?;
    store.shut_down()?;

    let began = Instant::now();
    let requests = fill::roll_ups(folder, REQUESTS, &promises())?;
    fill::rows(folder, ROWS)?;
    println!(
        "{requests} requests as roll-ups and {ROWS} rows, made in {:.1} s\n",
        began.elapsed().as_secs_f64()
    );
    let answers = measure::answers(folder, &promises())?;
    let size = measure::size(folder)?;
    measure::throughput(folder, &runtime)?;
    Ok(answers && size)
}

/// Three of them, as somebody with one client of weight would declare.
fn promises() -> Vec<Promise> {
    let of = |name: &str, tenant: Option<&str>, feature: Option<&str>, basis, target_ms| Promise {
        name: name.to_owned(),
        tenant: tenant.map(str::to_owned),
        feature: feature.map(str::to_owned),
        basis,
        target_ms,
    };
    vec![
        of("Everything", None, None, Basis::FirstByte, 2_500),
        of("Acme", Some("tenant-0"), None, Basis::FirstByte, 2_000),
        of("Summaries", None, Some("feature-1"), Basis::Complete, 20_000),
    ]
}
