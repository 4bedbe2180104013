//! The program `evenkeel-desktop`; everything is in the library, where tests reach it.
// A release build for Windows opens no console beside its window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    evenkeel_desktop::run()
}
