//! The tray's menu: built once, and from then on only the rows that changed are touched, for a menu that is
//! replaced while somebody has it open goes blank or shuts on every system in its own way.

use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Wry};

use super::view::View;

/// What a row does; the row's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Open the dashboard where something is put right.
    Fix,
    /// Open the dashboard.
    Open,
    CopyOpenAi,
    CopyAnthropic,
    CopyExports,
    /// Send everything to this provider; `None` is automatic.
    Send(Option<String>),
    Bypass,
    /// Have nothing told for a while.
    Pause(Pause),
    /// End that.
    Resume,
    /// Open the dashboard where a drill is started.
    Drill,
    Settings,
    Quit,
}

/// For how long alerts can be paused from here. Each of them ends by itself: what is forgotten must not stay silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    HalfAnHour,
    Hour,
    /// Until eight in the morning, local time.
    Tomorrow,
}

impl Action {
    pub(super) fn id(&self) -> String {
        match self {
            Action::Fix => "fix".to_owned(),
            Action::Open => "open".to_owned(),
            Action::CopyOpenAi => "copy-openai".to_owned(),
            Action::CopyAnthropic => "copy-anthropic".to_owned(),
            Action::CopyExports => "copy-exports".to_owned(),
            Action::Send(None) => "send".to_owned(),
            Action::Send(Some(provider)) => format!("send:{provider}"),
            Action::Bypass => "bypass".to_owned(),
            Action::Pause(Pause::HalfAnHour) => "pause-half-an-hour".to_owned(),
            Action::Pause(Pause::Hour) => "pause-hour".to_owned(),
            Action::Pause(Pause::Tomorrow) => "pause-tomorrow".to_owned(),
            Action::Resume => "resume".to_owned(),
            Action::Drill => "drill".to_owned(),
            Action::Settings => "settings".to_owned(),
            Action::Quit => "quit".to_owned(),
        }
    }

    /// The action behind a row's id.
    pub(crate) fn of(id: &str) -> Option<Action> {
        if let Some(provider) = id.strip_prefix("send:") {
            return Some(Action::Send(Some(provider.to_owned())));
        }
        let plain = [
            Action::Fix,
            Action::Open,
            Action::CopyOpenAi,
            Action::CopyAnthropic,
            Action::CopyExports,
            Action::Send(None),
            Action::Bypass,
            Action::Pause(Pause::HalfAnHour),
            Action::Pause(Pause::Hour),
            Action::Pause(Pause::Tomorrow),
            Action::Resume,
            Action::Drill,
            Action::Settings,
            Action::Quit,
        ];
        plain.into_iter().find(|action| action.id() == id)
    }
}

/// The menu, and a handle on each row that changes: the menu itself can't be asked for them.
pub(crate) struct Rows {
    app: AppHandle,
    pub(crate) menu: Menu<Wry>,
    urgent: MenuItem<Wry>,
    below_urgent: PredefinedMenuItem<Wry>,
    verdict: MenuItem<Wry>,
    promise: MenuItem<Wry>,
    serving: MenuItem<Wry>,
    send: Submenu<Wry>,
    automatic: CheckMenuItem<Wry>,
    providers: Vec<(String, CheckMenuItem<Wry>)>,
    bypass: CheckMenuItem<Wry>,
    pause: Submenu<Wry>,
    resume: MenuItem<Wry>,
    /// A click moves a check mark before anybody has agreed to it.
    checks_moved: bool,
}

impl Rows {
    /// All rows, showing `view`.
    pub(crate) fn new(app: &AppHandle, view: &View) -> tauri::Result<Rows> {
        let row = |action: &Action, text: &str| MenuItem::with_id(app, action.id(), text, true, None::<&str>);
        let needs_router = |action: &Action, text: &str| {
            MenuItem::with_id(app, action.id(), text, view.routes, None::<&str>)
        };
        let check = |action: &Action, text: &str| {
            CheckMenuItem::with_id(app, action.id(), text, view.routes, false, None::<&str>)
        };
        let line = || PredefinedMenuItem::separator(app);

        let copy = Submenu::with_items(
            app,
            "Copy base URL",
            view.routes,
            &[
                &needs_router(&Action::CopyOpenAi, "OpenAI")?,
                &needs_router(&Action::CopyAnthropic, "Anthropic")?,
                &needs_router(&Action::CopyExports, "Shell exports")?,
            ],
        )?;
        let automatic = check(&Action::Send(None), "Automatic")?;
        let send = Submenu::with_items(app, "Send everything to", view.routes, &[&automatic])?;
        let verdict = MenuItem::with_id(app, "verdict", &view.verdict, true, None::<&str>)?;
        let bypass = check(&Action::Bypass, "Bypass router")?;
        let resume = MenuItem::with_id(app, Action::Resume.id(), "Resume", false, None::<&str>)?;
        let pause = Submenu::with_items(
            app,
            "Pause alerts",
            view.routes,
            &[
                &needs_router(&Action::Pause(Pause::HalfAnHour), "30 minutes")?,
                &needs_router(&Action::Pause(Pause::Hour), "1 hour")?,
                &needs_router(&Action::Pause(Pause::Tomorrow), "Until tomorrow 8:00")?,
                &line()?,
                &resume,
            ],
        )?;
        let drill = needs_router(&Action::Drill, "Start Friday drill…")?;
        let settings = needs_router(&Action::Settings, "Settings…")?;
        let open = row(&Action::Open, "Open dashboard")?;
        let quit = row(&Action::Quit, "Quit")?;
        let (upper, lower) = (line()?, line()?);
        let items: [&dyn IsMenuItem<Wry>; 11] =
            [&verdict, &upper, &open, &copy, &send, &bypass, &pause, &drill, &lower, &settings, &quit];
        let mut rows = Rows {
            app: app.clone(),
            menu: Menu::with_items(app, &items)?,
            urgent: row(&Action::Fix, "")?,
            below_urgent: line()?,
            promise: MenuItem::with_id(app, "promise", "", true, None::<&str>)?,
            serving: MenuItem::with_id(app, "serving", "", true, None::<&str>)?,
            verdict,
            send,
            automatic,
            providers: Vec::new(),
            bypass,
            pause,
            resume,
            checks_moved: true,
        };
        rows.change(None, view)?;
        Ok(rows)
    }

