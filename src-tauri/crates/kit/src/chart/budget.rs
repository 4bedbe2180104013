//! How many failures can still be afforded: the steps down, and when it is gone at this pace.

use evenkeel_slo::figure;
use jiff::{SignedDuration, Timestamp};

use super::{
    DrawError, Picture, Scene,
    canvas::{Anchor, At, Canvas},
    clock, colour,
    ground::{self, Field},
    lines::float,
    safe,
};

/// Failures of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When the first of them was.
    pub at: Timestamp,
    /// How many.
    pub bad: u64,
    /// Why, in two or three words.
    pub why: String,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing can be said.
    Unknown,
    /// It lasts longer than anything is said of.
    Lasts,
    /// It is gone within these days; the last may be open.
    Gone {
        /// At the earliest.
        from: Timestamp,
        /// At the latest.
        to: Option<Timestamp>,
    },
    /// It is gone, and back on this day if nothing else fails.
    Recovers(Option<Timestamp>),
}

/// The error budget of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests that count; without one there is nothing to show.
    pub n: u64,
    /// How many of them may fail.
    pub allowed: u64,
    /// What is left; below zero when overdrawn.
    pub left: i64,
    /// What it went on, in any order.
    pub steps: Vec<Step>,
    /// What becomes of it.
    pub outlook: Outlook,
}

/// How much of the width is the past; the rest belongs to the forecast and its words.
const PAST: f64 = 0.68;
/// Steps that have their reason written beside them.
const NAMED: usize = 3;
/// Rows of the table.
const ROWS: usize = 200;
const TITLE: &str = "How many failures can you still afford?";

pub(super) fn draw(scene: &Scene, budget: &Budget) -> Result<Picture, DrawError> {
    let width = scene.width();
    let mut canvas = Canvas::new(width, 136);
    let empty = budget.n == 0;
    let mut steps = budget.steps.clone();
    steps.sort_by(|a, b| (a.at, &a.why, a.bad).cmp(&(b.at, &b.why, b.bad)));
    let field = field(scene, budget, f64::from(width));
    ground::asleep(&mut canvas, scene, &field)?;
    ground::across(&mut canvas, &field, &labels(budget))?;
    ground::along(&mut canvas, &field)?;
    let placed = ground::marks(&mut canvas, scene, &field)?;
    if empty {
        let past = Field { right: field.x(scene.to), ..field };
        ground::nothing(&mut canvas, &past)?;
    } else {
        forecast(&mut canvas, scene, budget, &field)?;
        stairs(&mut canvas, scene, budget, &steps, &field)?;
    }
    let picture = Picture {
        svg: String::new(),
        title: TITLE.to_owned(),
        description: description(scene, budget, &steps) + &ground::said(scene, &placed),
        empty,
        columns: ["When (UTC)", "What failed", "Failures", "Left after it"].map(str::to_owned).to_vec(),
        rows: rows(budget, &steps),
        marks: placed,
    };
    Ok(canvas.finish("budget", picture))
}

fn field(scene: &Scene, budget: &Budget, width: f64) -> Field {
    let past = scene.to.duration_since(scene.from).as_secs_f64();
    let ahead = SignedDuration::try_from_secs_f64(past * (1.0 - PAST) / PAST).unwrap_or_default();
    Field {
        left: 40.0,
        right: width - 8.0,
        top: 20.0,
        bottom: 112.0,
        from: scene.from,
        to: scene.to.saturating_add(ahead).unwrap_or(scene.to),
        low: signed(budget.left.min(0)),
        high: float(budget.allowed.max(1)),
    }
}

fn labels(budget: &Budget) -> Vec<(f64, String)> {
    let mut labels = vec![(0.0, "0".to_owned())];
    if budget.n > 0 && budget.allowed > 0 {
        labels.push((float(budget.allowed), figure::count(budget.allowed)));
    }
    if budget.left >= 0 && budget.allowed >= 4 {
        labels.push((float(budget.allowed / 2), figure::count(budget.allowed / 2)));
    }
    if budget.left < 0 {
        labels.push((signed(budget.left), signed_words(budget.left)));
    }
    labels
}

/// What was left over time, cut where nobody measured.
fn stairs(
    canvas: &mut Canvas,
    scene: &Scene,
    budget: &Budget,
    steps: &[Step],
    field: &Field,
) -> Result<(), DrawError> {
    let corners = corners(scene, budget, steps, field);
    let runs = awake(&corners, &ground::seen_gaps(scene, field));
    let ground = field.y(0.0);
    canvas.group("left", "", |layer| {
        for run in &runs {
            let mut area = run.clone();
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                area.extend([(last.0, ground), (first.0, ground)]);
                layer.area(&area, colour::ACCENT, 0.08)?;
            }
        }
        Ok(())
    })?;
    let now = (field.x(scene.to), field.y(signed(budget.left)));
    canvas.group("measured", " stroke-linejoin=\"round\"", |layer| {
        for run in &runs {
            layer.line(run, colour::ACCENT, 2.0)?;
        }
        layer.dot(now, 4.0, colour::ACCENT)
    })?;
    let text = match budget.left {
        left @ 0.. => format!("{} left today", figure::count(left.unsigned_abs())),
        over => format!("{} over today", figure::count(over.unsigned_abs())),
    };
    let y = if now.1 > field.bottom - 20.0 { now.1 - 8.0 } else { now.1 + 3.0 };
    reasons(canvas, budget, steps, field, (now.0 - 8.0, now.0 + 110.0, y))?;
    canvas.text(&text, (now.0 + 10.0, y), Anchor::Start, (colour::TEXT, true))
}

