//! The part of a card that has axes: plotters' coordinates over our scales, and plotters' mesh.

use super::canvas::{Canvas, Frame};
use super::element::{Element, Place};
use super::pen::{Pen, TENTHS};
use super::scale::Scale;
use super::sheet::{Draw, Sheet};
use super::text::{shorten, width};
use super::theme;
use crate::statistics::order;
use plotters::coord::cartesian::{Cartesian2d, MeshLine};
use plotters::coord::ranged1d::{KeyPointHint, KeyPointWeight};
use plotters::drawing::DrawingArea;
use plotters_backend::text_anchor::HPos;

/// The part of a card that has axes. What is drawn on it lies at values of the axes.
pub(crate) struct Plot<'a> {
    sheet: &'a Sheet,
    area: DrawingArea<Canvas, Cartesian2d<Scale, Scale>>,
    /// Where it lies.
    pub(crate) frame: Frame,
}

/// How close the labels of an axis may come, in pixels.
const ACROSS: f64 = 64.0;
const UPWARDS: f64 = 34.0;
/// Axes of small plots.
const TIGHT: f64 = 40.0;

/// How many lines of the mesh are asked for at most, and whether only those with a label.
struct Lines {
    most: usize,
    labelled: bool,
}

impl KeyPointHint for Lines {
    fn max_num_points(&self) -> usize {
        self.most
    }

    fn weight(&self) -> KeyPointWeight {
        if self.labelled { KeyPointWeight::Bold } else { KeyPointWeight::Any }
    }
}

/// How many labels fit.
fn fitting(length: f64, apart: f64) -> usize {
    (length / apart).max(2.0) as usize
}

impl Draw for Plot<'_> {
    fn draw(&self, element: &Element) {
        self.area.draw(element).expect("drawing into memory does not fail");
    }
}

impl Sheet {
    /// A plot with two axes.
    pub(crate) fn plot(&self, frame: Frame, x: Scale, y: Scale) -> Plot<'_> {
        // Downwards is up: the lower end of the vertical scale lies at the bottom.
        Plot::between(self, frame, (x, y), (frame.y1, frame.y0))
    }

    /// A plot of rows one below the other: across a value, downwards pixels of the card.
    pub(crate) fn rows(&self, frame: Frame, x: Scale) -> Plot<'_> {
        let y = Scale::linear(frame.y0, frame.y1, super::scale::Unit::Count);
        Plot::between(self, frame, (x, y), (frame.y0, frame.y1))
    }
}

impl<'a> Plot<'a> {
    fn between(sheet: &'a Sheet, frame: Frame, (x, y): (Scale, Scale), (from, to): (f64, f64)) -> Self {
        let [x0, x1, y0, y1] = [frame.x0, frame.x1, from, to].map(|p| (p * TENTHS).round() as i32);
        let area = sheet.area().apply_coord_spec(Cartesian2d::new(x, y, (x0..x1, y0..y1)));
        Self { sheet, area, frame }
    }

    /// Where a pair of values lies, in pixels.
    pub(crate) fn at(&self, x: f64, y: f64) -> Place {
        let (x, y) = self.area.map_coordinate(&(x, y));
        (f64::from(x) / TENTHS, f64::from(y) / TENTHS)
    }

    /// Where a value of the horizontal axis lies, in pixels.
    pub(crate) fn x(&self, value: f64) -> f64 {
        self.at(value, 0.0).0
    }

