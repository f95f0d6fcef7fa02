//! What is drawn: elements that carry their own style and implement plotters' `Drawable` for the canvas. Their points are
//! data in a plot and pixels on a sheet; which of the two is decided by the drawing area that they are drawn on.

use super::canvas::{Canvas, Frame};
use super::pen::{Pen, TENTHS};
use super::theme::Font;
use plotters::element::{Drawable, PointCollection};
use plotters::style::RGBColor;
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendCoord, DrawingErrorKind};
use std::convert::Infallible;

/// A place: two values of the axes in a plot, pixels from the upper left corner on a sheet.
pub(crate) type Place = (f64, f64);

/// One element. A single type for all of them: plotters compiles its `draw` anew for each type of element.
pub(crate) struct Element {
    points: Vec<Place>,
    form: Form,
}

enum Form {
    /// A line through the points.
    Line(Pen),
    /// A polygon through the points.
    Area(Pen),
    /// A rectangle between two corners, and how far its sides lie inwards of them, in pixels.
    Block(Pen, [f64; 2]),
    /// A circle of this radius in pixels, and how far below its point it lies.
    Disc(Pen, f64, f64),
    /// Shapes in pixels around a point: what marks a value.
    Mark(Vec<(Vec<Place>, Pen)>),
    /// A text on its baseline.
    Words { text: String, font: Font, anchor: HPos, halo: bool },
    /// Rectangles of one colour, two corners each.
    Bars(RGBColor),
}

impl Element {
    /// A line through points.
    pub(crate) fn line(points: impl Into<Vec<Place>>, pen: Pen) -> Self {
        Self { points: points.into(), form: Form::Line(pen) }
    }

    /// A filled polygon through points.
    pub(crate) fn area(points: impl Into<Vec<Place>>, pen: Pen) -> Self {
        Self { points: points.into(), form: Form::Area(pen) }
    }

    /// A rectangle between two corners.
    pub(crate) fn block(from: Place, to: Place, pen: Pen) -> Self {
        Self { points: vec![from, to], form: Form::Block(pen, [0.0; 2]) }
    }

    /// The rectangle with its left and right sides so many pixels further in, its upper and lower ones so many; it never
    /// becomes narrower than can be seen.
    pub(crate) fn inset(mut self, across: f64, down: f64) -> Self {
        if let Form::Block(_, inset) = &mut self.form {
            *inset = [across, down];
        }
        self
    }

    /// A circle of this radius in pixels.
    pub(crate) fn disc(at: Place, radius: f64, pen: Pen) -> Self {
        Self { points: vec![at], form: Form::Disc(pen, radius, 0.0) }
    }

    /// The circle so many pixels below its point, or above it.
    pub(crate) fn lowered(mut self, by: f64) -> Self {
        if let Form::Disc(_, _, down) = &mut self.form {
            *down = by;
        }
        self
    }

    /// Lines and polygons in pixels around a point.
    pub(crate) fn mark(at: Place, shapes: Vec<(Vec<Place>, Pen)>) -> Self {
        Self { points: vec![at], form: Form::Mark(shapes) }
    }

    /// A text on its baseline. A halo keeps it readable across grid lines.
    pub(crate) fn words(text: &str, font: Font, at: Place, anchor: HPos, halo: bool) -> Self {
        Self { points: vec![at], form: Form::Words { text: text.to_owned(), font, anchor, halo } }
    }

    /// Rectangles of one colour: one element of the picture, however many they are.
    pub(crate) fn bars(frames: &[Frame], color: RGBColor) -> Self {
        let points = frames.iter().flat_map(|frame| [(frame.x0, frame.y0), (frame.x1, frame.y1)]);
        Self { points: points.collect(), form: Form::Bars(color) }
    }
}

impl<'a> PointCollection<'a, Place> for &'a Element {
    type Point = &'a Place;
    type IntoIter = &'a [Place];

    fn point_iter(self) -> &'a [Place] {
        &self.points
    }
}

impl Drawable<Canvas> for Element {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        canvas: &mut Canvas,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.form.draw(&points.collect::<Vec<_>>(), canvas);
        Ok(())
    }
}

impl Form {
    fn draw(&self, points: &[BackendCoord], canvas: &mut Canvas) {
        match (self, points) {
            (Self::Line(pen), points) => canvas.line(points, pen),
            (Self::Area(pen), points) => canvas.polygon(points, pen),
            (Self::Block(pen, inset), [from, to]) => {
                let [(x0, x1), (y0, y1)] =
                    [(from.0, to.0), (from.1, to.1)].map(|(a, b)| (a.min(b), a.max(b)));
                let x1 = x1.max(x0 + LEAST);
                let [across, down] = [(x1 - x0, inset[0]), (y1 - y0, inset[1])]
                    .map(|(room, inset)| tenths(inset).min((room - LEAST).max(0) / 2));
                canvas.rect((x0 + across, y0 + down), (x1 - across, y1 - down), pen);
            }
            (Self::Disc(pen, radius, down), [at]) => {
                canvas.circle((at.0, at.1 + tenths(*down)), tenths(*radius).unsigned_abs(), pen);
            }
            (Self::Mark(shapes), [at]) => {
                for (shape, pen) in shapes {
                    let around = shape.iter().map(|(x, y)| (at.0 + tenths(*x), at.1 + tenths(*y)));
                    let shape: Vec<BackendCoord> = around.collect();
                    if pen.style.filled { canvas.polygon(&shape, pen) } else { canvas.line(&shape, pen) }
                }
            }
            (Self::Words { text, font, anchor, halo }, [at]) => canvas.text(text, *font, *at, *anchor, *halo),
            (Self::Bars(color), points) => canvas.bars(points, *color),
            // A block, a disc, a mark and a text have as many points as their makers gave them.
            _ => {}
        }
    }
}

/// No block is narrower than this, in tenths of a pixel, whatever its corners or inset.
const LEAST: i32 = 10;

fn tenths(pixels: f64) -> i32 {
    (pixels * TENTHS).round() as i32
}
