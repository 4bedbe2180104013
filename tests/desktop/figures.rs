//! What the app costs: memory, times, wake-ups. Run by hand on a quiet machine, with a release build:
//!
//! ```text
//! cargo test --release -p evenkeel-desktop --features tauri/custom-protocol --test desktop -- \\
//!     --ignored --nocapture --exact figures::print
//! ```

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, ImageFormat};
use x11rb::rust_connection::RustConnection;

use crate::app::App;
use crate::host::Host;
use crate::screen::Screen;
use crate::{Outcome, home, wait};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Until whatever was begun has come to rest.
const REST: Duration = Duration::from_secs(5);
/// How long nothing is done, to see what that costs; `IDLE_SECONDS` in the environment makes it another time.
const IDLE: Duration = Duration::from_mins(5);
/// A page with text has many shades, a bare window a handful.
const CONTENT: usize = 12;

#[test]
#[ignore = "it measures for ten minutes and says nothing about right and wrong"]
fn print() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    // The first GTK program of a session tries out OpenGL and leaves a note for the others, which spares them
    // 40 MB of a driver; on a real desktop some other program was the first.
    let mut first = App::start(&screen, home.path(), &["--hidden"])?.ready()?;
    sleep(REST);
    memory("first of its session", &first)?;
    first.signal("TERM")?;
    first.ended()?;

    let host = Host::open(screen.bus()?)?;
    let start = Instant::now();
    let grace = [("EVENKEEL_TEST_WINDOW_GRACE", "10000")];
    let app = App::start_with(&screen, home.path(), &["--hidden"], &grace)?;
    let item = host.item()?;
    println!("start to tray                 {:>6} ms", start.elapsed().as_millis());
    let app = app.ready()?;
    sleep(REST);
    memory("tray, no window yet", &app)?;
    idle("tray, no window yet", &app)?;

    for round in ["first window", "second window", "third window"] {
        let click = Instant::now();
        item.click(&["Open dashboard"])?;
        let painted = first_paint(&screen)?;
        println!("click to content, {round:<14}{:>5} ms", painted.duration_since(click).as_millis());
        sleep(REST);
        memory(round, &app)?;
        screen.close_window()?;
        if !wait(|| !screen.shows_window()) {
            return Err("the window did not close".into());
        }
        sleep(REST);
        memory("hidden", &app)?;
        if !wait(|| !screen.has_window()) {
            return Err("the window was not destroyed".into());
        }
        sleep(REST);
        memory("destroyed", &app)?;
    }
    idle("window destroyed", &app)
}

/// When the middle of the screen shows more than a bare window.
fn first_paint(screen: &Screen) -> Result<Instant> {
    let (connection, number) = RustConnection::connect(Some(screen.display()))?;
    let root = connection.setup().roots[number].root;
    let start = Instant::now();
    while start.elapsed() < crate::PATIENCE {
        // A part of the page that every screen fills with text, wherever the window manager puts the window.
        let image = connection.get_image(ImageFormat::Z_PIXMAP, root, 340, 150, 600, 400, !0)?.reply()?;
        let shades: HashSet<&[u8]> = image.data.chunks_exact(4).collect();
        if shades.len() > CONTENT {
            return Ok(Instant::now());
        }
        sleep(Duration::from_millis(2));
    }
    Err("nothing was painted".into())
}

#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn memory(state: &str, app: &App) -> Result<()> {
    let family = family(app.pid());
    let own = kilobytes(app.pid(), "status", "VmRSS")?;
    let own_share = kilobytes(app.pid(), "smaps_rollup", "Pss")?;
    let all: u64 = family.iter().filter_map(|pid| kilobytes(*pid, "smaps_rollup", "Pss").ok()).sum();
    println!(
        "{state:<22} RSS {:>4} MB, PSS {:>4} MB; with {} helpers PSS {:>4} MB",
        own / 1024,
        own_share / 1024,
        family.len() - 1,
        all / 1024
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn idle(state: &str, app: &App) -> Result<()> {
    let seconds = std::env::var("IDLE_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let time = seconds.map_or(IDLE, Duration::from_secs);
    let before = (ticks(app.pid())?, wakeups(app.pid())?);
    sleep(time);
    let after = (ticks(app.pid())?, wakeups(app.pid())?);
    // Threads that have ended since take their count with them; those that are left are what goes on.
    let woken: u64 = after.1.iter().map(|(thread, count)| count - before.1.get(thread).unwrap_or(&0)).sum();
    // A tick is 10 ms on every Linux that Debian builds.
    let milliseconds = (after.0 - before.0) * 10;
    let tenths = woken * 10 / time.as_secs();
    println!(
        "idle, {state:<22} {milliseconds} ms of CPU and {}.{} wake-ups a second in {} s",
        tenths / 10,
        tenths % 10,
        time.as_secs()
    );
    Ok(())
}

/// A process and everything it started.
fn family(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, u32::try_from(field(pid, 1)?).ok()?)))
        .collect();
    let mut looked_at = 0;
    while let Some(parent) = found.get(looked_at).copied() {
        found.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(pid, _)| pid));
        looked_at += 1;
    }
    found
}

/// A field of /proc/PID/stat, counted behind the name, which may hold anything (proc(5)).
fn field(pid: u32, place: usize) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(place)?.parse().ok()
}

/// CPU time in user and system mode, in ticks.
fn ticks(pid: u32) -> Result<u64> {
    Ok(field(pid, 11).ok_or("no times")? + field(pid, 12).ok_or("no times")?)
}

/// How often each of its threads went to sleep and was woken.
fn wakeups(pid: u32) -> Result<HashMap<OsString, u64>> {
    let mut counts = HashMap::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let thread = thread?;
        let Ok(status) = fs::read_to_string(thread.path().join("status")) else { continue };
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        counts.insert(thread.file_name(), line.ok_or("no switches")?.trim().parse()?);
    }
    Ok(counts)
}

fn kilobytes(pid: u32, file: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Ok(line.ok_or_else(|| format!("no {name}"))?.trim().trim_end_matches(" kB").parse()?)
}
