//! What the command line may say.

use std::path::PathBuf;

use clap::Parser;

/// The desktop app of Evenkeel.
#[derive(Debug, Parser)]
#[command(name = "evenkeel-desktop", version, about)]
pub(crate) struct Arguments {
    /// Keep configuration and data in this folder instead of the platform's own
    #[arg(long, env = "EVENKEEL_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Start in the tray alone, without a window
    #[arg(long)]
    pub(crate) hidden: bool,
}
