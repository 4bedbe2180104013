//! The tray: icon and menu, kept in step with the router.
//!
//! - `view`: what it shows, as plain data
//! - `face`: the icon's five states
//! - `rows`: the menu
//! - `clicks`: what its rows do
//! - `question`: asking before something that can't be taken back
//! - `quit`, `port`: the two things that are asked about
//!
//! A desktop without a tray is no error. The app says so once, shows its window, and looks for a tray every
//! five seconds, for panels start late and come back after a crash.

mod clicks;
mod face;
mod port;
mod question;
mod quit;
mod rows;
mod view;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::menu::{Menu, MenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};
use tokio::sync::Notify;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{sleep, timeout};

use crate::backend::{Backend, Event};
use crate::window;

pub(crate) use clicks::Clipboard;
pub(crate) use port::Restart;
use rows::{Action, Rows};
pub(crate) use view::View;

/// Time between two looks for a tray.
const LOOK: Duration = Duration::from_secs(5);
/// How long a start without a window waits for a panel that is still starting itself.
const LOGIN: Duration = Duration::from_secs(15);
/// Icon and rows change no more often than this.
const PACE: Duration = Duration::from_secs(1);
/// How long the others of equal rank get to take note of an event.
const SETTLE: Duration = Duration::from_millis(50);
/// Every change is told by an event; this is for what isn't.
const RECHECK: Duration = Duration::from_mins(1);

/// The tray of the app, whether or not there is one on the screen.
#[derive(Default)]
pub(crate) struct Tray {
    shown: Mutex<Shown>,
    /// A row was clicked, so what it shows may not be so.
    clicked: Notify,
    asking: question::Asking,
}

#[derive(Default)]
struct Shown {
    icon: Option<TrayIcon>,
    rows: Option<Rows>,
    view: Option<View>,
}

impl Tray {
    /// Whether somebody can see it.
    pub(crate) fn is_there(&self) -> bool {
        self.lock().icon.is_some()
    }

