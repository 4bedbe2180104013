//! A page: an alert that somebody must see, with what can be done about it at once.

/// What a click on the page itself is called by the notification service,
/// <https://specifications.freedesktop.org/notification/latest/protocol.html>.
pub(crate) const DEFAULT: &str = "default";

/// What a page says and offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// The alert it belongs to: a later page of the same alert takes the place of the one before.
    pub(crate) alert: String,
    /// The incident that was open when it was made. A press is for this one and for no later one.
    pub(crate) incident: String,
    /// At most 50 characters.
    pub(crate) title: String,
    /// At most 180 characters.
    pub(crate) body: String,
    /// Whether it stays until somebody has seen it. The end of an incident doesn't.
    pub(crate) urgent: bool,
    /// The buttons, in their order.
    pub(crate) actions: Vec<Action>,
}

/// What a press of a page's button asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Show the dashboard.
    Open,
    /// Somebody has seen it: don't page again for this incident.
    Acknowledge,
    /// Send everything to this provider first.
    UseOnly(String),
}

impl Action {
    /// The word behind the button, as the notification service gives it back.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledge => "acknowledge",
            Self::UseOnly(_) => "use-only",
        }
    }

    /// The word on the button.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Open => "Open".to_owned(),
            Self::Acknowledge => "Acknowledge".to_owned(),
            Self::UseOnly(provider) => format!("Use only {provider}"),
        }
    }
}

/// A button was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// The page's alert.
    pub(crate) alert: String,
    /// The page's incident.
    pub(crate) incident: String,
    /// What it asks for.
    pub(crate) action: Action,
}

impl Page {
    /// What the service's word for a press means here. A click on the page itself opens the dashboard, where that is
    /// on offer.
    pub(crate) fn pressed(&self, word: &str) -> Option<Pressed> {
        let id = if word == DEFAULT { Action::Open.id() } else { word };
        let action = self.actions.iter().find(|action| action.id() == id)?.clone();
        Some(Pressed { alert: self.alert.clone(), incident: self.incident.clone(), action })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_carries_its_incident_and_an_unknown_word_none() {
        let page = Page {
            alert: "success/Everything".to_owned(),
            incident: "i-1".to_owned(),
            title: "t".to_owned(),
            body: "b".to_owned(),
            urgent: true,
            actions: vec![Action::Open, Action::Acknowledge, Action::UseOnly("b".to_owned())],
        };
        let pressed = page.pressed("use-only").expect("a button of the page");
        assert_eq!((pressed.incident.as_str(), pressed.action), ("i-1", Action::UseOnly("b".to_owned())));
        for word in ["default", "open"] {
            assert_eq!(page.pressed(word).expect("the page itself, and its button").action, Action::Open);
        }
        assert_eq!(page.pressed("__closed"), None);
        // Where nothing can be opened, a click on the page is none.
        let page = Page { actions: vec![Action::Acknowledge], ..page };
        assert_eq!((page.pressed("default"), page.pressed("open")), (None, None));
    }
}
