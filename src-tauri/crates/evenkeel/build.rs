//! Makes sure that there is a dashboard to embed: a checkout in which the dashboard was never built
//! still compiles, and the program then says how to build it.

use std::{fs, path::Path};

const PLACEHOLDER: &str = "<!doctype html><title>Evenkeel</title><p>This program was built without its dashboard. Build it with: cargo xtask ui\n";

fn main() -> std::io::Result<()> {
    let dist = Path::new("../../../ui/dist");
    let index = dist.join("index.html");
    if !index.exists() {
        fs::create_dir_all(dist)?;
        fs::write(&index, PLACEHOLDER)?;
    }
    // A folder is watched with all that lies in it, so a new asset reaches the next build.
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
