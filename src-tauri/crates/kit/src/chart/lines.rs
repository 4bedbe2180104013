//! A measured line against its target: success, p95, average cost.

use evenkeel_slo::{budget::Share, figure};
use jiff::{SignedDuration, Timestamp};

use super::{
    DrawError, Picture, Scene,
    canvas::{At, Canvas},
    clock, colour,
    ground::{self, Field},
    safe,
};

/// What is counted on the upright axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share of good requests, in parts per million.
    Success,
    /// The 95th percentile, in milliseconds.
    P95,
    /// The average cost, in micro-dollars.
    Cost,
}

/// One bucket of time in which something was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where it begins.
    pub start: Timestamp,
    /// In the unit of the line.
    pub value: u64,
    /// Requests behind it.
    pub n: u64,
}

/// A line of points in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is counted.
    pub unit: Unit,
    /// What was promised, in the same unit.
    pub target: u64,
    /// How long a bucket is.
    pub bucket: SignedDuration,
    /// The buckets in which something was measured, oldest first.
    pub points: Vec<Point>,
}

impl Unit {
    fn id(self) -> &'static str {
        match self {
            Unit::Success => "success",
            Unit::P95 => "p95",
            Unit::Cost => "cost",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Unit::Success => "Success rate",
            Unit::P95 => "p95 latency",
            Unit::Cost => "Average cost",
        }
    }

    fn figure(self, value: u64) -> String {
        match self {
            Unit::Success => figure::percent(value, 1_000_000),
            Unit::P95 => figure::latency(value),
            Unit::Cost => figure::dollars(i64::try_from(value).unwrap_or(i64::MAX)),
        }
    }

    fn target(self, value: u64) -> String {
        match self {
            Unit::Success => {
                let ppm = u32::try_from(value).ok().and_then(Share::from_ppm).unwrap_or(Share::ALL);
                ppm.to_string()
            }
            Unit::P95 => figure::latency_target(value),
            Unit::Cost => figure::dollars_target(i64::try_from(value).unwrap_or(i64::MAX)),
        }
    }

    /// The worst of them: low for a rate, high for what should be small.
    fn worst(self, points: &[Point]) -> Option<Point> {
        match self {
            Unit::Success => points.iter().copied().min_by_key(|point| point.value),
            Unit::P95 | Unit::Cost => points.iter().copied().max_by_key(|point| point.value),
        }
    }

    fn superlative(self) -> &'static str {
        match self {
            Unit::Success => "lowest",
            Unit::P95 => "slowest",
            Unit::Cost => "dearest",
        }
    }

    /// From the bottom of the axis to its top: the target is always within, so that a good month looks like one.
    fn range(self, target: u64, points: &[Point]) -> (u64, u64) {
        let worst = self.worst(points).map_or(target, |point| point.value);
        match self {
            Unit::Success => {
                let rest = 1_000_000_u64.saturating_sub(target).max(100);
                let low = worst.min(target.saturating_sub(rest));
                (low.saturating_sub((1_000_000 - low) / 20), 1_000_000)
            }
            Unit::P95 | Unit::Cost => (0, worst.max(target).max(1).saturating_mul(11) / 10),
        }
    }
}

impl Line {
    /// Whether the window shows whole days.
    fn daily(&self) -> bool {
        self.bucket.as_hours() >= 24
    }

    fn when(&self, at: Timestamp) -> String {
        if self.daily() { clock::day(at) } else { clock::moment(at) }
    }

    /// Points in a row without a bucket missing between them.
    fn runs(&self) -> Vec<&[Point]> {
        let mut runs = Vec::new();
        let mut rest = self.points.as_slice();
        while !rest.is_empty() {
            let gap = |pair: &[Point]| pair[1].start.duration_since(pair[0].start) > self.bucket;
            let length = rest.windows(2).position(gap).map_or(rest.len(), |place| place + 1);
            let (run, later) = rest.split_at(length);
            runs.push(run);
            rest = later;
        }
        runs
    }
}

pub(super) fn draw(scene: &Scene, line: &Line) -> Result<Picture, DrawError> {
    let width = scene.width();
    let mut canvas = Canvas::new(width, if scene.is_spark() { 28 } else { 136 });
    let (low, high) = line.unit.range(line.target, &line.points);
    let (left, top, right, bottom) = if scene.is_spark() {
        (1.0, 3.0, f64::from(width) - 7.0, 25.0)
    } else {
        (56.0, 20.0, f64::from(width) - 8.0, 112.0)
    };
    let field = Field {
        left,
        right,
        top,
        bottom,
        from: scene.from,
        to: scene.to,
        low: float(low),
        high: float(high),
    };
    let empty = line.points.is_empty();
    let mut placed = Vec::new();
    if !scene.is_spark() {
        ground::asleep(&mut canvas, scene, &field)?;
        ground::across(&mut canvas, &field, &labels(line, &field, (low, high)))?;
        ground::along(&mut canvas, &field)?;
        placed = ground::marks(&mut canvas, scene, &field)?;
    }
    let y = field.y(float(line.target));
    canvas.group("target", " stroke-dasharray=\"20 30\"", |layer| {
        layer.line(&[(field.left, y), (f64::from(width), y)], colour::CONTROL, 1.0)
    })?;
    if empty && !scene.is_spark() {
        ground::nothing(&mut canvas, &field)?;
    }
    measured(&mut canvas, scene, line, &field)?;
    let picture = Picture {
        svg: String::new(),
        title: line.unit.title().to_owned(),
        description: description(scene, line) + &ground::said(scene, &placed),
        empty,
        columns: columns(line),
        rows: rows(scene, line),
        marks: placed,
    };
    let id = if scene.is_spark() { format!("{}-spark", line.unit.id()) } else { line.unit.id().to_owned() };
    Ok(canvas.finish(&id, picture))
}

