//! A question that somebody has to answer before something is done, in the desktop's own kind of dialog: it needs no
//! page, so it can be asked where no window is open, and nothing waits for the answer.

use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{AppHandle, Manager};

use super::Tray;

/// What is asked. The careful answer is the one that a stray key press gives.
pub(super) struct Question {
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) more: String,
    /// What is done.
    pub(super) yes: String,
    /// What leaves everything as it is.
    pub(super) no: &'static str,
}

/// Whether a question is on the screen; a second one beside it would only confuse.
#[derive(Default)]
pub(super) struct Asking(AtomicBool);

impl Asking {
    fn begin(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }

    fn end(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Asks, and does `then` on a yes. On the main thread, and so is `then`.
pub(super) fn ask(app: &AppHandle, question: &Question, then: impl FnOnce(&AppHandle) + Send + 'static) {
    if !app.state::<Tray>().asking.begin() {
        return;
    }
    let app = app.clone();
    show(question, move |yes| {
        app.state::<Tray>().asking.end();
        if yes {
            let handle = app.clone();
            // It fails only while the app is ending.
            let _ = app.run_on_main_thread(move || then(&handle));
        }
    });
}

#[cfg(target_os = "linux")]
fn show(question: &Question, answered: impl FnOnce(bool) + Send + 'static) {
    use gtk::prelude::*;
    use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType, Window, WindowPosition};

    let dialog = MessageDialog::new(
        None::<&Window>,
        DialogFlags::empty(),
        MessageType::Question,
        ButtonsType::None,
        &question.text,
    );
    dialog.set_title(question.title);
    dialog.set_secondary_text(Some(&question.more));
    dialog.set_position(WindowPosition::Center);
    // The underscore marks the letter that answers with Alt.
    dialog.add_button(&format!("_{}", question.no), ResponseType::Cancel);
    dialog.add_button(&format!("_{}", question.yes), ResponseType::Accept);
    dialog.set_default_response(ResponseType::Cancel);
    let answered = std::cell::Cell::new(Some(answered));
    dialog.connect_response(move |dialog, response| {
        // Closing it is a response too, the last one.
        if let Some(answered) = answered.take() {
            dialog.close();
            answered(response == ResponseType::Accept);
        }
    });
    dialog.show_all();
    dialog.present();
}

#[cfg(not(target_os = "linux"))]
fn show(question: &Question, answered: impl FnOnce(bool) + Send + 'static) {
    use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};

    let dialog = AsyncMessageDialog::new()
        .set_level(MessageLevel::Warning)
        .set_title(question.title)
        .set_description(format!("{}\n\n{}", question.text, question.more))
        .set_buttons(MessageButtons::OkCancelCustom(question.yes.clone(), question.no.to_owned()))
        .show();
    let yes = question.yes.clone();
    tauri::async_runtime::spawn(async move {
        answered(match dialog.await {
            MessageDialogResult::Ok | MessageDialogResult::Yes => true,
            MessageDialogResult::Custom(pressed) => pressed == yes,
            _ => false,
        });
    });
}
