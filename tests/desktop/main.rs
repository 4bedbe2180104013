//! The desktop app as somebody meets it: without a screen, and with one.
//!
//! It runs the real program under a virtual display: the page is looked at by `WebKit`'s own driver, the tray by
//! the other side of its protocol, notices by a real service. `cargo xtask test` installs what that needs.
//!
//! - `screen`, `windows`, `bus`: a display and a session of its own for each test
//! - `app`, `driver`, `host`: the process, its page, its icon in the tray
//! - `tray`, `life`, `notices`: the tests beside those in this file
//! - `figures`: memory and times, measured by hand
#![cfg(target_os = "linux")]

mod app;
mod bus;
mod driver;
mod figures;
mod host;
mod life;
mod notices;
mod screen;
mod tray;
mod windows;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::driver::Driver;
use crate::screen::Screen;

const PROGRAM: &str = env!("CARGO_BIN_EXE_evenkeel-desktop");
/// For anything that a loaded machine may be slow at.
const PATIENCE: Duration = Duration::from_secs(30);

type Outcome = Result<(), Box<dyn Error>>;

#[test]
fn without_a_display_one_line_names_the_headless_router_and_the_exit_code_is_2() -> Outcome {
    let home = TempDir::new()?;
    let nowhere: [&[(&str, &str)]; 2] = [&[], &[("DISPLAY", ":4095")]];
    for display in nowhere {
        let output = Command::new(PROGRAM)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .envs(display.iter().copied())
            .env("EVENKEEL_HOME", home.path())
            .output()?;
        let Output { status, stdout, stderr } = output;
        let text = String::from_utf8(stderr)?;
        assert_eq!(status.code(), Some(2), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("`evenkeel serve`"), "{text}");
        assert!(stdout.is_empty());
    }
    assert_eq!(fs::read_dir(home.path())?.count(), 0, "it left files behind");
    Ok(())
}

#[test]
fn the_window_shows_the_dashboard_of_the_router_inside() -> Outcome {
    let home = home()?;
    let screen = Screen::open()?;
    let driver = Driver::start(&screen, PROGRAM, home.path())?;
    // The page asks the admin API by the window's one command; this word is the router's answer, not the page's.
    driver.wait_for_text("PRACTICE", PATIENCE)?;
    driver.wait_for_text("Two keys, one promise, one tool.", PATIENCE)?;
    driver.run("[...document.links].find((link) => link.innerText === 'Try it without keys').click()")?;
    driver.wait_for_text("practice-a", PATIENCE)?;
    let (width, height) = driver.size()?;
    assert!((950..=970).contains(&width) && (600..=700).contains(&height), "{width}×{height}");
    Ok(())
}

#[test]
fn the_page_may_ask_the_admin_api_and_nothing_else() -> Outcome {
    let home = home()?;
    let screen = Screen::open()?;
    let driver = Driver::start(&screen, PROGRAM, home.path())?;
    driver.wait_for_text("PRACTICE", PATIENCE)?;
    let inside = driver.invoke("api", r#"{ method: "GET", path: "/api/status", body: null }"#)?;
    assert!(inside.contains(r#""status":200"#), "{inside}");
    let refused = [
        ("api", r#"{ method: "GET", path: "/v1/models", body: null }"#, "below /api/"),
        ("plugin:event|listen", r#"{ event: "x", target: { kind: "Any" }, handler: 1 }"#, "not allowed"),
        ("plugin:window|close", "{}", "not allowed"),
        ("plugin:path|resolve_directory", "{ directory: 1 }", "not allowed"),
    ];
    for (command, arguments, reason) in refused {
        let answer = driver.invoke(command, arguments)?;
        assert!(answer.starts_with("refused:") && answer.contains(reason), "{command}: {answer}");
    }
    // The content security policy holds too: the page reaches no network, not even this machine's own.
    let script = "return new Promise((done) => {
        document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
        fetch('http://127.0.0.1:9/', { mode: 'no-cors' }).catch(() => setTimeout(done, 2000, 'no violation'));
    })";
    assert_eq!(driver.run(script)?, "connect-src");
    Ok(())
}

#[test]
fn a_signal_ends_it_in_order() -> Outcome {
    let home = home()?;
    let screen = Screen::open()?;
    let said = home.path().join("stderr");
    let mut app = screen
        .command(PROGRAM)
        .env("EVENKEEL_HOME", home.path())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&said)?)
        .spawn()?;
    let running = wait(|| listen(home.path()).is_some());
    Command::new("kill").arg(app.id().to_string()).status()?;
    let ended = wait(|| app.try_wait().is_ok_and(|status| status.is_some()));
    if !ended {
        app.kill()?;
    }
    let status = app.wait()?;
    assert!(running, "it never listened");
    assert_eq!(status.code(), Some(0));
    assert!(!home.path().join("run.json").exists(), "run.json names a router that is gone");
    // The log is written to its last line.
    let said = fs::read_to_string(said)?;
    assert!(said.trim_end().ends_with("Stopped."), "{said}");
    Ok(())
}

/// A folder for everything, with a configuration that takes any free port.
fn home() -> Result<TempDir, Box<dyn Error>> {
    let home = TempDir::new()?;
    fs::write(home.path().join("evenkeel.toml"), "[server]\nlisten = \"127.0.0.1:0\"\n")?;
    Ok(home)
}

/// The address that a running router left in its folder.
fn listen(home: &Path) -> Option<String> {
    let text = fs::read_to_string(home.join("run.json")).ok()?;
    let document: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(document["listen"].as_str()?.to_owned())
}

/// Asks until the answer is yes; no after [`PATIENCE`].
fn wait(mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}
