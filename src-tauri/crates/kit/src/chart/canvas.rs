//! plotters' drawing in a frame that can be read aloud, recoloured and resized.
//!
//! plotters counts whole pixels. Shapes are therefore drawn ten times as large, in groups that are scaled down again,
//! so that a line is as smooth as the screen allows; text is drawn in its own size.

use std::fmt::Write as _;

use plotters::{
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text},
    prelude::SVGBackend,
    style::{
        Color, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// A place in plotters' own units.
type BackendCoord = (i32, i32);

use super::{DrawError, Picture, colour, safe::escaped};

/// Tenths of a pixel in one.
const FINE: f64 = 10.0;
/// plotters divides by this on the way out.
const FONT: f64 = 12.0 * 1.24;

/// A point in pixels.
pub(super) type At = (f64, f64);

/// A drawing that grows.
pub(super) struct Canvas {
    pub(super) width: u32,
    pub(super) height: u32,
    body: String,
}

/// A group of shapes under the brush.
pub(super) struct Layer<'a, 'b>(&'b DrawingArea<SVGBackend<'a>, Shift>);

/// How a text stands.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self { width, height, body: String::new() }
    }

    /// A group with a class, and attributes that are ours and need no escaping.
    pub(super) fn group(
        &mut self,
        class: &str,
        attributes: &str,
        paint: impl FnOnce(&Layer<'_, '_>) -> Result<(), DrawError>,
    ) -> Result<(), DrawError> {
        let shapes = self.drawn(FINE, |area| paint(&Layer(area)))?;
        if !shapes.is_empty() {
            let _ = write!(
                self.body,
                "<g class=\"{class}\" transform=\"scale(.1)\"{attributes}>\n{shapes}</g>\n"
            );
        }
        Ok(())
    }

    /// The same with a hint for whoever points at it.
    pub(super) fn hinted(
        &mut self,
        class: &str,
        hint: &str,
        paint: impl FnOnce(&Layer<'_, '_>) -> Result<(), DrawError>,
    ) -> Result<(), DrawError> {
        let shapes = self.drawn(FINE, |area| paint(&Layer(area)))?;
        let hint = escaped(hint);
        let _ = write!(
            self.body,
            "<g class=\"{class}\" transform=\"scale(.1)\"><title>{hint}</title>\n{shapes}</g>\n"
        );
        Ok(())
    }

    /// A line of text, its baseline at `at`.
    pub(super) fn text(
        &mut self,
        text: &str,
        at: At,
        anchor: Anchor,
        (colour, strong): (RGBColor, bool),
    ) -> Result<(), DrawError> {
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = TextStyle {
            font: (
                FontFamily::Name("inherit"),
                FONT,
                if strong { FontStyle::Bold } else { FontStyle::Normal },
            )
                .into(),
            color: colour.to_backend_color(),
            pos: Pos::new(horizontal, VPos::Center),
        };
        let text = super::safe::sentence(text);
        let drawn = self.drawn(1.0, |area| {
            let place = (whole(at.0), whole(at.1 - 4.0));
            area.draw(&Text::new(text, place, style)).map_err(failed)
        })?;
        self.body.push_str(&drawn);
        Ok(())
    }

    /// Diagonal lines within a rectangle: a time in which nobody measured.
    pub(super) fn hatch(&mut self, (left, top): At, (right, bottom): At) {
        const APART: f64 = 6.0;
        let height = bottom - top;
        let mut path = String::new();
        let mut foot = left - height + APART;
        while foot < right {
            let (x1, x2) = (foot.max(left), (foot + height).min(right));
            if x2 > x1 {
                let _ =
                    write!(path, "M{x1:.1} {:.1}L{x2:.1} {:.1}", bottom - (x1 - foot), bottom - (x2 - foot));
            }
            foot += APART;
        }
        let stroke = colour::hex(colour::CONTROL);
        let _ = writeln!(
            self.body,
            "<path class=\"asleep\" fill=\"none\" stroke=\"{stroke}\" stroke-opacity=\"0.45\" d=\"{path}\"/>"
        );
    }

    fn drawn(
        &self,
        scale: f64,
        paint: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), DrawError>,
    ) -> Result<String, DrawError> {
        let mut text = String::new();
        {
            let size = |pixels: u32| whole(f64::from(pixels) * scale).unsigned_abs();
            let backend = SVGBackend::with_string(&mut text, (size(self.width), size(self.height)));
            let area = backend.into_drawing_area();
            paint(&area)?;
            area.present().map_err(failed)?;
        }
        // The frame is ours, and what is fully opaque need not say so. Text can't hold a bare quotation mark.
        let inner = text.split_once(">\n").map_or("", |(_, rest)| rest);
        let inner = inner.trim_end().strip_suffix("</svg>").unwrap_or(inner);
        Ok(inner.replace(" opacity=\"1\"", "").replace(" \"/>", "\"/>").replace(" stroke=\"none\"", ""))
    }

    /// The document, with what a screen reader says of it.
    pub(super) fn finish(self, id: &str, picture: Picture) -> Picture {
        let Canvas { width, height, body } = self;
        let (title, description) = (escaped(&picture.title), escaped(&picture.description));
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart {id}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"chart-{id}-title chart-{id}-desc\">\n\
             <title id=\"chart-{id}-title\">{title}</title>\n<desc id=\"chart-{id}-desc\">{description}</desc>\n\
             {body}</svg>\n"
        );
        Picture { svg, ..picture }
    }
}

impl Layer<'_, '_> {
    /// A line through these points.
    pub(super) fn line(&self, points: &[At], colour: RGBColor, width: f64) -> Result<(), DrawError> {
        self.put(&PathElement::new(fine(points), stroke(colour, width)))
    }

    /// A filled area.
    pub(super) fn area(&self, points: &[At], colour: RGBColor, opacity: f64) -> Result<(), DrawError> {
        self.put(&Polygon::new(fine(points), colour.mix(opacity).filled()))
    }

    /// A filled rectangle.
    pub(super) fn bar(&self, from: At, to: At, colour: RGBColor) -> Result<(), DrawError> {
        self.put(&Rectangle::new([one(from), one(to)], colour.filled()))
    }

    /// A filled dot.
    pub(super) fn dot(&self, at: At, radius: f64, colour: RGBColor) -> Result<(), DrawError> {
        self.put(&Circle::new(one(at), whole(radius * FINE), colour.filled()))
    }

    fn put<E>(&self, element: &E) -> Result<(), DrawError>
    where
        for<'e> &'e E: PointCollection<'e, BackendCoord>,
        for<'s> E: Drawable<SVGBackend<'s>>,
    {
        self.0.draw(element).map_err(failed)
    }
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(whole(width * FINE).unsigned_abs())
}

fn fine(points: &[At]) -> Vec<BackendCoord> {
    points.iter().copied().map(one).collect()
}

fn one((x, y): At) -> BackendCoord {
    (whole(x * FINE), whole(y * FINE))
}

#[expect(clippy::cast_possible_truncation, reason = "a place in a drawing; the cast saturates")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn failed<E: std::error::Error + Send + Sync>(
    error: plotters::drawing::DrawingAreaErrorKind<E>,
) -> DrawError {
    DrawError { detail: error.to_string() }
}
