//! `evenkeel connect` and `disconnect`: a tool's settings pointed at the router, and put back.
//!
//! Done here even while a router runs: a tool's place depends on the variables of the terminal that it is started from,
//! which a router started at login knows nothing of.

use std::io::{self, IsTerminal};

use super::{
    Done, Stop,
    args::{Connect, Disconnect},
    context::Context,
    environment, out, words,
};
use crate::{
    admin::types::{ToolChange, ToolList, ToolRow, ToolState},
    app::bind::reachable,
    connect::{self, Desk, Prepared, Target, diff},
    failure::{Code, Failure},
};

pub(crate) fn run(context: &Context, args: &Connect) -> Result<Done, Stop> {
    let desk = Desk::of_this_process(&context.paths)?;
    let Some(name) = args.tool.as_deref().filter(|_| !args.list) else { return list(context, &desk) };
    let tool = connect::tool(name)?;
    let (target, running) = target(context)?;
    let prepared = desk.connect(tool, &target)?;
    if !prepared.changes() {
        // What stands there already is remembered all the same.
        let told = if args.dry_run { prepared.told(false) } else { desk.apply(&prepared)? };
        let text = format!("{} is connected already: {}.", told.name, told.file);
        return answer(context, &told, &text, "");
    }
    let question = format!("Connect {}?", tool.name());
    let done = change(context, &desk, &prepared, &question, args.yes, args.dry_run)?;
    Ok(if running || args.dry_run {
        done
    } else {
        done.note(format!("Evenkeel is not running; start it with: {} serve", context.program()))
    })
}

pub(crate) fn undo(context: &Context, args: &Disconnect) -> Result<Done, Stop> {
    let desk = Desk::of_this_process(&context.paths)?;
    let tool = connect::tool(&args.tool)?;
    let Some(prepared) = desk.disconnect(tool)? else {
        let text = format!("{} is not connected; there is nothing to take back.", tool.name());
        return answer(context, &desk.nothing_to_take_back(tool), &text, "");
    };
    if !prepared.changes() {
        let told = if args.dry_run { prepared.told(false) } else { desk.apply(&prepared)? };
        let text = format!("{} is disconnected; nothing of ours was left in {}.", told.name, told.file);
        return answer(context, &told, &text, "");
    }
    let question = format!("Disconnect {}?", tool.name());
    change(context, &desk, &prepared, &question, args.yes, args.dry_run)
}

/// What tools are pointed at, and whether a router is there.
fn target(context: &Context) -> Result<(Target, bool), Stop> {
    let router = context.router()?;
    let running = router.is_some();
    let address = router
        .map_or_else(|| reachable(context.config_or_default().server.listen), |router| router.address());
    Ok((Target { address, key: environment::local_key(context)?, program: context.program() }, running))
}

fn list(context: &Context, desk: &Desk) -> Result<Done, Stop> {
    // Without a key nothing can be pointed yet; what is there can be told all the same.
    let target = target(context).ok().map(|(target, _)| target);
    let list = desk.list(target.as_ref())?;
    if context.json {
        return Done::json(&list);
    }
    let done = Done::text(in_words(&list));
    let notes = list.tools.iter().filter(|row| row.file.is_some()).filter_map(|row| row.note.clone());
    Ok(notes.fold(done, Done::note))
}

fn change(
    context: &Context,
    desk: &Desk,
    prepared: &Prepared,
    question: &str,
    yes: bool,
    dry_run: bool,
) -> Result<Done, Stop> {
    let told = prepared.told(false);
    let shown = if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        diff::coloured(&told.diff)
    } else {
        told.diff.clone()
    };
    if dry_run {
        return answer(context, &told, &format!("Nothing is changed: {} would be.", told.file), &shown);
    }
    if yes {
        let told = desk.apply(prepared)?;
        return answer(context, &told, &done_in_words(&told), &shown);
    }
    if context.json || !io::stdin().is_terminal() {
        return Err(Failure::new(
            Code::Usage,
            format!("{} would be changed, and nobody is there to be asked.", told.file),
        )
        .hint("Add --yes to do it, or --dry-run to see what would change.")
        .into());
    }
    out::text(&shown);
    if !out::ask(question) {
        return Ok(Done::text("Nothing is changed.").exit(1));
    }
    let told = desk.apply(prepared)?;
    answer(context, &told, &done_in_words(&told), "")
}

fn done_in_words(told: &ToolChange) -> String {
    let state = if told.state == ToolState::NotConnected { "disconnected" } else { "connected" };
    format!("{} is {state}: {}.", told.name, told.file)
}

fn answer(context: &Context, told: &ToolChange, text: &str, shown: &str) -> Result<Done, Stop> {
    if context.json {
        return Done::json(told);
    }
    let mut done = Done::text(format!("{shown}{text}"));
    if !told.left.is_empty() {
        done = done.note(format!("Changed since and left as it is: {}.", told.left.join(", ")));
    }
    Ok(told.notes.iter().cloned().fold(done, Done::note))
}

fn in_words(list: &ToolList) -> String {
    let rows: Vec<Vec<String>> = list.tools.iter().map(row_in_words).collect();
    words::table(&["TOOL", "STATE", "FOUND", "FILE"], &rows, &[])
}

fn row_in_words(row: &ToolRow) -> Vec<String> {
    let state = match row.state {
        ToolState::Connected => "connected",
        ToolState::NotConnected => "not connected",
        ToolState::Changed => "changed since",
        ToolState::Outdated => "old address or key",
        ToolState::Unreadable => "unreadable",
        ToolState::Unsupported => "not possible",
    };
    let file = row.file.clone().or_else(|| row.note.clone()).unwrap_or_default();
    vec![row.tool.clone(), state.to_owned(), if row.found { "yes" } else { "no" }.to_owned(), file]
}
