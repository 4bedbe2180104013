//! The tray, driven over D-Bus by the protocol's other side.

use std::error::Error;
use std::thread;

use serde_json::json;
use tempfile::TempDir;

use crate::app::{App, request};
use crate::host::{Host, Item};
use crate::screen::Screen;
use crate::{Outcome, home, wait};

/// Everything that must stay while the icon is looked at.
type Stage = (Screen, TempDir, App, Host, Item);

/// An app in a tray, without a window.
fn in_the_tray() -> Result<Stage, Box<dyn Error>> {
    let (screen, home) = (Screen::desktop()?, home()?);
    let host = Host::open(screen.bus()?)?;
    let app = App::start(&screen, home.path(), &["--hidden"])?.ready()?;
    let item = host.item()?;
    Ok((screen, home, app, host, item))
}

#[test]
fn the_menu_says_who_serves_and_opens_the_dashboard() -> Outcome {
    let (screen, _home, _app, _host, item) = in_the_tray()?;
    let rows = [
        "PRACTICE. Everything works.",
        "No requests yet",
        "practice-a serves, practice-b stands by.",
        "—",
        "Open dashboard",
        "Copy base URL",
        "Send everything to",
        "Bypass router",
        "Pause alerts",
        "Start Friday drill…",
        "—",
        "Settings…",
        "Quit",
    ];
    // The promises are looked at a moment after the start.
    assert!(wait(|| item.labels().is_ok_and(|labels| labels == rows)), "{:?}", item.labels()?);
    assert!(!screen.has_window(), "--hidden opened a window");
    item.click(&["Open dashboard"])?;
    assert!(wait(|| screen.shows_window()), "no window came");
    Ok(())
}

#[test]
fn a_left_click_opens_the_dashboard_too() -> Outcome {
    let (screen, _home, _app, _host, item) = in_the_tray()?;
    item.activate()?;
    assert!(wait(|| screen.shows_window()), "no window came");
    Ok(())
}

#[test]
fn bypass_is_a_check_mark_that_tells_the_truth() -> Outcome {
    let (_screen, _home, app, _host, item) = in_the_tray()?;
    let kept = item.picture()?;
    assert_eq!((kept.0, kept.1, kept.2.len()), (32, 32, 32 * 32 * 4));
    item.click(&["Bypass router"])?;
    assert!(wait(|| app.status().is_ok_and(|status| status["bypass"]["on"] == true)), "bypass stayed off");
    let shown = || {
        let labels = item.labels().unwrap_or_default();
        let checked = item.row(&["Bypass router"]).is_ok_and(|row| row.checked);
        checked && labels[0] == "PRACTICE. Bypass is on." && item.picture().is_ok_and(|now| now != kept)
    };
    assert!(wait(shown), "the tray still says {:?}", item.rows()?);
    item.click(&["Bypass router"])?;
    assert!(wait(|| app.status().is_ok_and(|status| status["bypass"]["on"] == false)), "bypass stayed on");
    let as_before = || {
        item.row(&["Bypass router"]).is_ok_and(|row| !row.checked)
            && item.picture().is_ok_and(|now| now == kept)
    };
    assert!(wait(as_before), "the tray still says {:?}", item.rows()?);
    Ok(())
}

#[test]
fn what_the_environment_forbids_moves_no_check_mark() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let host = Host::open(screen.bus()?)?;
    let held = [("BYPASS_ROUTER", "true")];
    let app = App::start_with(&screen, home.path(), &["--hidden"], &held)?.ready()?;
    let item = host.item()?;
    assert!(item.row(&["Bypass router"])?.checked);
    item.click(&["Bypass router"])?;
    assert!(wait(|| app.said().contains("BYPASS_ROUTER=true in the environment keeps the bypass on")));
    assert!(wait(|| item.row(&["Bypass router"]).is_ok_and(|row| row.checked)), "the check mark lies");
    assert_eq!(app.status()?["bypass"]["on"], true);
    Ok(())
}

#[test]
fn everything_can_be_sent_to_one_provider_and_back() -> Outcome {
    let (_screen, _home, app, _host, item) = in_the_tray()?;
    let checked = |label: &str| item.row(&["Send everything to", label]).is_ok_and(|row| row.checked);
    assert!(checked("Automatic") && !checked("practice-a") && !checked("practice-b"));
    item.click(&["Send everything to", "practice-b"])?;
    assert!(wait(|| app.status().is_ok_and(|status| status["force"] == "practice-b")), "nothing was forced");
    assert!(wait(|| checked("practice-b") && !checked("Automatic")), "{:?}", item.rows()?);
    assert_eq!(app.chat()?, 200);
    // Somebody wanted it so: that is no alarm.
    let by_choice =
        || item.labels().is_ok_and(|labels| labels[2].contains("practice-b serves, by your choice"));
    assert!(wait(by_choice), "{:?}", item.labels()?);
    item.click(&["Send everything to", "Automatic"])?;
    assert!(wait(|| checked("Automatic") && !checked("practice-b")), "{:?}", item.rows()?);
    assert_eq!(app.status()?["force"], json!(null));
    Ok(())
}

