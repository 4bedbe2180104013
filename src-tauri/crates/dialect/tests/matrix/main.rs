//! Every client's dialect against every provider's, feature by feature.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod cell;
mod ends;
mod errors;
mod forms;
mod losses;
mod media;
mod provider;
mod settings;
mod show;
mod tools;
mod words;
