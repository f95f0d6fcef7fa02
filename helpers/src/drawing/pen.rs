//! How a shape is drawn: colour, width, dashes, ends, corners.

use super::theme;
use plotters::style::{Color, RGBAColor, RGBColor, ShapeStyle};

/// Tenths of a pixel in one pixel: plotters counts in whole numbers.
pub(crate) const TENTHS: f64 = 10.0;

/// The style of a shape: plotters' own, and what that cannot say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    /// Colour, and the stroke's width in tenths of a pixel; filled shapes have none.
    pub(super) style: ShapeStyle,
    /// Lengths of dash and gap in pixels.
    pub(super) dash: Option<(f64, f64)>,
    /// Round ends and joins.
    pub(super) round: bool,
    /// Radius of a rectangle's corners.
    pub(super) corner: f64,
    /// A mark of the data, which no text may cover.
    pub(super) solid: bool,
    /// A step of a ramp: it may be pale, since its value is said otherwise.
    pub(super) graded: bool,
}

impl Pen {
    /// A line of this width in pixels.
    pub(crate) fn line(color: RGBColor, width: f64) -> Self {
        let stroke_width = (width * TENTHS).round() as u32;
        ShapeStyle { color: color.to_rgba(), filled: false, stroke_width }.into()
    }

    /// A filled shape.
    pub(crate) fn fill(color: RGBColor) -> Self {
        ShapeStyle { color: color.to_rgba(), filled: true, stroke_width: 0 }.into()
    }

    /// Lets through what lies below.
    pub(crate) fn faint(mut self, strength: f64) -> Self {
        self.style.color = self.style.color.mix(strength);
        self
    }

    /// In dashes.
    pub(crate) fn dashed(mut self, dash: f64, gap: f64) -> Self {
        self.dash = Some((dash, gap));
        self
    }

    /// Round ends, joins and, for a rectangle, corners.
    pub(crate) fn round(mut self, corner: f64) -> Self {
        self.round = true;
        self.corner = corner;
        self
    }

    /// A mark of the data, which no text may cover.
    pub(crate) fn solid(mut self) -> Self {
        self.solid = true;
        self
    }
}

impl Pen {
    /// A step of a ramp: it may be pale, since its value is said otherwise.
    pub(crate) fn graded(mut self) -> Self {
        self.graded = true;
        self
    }

    /// Whether this draws what a reader must see: no guide, no rim in the colour of the ground, no tint that only surrounds.
    pub(super) fn is_data(&self) -> bool {
        let RGBAColor(r, g, b, alpha) = self.style.color;
        let guides = [theme::GRID, theme::RULE, theme::GROUND];
        !self.graded && alpha >= 1.0 && !guides.contains(&RGBColor(r, g, b))
    }
}

impl From<ShapeStyle> for Pen {
    fn from(style: ShapeStyle) -> Self {
        Self { style, dash: None, round: false, corner: 0.0, solid: false, graded: false }
    }
}
