//! Proof that the headless program links nothing that a bare server lacks.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::shell;
use crate::workspace::Workspace;

/// The webview, its toolkit and what draws with it; bindings come in families, so `gtk` also means `gtk-sys`.
const FAMILIES: &[&str] = &[
    "atk",
    "cairo",
    "gdk",
    "gtk",
    "gtk3",
    "muda",
    "pango",
    "tao",
    "tauri",
    "tray-icon",
    "webkit2gtk",
    "wry",
];

/// C libraries that ring and rustls or zbus do without. Their namesakes may be harmless: `openssl-probe` only
/// knows where a system keeps its certificates.
const EXACTLY: &[&str] = &["aws-lc-rs", "aws-lc-sys", "libdbus-sys", "native-tls", "openssl", "openssl-sys"];

/// Named like a family and none of it: what notices need on Windows, a thin layer over the system's own.
const HARMLESS: &[&str] = &["tauri-winrt-notification"];

/// # Errors
/// When `evenkeel` depends on one of these, on any platform.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let arguments = "tree --locked --package evenkeel --edges normal --prefix none --target all";
    let tree = shell::read(shell::cargo(workspace).args(arguments.split(' ')))?;
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    let found: Vec<&str> = names.iter().copied().filter(|name| is_forbidden(name)).collect();
    if !found.is_empty() {
        bail!(
            "the package `evenkeel` must build and run without these: {}\n\
             `cargo tree --package evenkeel --target all --invert {}` shows who asks for it",
            found.join(", "),
            found[0]
        );
    }
    println!("{} packages, none of them a toolkit, a webview or a C library of cryptography", names.len());
    Ok(())
}

fn is_forbidden(name: &str) -> bool {
    let member = |family: &&str| {
        name.strip_prefix(*family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    !HARMLESS.contains(&name) && (EXACTLY.contains(&name) || FAMILIES.iter().any(member))
}

#[cfg(test)]
mod tests {
    use super::is_forbidden;

    #[test]
    fn families_are_recognised_and_namesakes_are_not() {
        for name in
            ["gtk", "gtk-sys", "gtk3-macros", "tauri-runtime-wry", "cairo-rs", "aws-lc-sys", "openssl-sys"]
        {
            assert!(is_forbidden(name), "{name}");
        }
        for name in
            ["wryneck", "openssl-probe", "ring", "taobao", "rustls-native-certs", "tauri-winrt-notification"]
        {
            assert!(!is_forbidden(name), "{name}");
        }
    }
}
