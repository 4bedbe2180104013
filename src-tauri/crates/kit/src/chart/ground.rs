//! What lies under a chart of time: the axis, the times in which nobody measured, and what happened.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{
    DrawError, Mark, MarkKind, Placed, Scene,
    canvas::{Anchor, At, Canvas},
    clock, colour, safe,
};

/// Where the glyphs of marks stand.
const MARKS_Y: f64 = 7.0;
/// Marks closer than this are one.
const CLOSE: f64 = 16.0;
/// How many sentences one mark holds.
const TOLD: usize = 2;
/// About one label of the axis in so many pixels.
const LABEL: u32 = 110;
/// Gaps narrower than this can't be seen.
const VISIBLE: f64 = 2.0;
/// Two gaps with less than this between them are shown as one.
const BETWEEN: f64 = 3.0;

/// Where time and values fall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// The time at the left edge.
    pub(super) from: Timestamp,
    /// At the right edge.
    pub(super) to: Timestamp,
    /// The value at the bottom.
    pub(super) low: f64,
    /// At the top.
    pub(super) high: f64,
}

impl Field {
    pub(super) fn x(&self, at: Timestamp) -> f64 {
        let (from, to) = (self.from.as_millisecond(), self.to.as_millisecond());
        let share = ratio(at.as_millisecond() - from, (to - from).max(1));
        self.left + (self.right - self.left) * share.clamp(0.0, 1.0)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        let range = if self.high > self.low { self.high - self.low } else { 1.0 };
        let share = ((value - self.low) / range).clamp(0.0, 1.0);
        self.bottom - (self.bottom - self.top) * share
    }
}

#[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

/// The times within the window in which nobody measured.
pub(super) fn gaps(scene: &Scene) -> Vec<(Timestamp, Timestamp)> {
    let mut gaps = Vec::new();
    let mut at = scene.from;
    for &(from, to) in &scene.awake {
        if from > at {
            gaps.push((at, from.min(scene.to)));
        }
        at = at.max(to);
        if at >= scene.to {
            break;
        }
    }
    if at < scene.to {
        gaps.push((at, scene.to));
    }
    gaps
}

/// The gaps as they are drawn: pixels from the left, joined where nothing can be seen between them.
pub(super) fn seen_gaps(scene: &Scene, field: &Field) -> Vec<(f64, f64)> {
    let mut seen: Vec<(f64, f64)> = Vec::new();
    for (from, to) in gaps(scene) {
        let (left, right) = (field.x(from), field.x(to));
        match seen.last_mut() {
            Some(last) if left - last.1 < BETWEEN => last.1 = right,
            _ => seen.push((left, right)),
        }
    }
    seen.retain(|(left, right)| right - left >= VISIBLE);
    seen
}

/// The hatch of every gap, and what it means at the widest.
pub(super) fn asleep(canvas: &mut Canvas, scene: &Scene, field: &Field) -> Result<(), DrawError> {
    let gaps = seen_gaps(scene, field);
    for &(left, right) in &gaps {
        canvas.hatch((left, field.top), (right, field.bottom));
    }
    let widest = gaps.into_iter().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
    if let Some((left, right)) = widest.filter(|(left, right)| right - left > 16.0) {
        let middle = f64::midpoint(left, right).clamp(field.left + 34.0, field.right - 34.0);
        canvas.text("not running", (middle, 12.0), Anchor::Middle, (colour::MUTED, false))?;
    }
    Ok(())
}

/// Lines across, each with its label at the left.
pub(super) fn across(canvas: &mut Canvas, field: &Field, lines: &[(f64, String)]) -> Result<(), DrawError> {
    canvas.group("grid", "", |layer| {
        for (value, _) in lines {
            let y = field.y(*value);
            layer.line(&[(field.left, y), (field.right, y)], colour::LINE, 1.0)?;
        }
        layer.line(&[(field.left, field.bottom), (field.right, field.bottom)], colour::CONTROL, 1.0)
    })?;
    for (value, label) in lines {
        canvas.text(label, (field.left - 8.0, field.y(*value) + 4.0), Anchor::End, (colour::MUTED, false))?;
    }
    Ok(())
}

/// Days or hours along the bottom.
pub(super) fn along(canvas: &mut Canvas, field: &Field) -> Result<(), DrawError> {
    let most = (canvas.width / LABEL).max(2);
    for (at, label) in clock::ticks(field.from, field.to, most) {
        let x = field.x(at);
        let (x, anchor) = match x {
            near if near < field.left + 20.0 => (field.left.max(near), Anchor::Start),
            near if near > field.right - 20.0 => (near.min(field.right), Anchor::End),
            middle => (middle, Anchor::Middle),
        };
        canvas.text(&label, (x, field.bottom + 16.0), anchor, (colour::MUTED, false))?;
    }
    Ok(())
}

