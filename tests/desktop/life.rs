//! Starting, closing, ending: what happens to window, process and data folder.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use crate::app::App;
use crate::driver::Driver;
use crate::host::Host;
use crate::screen::Screen;
use crate::{Outcome, PATIENCE, PROGRAM, home, wait};

#[test]
fn a_second_start_shows_the_window_of_the_first() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let host = Host::open(screen.bus()?)?;
    let app = App::start(&screen, home.path(), &["--hidden"])?.ready()?;
    host.item()?;
    let mut at_login = App::start(&screen, home.path(), &["--hidden"])?;
    assert_eq!(at_login.ended()?.code(), Some(0), "{}", at_login.said());
    assert!(!screen.has_window(), "a start at login put itself in front");
    let mut second = App::start(&screen, home.path(), &[])?;
    assert_eq!(second.ended()?.code(), Some(0), "{}", second.said());
    assert!(wait(|| screen.shows_window()), "no window came");
    assert_eq!(app.status()?["pid"], app.pid());
    Ok(())
}

#[test]
fn without_a_session_bus_the_folder_keeps_a_second_one_out() -> Outcome {
    let (screen, home) = (Screen::open()?, home()?);
    let app = App::start(&screen, home.path(), &[])?.ready()?;
    assert!(wait(|| screen.shows_window()), "no window came");
    let mut second = App::start(&screen, home.path(), &[])?;
    assert_eq!(second.ended()?.code(), Some(1));
    let said = second.said();
    assert!(said.contains("already running") && said.contains(&app.pid().to_string()), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    Ok(())
}

#[test]
fn a_closed_window_hides_is_destroyed_later_and_comes_back() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let host = Host::open(screen.bus()?)?;
    let grace = [("EVENKEEL_TEST_WINDOW_GRACE", "3000")];
    let app = App::start_with(&screen, home.path(), &[], &grace)?.ready()?;
    let item = host.item()?;
    assert!(wait(|| screen.shows_window()), "no window came");
    screen.close_window()?;
    assert!(wait(|| !screen.shows_window()), "it did not close");
    assert!(screen.has_window(), "it should only be hidden at first");
    // Opened again in time, it is the same one and stays.
    item.click(&["Open dashboard"])?;
    assert!(wait(|| screen.shows_window()), "it did not come back");
    screen.close_window()?;
    assert!(wait(|| !screen.has_window()), "it was never destroyed");
    assert_eq!(app.chat()?, 200, "the router noticed");
    item.click(&["Open dashboard"])?;
    assert!(wait(|| screen.shows_window()), "no second window came");
    Ok(())
}

#[test]
fn a_taken_port_is_a_page() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let taken = taken_port(home.path())?;
    let driver = Driver::start(&screen, PROGRAM, home.path())?;
    driver.wait_for_text(&format!("{} is already in use", taken.local_addr()?), PATIENCE)
}

#[test]
fn a_taken_port_is_a_line_and_closing_the_page_is_the_end() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let _taken = taken_port(home.path())?;
    let mut app = App::start(&screen, home.path(), &["--hidden"])?;
    assert!(wait(|| screen.shows_window()), "no window came: {}", app.said());
    screen.close_window()?;
    let code = app.ended()?.code();
    let said = app.said();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("already in use") && said.contains("free port"), "{said}");
    assert!(said.contains("takes its address from evenkeel.toml"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    Ok(())
}

#[test]
fn a_taken_port_is_a_row_that_offers_a_free_one() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let host = Host::open(screen.bus()?)?;
    let taken = taken_port(home.path())?;
    let port = taken.local_addr()?.port();
    let file = home.path().join("evenkeel.toml");
    let before = fs::read_to_string(&file)?;
    let mut app = App::start(&screen, home.path(), &["--hidden"])?;
    let item = host.item()?;
    let row = format!("Port {port} taken. Choose…");
    assert!(wait(|| item.labels().is_ok_and(|labels| labels[0] == row)), "{:?}", item.labels()?);
    let title = "Evenkeel’s port";
    item.click(&[&row])?;
    screen.answer(title, "Escape")?;
    assert!(wait(|| !screen.asks(title)), "the question stays");
    assert_eq!(fs::read_to_string(&file)?, before, "it moved without being told to");
    item.click(&[&row])?;
    screen.answer(title, "alt+u")?;
    // It starts anew in its own place, on a port that stands in the file.
    app = app.ready()?;
    let listen = app.listen()?;
    assert_ne!(listen, taken.local_addr()?.to_string());
    assert!(fs::read_to_string(&file)?.contains(&listen), "{listen}");
    assert_eq!(app.status()?["pid"], app.pid());
    Ok(())
}