/// The line in its runs; a point with nothing on either side is a dot, or nobody would see it.
fn measured(canvas: &mut Canvas, scene: &Scene, line: &Line, field: &Field) -> Result<(), DrawError> {
    let half = line.bucket / 2;
    let place = |point: &Point| -> At {
        let middle = point.start.saturating_add(half).unwrap_or(point.start).min(scene.to);
        (field.x(middle.max(scene.from)), field.y(float(point.value)))
    };
    let attributes = " stroke-linejoin=\"round\" stroke-linecap=\"round\"";
    canvas.group("measured", attributes, |layer| {
        for run in line.runs() {
            let points: Vec<At> = run.iter().map(place).collect();
            match points.as_slice() {
                [alone] => layer.dot(*alone, 1.5, colour::ACCENT)?,
                points => layer.line(points, colour::ACCENT, if scene.is_spark() { 1.5 } else { 2.0 })?,
            }
        }
        match line.points.last() {
            Some(last) => layer.dot(place(last), if scene.is_spark() { 2.5 } else { 3.5 }, colour::ACCENT),
            None => Ok(()),
        }
    })
}

/// The axis names top, bottom and target; the target wins where they would touch.
fn labels(line: &Line, field: &Field, (low, high): (u64, u64)) -> Vec<(f64, String)> {
    const APART: f64 = 14.0;
    let target = (float(line.target), line.unit.target(line.target));
    let mut labels = vec![target];
    let ends = match line.unit {
        Unit::Success => [(low, line.unit.figure(low)), (high, "100 %".to_owned())],
        Unit::P95 => [(0, "0 s".to_owned()), (high, line.unit.figure(high))],
        Unit::Cost => [(0, "$0".to_owned()), (high, line.unit.figure(high))],
    };
    for (value, label) in ends {
        if (field.y(float(value)) - field.y(float(line.target))).abs() > APART {
            labels.push((float(value), label));
        }
    }
    labels
}

fn description(scene: &Scene, line: &Line) -> String {
    let about = safe::name(&scene.about);
    let span = clock::span(scene.from, scene.to);
    let target = line.unit.target(line.target);
    let Some(worst) = line.unit.worst(&line.points) else {
        return format!("{about}, {span}, against the target of {target}: not measured yet.");
    };
    let n: u64 = line.points.iter().fold(0, |sum, point| sum.saturating_add(point.n));
    format!(
        "{about}, {span}, against the target of {target}; {} {} on {}, from {}.",
        line.unit.superlative(),
        line.unit.figure(worst.value),
        line.when(worst.start),
        figure::counted(n, "request", "requests"),
    )
}

fn columns(line: &Line) -> Vec<String> {
    let when = if line.daily() { "Day (UTC)" } else { "From (UTC)" };
    let counted = match line.unit {
        Unit::Success | Unit::P95 => "Requests",
        Unit::Cost => "Priced requests",
    };
    [when, line.unit.title(), "Target", counted].map(str::to_owned).to_vec()
}

/// Every bucket of the window, newest first: those without a figure say so.
fn rows(scene: &Scene, line: &Line) -> Vec<Vec<String>> {
    const MOST: usize = 400;
    let step = line.bucket.as_secs().max(60);
    let target = line.unit.target(line.target);
    let gaps = ground::gaps(scene);
    let asleep = |from: i64| {
        let (from, to) = (from.max(scene.from.as_second()), (from + step).min(scene.to.as_second()));
        gaps.iter().any(|gap| gap.0.as_second() <= from && gap.1.as_second() >= to)
    };
    let mut points = line.points.iter().rev().peekable();
    let mut rows = Vec::new();
    let mut at = scene.to.as_second() - scene.to.as_second().rem_euclid(step);
    while at + step > scene.from.as_second() && rows.len() < MOST {
        while points.peek().is_some_and(|point| point.start.as_second() >= at + step) {
            points.next();
        }
        let when = Timestamp::from_second(at).map(|at| line.when(at)).unwrap_or_default();
        let (value, n) = match points.peek() {
            Some(point) if point.start.as_second() >= at => {
                (line.unit.figure(point.value), figure::count(point.n))
            }
            _ if asleep(at) => ("not running".to_owned(), figure::UNKNOWN.to_owned()),
            _ => (figure::UNKNOWN.to_owned(), "0".to_owned()),
        };
        rows.push(vec![when, value, target.clone(), n]);
        at -= step;
    }
    rows
}

#[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
pub(super) fn float(value: u64) -> f64 {
    value as f64
}
