//! `evenkeel completions SHELL`.

use clap::CommandFactory;

use super::{Done, args::Args};

pub(crate) fn run(shell: clap_complete::Shell) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "evenkeel", &mut script);
    Done::text(String::from_utf8_lossy(&script))
}
