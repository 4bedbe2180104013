//! System packages: what is missing on Debian and Ubuntu gets installed, elsewhere it is named.

use std::collections::HashSet;
use std::io::{IsTerminal, stdin};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::shell;
use crate::workspace::Workspace;

/// A Debian package, and the commands that prove the same thing is there under another name: a browser from its
/// vendor, a Python built by hand, or a distribution without dpkg. One success is enough.
pub(crate) struct Package {
    name: &'static str,
    proofs: &'static [&'static str],
}

const fn package(name: &'static str, proofs: &'static [&'static str]) -> Package {
    Package { name, proofs }
}

/// What `evenkeel` needs to be built: SQLite is compiled from C.
pub(crate) const RUN: &[Package] =
    &[package("build-essential", &["cc --version"]), package("pkg-config", &["pkg-config --version"])];

/// What `evenkeel-desktop` needs beyond that.
pub(crate) const DESKTOP: &[Package] =
    &[package("libwebkit2gtk-4.1-dev", &["pkg-config --exists webkit2gtk-4.1"])];

/// What the tests need beyond that: the desktop shell's libraries, a display, and real browsers and clients.
pub(crate) const TEST: &[Package] = &[
    package("build-essential", &["cc --version"]),
    package("pkg-config", &["pkg-config --version"]),
    package("libwebkit2gtk-4.1-dev", &["pkg-config --exists webkit2gtk-4.1"]),
    package("xvfb", &["Xvfb -help"]),
    package("xauth", &["xauth -V"]),
    package("webkit2gtk-driver", &["WebKitWebDriver --version"]),
    package("dbus", &["dbus-run-session --version"]),
    package("openbox", &["openbox --version"]),
    package("xdotool", &["xdotool --version"]),
    package("xclip", &["xclip -version"]),
    package("dunst", &["dunst --version"]),
    package("redis-server", &["redis-server --version"]),
    package("gnome-keyring", &["gnome-keyring-daemon --version"]),
    package("libsecret-tools", &["which secret-tool"]),
    package(CHROMIUM, &["chromium --version", "chromium-browser --version", "google-chrome --version"]),
    package("fonts-dejavu-core", &["fc-match --quiet DejaVuSans"]),
    package("python3", &["python3 --version"]),
    package("python3-venv", &["python3 -m ensurepip --version"]),
    package("curl", &["curl --version"]),
];

/// Debian's name for it; see [`name_here`].
const CHROMIUM: &str = "chromium";

/// Installs what is missing, and says what. Never waits for an answer when there is no terminal to give one.
///
/// # Errors
/// When packages are missing, this is a Debian or Ubuntu, and they could not be installed.
pub(crate) fn install_missing(workspace: &Workspace, wanted: &[Package]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if shell::find(&["apt-get"]).is_none() {
        println!(
            "There is no apt-get here. If something is missing below, it is among these Debian packages:"
        );
        println!("  {names}");
        return Ok(());
    }
    let by_hand = format!("as root, run: apt-get install --no-install-recommends {names}");
    let Some(prefix) = privilege() else { bail!("installing {names} needs root; {by_hand}") };
    println!("Installing system packages: {names}");
    update_as(workspace, &prefix);
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    if let Err(error) = shell::run(apt_get(workspace, &prefix).args(install).args(&missing)) {
        bail!("{error}; {by_hand}");
    }
    Ok(())
}

/// Has apt learn what packages there are.
///
/// # Errors
/// When nobody here may become root.
pub(crate) fn update(workspace: &Workspace) -> Result<()> {
    let Some(prefix) = privilege() else { bail!("apt-get update needs root; as root, run: apt-get update") };
    update_as(workspace, &prefix);
    Ok(())
}

fn update_as(workspace: &Workspace, prefix: &[&str]) {
    // A failed update is often one third-party source; what follows may still find everything.
    if shell::run(apt_get(workspace, prefix).args(["update", "-qq"])).is_err() {
        println!("The package lists could not all be updated; going on with what is there.");
    }
}

fn missing(wanted: &[Package]) -> Vec<&'static str> {
    let installed = installed(wanted);
    let there = |package: &Package| {
        installed.contains(name_here(package.name))
            || package.proofs.iter().any(|proof| shell::succeeds(proof))
    };
    wanted.iter().filter(|package| !there(package)).map(|package| name_here(package.name)).collect()
}

/// The names among `wanted` that dpkg has installed; none where there is no dpkg.
fn installed(wanted: &[Package]) -> HashSet<String> {
    let answer = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status} ${Package}\n"])
        .args(wanted.iter().map(|package| name_here(package.name)))
        .stderr(Stdio::null())
        .output();
    let text = answer.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text)
        .lines()
        .filter_map(|line| line.strip_prefix("installed "))
        .map(str::to_owned)
        .collect()
}

/// Ubuntu has Chromium under another name; every other package is called the same.
fn name_here(name: &'static str) -> &'static str {
    let ubuntu = || std::fs::read_to_string("/etc/os-release").is_ok_and(|text| text.contains("ID=ubuntu"));
    if name == CHROMIUM && ubuntu() { "chromium-browser" } else { name }
}

/// How to become root: nothing to do where we are, sudo where that may be asked, else `None`. Without a terminal
/// nobody can type a password, so only a sudo that wants none will do.
fn privilege() -> Option<Vec<&'static str>> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if root {
        return Some(vec!["env"]);
    }
    shell::find(&["sudo"])?;
    if stdin().is_terminal() {
        return Some(vec!["sudo", "env"]);
    }
    shell::succeeds("sudo -n true").then(|| vec!["sudo", "-n", "env"])
}

fn apt_get(workspace: &Workspace, prefix: &[&str]) -> Command {
    let mut command = shell::command(workspace, prefix[0]);
    command
        .args(&prefix[1..])
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        // Another package manager at work is waited for, in seconds.
        .args(["-o", "DPkg::Lock::Timeout=120"]);
    if !stdin().is_terminal() {
        command.stdin(Stdio::null());
    }
    command
}