/// The glyphs of what happened, each with its hint.
pub(super) fn marks(canvas: &mut Canvas, scene: &Scene, field: &Field) -> Result<Vec<Placed>, DrawError> {
    let mut within: Vec<&Mark> =
        scene.marks.iter().filter(|mark| mark.at >= scene.from && mark.at <= scene.to).collect();
    // Everything that could differ, so that the order in which they came decides nothing.
    within.sort_by(|a, b| (a.at, a.kind, &a.text).cmp(&(b.at, b.kind, &b.text)));
    let mut groups: Vec<(f64, Vec<&Mark>)> = Vec::new();
    for mark in within {
        let x = field.x(mark.at);
        match groups.last_mut() {
            Some((first, group)) if x - *first < CLOSE => group.push(mark),
            _ => groups.push((x, vec![mark])),
        }
    }
    let mut placed = Vec::new();
    for (x, group) in groups {
        // The gravest gives the glyph.
        let Some(kind) = group.iter().map(|mark| mark.kind).min_by_key(|kind| gravity(*kind)) else {
            continue;
        };
        let text = told(&group);
        canvas.hinted(&format!("mark {}", kind.as_str()), &text, |layer| match kind {
            MarkKind::Failover => {
                layer.area(&[(x - 4.0, 3.5), (x + 4.0, 3.5), (x, 10.5)], colour::MUTED, 1.0)
            }
            MarkKind::Alert => layer.area(&[(x - 4.5, 10.5), (x + 4.5, 10.5), (x, 2.5)], colour::BROKEN, 1.0),
            MarkKind::Deploy | MarkKind::Experiment | MarkKind::Drill => {
                layer.line(&rhombus(x), colour::MUTED, 1.5)
            }
        })?;
        placed.push(Placed { x, at: group[0].at, kind, text });
    }
    Ok(placed)
}

fn rhombus(x: f64) -> [At; 5] {
    let y = MARKS_Y;
    [(x, y - 4.5), (x + 4.5, y), (x, y + 4.5), (x - 4.5, y), (x, y - 4.5)]
}

fn gravity(kind: MarkKind) -> u8 {
    match kind {
        MarkKind::Alert => 0,
        MarkKind::Drill => 1,
        MarkKind::Deploy => 2,
        MarkKind::Experiment => 3,
        MarkKind::Failover => 4,
    }
}

fn told(group: &[&Mark]) -> String {
    let mut text = String::new();
    for mark in group.iter().take(TOLD) {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{}: {}", clock::moment(mark.at), safe::hint(&mark.text));
    }
    if group.len() > TOLD {
        let _ = write!(text, " And {} more.", group.len() - TOLD);
    }
    text
}

/// What the description says of gaps and marks.
pub(super) fn said(scene: &Scene, placed: &[Placed]) -> String {
    let mut text = String::new();
    let gaps: Vec<_> = gaps(scene)
        .into_iter()
        // Shorter ones can't be seen in the drawing either.
        .filter(|(from, to)| {
            (to.as_second() - from.as_second()) * 200 > scene.to.as_second() - scene.from.as_second()
        })
        .collect();
    if let Some((from, to)) = gaps.iter().max_by_key(|(from, to)| to.as_second() - from.as_second()) {
        let _ = write!(text, " Not running {} – {}", clock::moment(*from), clock::moment(*to));
        match gaps.len() {
            1 => text.push('.'),
            n => {
                let _ = write!(text, " and {} more times.", n - 1);
            }
        }
    }
    if !placed.is_empty() {
        let marked: Vec<String> = placed
            .iter()
            .take(8)
            .map(|mark| format!("{} {}", mark.kind.as_str(), clock::moment(mark.at)))
            .collect();
        let _ = write!(text, " Marked: {}", marked.join(", "));
        if placed.len() > 8 {
            let _ = write!(text, " and {} more", placed.len() - 8);
        }
        text.push('.');
    }
    text
}

/// Words where there is no figure.
pub(super) fn nothing(canvas: &mut Canvas, field: &Field) -> Result<(), DrawError> {
    let middle = (f64::midpoint(field.left, field.right), f64::midpoint(field.top, field.bottom) + 4.0);
    canvas.text("not measured yet", middle, Anchor::Middle, (colour::MUTED, false))
}
