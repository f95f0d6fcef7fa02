//! How shapes are drawn: colour, width, dashes, round ends.

use super::canvas::{Manner, TENTHS};
use plotters::style::{Color, RGBColor, ShapeStyle};

/// How a shape is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    pub(super) style: ShapeStyle,
    pub(super) manner: Manner,
}

impl Pen {
    /// A line that wide in pixels.
    pub(crate) fn line(color: RGBColor, wide: f64) -> Self {
        let style = ShapeStyle {
            color: color.to_rgba(),
            filled: false,
            stroke_width: (wide * TENTHS).round() as u32,
        };
        Self { style, manner: Manner::default() }
    }

    /// A filled shape.
    pub(crate) fn fill(color: RGBColor) -> Self {
        Self {
            style: ShapeStyle { color: color.to_rgba(), filled: true, stroke_width: 0 },
            manner: Manner::default(),
        }
    }

    /// Lets through what lies below.
    pub(crate) fn faint(mut self, strength: f64) -> Self {
        self.style.color = self.style.color.mix(strength);
        self
    }

    /// In dashes.
    pub(crate) fn dashed(mut self, dash: f64, gap: f64) -> Self {
        self.manner.dash = Some((dash, gap));
        self
    }

    /// Round ends, joins and, for a rectangle, corners.
    pub(crate) fn round(mut self, corner: f64) -> Self {
        self.manner.round = true;
        self.manner.corner = corner;
        self
    }

    /// A mark of the data, which no text may cover.
    pub(crate) fn solid(mut self) -> Self {
        self.manner.solid = true;
        self
    }
}
