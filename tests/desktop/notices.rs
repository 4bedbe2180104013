//! Notices on a real notification service.

use std::fs;
use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::json;

use crate::app::{App, request};
use crate::driver::Driver;
use crate::screen::Screen;
use crate::{Outcome, PATIENCE, PROGRAM, home, listen, wait};

/// A dunst that prints what it is asked to show.
struct Dunst {
    process: Child,
    printed: Arc<Mutex<String>>,
}

impl Dunst {
    fn start(screen: &Screen) -> Result<Dunst, Box<dyn std::error::Error>> {
        let mut process = screen
            .command("dunst")
            .arg("-print")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start dunst, which `cargo xtask test` installs: {error}"))?;
        let mut stdout = process.stdout.take().ok_or("dunst has no output")?;
        let printed = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&printed);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stdout.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]);
                kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            }
        });
        let bus = screen.bus()?.connect()?;
        let there = || {
            let names = zbus::blocking::fdo::DBusProxy::new(&bus);
            let name = "org.freedesktop.Notifications".try_into();
            names.is_ok_and(|names| name.is_ok_and(|name| names.name_has_owner(name).unwrap_or(false)))
        };
        if wait(there) { Ok(Dunst { process, printed }) } else { Err("dunst does not take notices".into()) }
    }

    fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Dunst {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_switch_of_provider_is_one_silent_notice() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let dunst = Dunst::start(&screen)?;
    let mut app = App::start(&screen, home.path(), &["--hidden"])?.ready()?;
    app.fault("practice-a", "down", None)?;
    assert_eq!(app.chat()?, 200);
    assert!(wait(|| dunst.printed().contains("Switched to practice-b")), "{}", dunst.printed());
    let printed = dunst.printed();
    assert!(
        printed.contains("PRACTICE")
            && printed.contains("practice-a answered with errors; practice-b answers now."),
        "{printed}"
    );
    assert!(printed.contains("LOW"), "{printed}");
    // Back and forth within a minute is the same episode.
    for fault in ["none", "down", "none", "down"] {
        app.fault("practice-a", fault, None)?;
        assert_eq!(app.chat()?, 200);
    }
    // By its end it has shown whatever it wanted to.
    app.signal("TERM")?;
    assert_eq!(app.ended()?.code(), Some(0), "{}", app.said());
    assert_eq!(dunst.printed().matches("summary: 'PRACTICE: Switched to").count(), 1, "{}", dunst.printed());
    Ok(())
}

#[test]
fn notices_can_be_turned_off_and_tested() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let dunst = Dunst::start(&screen)?;
    let file = home.path().join("evenkeel.toml");
    fs::write(&file, format!("{}[alerts]\nnotices = false\n", fs::read_to_string(&file)?))?;
    let driver = Driver::start(&screen, PROGRAM, home.path())?;
    driver.wait_for_text("PRACTICE", PATIENCE)?;
    driver.invoke("api", "{ method: 'PUT', path: '/api/practice/practice-a', body: { fault: 'down' } }")?;
    let key = fs::read_to_string(home.path().join("local.key"))?;
    let address = listen(home.path()).ok_or("it does not listen")?;
    let body = json!({ "model": "gpt-5-mini", "messages": [{ "role": "user", "content": "Hello" }] });
    assert_eq!(request(&address, key.trim(), "POST", "/v1/chat/completions", &body)?.0, 200);
    let status = driver.invoke("api", "{ method: 'GET', path: '/api/status', body: null }")?;
    assert!(status.contains(r#""serving":"practice-b""#), "{status}");
    // The test notice comes all the same, and nothing before it.
    assert_eq!(driver.invoke("test_notice", "{}")?, "null");
    assert!(wait(|| dunst.printed().contains("Test notice from Evenkeel")), "{}", dunst.printed());
    assert!(!dunst.printed().contains("Switched"), "{}", dunst.printed());
    Ok(())
}

#[test]
fn where_nobody_takes_notices_it_says_so_once_and_goes_on() -> Outcome {
    for screen in [Screen::desktop()?, Screen::open()?] {
        let home = home()?;
        let app = App::start(&screen, home.path(), &[])?.ready()?;
        app.fault("practice-a", "down", None)?;
        assert_eq!(app.chat()?, 200);
        assert!(wait(|| app.said().contains("no notification service takes notices here")), "{}", app.said());
        app.fault("practice-a", "none", None)?;
        assert_eq!(app.chat()?, 200);
        assert!(!app.said().contains("panicked"), "{}", app.said());
    }
    Ok(())
}