#[test]
fn a_switch_of_provider_shows_by_shape_and_by_word() -> Outcome {
    let (_screen, _home, app, _host, item) = in_the_tray()?;
    let kept = item.picture()?;
    app.fault("practice-a", "down", None)?;
    assert_eq!(app.chat()?, 200);
    let told = || {
        item.labels().is_ok_and(|labels| {
            labels[0] == "PRACTICE. practice-a is not answering."
                && labels[2] == "practice-b serves in place of practice-a."
        })
    };
    assert!(wait(told), "{:?}", item.labels()?);
    assert!(wait(|| item.picture().is_ok_and(|now| now != kept)), "the icon is still the full disc");
    app.fault("practice-a", "none", None)?;
    assert_eq!(app.chat()?, 200);
    assert!(wait(|| item.picture().is_ok_and(|now| now == kept)), "{:?}", item.labels()?);
    Ok(())
}

#[test]
fn a_mistake_in_the_file_is_the_first_row_until_it_is_corrected() -> Outcome {
    let (_screen, home, _app, _host, item) = in_the_tray()?;
    let file = home.path().join("evenkeel.toml");
    let good = std::fs::read_to_string(&file)?;
    std::fs::write(&file, format!("{good}\nnonsense = [\n"))?;
    let urgent = || item.labels().is_ok_and(|labels| labels[0].contains("evenkeel.toml has a mistake. Fix…"));
    assert!(wait(urgent), "{:?}", item.labels()?);
    assert_eq!(item.labels()?[1], "—");
    std::fs::write(&file, good)?;
    let gone = || item.labels().is_ok_and(|labels| labels[0] == "PRACTICE. Everything works.");
    assert!(wait(gone), "{:?}", item.labels()?);
    assert_eq!(item.labels()?.len(), 13);
    Ok(())
}

#[test]
fn alerts_are_paused_from_the_tray_and_a_restart_keeps_it() -> Outcome {
    let (screen, home, mut app, host, item) = in_the_tray()?;
    let kept = item.picture()?;
    assert!(!item.row(&["Pause alerts", "Resume"])?.enabled, "there is nothing to resume");
    for row in ["30 minutes", "Until tomorrow 8:00", "1 hour"] {
        let before = app.status()?["alerts_paused_until"].clone();
        let label = item.labels()?.into_iter().find(|label| label.contains("lerts")).ok_or("no row")?;
        item.click(&[&label, row])?;
        let moved = || app.status().is_ok_and(|status| status["alerts_paused_until"] != before);
        assert!(wait(moved), "{row} did nothing");
    }
    let until = app.status()?["alerts_paused_until"].clone();
    let paused = |item: &Item| {
        let labels = item.labels().unwrap_or_default();
        labels.iter().any(|label| label.starts_with("Alerts paused until "))
            && item.picture().is_ok_and(|now| now != kept)
    };
    assert!(wait(|| paused(&item)), "{:?}", item.labels()?);
    app.signal("TERM")?;
    assert_eq!(app.ended()?.code(), Some(0), "{}", app.said());
    drop((item, host));

    let host = Host::open(screen.bus()?)?;
    let app = App::start(&screen, home.path(), &["--hidden"])?.ready()?;
    let item = host.item()?;
    assert_eq!(app.status()?["alerts_paused_until"], until);
    assert!(wait(|| paused(&item)), "{:?}", item.labels()?);
    assert_eq!(app.chat()?, 200);
    let label =
        item.labels()?.into_iter().find(|label| label.starts_with("Alerts paused")).ok_or("no row")?;
    item.click(&[&label, "Resume"])?;
    let resumed = || {
        item.labels().is_ok_and(|labels| labels.iter().any(|label| label == "Pause alerts"))
            && item.picture().is_ok_and(|now| now == kept)
    };
    assert!(wait(resumed), "{:?}", item.labels()?);
    assert_eq!(app.status()?["alerts_paused_until"], json!(null));
    Ok(())
}

#[test]
fn the_drill_and_the_settings_open_the_dashboard() -> Outcome {
    for row in ["Start Friday drill…", "Settings…"] {
        let (screen, _home, _app, _host, item) = in_the_tray()?;
        item.click(&[row])?;
        assert!(wait(|| screen.shows_window()), "{row}: no window came");
    }
    Ok(())
}

