//! The client-ready paper: documents, status page, charts.
//!
//! - [`chart`]: what was measured, as SVG with a table twin. Pure: figures and a clock in, text out.

pub mod chart;
