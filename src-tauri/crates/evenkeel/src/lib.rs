//! Evenkeel headless: command line, admin API, and the wiring of one running router.
//!
//! The rooms beside this one (`config`, `dialect`, `slo`, `store`, `router`, `practice`) know nothing of
//! files' places, processes, ports or people at a terminal. This one does, and little else:
//!
//! - [`app`]: one running app, from the lock on its folder to the last row written
//! - [`admin`]: the API under `/api`, its types, its door, and the dashboard's files
//! - [`cli`]: the program `evenkeel`, one file a command
//! - `promises`, `alerts`: what is promised and how it stands; the three alerts and how they reach people
//! - [`keys`]: the providers' secrets, the local keys, the admin token
//! - `connect`: the settings of other people's tools, pointed at the router and put back
//! - [`paths`], [`run_file`]: where things lie, and how a running router is found
//! - `cache`: the travel-mode cache: its key, when it is open, what is told of it
//! - `charts`: what was measured, gathered for `evenkeel-kit` to draw
//! - `demo`: a month of made-up requests to look around in
//! - `probe`: one token from a provider, for `check` and for the dashboard's test
//! - [`failure`]: the closed list of what can go wrong
//! - [`words`], [`notices`]: how things stand as a person would say it, and telling it on the desktop
//! - [`runtime`]: the thread that everything asynchronous runs on
//! - [`log`]: to standard error and to a file that stays small
//! - `files`, `random`: private files, secrets of our own making

pub mod admin;
mod alerts;
pub mod app;
mod cache;
mod charts;
pub mod cli;
mod connect;
mod demo;
pub mod failure;
mod files;
pub mod keys;
pub mod log;
pub mod notices;
pub mod paths;
mod probe;
mod promises;
mod random;
pub mod run_file;
pub mod runtime;
pub mod words;
