//! The thirty cases in which alerts usually go wrong, by number. A scene plays them on both clocks.

mod away;
mod data;
mod edits;
mod holding;
mod scene;
mod telling;