#[test]
fn quit_asks_while_a_tool_is_connected() -> Outcome {
    let (screen, _home, mut app, _host, item) = in_the_tray()?;
    // The folder that Claude Code leaves behind once it was started.
    std::fs::create_dir(screen.home().join(".claude"))?;
    app.connect("claude-code")?;
    item.click(&["Quit"])?;
    let title = "Quit Evenkeel?";
    // Asked twice, it asks once.
    item.click(&["Quit"])?;
    screen.answer(title, "Escape")?;
    assert!(wait(|| !screen.asks(title)), "the question stays");
    assert_eq!(app.chat()?, 200, "it has gone");
    item.click(&["Quit"])?;
    screen.answer(title, "alt+q")?;
    assert_eq!(app.ended()?.code(), Some(0), "{}", app.said());
    Ok(())
}

#[test]
fn base_urls_can_be_pasted() -> Outcome {
    let (screen, _home, app, _host, item) = in_the_tray()?;
    let address = app.listen()?;
    for (row, pasted) in
        [("OpenAI", format!("http://{address}/v1")), ("Anthropic", format!("http://{address}"))]
    {
        item.click(&["Copy base URL", row])?;
        assert!(wait(|| screen.clipboard() == pasted), "{row}: {}", screen.clipboard());
    }
    item.click(&["Copy base URL", "Shell exports"])?;
    let key = app.local_key()?;
    let exports = || {
        let text = screen.clipboard();
        text.contains(&format!("OPENAI_BASE_URL='http://{address}/v1'")) && text.contains(&key)
    };
    assert!(wait(exports), "{}", screen.clipboard().replace(&key, "ek-…"));
    Ok(())
}

#[test]
fn quit_finishes_what_is_in_flight() -> Outcome {
    let (screen, home, mut app, _host, item) = in_the_tray()?;
    app.fault("practice-a", "slow", Some("2s"))?;
    let (address, key) = (app.listen()?, app.local_key()?);
    let asked = thread::spawn(move || {
        let message = json!({ "role": "user", "content": "Hello" });
        let body = json!({ "model": "gpt-5-mini", "messages": [message] });
        request(&address, &key, "POST", "/v1/chat/completions", &body)
            .map_err(|error| error.to_string())
            .map(|(status, _)| status)
    });
    // The practice provider counts a request when it takes it.
    let in_flight = || {
        let token = std::fs::read_to_string(home.path().join("admin.token")).unwrap_or_default();
        let address = app.listen().unwrap_or_default();
        request(&address, token.trim(), "GET", "/api/practice", &serde_json::Value::Null)
            .is_ok_and(|(_, practice)| practice["providers"][0]["requests"] == 1)
    };
    assert!(wait(in_flight), "the request never arrived");
    item.click(&["Quit"])?;
    assert_eq!(app.ended()?.code(), Some(0), "{}", app.said());
    assert_eq!(asked.join().map_err(|_| "the client broke")?, Ok(200));
    assert!(!home.path().join("run.json").exists() && !screen.has_window());
    Ok(())
}

#[test]
fn without_a_tray_there_is_a_window_and_a_line_until_a_tray_comes() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let app = App::start(&screen, home.path(), &[])?.ready()?;
    assert!(wait(|| screen.shows_window()), "no window came");
    assert!(wait(|| app.said().contains("No system tray here")), "{}", app.said());
    // Closing it must not make it unreachable.
    screen.close_window()?;
    assert!(wait(|| !screen.shows_window()) && screen.has_window(), "it should be in the task bar");
    let host = Host::open(screen.bus()?)?;
    let item = host.item()?;
    assert!(wait(|| app.said().contains("The system tray is there now")), "{}", app.said());
    assert_eq!(app.said().matches("No system tray here").count(), 1, "{}", app.said());
    item.click(&["Open dashboard"])?;
    assert!(wait(|| screen.shows_window()), "the tray does not open the window");
    Ok(())
}

#[test]
fn a_tray_that_comes_back_has_the_icon_again() -> Outcome {
    let (screen, _home, app, host, item) = in_the_tray()?;
    drop(item);
    host.close()?;
    app.fault("practice-a", "down", None)?;
    assert_eq!(app.chat()?, 200);
    let host = Host::open(screen.bus()?)?;
    let item = host.item()?;
    // What happened meanwhile is in it.
    let told = || item.labels().is_ok_and(|labels| labels[0] == "PRACTICE. practice-a is not answering.");
    assert!(wait(told), "{:?}", item.labels()?);
    item.click(&["Open dashboard"])?;
    assert!(wait(|| screen.shows_window()), "no window came");
    Ok(())
}

#[test]
fn without_a_tray_the_window_has_what_it_takes_to_quit() -> Outcome {
    let (screen, home) = (Screen::desktop()?, home()?);
    let mut app = App::start(&screen, home.path(), &[])?.ready()?;
    assert!(wait(|| screen.shows_window()), "no window came");
    screen.press("ctrl+q")?;
    assert_eq!(app.ended()?.code(), Some(0), "{}", app.said());
    Ok(())
}
