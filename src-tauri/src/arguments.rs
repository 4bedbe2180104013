//! What the command line may say, and how it is written down for the next login.

use std::borrow::Cow;
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

/// One argument as the system's list of what starts at login takes it: the autostart crate writes a line with nothing
/// but spaces between the arguments, and on macOS a list in XML.
pub(crate) fn at_login(argument: &str) -> String {
    if cfg!(target_os = "macos") {
        argument.replace('&', "&amp;").replace('<', "&lt;")
    } else if cfg!(windows) {
        format!("\"{argument}\"")
    } else {
        in_a_desktop_entry(argument)
    }
}

/// Quoted as in the key Exec, then escaped as in any string of such a file (Desktop Entry Specification 1.5, "The Exec
/// key" and "Possible value types").
fn in_a_desktop_entry(argument: &str) -> String {
    let quoted = argument.chars().map(|letter| match letter {
        '%' => Cow::from("%%"),
        '\\' => Cow::from(r"\\\\"),
        '"' | '`' | '$' => Cow::from(format!(r"\\{letter}")),
        letter => Cow::from(letter.to_string()),
    });
    format!("\"{}\"", quoted.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::in_a_desktop_entry;

    #[test]
    fn a_folder_of_any_name_is_one_argument_at_login() {
        for (folder, written) in [
            ("/home/ada/a b", r#""/home/ada/a b""#),
            ("/home/ada/100%", r#""/home/ada/100%%""#),
            (r#"/home/ada/"$x`\"#, r#""/home/ada/\\"\\$x\\`\\\\""#),
        ] {
            assert_eq!(in_a_desktop_entry(folder), written);
        }
    }
}
