//! The run: starts, idle memory, then load.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::client::{Arm, Timing};
use super::figures::{Comparison, Figures, Percentiles};
use super::provider;
use super::subject::Subject;
use crate::workspace::Workspace;

/// How much to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// Requests a second, for each way in its turn
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Seconds under load, for each way and kind of request
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// How often to start the program
    #[arg(long, default_value_t = 10)]
    starts: u32,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// Long enough for the start's own work to settle.
const IDLE: Duration = Duration::from_secs(5);
/// Requests before the clock counts, on either way: connections open, and every page is touched once.
const WARM_UP: u32 = 100;
/// Connections are opened before they are needed, for opening one isn't what is measured.
const CONNECTIONS: usize = 8;

/// The command `bench-load`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    if options.rate == 0 || options.seconds == 0 || options.starts == 0 {
        bail!("rate, seconds and starts are at least 1");
    }
    // One thread, so that the load generator takes no more than one core from what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let figures = runtime.block_on(measure(workspace, options))?;
    if options.json {
        println!("{}", figures.json());
    } else {
        print!("{figures}");
    }
    Ok(if figures.failures() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measure(workspace: &Workspace, options: &Options) -> Result<Figures> {
    let program = workspace.program("evenkeel", true);
    let address = provider::start()?;
    let mut starts = Vec::new();
    let mut subject = Subject::start(&program, &config(address)).await?;
    let first_start = subject.started_in;
    for _ in 1..options.starts {
        subject = subject.restart().await?;
        starts.push(subject.started_in);
    }
    sleep(IDLE).await;
    let idle_kib = subject.resident_kib();
    let key = subject.local_key()?;
    let direct = Arc::new(Arm::new(address, key.clone(), "plain"));
    let plain = Arc::new(Arm::new(subject.listen, key.clone(), "plain"));
    let routed = Arc::new(Arm::new(subject.listen, key, "watched"));
    let as_asked = compare(&direct, &plain, options, false).await?;
    let whole = compare(&direct, &routed, options, false).await?;
    let streamed = compare(&direct, &routed, options, true).await?;
    let loaded_kib = subject.resident_kib();
    subject.stop()?;
    Ok(Figures {
        rate: options.rate,
        seconds: options.seconds,
        first_start,
        later_starts: (!starts.is_empty()).then(|| Percentiles::of(starts)),
        idle_kib,
        loaded_kib,
        as_asked,
        whole,
        streamed,
    })
}

/// The provider twice, for two ways of asking: `watched` is asked for a stream whatever the client wants, as is the
/// default; `plain` is asked as the client asked.
fn config(provider: SocketAddr) -> String {
    let section = |name: &str, watch: &str| {
        format!(
            "[providers.{name}]\ndialect = \"openai\"\nbase_url = \"http://{provider}/v1\"\nkey = \"none\"\nmodels = [\"*\"]\nwatch = \"{watch}\"\n"
        )
    };
    let routes = "[[routes]]\nname = \"plain\"\nmodels = [\"plain\"]\nprimary = { provider = \"plain\" }\nsecondary = { provider = \"watched\" }\n\
                  [[routes]]\nname = \"default\"\nprimary = { provider = \"watched\" }\nsecondary = { provider = \"plain\" }\n";
    [section("watched", "always"), section("plain", "streams"), routes.to_owned()].concat()
}

/// Direct and routed in turns of a second.
async fn compare(
    direct: &Arc<Arm>,
    routed: &Arc<Arm>,
    options: &Options,
    stream: bool,
) -> Result<Comparison> {
    let mut timings = [Vec::new(), Vec::new()];
    for arm in [direct, routed] {
        arm.open(CONNECTIONS).await?;
        for _ in 0..WARM_UP {
            arm.ask(stream).await.context("the warm-up")?;
        }
    }
    let mut failed = 0;
    for second in 0..options.seconds * 2 {
        // Who goes first changes, so that neither always follows the other.
        let turn = usize::try_from((second / 2 + second) % 2)?;
        let arm = [direct, routed][turn];
        for timing in burst(arm, options.rate, stream).await? {
            match timing {
                Ok(timing) => timings[turn].push(if stream { timing.first_byte } else { timing.total }),
                Err(error) => {
                    failed += 1;
                    eprintln!("failed: {error:#}");
                }
            }
        }
    }
    let [direct, routed] = timings.map(Percentiles::of);
    Ok(Comparison { direct, routed, failed })
}

/// One second of load. Requests start by the clock and not when an answer has come (an open loop), so a slow
/// answer doesn't spare the next request its wait.
async fn burst(arm: &Arc<Arm>, rate: u32, stream: bool) -> Result<Vec<Result<Timing>>> {
    let mut ticks = interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let end = Instant::now() + Duration::from_secs(1);
    let mut requests = Vec::new();
    for _ in 0..rate {
        ticks.tick().await;
        if Instant::now() >= end {
            break;
        }
        let arm = Arc::clone(arm);
        requests.push(tokio::spawn(async move { arm.ask(stream).await }));
    }
    let mut timings = Vec::with_capacity(requests.len());
    for request in requests {
        timings.push(request.await?);
    }
    Ok(timings)
}
