//! "Quit": at once, or after a question where tools are pointed here and would stop working.

use std::sync::Arc;

use tauri::{AppHandle, Manager};

use super::question::{self, Question};
use crate::backend::Backend;

/// Quits, or asks whether to. On the main thread.
pub(super) fn quit(app: &AppHandle) {
    let Some(backend) = app.state::<Option<Arc<Backend>>>().inner().clone() else {
        app.exit(0);
        return;
    };
    let app = app.clone();
    // Which tools are connected stands in files.
    tauri::async_runtime::spawn_blocking(move || {
        let tools = backend.connected_tools();
        let handle = app.clone();
        // It fails only while the app is ending.
        let _ = app.run_on_main_thread(move || {
            if tools.is_empty() {
                handle.exit(0);
            } else {
                question::ask(&handle, &before_quitting(&tools), |app| app.exit(0));
            }
        });
    });
}

fn before_quitting(tools: &[String]) -> Question {
    let pronoun = if tools.len() == 1 { "It" } else { "They" };
    Question {
        title: "Quit Evenkeel?",
        text: format!("{} would stop working.", named(tools)),
        more: format!(
            "{pronoun} asked to go through Evenkeel. `evenkeel disconnect` points a tool back to where it was before."
        ),
        yes: "Quit".to_owned(),
        no: "Keep running",
    }
}

/// `claude-code, codex and aider`.
pub(super) fn named(tools: &[String]) -> String {
    match tools {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_what_would_stop_working() {
        let tools = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (names, text) in [
            (&["codex"][..], "codex would stop working."),
            (&["codex", "aider"], "codex and aider would stop working."),
            (&["codex", "aider", "zed"], "codex, aider and zed would stop working."),
        ] {
            assert_eq!(before_quitting(&tools(names)).text, text);
        }
    }
}