/// A configuration whose port is taken for as long as this is held.
fn taken_port(home: &Path) -> Result<TcpListener, Box<dyn Error>> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let listen = format!("[server]\nlisten = \"{}\"\n", taken.local_addr()?);
    fs::write(home.join("evenkeel.toml"), listen)?;
    Ok(taken)
}

#[test]
fn a_mistake_in_the_file_is_told_in_the_tray_too() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let host = Host::open(screen.bus()?)?;
    fs::write(home.path().join("evenkeel.toml"), "[server]\nlisten = 9950\n")?;
    let mut app = App::start(&screen, home.path(), &[])?;
    let item = host.item()?;
    let labels = item.labels()?;
    assert!(
        labels[0].contains("evenkeel.toml has a mistake") && labels[2] == "Evenkeel is not running.",
        "{labels:?}"
    );
    assert!(!item.row(&["Bypass router"])?.enabled && item.row(&["Open dashboard"])?.enabled);
    item.click(&["Quit"])?;
    assert_eq!(app.ended()?.code(), Some(1));
    assert!(app.said().contains("evenkeel.toml:2:"), "{}", app.said());
    Ok(())
}

#[test]
fn a_crash_is_found_at_the_next_start_and_once_only() -> Outcome {
    let (screen, home) = (Screen::open()?, home()?);
    let line = "Evenkeel was not shut down cleanly last time";
    let mut app = App::start(&screen, home.path(), &[])?.ready()?;
    assert!(!app.said().contains(line), "{}", app.said());
    app.signal("KILL")?;
    app.ended()?;
    let mut app = App::start(&screen, home.path(), &[])?.ready()?;
    assert!(wait(|| app.said().contains(line)), "{}", app.said());
    app.signal("TERM")?;
    assert_eq!(app.ended()?.code(), Some(0), "{}", app.said());
    let app = App::start(&screen, home.path(), &[])?.ready()?;
    assert!(wait(|| app.said().contains("Listening on")), "{}", app.said());
    assert!(!app.said().contains(line), "{}", app.said());
    Ok(())
}

#[test]
fn start_at_login_is_an_entry_that_starts_it_hidden() -> Outcome {
    let (screen, parent) = (Screen::desktop()?, home()?);
    // One argument, whatever its name.
    let home = parent.path().join("my files");
    fs::create_dir(&home)?;
    fs::copy(parent.path().join("evenkeel.toml"), home.join("evenkeel.toml"))?;
    let driver = Driver::start(&screen, PROGRAM, &home)?;
    driver.wait_for_text("PRACTICE", PATIENCE)?;
    assert_eq!(driver.invoke("autostart_state", "{}")?, "false");
    assert_eq!(driver.invoke("autostart", "{ on: true }")?, "true");
    let folder = screen.home().join(".config/autostart");
    let entries: Vec<_> = fs::read_dir(&folder)?.filter_map(Result::ok).collect();
    let entry = fs::read_to_string(entries.first().ok_or("no entry")?.path())?;
    assert!(entry.contains("evenkeel-desktop") && entry.contains("--hidden"), "{entry}");
    assert!(entry.contains(&format!("--home \"{}\"", home.display())), "{entry}");
    assert_eq!(driver.invoke("autostart", "{ on: false }")?, "false");
    assert_eq!(fs::read_dir(&folder)?.count(), 0);
    assert!(driver.invoke("plugin:autostart|enable", "{}")?.contains("not allowed"));
    Ok(())
}

#[test]
fn the_command_alone_starts_the_desktop_app_beside_it_or_on_the_path() -> Outcome {
    let program = Path::new(PROGRAM);
    let beside = program.with_file_name("evenkeel");
    if !beside.exists() {
        // Only this package was built; `cargo xtask test` builds both.
        return Ok(());
    }
    let elsewhere = tempfile::tempdir()?;
    let alone = elsewhere.path().join("evenkeel");
    fs::copy(&beside, &alone)?;
    let mut path = program.parent().ok_or("no folder")?.as_os_str().to_owned();
    path.push(":/usr/bin:/bin");
    for (command, path) in [(&beside, OsStr::new("/usr/bin:/bin")), (&alone, path.as_os_str())] {
        let (screen, home) = (Screen::open()?, home()?);
        let mut child = screen
            .command(&command.display().to_string())
            .env("EVENKEEL_HOME", home.path())
            .env("PATH", path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let shown = wait(|| screen.shows_window());
        let run = fs::read_to_string(home.path().join("run.json")).unwrap_or_default();
        child.kill()?;
        child.wait()?;
        assert!(shown && run.contains("desktop"), "{}: {run}", command.display());
    }
    Ok(())
}
