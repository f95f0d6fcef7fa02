//! The part of a card that has axes: values become places by plotters' coordinates.

use super::canvas::{Frame, TENTHS};
use super::pen::Pen;
use super::scale::{Scale, Tick};
use super::sheet::{Point, Sheet};
use super::text::{shorten, width};
use super::theme;
use crate::statistics::order;
use plotters::coord::CoordTranslate;
use plotters::coord::cartesian::Cartesian2d;
use plotters_backend::BackendCoord;
use plotters_backend::text_anchor::HPos;

/// The part of a card that has axes.
pub(crate) struct Plot<'a> {
    sheet: &'a Sheet,
    coordinates: Cartesian2d<Scale, Scale>,
    /// Where it lies.
    pub(crate) frame: Frame,
    x: Scale,
    y: Scale,
}

impl<'a> Plot<'a> {
    pub(super) fn new(sheet: &'a Sheet, frame: Frame, x: Scale, y: Scale) -> Self {
        let [x0, x1, y0, y1] = [frame.x0, frame.x1, frame.y0, frame.y1].map(|p| (p * TENTHS).round() as i32);
        // Downwards is up: the lower end of the vertical scale lies at the bottom.
        let coordinates = Cartesian2d::new(x.clone(), y.clone(), (x0..x1, y1..y0));
        Self { sheet, coordinates, frame, x, y }
    }

    /// Where a pair of values lies, in pixels.
    pub(crate) fn at(&self, x: f64, y: f64) -> Point {
        let (x, y) = self.coordinates.translate(&(x, y));
        (f64::from(x) / TENTHS, f64::from(y) / TENTHS)
    }

    /// Draws a line through values; what lies beyond the scales is clipped.
    pub(crate) fn line(&self, values: &[(f64, f64)], pen: Pen) {
        self.sheet.path(self.places(values), pen);
    }

    /// Fills the polygon through values.
    pub(crate) fn polygon(&self, values: &[(f64, f64)], pen: Pen) {
        self.sheet.area(self.places(values), pen);
    }

    /// Draws a circle of that radius in pixels around a pair of values.
    pub(crate) fn circle(&self, at: (f64, f64), radius: f64, pen: Pen) {
        self.sheet.disc(self.coordinates.translate(&at), radius, pen);
    }

    /// Where values lie, in tenths of a pixel: what is drawn is then drawn by the sheet, whatever the axes.
    fn places(&self, values: &[(f64, f64)]) -> Vec<BackendCoord> {
        values.iter().map(|value| self.coordinates.translate(value)).collect()
    }

    /// Lets nothing show outside of the plot while it draws.
    pub(crate) fn clipped(&self, draw: impl FnOnce(&Self)) {
        self.sheet.canvas.borrow_mut().clip(self.frame);
        draw(self);
        self.sheet.canvas.borrow_mut().unclip();
    }

    /// Vertical grid lines with labels below, and the axis' name below them at the right. Returns the lowest baseline.
    pub(crate) fn x_axis(&self, name: &str) -> f64 {
        let Frame { x0, x1, y0, y1 } = self.frame;
        let ticks = self.x.ticks(x1 - x0, 64.0);
        let mut free = f64::NEG_INFINITY;
        for Tick { value, label } in ticks {
            let x = x0 + (x1 - x0) * self.x.share(value);
            self.sheet.line(&[(x, y0), (x, y1)], Pen::line(theme::GRID, 1.0));
            let Some(label) = label else { continue };
            // A label at an end moves inwards rather than out of the card.
            let half = width(&label, theme::TICK) / 2.0;
            let place = x.clamp(half + 8.0, self.sheet.width - half - 8.0);
            if place - half > free {
                self.sheet.text(&label, theme::TICK, (place, y1 + 17.0), HPos::Center);
                free = place + half + 8.0;
            }
        }
        let words = named(name, &self.x);
        if words.is_empty() {
            return y1 + 17.0;
        }
        let words = shorten(&words, theme::NOTE, self.sheet.inner());
        let end = x1.max(self.sheet.margin + width(&words, theme::NOTE));
        self.sheet.text(&words, theme::NOTE, (end, y1 + 34.0), HPos::Right);
        y1 + 34.0
    }

    /// Vertical grid lines without labels: for a plot that shares the axis of the one below.
    pub(crate) fn x_grid(&self) {
        let Frame { x0, x1, y0, y1 } = self.frame;
        for Tick { value, .. } in self.x.ticks(x1 - x0, 64.0) {
            let x = x0 + (x1 - x0) * self.x.share(value);
            self.sheet.line(&[(x, y0), (x, y1)], Pen::line(theme::GRID, 1.0));
        }
    }

    /// Labels left of the plot without grid lines or a name.
    pub(crate) fn y_ticks(&self) {
        let Frame { x0, y0, y1, .. } = self.frame;
        for Tick { value, label } in self.y.ticks(y1 - y0, 40.0) {
            let y = y1 - (y1 - y0) * self.y.share(value);
            if let Some(label) = label {
                self.sheet.text(&label, theme::TICK, (x0 - 8.0, y + 4.0), HPos::Right);
            }
        }
    }

    /// The least and the greatest value that the horizontal axis shows.
    pub(crate) fn x_ends(&self) -> (f64, f64) {
        self.x.ends()
    }

    /// The least and the greatest value that the vertical axis shows.
    pub(crate) fn y_ends(&self) -> (f64, f64) {
        self.y.ends()
    }

    /// Horizontal grid lines with labels to the left, and the axis' name above them.
    pub(crate) fn y_axis(&self, name: &str) {
        let Frame { x0, x1, y0, y1 } = self.frame;
        for Tick { value, label } in self.y.ticks(y1 - y0, 34.0) {
            let y = y1 - (y1 - y0) * self.y.share(value);
            self.sheet.line(&[(x0, y), (x1, y)], Pen::line(theme::GRID, 1.0));
            if let Some(label) = label {
                self.sheet.text(&label, theme::TICK, (x0 - 8.0, y + 4.0), HPos::Right);
            }
        }
        let words = named(name, &self.y);
        self.sheet.text(
            &shorten(&words, theme::NOTE, self.sheet.inner()),
            theme::NOTE,
            (self.sheet.margin, y0 - 14.0),
            HPos::Left,
        );
    }
}

/// How much room the labels of a vertical axis take.
pub(crate) fn y_labels(scale: &Scale, high: f64) -> f64 {
    let labels = scale.ticks(high, 34.0).into_iter().filter_map(|tick| tick.label);
    labels.map(|label| width(&label, theme::TICK)).fold(0.0, f64::max) + 8.0
}

/// An axis' name, which says where equal ratios take equal room.
fn named(name: &str, scale: &Scale) -> String {
    match (name.is_empty(), scale.log) {
        (true, true) => "logarithmic axis".to_owned(),
        (false, true) => format!("{name}, logarithmic"),
        (_, false) => name.to_owned(),
    }
}

/// Where labels of these middles and heights start so that none covers another: each as near to its middle as can be
/// between `top` and `bottom`, and so far `apart` at least.
pub(crate) fn spread(wanted: &[(f64, f64)], apart: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let order = order(wanted.len(), &|place| wanted[place].0);
    let mut starts = vec![0.0; wanted.len()];
    let mut free = top;
    for place in &order {
        let (middle, high) = wanted[*place];
        starts[*place] = f64::max(middle - high / 2.0, free);
        free = starts[*place] + high + apart;
    }
    let mut limit = bottom;
    for place in order.iter().rev() {
        starts[*place] = starts[*place].min(limit - wanted[*place].1);
        limit = starts[*place] - apart;
    }
    starts
}