    /// Touches what differs between the two; everything that can, without a `before`.
    pub(crate) fn change(&mut self, before: Option<&View>, view: &View) -> tauri::Result<()> {
        let differs = |part: fn(&View, &View) -> bool| before.is_none_or(|before| part(before, view));
        if differs(|a, b| a.urgent != b.urgent) {
            self.show_urgent(before.is_some_and(|before| before.urgent.is_some()), view)?;
        }
        if differs(|a, b| a.verdict != b.verdict) {
            self.verdict.set_text(&view.verdict)?;
        }
        let below_the_verdict = if view.urgent.is_some() { 3 } else { 1 };
        if differs(|a, b| a.promise != b.promise) {
            let is_there = before.is_some_and(|before| before.promise.is_some());
            self.show(&self.promise, is_there, view.promise.as_deref(), below_the_verdict)?;
        }
        if differs(|a, b| a.serving != b.serving) {
            let place = below_the_verdict + usize::from(view.promise.is_some());
            let is_there = before.is_some_and(|before| before.serving.is_some());
            self.show(&self.serving, is_there, view.serving.as_deref(), place)?;
        }
        if differs(|a, b| a.providers != b.providers) {
            self.show_providers(view)?;
        }
        if self.checks_moved || differs(|a, b| (&a.forced, &a.providers) != (&b.forced, &b.providers)) {
            self.automatic.set_checked(view.forced.is_none())?;
            for (provider, item) in &self.providers {
                item.set_checked(view.forced.as_ref() == Some(provider))?;
            }
        }
        if self.checks_moved || differs(|a, b| a.bypass != b.bypass) {
            self.bypass.set_checked(view.bypass)?;
        }
        if differs(|a, b| a.paused_until != b.paused_until) {
            match &view.paused_until {
                Some(until) => self.pause.set_text(format!("Alerts paused until {until}"))?,
                None => self.pause.set_text("Pause alerts")?,
            }
            self.resume.set_enabled(view.paused_until.is_some())?;
        }
        self.checks_moved = false;
        Ok(())
    }

    /// A check mark may stand where no router put it.
    pub(crate) fn distrust_checks(&mut self) {
        self.checks_moved = true;
    }

    /// Whether the check marks stand where the last change put them.
    pub(crate) fn trusts_checks(&self) -> bool {
        !self.checks_moved
    }

    fn show_urgent(&self, is_there: bool, view: &View) -> tauri::Result<()> {
        match &view.urgent {
            Some(urgent) => {
                self.urgent.set_text(&urgent.text)?;
                if !is_there {
                    self.menu.insert_items(&[&self.urgent, &self.below_urgent], 0)?;
                }
            }
            None if is_there => {
                self.menu.remove(&self.below_urgent)?;
                self.menu.remove(&self.urgent)?;
            }
            None => {}
        }
        Ok(())
    }

    /// A row that is there only while it says something.
    fn show(
        &self,
        row: &MenuItem<Wry>,
        is_there: bool,
        text: Option<&str>,
        place: usize,
    ) -> tauri::Result<()> {
        match text {
            Some(text) => {
                row.set_text(text)?;
                if !is_there {
                    self.menu.insert(row, place)?;
                }
            }
            None if is_there => self.menu.remove(row)?,
            None => {}
        }
        Ok(())
    }

    fn show_providers(&mut self, view: &View) -> tauri::Result<()> {
        for (_, item) in self.providers.drain(..) {
            self.send.remove(&item)?;
        }
        for provider in &view.providers {
            let id = Action::Send(Some(provider.clone())).id();
            let item = CheckMenuItem::with_id(&self.app, id, provider, true, false, None::<&str>)?;
            self.send.append(&item)?;
            self.providers.push((provider.clone(), item));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Pause};

    #[test]
    fn a_row_s_id_leads_back_to_what_it_does() {
        for action in [
            Action::Open,
            Action::Quit,
            Action::Send(None),
            Action::Send(Some("a:b".to_owned())),
            Action::Pause(Pause::Tomorrow),
            Action::Resume,
            Action::Drill,
        ] {
            assert_eq!(Action::of(&action.id()), Some(action));
        }
        assert_eq!(Action::of("verdict"), None);
    }
}
