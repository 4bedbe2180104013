//! Charts as SVG, each with the same figures as a table.
//!
//! Everything here is a function of its input, the clock included, so the same input gives the same bytes: a document
//! that is made twice can be compared, and a test can hold the whole text.
//!
//! plotters draws the shapes and writes them as SVG; what its backend has no word for (title and description, groups
//! with a class, dashes, the hatch of a time without a router) is put around them in `canvas`. Colours are written
//! as the light theme's tokens, in capitals; a page recolours them by those attributes, and a file that stands alone
//! is readable as it is. No font is named: text looks like the page that it stands in.
//!
//! - `lines`: success, p95 and average cost against their targets
//! - `budget`: what is left of the error budget, and until when
//! - `shares`: what the budget or the money went on
//! - `ground`: what lies under the first two: time, gaps, marks
//! - `clock`: days and hours on the axis; `safe`: text from outside
//! - `canvas`: plotters' drawing in an accessible frame; `colour`: the tokens

mod budget;
mod canvas;
mod clock;
pub mod colour;
mod ground;
mod lines;
mod safe;
mod shares;

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

pub use budget::{Budget, Outlook, Step};
pub use lines::{Line, Point, Unit};
pub use shares::{Share, Shares};

/// Wide enough for the axis with three days on it.
pub const NARROWEST: u32 = 320;
/// Beyond this a line gets longer and tells nothing more.
pub const WIDEST: u32 = 1_200;
/// As wide as the dashboard's column is in its usual window.
pub const USUAL: u32 = 728;

/// A chart to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// When and where.
    pub scene: Scene,
    /// What is shown.
    pub subject: Subject,
}

/// What every chart has.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Whose figures these are, for the description: the promise's name as its owner wrote it.
    pub about: String,
    /// The first moment.
    pub from: Timestamp,
    /// The last one, which is now.
    pub to: Timestamp,
    /// Its form.
    pub shape: Shape,
    /// When there was somebody to measure: in order, without overlap. What lies between is a gap, not a zero.
    pub awake: Vec<(Timestamp, Timestamp)>,
    /// What happened, in any order.
    pub marks: Vec<Mark>,
}

/// How large, and with how much around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// With axis, labels and marks, this many pixels wide; brought between [`NARROWEST`] and [`WIDEST`].
    Full(u32),
    /// The line alone, for a card.
    Spark,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A measured line against its target.
    Line(Line),
    /// The error budget.
    Budget(Budget),
    /// Parts of a sum.
    Shares(Shares),
}

/// Something that happened at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When it began.
    pub at: Timestamp,
    /// What it was.
    pub kind: MarkKind,
    /// In a sentence.
    pub text: String,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// Another provider took over.
    Failover,
    /// An alert fired.
    Alert,
    /// A deploy that somebody declared.
    Deploy,
    /// An experiment that somebody declared.
    Experiment,
    /// A drill.
    Drill,
}

impl MarkKind {
    /// The word in JSON and in the class of its group.
    pub fn as_str(self) -> &'static str {
        match self {
            MarkKind::Failover => "failover",
            MarkKind::Alert => "alert",
            MarkKind::Deploy => "deploy",
            MarkKind::Experiment => "experiment",
            MarkKind::Drill => "drill",
        }
    }
}

/// A drawn chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The whole SVG document.
    pub svg: String,
    /// Its heading.
    pub title: String,
    /// What it shows, for whoever can't see it.
    pub description: String,
    /// Whether there was nothing to show.
    pub empty: bool,
    /// The table's heads.
    pub columns: Vec<String>,
    /// The same figures, newest or largest first.
    pub rows: Vec<Vec<String>>,
    /// What is marked and where, for whoever lays something over it.
    pub marks: Vec<Placed>,
}

/// A mark in the drawing; several that would lie upon each other are one.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Pixels of the drawing.
    pub x: f64,
    /// When the first of them was.
    pub at: Timestamp,
    /// What it was.
    pub kind: MarkKind,
    /// When and what, in words.
    pub text: String,
}

/// The drawing failed; a fault of ours, for no figure can cause it.
#[derive(Debug, thiserror::Error)]
#[error("the chart could not be drawn: {detail}")]
pub struct DrawError {
    detail: String,
}

/// Draws it.
pub fn draw(chart: &Chart) -> Result<Picture, DrawError> {
    match &chart.subject {
        Subject::Line(line) => lines::draw(&chart.scene, line),
        Subject::Budget(budget) => budget::draw(&chart.scene, budget),
        Subject::Shares(shares) => shares::draw(&chart.scene, shares),
    }
}

/// How long the buckets of a line should be for a window: some fifty points, and whole days for a month.
pub fn bucket(window: SignedDuration) -> SignedDuration {
    match window.as_hours() {
        ..1 => SignedDuration::from_mins(1),
        1..=6 => SignedDuration::from_mins(5),
        7..=48 => SignedDuration::from_hours(1),
        49..=192 => SignedDuration::from_hours(3),
        _ => SignedDuration::from_hours(24),
    }
}

impl Scene {
    fn width(&self) -> u32 {
        match self.shape {
            Shape::Full(width) => width.clamp(NARROWEST, WIDEST),
            Shape::Spark => 200,
        }
    }

    fn is_spark(&self) -> bool {
        self.shape == Shape::Spark
    }
}
