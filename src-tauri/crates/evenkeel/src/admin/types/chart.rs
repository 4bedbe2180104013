//! A chart with its table.

use evenkeel_kit::chart::{Picture, Placed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The answer to `GET /api/charts/{name}.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "ChartView.ts")]
pub struct ChartView {
    /// Its heading.
    pub title: String,
    /// What it shows, in words.
    pub description: String,
    /// Whether nothing was measured yet.
    pub empty: bool,
    /// The drawing: what the same address with `.svg` answers.
    pub svg: String,
    /// The table's heads.
    pub columns: Vec<String>,
    /// The same figures as text, newest or largest first.
    pub rows: Vec<Vec<String>>,
    /// What is marked in the drawing, from left to right.
    pub marks: Vec<ChartMark>,
}

/// Something that happened, and where in the drawing it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "ChartMark.ts")]
pub struct ChartMark {
    /// From the left, in the drawing's own units.
    pub x: f64,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// `failover`, `alert`, `deploy`, `experiment` or `drill`.
    pub kind: String,
    /// When and what, in words.
    pub text: String,
}

impl From<Picture> for ChartView {
    fn from(picture: Picture) -> Self {
        let Picture { svg, title, description, empty, columns, rows, marks } = picture;
        let marks = marks.into_iter().map(ChartMark::from).collect();
        Self { title, description, empty, svg, columns, rows, marks }
    }
}

impl From<Placed> for ChartMark {
    fn from(mark: Placed) -> Self {
        let Placed { x, at, kind, text } = mark;
        Self { x, at, kind: kind.as_str().to_owned(), text }
    }
}
