//! `evenkeel serve`: the router in this terminal, until somebody stops it.

use std::process;

use serde_json::json;

use super::{
    Done, Stop,
    args::{Serve, Shell},
    context::Context,
    out,
};
use crate::{
    admin::sessions::LINK_LIFE,
    admin::types::Status,
    app::{App, Options, StartError, bind::reachable},
    failure::{Code, Failure},
    log,
    run_file::Kind,
    runtime,
};

/// What shells report for a process ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

pub(crate) fn run(context: &Context, args: &Serve) -> Result<Done, Stop> {
    let mut paths = context.paths.clone();
    if let Some(file) = &args.config {
        paths = paths.with_config_file(file);
    }
    paths.prepare()?;
    let log = log::start(&paths, args.log)?;
    let options = Options {
        paths,
        listen: args.listen,
        practice: args.practice,
        demo_data: args.demo_data,
        config_must_exist: args.config.is_some(),
        kind: Kind::Headless,
    };
    let runtime = runtime::start().map_err(|error| Failure::internal("start", &error))?;
    let served = runtime.block_on(serve(context, options));
    // Whatever is still under way after the drain was given its ten seconds.
    runtime.shutdown_background();
    drop(log);
    served
}

async fn serve(context: &Context, options: Options) -> Result<Done, Stop> {
    // From the first moment on: a signal during the start must not be lost.
    let mut signals = Signals::listen()?;
    let practice_asked = options.practice;
    let app = App::start(options).await.map_err(|error| explain(error, context.json))?;
    announce(context, &app, practice_asked)?;
    signals.next().await;
    if !context.json {
        out::text("\nStopping; requests in flight are finished first. Ctrl-C again stops at once.\n");
    }
    tokio::select! {
        () = app.shut_down() => Ok(Done::default()),
        () = signals.next() => process::exit(INTERRUPTED),
    }
}

/// Mistakes of the file are printed one by one, for a person who fixes a file wants the whole list.
fn explain(error: StartError, json: bool) -> Stop {
    match error {
        StartError::Failed(failure) => failure.into(),
        StartError::Config { file, problems } => {
            let mistakes: Vec<_> = problems.iter().filter(|problem| problem.severity == "error").collect();
            if !json {
                for mistake in &mistakes {
                    out::error_line(&mistake.in_words());
                }
            }
            let count = match mistakes.len() {
                1 => "a mistake".to_owned(),
                n => format!("{n} mistakes"),
            };
            let first = match mistakes.first() {
                Some(first) if json => format!(" {}", first.in_one_line()),
                _ => String::new(),
            };
            Failure::new(Code::ConfigInvalid, format!("{file} has {count}; Evenkeel did not start.{first}"))
                .hint("Correct it and start again; evenkeel check --offline lists every mistake.")
                .into()
        }
    }
}

fn announce(context: &Context, app: &App, practice_asked: bool) -> Result<(), Stop> {
    let address = reachable(app.listen());
    let status = app.status();
    let link = app.dashboard_link()?;
    if context.json {
        let facts = json!({
            "listen": app.listen().to_string(),
            "pid": process::id(),
            "practice": status.practice,
            "openai_base_url": format!("http://{address}/v1"),
            "anthropic_base_url": format!("http://{address}"),
            "dashboard": link,
        });
        out::text(&format!("{facts}\n"));
        return Ok(());
    }
    let shell = Shell::in_use();
    let minutes = LINK_LIFE.as_secs() / 60;
    out::text(&format!(
        "{}\n\n  \
         OpenAI     http://{address}/v1\n  \
         Anthropic  http://{address}\n  \
         Shell      {}\n  \
         Dashboard  {link}\n             (opens once, within {minutes} minutes; again with: {} dashboard)\n\n\
         Stop with Ctrl-C.\n",
        opening(&status, practice_asked, &app.listen().to_string(), app.waits_for_keys()),
        shell.take_over(&format!("{} env", context.program())),
        context.program(),
    ));
    Ok(())
}

/// Who serves, loudly if it is practice.
fn opening(status: &Status, practice_asked: bool, listen: &str, waits_for_keys: bool) -> String {
    let names: Vec<&str> = status.providers.iter().map(|provider| provider.name.as_str()).collect();
    let who = match names.as_slice() {
        [] => "nobody serves".to_owned(),
        [one] => format!("{one} serves; no second provider stands behind it"),
        [one, other, ..] => format!("{one} serves, {other} stands by"),
    };
    let mut lines = Vec::new();
    if status.practice {
        let why = if practice_asked { "as asked" } else { "for no provider is configured yet" };
        lines.push(format!(
            "PRACTICE: two simulated providers answer, {why}. No keys, no network, no real answers."
        ));
    }
    lines.push(format!("Evenkeel listens on {listen}; {who}."));
    if status.bypass.on {
        lines.push("Bypass is on: requests go to the first provider untouched.".to_owned());
    }
    // The keychain is still being asked; what it says is told by the log.
    for provider in status.providers.iter().filter(|provider| provider.key == "missing" && !waits_for_keys) {
        lines.push(format!("{} has no key and can't serve; the log says how to give it one.", provider.name));
    }
    lines.join("\n")
}

/// Ctrl-C and, on Unix, the polite kill.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| Failure::internal("listen for signals", &error));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
    fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
