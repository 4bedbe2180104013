//! Tauri's build step: embeds the dashboard, and turns `capabilities/` into what the window may call.

use std::{error::Error, fs, path::Path};

/// A checkout in which the dashboard was never built still compiles; `cargo xtask` refuses to ship it.
const PLACEHOLDER: &str =
    "<!doctype html><title>Evenkeel</title><p>Built without its dashboard. Build it with: cargo xtask ui\n";

fn main() -> Result<(), Box<dyn Error>> {
    let index = Path::new("ui/dist/index.html");
    if !index.exists() {
        fs::create_dir_all("ui/dist")?;
        fs::write(index, PLACEHOLDER)?;
    }
    println!("cargo::rerun-if-changed=ui/dist");
    // Tauri doesn't watch a folder that isn't the default one: without this, permissions go stale silently.
    println!("cargo::rerun-if-changed=src-tauri/capabilities");
    let commands =
        tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/capabilities/commands.toml");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        .app_manifest(commands);
    Ok(tauri_build::try_build(attributes)?)
}
