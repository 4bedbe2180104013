//! What can be typed. Each command's own file says what it means.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use crate::log::Format;

/// Two AI providers behind one local endpoint, with an uptime promise you can keep.
#[derive(Debug, Parser)]
#[command(name = "evenkeel", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Keep everything in this folder instead of the platform's own
    #[arg(long, global = true, value_name = "DIR", env = "EVENKEEL_HOME", hide_env_values = true)]
    pub(crate) home: Option<PathBuf>,

    /// Print facts and errors as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const AFTER_HELP: &str = "\
Without a command: starts the desktop app where there is one and a display, else runs as serve.
First steps: evenkeel serve, then in another terminal: eval \"$(evenkeel env)\"";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the router in this terminal
    Serve(Serve),
    /// Is it up, who serves, what needs attention (exit 0 healthy, 3 degraded, 4 not running)
    Status,
    /// Read the configuration, report every mistake, and ask each provider for one token
    Check {
        /// Only read the configuration; send nothing
        #[arg(long)]
        offline: bool,
    },
    /// The providers' own keys, kept in the system's keychain
    #[command(subcommand)]
    Key(Key),
    /// Local keys that tools use against localhost
    #[command(subcommand)]
    Tenant(Tenant),
    /// Print the environment that points tools at Evenkeel, for eval
    Env(Env),
    /// Run a command with that environment; touches no file
    Run {
        /// The command and its arguments
        #[arg(
            value_name = "CMD",
            required = true,
            num_args = 1..,
            trailing_var_arg = true,
            allow_hyphen_values = true
        )]
        command: Vec<OsString>,
    },
    /// Point a tool's settings at Evenkeel, after showing what changes; or list the tools
    Connect(Connect),
    /// Put a tool's settings back as they were
    Disconnect(Disconnect),
    /// The requests, newest first, or one of them with its attempts
    Requests(Requests),
    /// The promises: what was measured, what is left of the error budget, and what it went on
    Slo(Slo),
    /// The error budget: say what you are about to do, freeze changes, or let them go again
    #[command(subcommand)]
    Budget(Budget),
    /// The three alerts: how they stand, acknowledge one, send one of each as a test
    #[command(subcommand)]
    Alerts(Alerts),
    /// The travel-mode cache: answers from earlier for when no provider can be reached
    #[command(subcommand)]
    Cache(Cache),
    /// The rollback switch: send every request to the first provider untouched
    Bypass {
        /// Turn it on or off, or say how it stands
        #[arg(value_enum)]
        position: Position,
    },
    /// The two simulated providers
    #[command(subcommand)]
    Practice(Practice),
    /// The configuration: in force, its JSON Schema, where it lies
    #[command(subcommand)]
    Config(Config),
    /// Print a link that opens the dashboard once
    Dashboard {
        /// Open it in the browser
        #[arg(long)]
        open: bool,
    },
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Serve {
    /// Listen here instead of on the configured address; port 0 takes any free one
    #[arg(long, value_name = "ADDR", value_parser = crate::app::bind::parse_listen)]
    pub(crate) listen: Option<SocketAddr>,
    /// Read this configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Route to the two practice providers: no keys, no network
    #[arg(long)]
    pub(crate) practice: bool,
    /// Fill an empty folder with a month of made-up requests first, to look around in
    #[arg(long, requires = "practice")]
    pub(crate) demo_data: bool,
    /// How log lines are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub(crate) log: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Keep a provider's key; it is asked for without showing it, or read from standard input
    Set {
        /// The provider, such as openai
        provider: String,
    },
    /// Where each provider's key comes from, with its last four characters
    List,
    /// Forget a provider's key
    Remove {
        /// The provider
        provider: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a tenant and show its key, this once
    Add {
        /// Its name, as it will stand beside its requests
        name: String,
        /// A feature of it; the first one is the default tag of its requests
        #[arg(long = "feature", value_name = "F")]
        features: Vec<String>,
    },
    /// The tenants
    List,
    /// Remove a tenant; its key stops working
    Remove {
        /// Its name
        name: String,
    },
    /// Make a new key in place of the old one and show it, this once
    Rotate {
        /// The tenant's name
        name: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Env {
    /// Write for this shell instead of the one in use
    #[arg(long, value_enum)]
    pub(crate) shell: Option<Shell>,
    #[arg(long, value_name = "T", help = "Hand out this tenant's key, given in EVENKEEL_KEY")]
    pub(crate) tenant: Option<String>,
    /// Point tools at the providers themselves; prints no secret
    #[arg(long)]
    pub(crate) bypass: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = TOOLS)]
pub(crate) struct Connect {
    /// The tool
    #[arg(required_unless_present = "list")]
    pub(crate) tool: Option<String>,
    /// How all tools stand
    #[arg(long, conflicts_with_all = ["tool", "yes", "dry_run"])]
    pub(crate) list: bool,
    /// Don't ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = TOOLS)]
pub(crate) struct Disconnect {
    /// The tool
    pub(crate) tool: String,
    /// Don't ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Only show what would change
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

const TOOLS: &str = "\
Tools: claude-code, codex, aider, continue, opencode, cline, zed, and shell for the shell's start-up file.
For anything else, and to touch no file at all: evenkeel run -- COMMAND";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// sh, bash, zsh and their relatives
    Sh,
    /// fish
    Fish,
    #[value(name = "powershell", help = "PowerShell")]
    Power,
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Requests {
    /// One request, with its attempts
    pub(crate) id: Option<String>,
    /// Only those since then: 90s, 30m, 1h, 7d
    #[arg(long, value_name = "AGO")]
    pub(crate) since: Option<String>,
    /// Only this tenant's
    #[arg(long, value_name = "T")]
    pub(crate) tenant: Option<String>,
    /// Only those whose client saw a failure
    #[arg(long)]
    pub(crate) failed: bool,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// How many at most [default: 50, all with --since]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Slo {
    /// Only this tenant's requests
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
    /// Only this feature's requests
    #[arg(long, value_name = "FEATURE")]
    pub(crate) feature: Option<String>,
    /// Over this time instead of the promised one, such as 24h or 7d
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) window: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Budget {
    /// Declare a deploy or an experiment: failures within it are put down to it
    Spend {
        /// Why, in a sentence; it is kept with the budget
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// What it is
        #[arg(long, value_enum)]
        kind: Spending,
        /// How long it takes
        #[arg(long = "for", value_name = "SPAN", default_value = "30m", value_parser = span)]
        lasts: String,
    },
    /// Changes of routes, models and prompt caching ask for a reason from now on
    Freeze {
        /// Why, in a sentence
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Changes are free again, until the budget is spent further
    Thaw,
}

/// What the error budget is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spending {
    /// Something is rolled out
    Deploy,
    /// Something is tried
    Experiment,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Alerts {
    /// How each of them stands
    List,
    /// You have seen it: it isn't told again
    Ack {
        /// The alert, such as success:Everything
        id: String,
    },
    /// Send one of each through every channel
    Test,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Cache {
    /// How full it is, what it gave and what that saved
    Stats,
    /// Remove every stored answer
    Clear {
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Write all answers to a new file, sealed with a passphrase
    #[command(after_help = PASSPHRASE)]
    Export {
        /// The file; one that is there is never written over
        file: PathBuf,
    },
    /// Take in the answers of such a file
    #[command(after_help = PASSPHRASE)]
    Import {
        /// The file
        file: PathBuf,
    },
}

const PASSPHRASE: &str = "\
The passphrase is asked for without showing it. Scripts set EVENKEEL_PASSPHRASE or send it to standard input.";

fn span(text: &str) -> Result<String, String> {
    match super::words::span(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("write it as 90s, 30m, 24h or 7d".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Position {
    /// Requests go to the first provider untouched
    On,
    /// Requests are routed again
    Off,
    /// How it stands
    Status,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Practice {
    /// Let a practice provider fail, or work again with `none`
    #[command(after_help = FAULTS)]
    Fault {
        /// practice-a or practice-b
        provider: String,
        /// The fault
        fault: String,
        /// What the fault needs
        value: Option<String>,
    },
    /// Both providers and their faults
    Status,
}

const FAULTS: &str = "\
Faults:
  none             works
  down             answers 503
  overloaded       answers 529
  revoked          answers 401
  rate-limited     answers 429 with retry-after
  slow DURATION    answers after that time, such as 3s
  hang             accepts and never answers
  break-stream N   drops the connection after N chunks
  garbage          answers 200 with broken JSON
  refuse           refuses the connection
  flaky P          fails with that probability, 0 to 1";

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Config {
    /// The configuration in force, defaults filled in
    Show,
    /// Its JSON Schema
    Schema,
    /// Where it lies
    Path,
}