/// The line's corners, one step a pixel at most, and fewer where there are hundreds: a bad day of a thousand failures is one step for the eye.
fn corners(scene: &Scene, budget: &Budget, steps: &[Step], field: &Field) -> Vec<At> {
    let spent: u64 = steps.iter().fold(0, |sum, step| sum.saturating_add(step.bad));
    // What is left today is exact; the way there is walked backwards from it.
    let mut left = budget.left.saturating_add(i64::try_from(spent).unwrap_or(i64::MAX));
    let near = if steps.len() > 300 { 3.0 } else { 0.5 };
    let mut corners = vec![(field.left, field.y(signed(left)))];
    for step in steps {
        let x = field.x(step.at.max(scene.from).min(scene.to)).round();
        left = left.saturating_sub(i64::try_from(step.bad).unwrap_or(i64::MAX));
        let y = field.y(signed(left));
        let steps_here = corners.len() > 1;
        let Some(last) = corners.last_mut() else { continue };
        if steps_here && (last.0 - x).abs() < near {
            last.1 = y;
        } else {
            let before = last.1;
            corners.extend([(x, before), (x, y)]);
        }
    }
    if let Some(last) = corners.last().copied() {
        corners.push((field.x(scene.to), last.1));
    }
    corners
}

/// The parts of a stepped line outside the gaps. A step within one is seen after it.
fn awake(corners: &[At], gaps: &[(f64, f64)]) -> Vec<Vec<At>> {
    let (Some(first), Some(last)) = (corners.first(), corners.last()) else { return Vec::new() };
    let mut edges = vec![first.0];
    edges.extend(gaps.iter().flat_map(|(left, right)| [*left, *right]));
    edges.push(last.0);
    let mut corners = corners.iter().copied().peekable();
    let mut y = first.1;
    let mut runs = Vec::new();
    for span in edges.chunks(2) {
        let [from, to] = *span else { continue };
        while let Some(corner) = corners.next_if(|corner| corner.0 <= from) {
            y = corner.1;
        }
        let mut run = vec![(from, y)];
        while let Some(corner) = corners.next_if(|corner| corner.0 <= to) {
            y = corner.1;
            run.push(corner);
        }
        run.push((to, y));
        if to > from {
            runs.push(run);
        }
    }
    runs
}

/// The largest steps say why, as far as they don't write over each other.
fn reasons(
    canvas: &mut Canvas,
    budget: &Budget,
    steps: &[Step],
    field: &Field,
    today: (f64, f64, f64),
) -> Result<(), DrawError> {
    const LINE: f64 = 11.0;
    const LETTER: f64 = 6.2;
    let mut largest: Vec<usize> = (0..steps.len()).collect();
    largest.sort_by_key(|&place| (std::cmp::Reverse(steps[place].bad), place));
    largest.truncate(NAMED);
    largest.sort_unstable();
    let spent: u64 = steps.iter().fold(0, |sum, step| sum.saturating_add(step.bad));
    let whole = budget.left.saturating_add(i64::try_from(spent).unwrap_or(i64::MAX));
    let edge = field.left + (field.right - field.left) * PAST + 8.0;
    // The words beside today's dot are there already.
    let mut taken: Vec<(f64, f64, f64)> = vec![today];
    for place in largest {
        let until: u64 = steps[..=place].iter().fold(0, |sum, step| sum.saturating_add(step.bad));
        let after = field.y(signed(whole.saturating_sub(i64::try_from(until).unwrap_or(i64::MAX))));
        let step = &steps[place];
        let text = format!("{} −{}", safe::name(&step.why), figure::count(step.bad));
        #[expect(clippy::cast_precision_loss, reason = "a few letters")]
        let length = text.chars().count() as f64 * LETTER;
        // To the right of a step down everything above the line is free.
        let x = field.x(step.at) + 7.0;
        let y = after - 4.0;
        let clear =
            |other: &(f64, f64, f64)| (y - other.2).abs() >= LINE || x + length < other.0 || x > other.1;
        if x + length < edge && taken.iter().all(clear) {
            taken.push((x, x + length, y));
            canvas.text(&text, (x, y), Anchor::Start, (colour::MUTED, false))?;
        }
    }
    Ok(())
}

