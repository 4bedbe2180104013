//! Makes sure that there is a dashboard to embed, and the service worker that is built with it: a checkout in which
//! neither was ever built still compiles, and the program then says how to build them.

use std::{fs, io, path::Path};

const PLACEHOLDER: &str = "<!doctype html><title>Evenkeel</title><p>This program was built without its dashboard. Build it with: cargo xtask ui\n";

const WORKER_PLACEHOLDER: &str =
    "throw new Error('Evenkeel was built without its service worker. Build it with: cargo xtask ui');\n";

fn main() -> io::Result<()> {
    let dist = Path::new("../../../ui/dist");
    ensure(&dist.join("index.html"), PLACEHOLDER)?;
    ensure(&dist.join("offline/evenkeel-sw.js"), WORKER_PLACEHOLDER)?;
    // A folder is watched with all that lies in it, so a new asset reaches the next build.
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}

/// Writes `text` where there is nothing yet.
fn ensure(file: &Path, text: &str) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}
