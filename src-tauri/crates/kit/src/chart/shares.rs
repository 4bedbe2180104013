//! Parts of a sum, as bars: what the error budget went on, and which provider had the money.

use evenkeel_slo::figure;

use super::{
    DrawError, Picture, Scene,
    canvas::{Anchor, Canvas},
    clock, colour, safe,
};

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Of what.
    pub name: String,
    /// Failures, or micro-dollars.
    pub value: u64,
    /// Requests behind it.
    pub n: u64,
}

/// What is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shares {
    /// Failed requests by cause.
    Causes {
        /// In any order.
        parts: Vec<Share>,
        /// Requests that count; without one nothing is known.
        n: u64,
    },
    /// Cost by provider.
    Providers {
        /// In any order.
        parts: Vec<Share>,
    },
}

/// Bars that are drawn; the others are one.
const MOST: usize = 6;
const ROW: f64 = 24.0;
const NAMES: f64 = 148.0;
const VALUES: f64 = 132.0;

impl Shares {
    fn parts(&self) -> Vec<Share> {
        let (Shares::Causes { parts, .. } | Shares::Providers { parts }) = self;
        let mut parts = parts.clone();
        parts.sort_by(|a, b| (b.value, &a.name, b.n).cmp(&(a.value, &b.name, a.n)));
        parts
    }

    fn id(&self) -> &'static str {
        match self {
            Shares::Causes { .. } => "causes",
            Shares::Providers { .. } => "providers",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Shares::Causes { .. } => "What failures were down to",
            Shares::Providers { .. } => "Cost by provider",
        }
    }

    fn figure(&self, value: u64) -> String {
        match self {
            Shares::Causes { .. } => figure::counted(value, "failure", "failures"),
            Shares::Providers { .. } => figure::dollars(i64::try_from(value).unwrap_or(i64::MAX)),
        }
    }

    /// Why there is no bar: nothing was measured, or nothing went wrong.
    fn nothing(&self) -> &'static str {
        match self {
            Shares::Causes { n: 1.., .. } => "nothing failed",
            _ => "not measured yet",
        }
    }
}

pub(super) fn draw(scene: &Scene, shares: &Shares) -> Result<Picture, DrawError> {
    let parts = shares.parts();
    let sum = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.value));
    let shown = folded(parts.clone());
    let rows = shown.len().max(2);
    let width = scene.width();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "seven at most"
    )]
    let mut canvas = Canvas::new(width, (ROW * rows as f64) as u32 + 8);
    if shown.is_empty() {
        let middle = (f64::from(width) / 2.0, ROW + 8.0);
        canvas.text(shares.nothing(), middle, Anchor::Middle, (colour::MUTED, false))?;
    }
    bars(&mut canvas, shares, &shown, sum)?;
    let said: Vec<String> = shown
        .iter()
        .map(|part| format!("{} {}", safe::name(&part.name), shares.figure(part.value)))
        .collect();
    let said = if said.is_empty() { shares.nothing().to_owned() } else { said.join(", ") };
    let picture = Picture {
        svg: String::new(),
        title: shares.title().to_owned(),
        description: format!("{}, {}: {said}.", safe::name(&scene.about), clock::span(scene.from, scene.to)),
        empty: shares.nothing() == "not measured yet" && parts.is_empty(),
        columns: columns(shares),
        rows: parts
            .iter()
            .map(|part| {
                let mut row = vec![
                    safe::sentence(&part.name),
                    shares.figure(part.value),
                    figure::portion(part.value, sum),
                ];
                if matches!(shares, Shares::Providers { .. }) {
                    row.push(figure::count(part.n));
                }
                row
            })
            .collect(),
        marks: Vec::new(),
    };
    Ok(canvas.finish(shares.id(), picture))
}

fn columns(shares: &Shares) -> Vec<String> {
    let heads: &[&str] = match shares {
        Shares::Causes { .. } => &["Cause", "Failures", "Share"],
        Shares::Providers { .. } => &["Provider", "Cost", "Share", "Priced requests"],
    };
    heads.iter().map(|&head| head.to_owned()).collect()
}

/// The largest, and the rest as one.
fn folded(mut parts: Vec<Share>) -> Vec<Share> {
    if parts.len() > MOST {
        let rest = parts.split_off(MOST);
        let mut other = Share { name: format!("{} others", rest.len()), value: 0, n: 0 };
        for part in rest {
            other.value = other.value.saturating_add(part.value);
            other.n = other.n.saturating_add(part.n);
        }
        parts.push(other);
    }
    parts
}

fn bars(canvas: &mut Canvas, shares: &Shares, shown: &[Share], sum: u64) -> Result<(), DrawError> {
    let room = (f64::from(canvas.width) - NAMES - VALUES).max(40.0);
    let largest = shown.iter().map(|part| part.value).max().unwrap_or(1).max(1);
    let y = |row: usize| -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "seven at most")]
        let row = row as f64;
        4.0 + ROW * row
    };
    let length = |value: u64| super::lines::float(value) / super::lines::float(largest) * room;
    canvas.group("bars", "", |layer| {
        for (row, part) in shown.iter().enumerate() {
            let end = NAMES + length(part.value).max(1.5);
            layer.bar((NAMES, y(row) + 7.0), (end, y(row) + 17.0), colour::ACCENT)?;
        }
        Ok(())
    })?;
    for (row, part) in shown.iter().enumerate() {
        let base = y(row) + 16.0;
        canvas.text(&safe_name(&part.name), (NAMES - 12.0, base), Anchor::End, (colour::TEXT, false))?;
        let text = format!("{} · {}", shares.figure(part.value), figure::portion(part.value, sum));
        canvas.text(
            &text,
            (NAMES + length(part.value).max(1.5) + 10.0, base),
            Anchor::Start,
            (colour::MUTED, false),
        )?;
    }
    Ok(())
}

/// Shorter than elsewhere: it stands to the left of its bar.
fn safe_name(name: &str) -> String {
    const ROOM: usize = 20;
    if name.chars().count() <= ROOM {
        return safe::name(name);
    }
    let cut: String = name.chars().take(ROOM - 1).collect();
    safe::name(&cut) + "…"
}