/// The dashed way down with its range, and the days in words.
fn forecast(canvas: &mut Canvas, scene: &Scene, budget: &Budget, field: &Field) -> Result<(), DrawError> {
    let now = (field.x(scene.to), field.y(signed(budget.left)));
    let words = match budget.outlook {
        Outlook::Unknown => None,
        Outlook::Lasts => Some(("at this pace not gone", "within 30 days".to_owned())),
        Outlook::Gone { from, to: Some(to) } => {
            Some(("at this pace gone", format!("{} – {}", clock::day(from), clock::day(to))))
        }
        Outlook::Gone { from, to: None } => Some(("gone at the earliest", clock::day(from))),
        Outlook::Recovers(Some(at)) => Some(("gone; back about", clock::day(at))),
        Outlook::Recovers(None) => Some(("gone", String::new())),
    };
    if let Outlook::Gone { from, to } = budget.outlook
        && budget.left > 0
    {
        let middle = to.map(|to| midpoint(from, to));
        let early = landing(scene, field, now, from);
        let late = to.map_or((field.right, now.1), |to| landing(scene, field, now, to));
        canvas.group("forecast", "", |layer| {
            let corner = if early.1 < late.1 { (field.right, field.y(0.0)) } else { early };
            layer.area(&[now, early, corner, (late.0.max(early.0), late.1)], colour::MUTED, 0.1)
        })?;
        let on = landing(scene, field, now, middle.unwrap_or(from));
        canvas.group("pace", " stroke-dasharray=\"40 40\"", |layer| {
            layer.line(&[now, on], colour::MUTED, 1.5)
        })?;
    }
    if let Some((first, second)) = words {
        let right = field.right;
        canvas.text(first, (right, 34.0), Anchor::End, (colour::MUTED, false))?;
        if !second.is_empty() {
            canvas.text(&second, (right, 49.0), Anchor::End, (colour::TEXT, true))?;
        }
    }
    Ok(())
}

/// Where the way from now to nothing on some day ends: on the ground, or at the edge of the drawing.
fn landing(scene: &Scene, field: &Field, now: At, gone: Timestamp) -> At {
    let ground = field.y(0.0);
    if gone <= field.to {
        return (field.x(gone), ground);
    }
    let whole = gone.duration_since(scene.to).as_secs_f64().max(1.0);
    let shown = field.to.duration_since(scene.to).as_secs_f64();
    (field.right, now.1 + (ground - now.1) * shown / whole)
}

fn midpoint(from: Timestamp, to: Timestamp) -> Timestamp {
    from.saturating_add(to.duration_since(from) / 2).unwrap_or(from)
}

fn description(scene: &Scene, budget: &Budget, steps: &[Step]) -> String {
    let about = safe::name(&scene.about);
    let span = clock::span(scene.from, scene.to);
    if budget.n == 0 {
        return format!("{about}, {span}: not measured yet.");
    }
    let mut text = format!(
        "{about}, {span}: {} of {} failures left, from {}.",
        signed_words(budget.left),
        figure::count(budget.allowed),
        figure::counted(budget.n, "request", "requests"),
    );
    let mut largest: Vec<&Step> = steps.iter().collect();
    largest.sort_by_key(|step| (std::cmp::Reverse(step.bad), step.at));
    let named: Vec<String> = largest
        .iter()
        .take(NAMED)
        .map(|step| {
            format!("{} −{} on {}", safe::name(&step.why), figure::count(step.bad), clock::day(step.at))
        })
        .collect();
    if !named.is_empty() {
        text = format!("{text} Largest steps: {}.", named.join(", "));
    }
    match budget.outlook {
        Outlook::Unknown => {}
        Outlook::Lasts => text.push_str(" At this pace not gone within 30 days."),
        Outlook::Gone { from, to: Some(to) } => {
            text = format!("{text} At this pace gone {} – {}.", clock::day(from), clock::day(to));
        }
        Outlook::Gone { from, to: None } => {
            text = format!("{text} At this pace gone on {} at the earliest.", clock::day(from));
        }
        Outlook::Recovers(Some(at)) => {
            text = format!("{text} Something is left again about {}.", clock::day(at));
        }
        Outlook::Recovers(None) => text.push_str(" With no day in sight on which it is back."),
    }
    text
}

fn rows(budget: &Budget, steps: &[Step]) -> Vec<Vec<String>> {
    let mut left = budget.left;
    let mut rows = Vec::new();
    for step in steps.iter().rev().take(ROWS) {
        rows.push(vec![
            clock::moment(step.at),
            safe::sentence(&step.why),
            figure::count(step.bad),
            signed_words(left),
        ]);
        left = left.saturating_add(i64::try_from(step.bad).unwrap_or(i64::MAX));
    }
    rows
}

fn signed_words(value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{}", figure::count(value.unsigned_abs()))
}

#[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
fn signed(value: i64) -> f64 {
    value as f64
}