    /// The screen that helps with the urgent row.
    fn place(&self) -> Option<&'static str> {
        self.lock().view.as_ref()?.urgent.as_ref().map(|urgent| urgent.screen)
    }

    /// Where the switch stands, according to the router and not to the menu, which moves by itself.
    fn bypass(&self) -> bool {
        self.lock().view.as_ref().is_some_and(|view| view.bypass)
    }

    /// Forgets what the check marks are thought to show, so that the next change sets them all.
    fn distrust_checks(&self) {
        if let Some(rows) = self.lock().rows.as_mut() {
            rows.distrust_checks();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shown> {
        // What is in it is handles; half a change is no worse than none.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the tray up and keeps it in step. On the main thread.
///
/// With `hidden` no window is open yet; without a tray one is opened after a while.
pub(crate) fn start(app: &AppHandle, view: &View, hidden: bool) {
    if let Err(error) = put_up(app, view) {
        tracing::debug!(%error, "no tray yet");
        tauri::async_runtime::spawn(wait_for_a_host(app.clone(), hidden));
    }
}

/// Keeps the tray in step with the router until the app ends.
pub(crate) async fn follow(app: AppHandle, backend: Arc<Backend>) {
    let mut events = backend.events();
    loop {
        // Before the status is read, so that nothing falls between the two.
        let judged = backend.promises_change();
        let view = View::of(&backend.status(), backend.waits_for_keys());
        let handle = app.clone();
        // It fails only while the app is ending.
        let _ = app.run_on_main_thread(move || change(&handle, &view));
        sleep(PACE).await;
        let tray = app.state::<Tray>();
        let news = async {
            tokio::select! {
                () = tray.clicked.notified() => true,
                () = judged => true,
                event = events.recv() => !matches!(event, Err(RecvError::Closed)),
            }
        };
        if timeout(RECHECK, news).await == Ok(false) {
            return;
        }
        // Others who heard of it are still putting it into the status.
        sleep(SETTLE).await;
        // What came in the meantime is in the status already.
        events = events.resubscribe();
    }
}

/// Opens the dashboard when somebody asks for it on a notification, until the app ends. Apart from [`follow`], which
/// may let events go by as long as the status shows what came of them; of this one nothing else tells.
pub(crate) async fn open_on_demand(app: AppHandle, mut events: Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::DashboardWanted) => {
                let handle = app.clone();
                // It fails only while the app is ending.
                let _ = app.run_on_main_thread(move || window::show(&handle, Some("overview")));
            }
            // One that was lost among a thousand others is clicked again.
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Tries to put the icon up; an error means that there is no tray on this desktop, or not yet.
fn put_up(app: &AppHandle, view: &View) -> tauri::Result<()> {
    let tray = app.state::<Tray>();
    let menu = {
        let mut shown = tray.lock();
        if shown.rows.is_none() {
            shown.rows = Some(Rows::new(app, view)?);
            shown.view = Some(view.clone());
        }
        shown.rows.as_ref().map(|rows| rows.menu.clone())
    };
    let view = tray.lock().view.clone();
    let (Some(menu), Some(view)) = (menu, view) else { return Ok(()) };
    let icon = TrayIconBuilder::with_id("evenkeel")
        .title("Evenkeel")
        .tooltip(&view.verdict)
        .icon(view.face.picture())
        .icon_as_template(true)
        .menu(&menu)
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_tray_icon_event(|icon, event| {
            let left = matches!(
                event,
                TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
            );
            if left && cfg!(not(target_os = "macos")) {
                window::show(icon.app_handle(), None);
            }
        })
        .build(app)?;
    tray.lock().icon = Some(icon);
    window::leave_quitting_to_the_tray(app);
    Ok(())
}

/// A row of the tray's menu, or of the window's own, was clicked. On the main thread.
pub(crate) fn clicked(app: &AppHandle, row: &str) {
    // The rows that only say something lead to where more is said.
    clicks::act(app, Action::of(row).unwrap_or(Action::Open));
}

/// A menu for the window of a desktop without a tray, where nothing else could end the app.
pub(crate) fn menu_without_tray(app: &AppHandle) -> tauri::Result<Menu<Wry>> {
    let quit = MenuItem::with_id(app, Action::Quit.id(), "Quit", true, Some("CmdOrCtrl+Q"))?;
    let menu = Submenu::with_items(app, "Evenkeel", true, &[&quit])?;
    if port::is_taken(app) {
        menu.prepend(&MenuItem::with_id(app, Action::Fix.id(), "Choose another port…", true, None::<&str>)?)?;
    }
    Menu::with_items(app, &[&menu])
}

/// Looks for a tray until there is one. On a desktop without, the window is what there is.
async fn wait_for_a_host(app: AppHandle, hidden: bool) {
    if hidden {
        // A panel that starts at the same login may need a moment more than we do.
        let patience = tokio::time::Instant::now() + LOGIN;
        while tokio::time::Instant::now() < patience {
            sleep(LOOK).await;
            if try_again(&app).await {
                return;
            }
        }
    }
    if app.state::<Option<Arc<Backend>>>().is_some() {
        tracing::warn!(
            "No system tray here: Evenkeel keeps its window, and closing it only puts it into the task bar. \
             It goes on routing, and moves into the tray when there is one."
        );
    }
    let handle = app.clone();
    let _ = app.run_on_main_thread(move || window::show(&handle, None));
    loop {
        sleep(LOOK).await;
        if try_again(&app).await {
            tracing::info!("The system tray is there now.");
            return;
        }
    }
}

async fn try_again(app: &AppHandle) -> bool {
    let (done, result) = tokio::sync::oneshot::channel();
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || {
        let view = handle.state::<Tray>().lock().view.clone();
        let is_up = view.is_some_and(|view| put_up(&handle, &view).is_ok());
        // Nobody listens only while the app is ending.
        let _ = done.send(is_up);
    });
    asked.is_ok() && result.await.unwrap_or(false)
}

/// Shows another view. On the main thread.
fn change(app: &AppHandle, view: &View) {
    let tray = app.state::<Tray>();
    let mut shown = tray.lock();
    let trusted = shown.rows.as_ref().is_none_or(Rows::trusts_checks);
    if shown.view.as_ref() == Some(view) && trusted {
        return;
    }
    let before = shown.view.replace(view.clone());
    let rows = shown.rows.as_mut().map_or(Ok(()), |rows| rows.change(before.as_ref(), view));
    let Shown { icon, .. } = &*shown;
    let icon = icon.as_ref().map_or(Ok(()), |icon| {
        if before.as_ref().is_none_or(|before| before.face != view.face) {
            icon.set_icon_with_as_template(Some(view.face.picture()), true)?;
        }
        icon.set_tooltip(Some(&view.verdict))
    });
    if let Err(error) = rows.and(icon) {
        tracing::warn!(%error, "the tray could not be changed");
    }
}