    /// Where a value of the vertical axis lies, in pixels.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.at(0.0, value).1
    }

    /// The least and the greatest value that the horizontal axis shows.
    pub(crate) fn x_ends(&self) -> (f64, f64) {
        let range = self.area.get_x_range();
        (range.start, range.end)
    }

    /// The least and the greatest value that the vertical axis shows.
    pub(crate) fn y_ends(&self) -> (f64, f64) {
        let range = self.area.get_y_range();
        (range.start, range.end)
    }

    /// Lets nothing show outside of the plot while it draws.
    pub(crate) fn clipped(&self, draw: impl FnOnce(&Self)) {
        self.sheet.canvas.borrow_mut().clip(self.frame);
        draw(self);
        self.sheet.canvas.borrow_mut().unclip();
    }

    /// plotters' mesh: so many lines at most across and upwards.
    fn mesh(&self, [x, y]: [usize; 2]) {
        let grid = Pen::line(theme::GRID, 1.0);
        let draw = |canvas: &mut Canvas, line: MeshLine<Scale, Scale>| line.draw(canvas, &grid.style);
        let all = |most| Lines { most, labelled: false };
        self.area.draw_mesh(draw, all(y), all(x)).expect("drawing into memory does not fail");
    }

    /// The lines of the mesh that have a label: where in pixels, and the label.
    fn labels(&self, [x, y]: [usize; 2]) -> Vec<(f64, String)> {
        let mut labels = Vec::new();
        let note = |_: &mut Canvas, line: MeshLine<Scale, Scale>| {
            let (place, scale, value, most) = match line {
                MeshLine::XMesh((place, _), _, value) => {
                    (place, self.area.as_coord_spec().x_spec(), value, x)
                }
                MeshLine::YMesh((_, place), _, value) => {
                    (place, self.area.as_coord_spec().y_spec(), value, y)
                }
            };
            labels.push((f64::from(place) / TENTHS, scale.label(*value, most)));
            Ok(())
        };
        let labelled = |most| Lines { most, labelled: true };
        self.area.draw_mesh(note, labelled(y), labelled(x)).expect("drawing into memory does not fail");
        labels
    }

    /// Vertical grid lines with labels below, and the axis' name below them at the right. Returns the lowest baseline.
    pub(crate) fn x_axis(&self, name: &str) -> f64 {
        let Frame { x1, y1, .. } = self.frame;
        self.x_grid();
        self.x_labels(y1 + 17.0, 8.0, ACROSS);
        let words = named(name, self.area.as_coord_spec().x_spec());
        if words.is_empty() {
            return y1 + 17.0;
        }
        let words = shorten(&words, theme::NOTE, self.sheet.inner());
        let end = x1.max(self.sheet.margin + width(&words, theme::NOTE));
        self.sheet.text(&words, theme::NOTE, (end, y1 + 34.0), HPos::Right);
        y1 + 34.0
    }

    /// Labels of the horizontal axis on this baseline, not nearer to the sides of the card than `edge`; returns where they
    /// belong.
    pub(crate) fn x_labels(&self, baseline: f64, edge: f64, apart: f64) -> Vec<f64> {
        let mut free = f64::NEG_INFINITY;
        let mut places = Vec::new();
        let count = fitting(self.frame.x1 - self.frame.x0, apart);
        for (x, label) in self.labels([count, 0]) {
            // A label at an end moves inwards rather than out of the card.
            let half = width(&label, theme::TICK) / 2.0;
            let place = x.clamp(half + edge, self.sheet.width - half - edge);
            if place - half > free {
                self.sheet.text(&label, theme::TICK, (place, baseline), HPos::Center);
                free = place + half + 8.0;
                places.push(x);
            }
        }
        places
    }

    /// Vertical grid lines without labels: for a plot that shares the axis of the one below.
    pub(crate) fn x_grid(&self) {
        self.mesh([fitting(self.frame.x1 - self.frame.x0, ACROSS), 0]);
    }

    /// Labels left of the plot without grid lines or a name.
    pub(crate) fn y_ticks(&self) {
        self.y_labels(TIGHT);
    }

    /// Horizontal grid lines with labels to the left, and the axis' name above them.
    pub(crate) fn y_axis(&self, name: &str) {
        let Frame { y0, y1, .. } = self.frame;
        self.mesh([0, fitting(y1 - y0, UPWARDS)]);
        self.y_labels(UPWARDS);
        let words = named(name, self.area.as_coord_spec().y_spec());
        let words = shorten(&words, theme::NOTE, self.sheet.inner());
        self.sheet.text(&words, theme::NOTE, (self.sheet.margin, y0 - 14.0), HPos::Left);
    }

    fn y_labels(&self, apart: f64) {
        let Frame { x0, y0, y1, .. } = self.frame;
        for (y, label) in self.labels([0, fitting(y1 - y0, apart)]) {
            self.sheet.text(&label, theme::TICK, (x0 - 8.0, y + 4.0), HPos::Right);
        }
    }

    /// Where words start that stand over a place, moved inwards where they would leave the plot.
    pub(crate) fn centred(&self, words: &str, font: theme::Font, middle: f64) -> f64 {
        super::text::centred(width(words, font), middle, (self.frame.x0, self.frame.x1))
    }
}

/// How much room the labels of a vertical axis take.
pub(crate) fn y_labels(scale: &Scale, high: f64) -> f64 {
    let labels = scale.labels(fitting(high, UPWARDS));
    labels.iter().map(|label| width(label, theme::TICK)).fold(0.0, f64::max) + 8.0
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
