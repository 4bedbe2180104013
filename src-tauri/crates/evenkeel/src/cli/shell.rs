//! Words and assignments as each shell wants them, so that what is printed can be pasted.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::args::Shell;

/// The value of an environment variable to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// These very characters.
    Plain(String),
    /// What another variable holds when the line is run; keeps a secret out of what is printed.
    Of(String),
    /// None: the variable is removed.
    Unset,
}

impl Shell {
    /// The shell that called us, as far as can be told: the account's own.
    pub(crate) fn in_use() -> Self {
        let name = env::var_os("SHELL").map(PathBuf::from);
        let name = name.as_deref().and_then(Path::file_stem).and_then(|name| name.to_str()).unwrap_or("");
        match name {
            "fish" => Self::Fish,
            "pwsh" | "powershell" => Self::Power,
            "" if cfg!(windows) => Self::Power,
            _ => Self::Sh,
        }
    }

    /// `text` as one word that the shell leaves alone.
    pub(crate) fn quote(self, text: &str) -> String {
        match self {
            Self::Sh => format!("'{}'", text.replace('\'', r"'\''")),
            Self::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
            // PowerShell takes the typographic quotes for the plain one, and doubles all of them.
            Self::Power => {
                let mut quoted = String::from("'");
                for letter in text.chars() {
                    quoted.push(letter);
                    if matches!(letter, '\'' | '‘' | '’' | '‚' | '‛') {
                        quoted.push(letter);
                    }
                }
                quoted.push('\'');
                quoted
            }
        }
    }

    /// The line that sets or removes an environment variable.
    pub(crate) fn assignment(self, name: &str, value: &Value) -> String {
        let right = match (self, value) {
            (_, Value::Plain(text)) => self.quote(text),
            (Self::Sh | Self::Fish, Value::Of(other)) => format!("\"${other}\""),
            (Self::Power, Value::Of(other)) => format!("$env:{other}"),
            (Self::Sh, Value::Unset) => return format!("unset {name}"),
            (Self::Fish, Value::Unset) => return format!("set -e {name}"),
            (Self::Power, Value::Unset) => {
                return format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue");
            }
        };
        match self {
            Self::Sh => format!("export {name}={right}"),
            Self::Fish => format!("set -gx {name} {right}"),
            Self::Power => format!("$env:{name} = {right}"),
        }
    }

    /// The line that runs `command` and takes over what it prints.
    pub(crate) fn take_over(self, command: &str) -> String {
        match self {
            Self::Sh => format!("eval \"$({command})\""),
            Self::Fish => format!("{command} | source"),
            Self::Power => format!("{command} | Out-String | Invoke-Expression"),
        }
    }
}

/// How to call this program in a line that the user copies: by its name where that finds it, else by
/// its path, and with the folder it was started for.
pub(crate) fn program(home: Option<&Path>) -> String {
    let shell = Shell::in_use();
    let word = |text: &str| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "_./:@%+=,-".contains(letter);
        if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { shell.quote(text) }
    };
    let program = match env::current_exe().map(command_line) {
        Ok(path) if !is_on_path(&path) => {
            let path = word(&path.display().to_string());
            // PowerShell runs a quoted path only when it is called.
            if shell == Shell::Power && path.starts_with('\'') { format!("& {path}") } else { path }
        }
        _ => "evenkeel".to_owned(),
    };
    match home {
        Some(home) => format!("{program} --home {}", word(&home.display().to_string())),
        None => program,
    }
}

/// The same for whoever has only the places.
pub(crate) fn of_paths(paths: &crate::paths::Paths) -> String {
    program(paths.home())
}

/// The command line that belongs to this program: itself, or the one beside the desktop app.
fn command_line(program: PathBuf) -> PathBuf {
    let beside = program.with_file_name(format!("evenkeel{}", env::consts::EXE_SUFFIX));
    if beside.is_file() { beside } else { program }
}

/// Whether typing `evenkeel` starts this very file.
fn is_on_path(program: &Path) -> bool {
    let Some(found) = find_on_path("evenkeel") else { return false };
    match (found.canonicalize(), program.canonicalize()) {
        (Ok(found), Ok(program)) => found == program,
        _ => false,
    }
}

/// The first file of that name in a folder of PATH.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = r#"a'b"c\d $HOME `x` !"#;

    #[test]
    fn each_shell_gets_its_own_quotes() {
        assert_eq!(Shell::Sh.quote("it's"), r"'it'\''s'");
        assert_eq!(Shell::Fish.quote(r"it's \"), r"'it\'s \\'");
        assert_eq!(Shell::Power.quote("it's ’"), "'it''s ’’'");
    }

    #[test]
    fn each_shell_gets_its_own_assignment() {
        let plain = Value::Plain("v".to_owned());
        let other = Value::Of("MY_KEY".to_owned());
        assert_eq!(Shell::Sh.assignment("A", &plain), "export A='v'");
        assert_eq!(Shell::Sh.assignment("A", &other), "export A=\"$MY_KEY\"");
        assert_eq!(Shell::Fish.assignment("A", &other), "set -gx A \"$MY_KEY\"");
        assert_eq!(Shell::Power.assignment("A", &plain), "$env:A = 'v'");
        assert_eq!(Shell::Power.assignment("A", &other), "$env:A = $env:MY_KEY");
    }

    #[cfg(unix)]
    #[test]
    fn a_real_shell_reads_back_what_was_quoted() {
        let script =
            format!("{}; printf %s \"$A\"", Shell::Sh.assignment("A", &Value::Plain(NASTY.to_owned())));
        let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("sh runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), NASTY);
    }
}
