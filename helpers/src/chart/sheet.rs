//! The card that every chart is drawn on: finding, what is plotted, content, footer; and the pens to draw with.

use super::canvas::{Canvas, Frame, Hex, Manner, TENTHS};
use super::scale::{Scale, Tick};
use super::text::{balance, escape, shorten, width, wrap};
use super::theme::{self, Font, Hue};
use crate::verdict::Ruling;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::{Color, RGBColor, ShapeStyle};
use plotters_backend::text_anchor::HPos;
use std::cell::RefCell;
use std::rc::Rc;

/// A place in pixels.
pub type Point = (f64, f64);

/// How a shape is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    style: ShapeStyle,
    manner: Manner,
}

impl Pen {
    /// A line that wide in pixels.
    pub fn line(color: RGBColor, wide: f64) -> Self {
        let style = ShapeStyle {
            color: color.to_rgba(),
            filled: false,
            stroke_width: (wide * TENTHS).round() as u32,
        };
        Self { style, manner: Manner::default() }
    }

    /// A filled shape.
    pub fn fill(color: RGBColor) -> Self {
        Self {
            style: ShapeStyle { color: color.to_rgba(), filled: true, stroke_width: 0 },
            manner: Manner::default(),
        }
    }

    /// Lets through what lies below.
    pub fn faint(mut self, strength: f64) -> Self {
        self.style.color = self.style.color.mix(strength);
        self
    }

    /// In dashes.
    pub fn dashed(mut self, dash: f64, gap: f64) -> Self {
        self.manner.dash = Some((dash, gap));
        self
    }

    /// Round ends, joins and, for a rectangle, corners.
    pub fn round(mut self, corner: f64) -> Self {
        self.manner.round = true;
        self.manner.corner = corner;
        self
    }

    /// A mark of the data, which no text may cover.
    pub fn solid(mut self) -> Self {
        self.manner.solid = true;
        self
    }
}

/// What stands at the foot of a chart.
#[derive(Clone, Debug, Default)]
pub struct Foot {
    /// Remarks on single rows.
    pub notes: Vec<String>,
    /// Machine and conditions.
    pub conditions: String,
    /// How the claim was ruled.
    pub ruling: Option<Ruling>,
}

/// A finished drawing.
pub struct Drawing {
    /// The whole picture.
    pub svg: String,
    /// What cannot be read in it.
    pub faults: Vec<String>,
}

/// A card in the making.
pub struct Sheet {
    /// Pixels from left to right.
    pub width: f64,
    /// From the frame to the content.
    pub margin: f64,
    /// Where the content begins.
    pub top: f64,
    canvas: Rc<RefCell<Canvas>>,
    root: DrawingArea<Canvas, Shift>,
}

impl Sheet {
    /// A card that wide with its title and subtitle.
    pub fn new(wide: f64, title: &str, subtitle: &str) -> Self {
        let wide = wide.max(280.0);
        let narrow = wide < theme::NARROW;
        let margin = if narrow { 16.0 } else { theme::MARGIN };
        let canvas = Rc::new(RefCell::new(Canvas::new(wide)));
        let root = DrawingArea::from(&canvas);
        let mut sheet = Self { width: wide, margin, top: 0.0, canvas, root };
        let font = Font { size: if narrow { 16.0 } else { theme::TITLE.size }, ..theme::TITLE };
        let mut y = if narrow { 30.0 } else { 36.0 };
        for (number, line) in balance(title, font, sheet.inner(), 3).iter().enumerate() {
            y += if number > 0 { font.size + 6.0 } else { 0.0 };
            sheet.text(line, font, (margin, y), HPos::Left);
        }
        if !subtitle.is_empty() {
            y = sheet.paragraph(subtitle, theme::SUBTITLE, (margin, y + 21.0), sheet.inner(), 4);
        }
        sheet.top = y + 20.0;
        sheet
    }

    /// Whether this is a small screen.
    pub fn is_narrow(&self) -> bool {
        self.width < theme::NARROW
    }

    /// Pixels between the margins.
    pub fn inner(&self) -> f64 {
        self.width - 2.0 * self.margin
    }

    /// The right margin.
    pub fn right(&self) -> f64 {
        self.width - self.margin
    }

    /// Writes a text on its baseline.
    pub fn text(&self, text: &str, font: Font, at: Point, anchor: HPos) {
        self.canvas.borrow_mut().text(text, font, at, anchor, false);
    }

    /// Writes a text that may cross grid lines.
    pub fn label(&self, text: &str, font: Font, at: Point, anchor: HPos) {
        self.canvas.borrow_mut().text(text, font, at, anchor, true);
    }

    /// Writes a text over several lines and returns the last baseline.
    pub fn paragraph(&self, text: &str, font: Font, (x, y): Point, room: f64, lines: usize) -> f64 {
        let leading = (font.size * 1.36).round();
        let mut last = y;
        for (number, line) in wrap(text, font, room, lines).iter().enumerate() {
            last = y + leading * number as f64;
            self.text(line, font, (x, last), HPos::Left);
        }
        last
    }

    /// Draws a line through points.
    pub fn line(&self, points: &[Point], pen: Pen) {
        self.with(pen, |root| root.draw(&PathElement::new(tenths(points), pen.style)));
    }

    /// Draws a rectangle between two corners.
    pub fn rect(&self, from: Point, to: Point, pen: Pen) {
        self.with(pen, |root| root.draw(&Rectangle::new([tenth(from), tenth(to)], pen.style)));
    }

    /// Draws a circle.
    pub fn circle(&self, at: Point, radius: f64, pen: Pen) {
        let radius = (radius * TENTHS).round() as i32;
        self.with(pen, |root| root.draw(&Circle::new(tenth(at), radius, pen.style)));
    }

    /// Fills a polygon.
    pub fn polygon(&self, points: &[Point], pen: Pen) {
        self.with(pen, |root| root.draw(&Polygon::new(tenths(points), pen.style)));
    }

    /// A dot with a rim of the ground's colour, so that it stands out from what it lies on; hollow for a value that
    /// carries a remark.
    pub fn dot(&self, at: Point, hue: Hue, hollow: bool) {
        self.circle(at, 6.2, Pen::fill(theme::GROUND));
        if hollow {
            self.circle(at, 4.4, Pen::line(hue.mark, 2.0).solid());
        } else {
            self.circle(at, 5.0, Pen::fill(hue.mark).solid());
        }
    }

    /// The reader's guess.
    pub fn diamond(&self, (x, y): Point) {
        const REACH: f64 = 7.0;
        let corners = [(x, y - REACH), (x + REACH, y), (x, y + REACH), (x - REACH, y), (x, y - REACH)];
        self.polygon(&corners[..4], Pen::fill(theme::GROUND));
        self.line(&corners, Pen::line(theme::ACCENT.mark, 2.0).solid());
    }

    /// Groups what is drawn; browsers show the detail on hover.
    pub fn group<T>(&self, detail: &str, draw: impl FnOnce() -> T) -> T {
        self.canvas.borrow_mut().open(detail);
        let drawn = draw();
        self.canvas.borrow_mut().close();
        drawn
    }

    /// A plot area with its two scales.
    pub fn plot(&self, frame: Frame, x: Scale, y: Scale) -> Plot<'_> {
        let [x0, x1, y0, y1] = [frame.x0, frame.x1, frame.y0, frame.y1].map(|p| (p * TENTHS).round() as i32);
        // Downwards is up: the lower end of the vertical scale lies at the bottom.
        let area = self.root.apply_coord_spec(Cartesian2d::new(x.clone(), y.clone(), (x0..x1, y1..y0)));
        Plot { sheet: self, area, frame, x, y }
    }

    /// Sets machine, conditions and ruling below the content, closes the card and returns the picture.
    pub fn finish(self, bottom: f64, title: &str, desc: &str, foot: &Foot) -> Drawing {
        let mut y = bottom;
        if !foot.notes.is_empty() {
            y += 8.0;
            for note in &foot.notes {
                y = self.paragraph(note, theme::NOTE, (self.margin, y + 16.0), self.inner(), 3);
            }
        }
        y += 24.0;
        self.line(&[(self.margin, y), (self.right(), y)], Pen::line(theme::GRID, 1.0));
        let ruling = foot.ruling.map(ruled);
        let font = theme::NOTE.strong();
        let taken = ruling.as_ref().map_or(0.0, |(words, _)| width(words, font) + 20.0);
        if let Some((words, color)) = &ruling {
            self.text(words, font.colored(*color), (self.right(), y + 19.0), HPos::Right);
        }
        let room = self.inner() - taken;
        let y = self.paragraph(&foot.conditions, theme::NOTE, (self.margin, y + 19.0), room, 4) + 16.0;
        let canvas = self.canvas.borrow();
        Drawing { svg: svg(&canvas, self.width, y, title, desc), faults: faults(&canvas, self.width, y) }
    }

    fn with<E: std::fmt::Debug>(
        &self,
        pen: Pen,
        draw: impl FnOnce(&DrawingArea<Canvas, Shift>) -> Result<(), E>,
    ) {
        self.canvas.borrow_mut().manner = pen.manner;
        draw(&self.root).expect("drawing into memory does not fail");
    }
}

/// A ruling with its symbol, so that colour is not the only sign.
fn ruled(ruling: Ruling) -> (String, RGBColor) {
    let (symbol, color) = match ruling {
        Ruling::Shown => ("●", RGBColor(0x1a, 0x7f, 0x37)),
        Ruling::NotShown => ("○", theme::ACCENT.text),
        Ruling::Undecided => ("◐", RGBColor(0x8a, 0x5f, 0x00)),
        Ruling::Unavailable => ("–", theme::FAINT),
    };
    (format!("{symbol} {ruling}"), color)
}

fn tenth((x, y): Point) -> (i32, i32) {
    ((x * TENTHS).round() as i32, (y * TENTHS).round() as i32)
}

fn tenths(points: &[Point]) -> Vec<(i32, i32)> {
    points.iter().copied().map(tenth).collect()
}

fn svg(canvas: &Canvas, wide: f64, high: f64, title: &str, desc: &str) -> String {
    let (title, desc, sans) = (escape(title), escape(desc), theme::SANS);
    let (ground, rule) = (Hex(theme::GROUND), Hex(theme::RULE));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img" font-family="{sans}">
<title>{title}</title>
<desc>{desc}</desc>
<rect x="0.5" y="0.5" width="{}" height="{}" rx="8" fill="{ground}" stroke="{rule}"/>
{}</svg>
"#,
        wide - 1.0,
        high - 1.0,
        canvas.body()
    )
}

/// What a reader could not read: texts over one another or over marks, beyond the frame, or too small.
fn faults(canvas: &Canvas, wide: f64, high: f64) -> Vec<String> {
    const CLEAR: f64 = 3.0;
    let card = Frame { x0: CLEAR, y0: CLEAR, x1: wide - CLEAR, y1: high - CLEAR };
    let mut faults = Vec::new();
    for (place, one) in canvas.texts.iter().enumerate() {
        if one.size < theme::SMALLEST {
            faults.push(format!("“{}” is {} px small", one.text, one.size));
        }
        for other in &canvas.texts[place + 1..] {
            if one.frame.overlaps(&other.frame) {
                faults.push(format!("“{}” lies over “{}”", one.text, other.text));
            }
        }
        for mark in &canvas.marks {
            if one.frame.overlaps(mark) {
                faults.push(format!("“{}” lies over a mark at {mark:?}", one.text));
            }
        }
    }
    for frame in &canvas.extent {
        if !card.holds(frame) {
            faults.push(format!("something reaches beyond the frame: {frame:?}"));
        }
    }
    faults
}

/// The part of a card that has axes.
pub struct Plot<'a> {
    sheet: &'a Sheet,
    area: DrawingArea<Canvas, Cartesian2d<Scale, Scale>>,
    /// Where it lies.
    pub frame: Frame,
    x: Scale,
    y: Scale,
}

impl Plot<'_> {
    /// Where a pair of values lies, in pixels.
    pub fn at(&self, x: f64, y: f64) -> Point {
        let (x, y) = self.area.map_coordinate(&(x, y));
        (f64::from(x) / TENTHS, f64::from(y) / TENTHS)
    }

    /// Draws a line through values; what lies beyond the scales is clipped.
    pub fn line(&self, values: &[(f64, f64)], pen: Pen) {
        self.with(pen, |area| area.draw(&PathElement::new(values, pen.style)));
    }

    /// Draws a rectangle between two pairs of values.
    pub fn rect(&self, from: (f64, f64), to: (f64, f64), pen: Pen) {
        self.with(pen, |area| area.draw(&Rectangle::new([from, to], pen.style)));
    }

    /// Fills the polygon through values.
    pub fn polygon(&self, values: &[(f64, f64)], pen: Pen) {
        self.with(pen, |area| area.draw(&Polygon::new(values, pen.style)));
    }

    /// Draws a circle of that radius in pixels around a pair of values.
    pub fn circle(&self, at: (f64, f64), radius: f64, pen: Pen) {
        let radius = (radius * TENTHS).round() as i32;
        self.with(pen, |area| area.draw(&Circle::new(at, radius, pen.style)));
    }

    /// Lets nothing show outside of the plot while it draws.
    pub fn clipped(&self, draw: impl FnOnce(&Self)) {
        self.sheet.canvas.borrow_mut().clip(self.frame);
        draw(self);
        self.sheet.canvas.borrow_mut().unclip();
    }

    /// Vertical grid lines with labels below, and the axis' name below them at the right. Returns the lowest baseline.
    pub fn x_axis(&self, name: &str) -> f64 {
        let Frame { x0, x1, y0, y1 } = self.frame;
        let ticks = self.x.ticks(x1 - x0, 64.0);
        let mut free = f64::NEG_INFINITY;
        for Tick { value, label } in ticks {
            let x = x0 + (x1 - x0) * self.x.share(value);
            self.sheet.line(&[(x, y0), (x, y1)], Pen::line(theme::GRID, 1.0));
            let Some(label) = label else { continue };
            let half = width(&label, theme::TICK) / 2.0;
            if x - half > free && x + half < self.sheet.width - 8.0 && x - half > 8.0 {
                self.sheet.text(&label, theme::TICK, (x, y1 + 17.0), HPos::Center);
                free = x + half + 8.0;
            }
        }
        let words = self.named(name, &self.x);
        if words.is_empty() {
            return y1 + 17.0;
        }
        self.sheet.text(
            &shorten(&words, theme::NOTE, self.sheet.inner()),
            theme::NOTE,
            (x1, y1 + 34.0),
            HPos::Right,
        );
        y1 + 34.0
    }

    /// Horizontal grid lines with labels to the left, and the axis' name above them.
    pub fn y_axis(&self, name: &str) {
        let Frame { x0, x1, y0, y1 } = self.frame;
        for Tick { value, label } in self.y.ticks(y1 - y0, 34.0) {
            let y = y1 - (y1 - y0) * self.y.share(value);
            self.sheet.line(&[(x0, y), (x1, y)], Pen::line(theme::GRID, 1.0));
            if let Some(label) = label {
                self.sheet.text(&label, theme::TICK, (x0 - 8.0, y + 4.0), HPos::Right);
            }
        }
        let words = self.named(name, &self.y);
        self.sheet.text(
            &shorten(&words, theme::NOTE, self.sheet.inner()),
            theme::NOTE,
            (self.sheet.margin, y0 - 14.0),
            HPos::Left,
        );
    }

    fn named(&self, name: &str, scale: &Scale) -> String {
        match (name.is_empty(), scale.log) {
            (true, true) => "logarithmic axis".to_owned(),
            (false, true) => format!("{name}, logarithmic"),
            (_, false) => name.to_owned(),
        }
    }

    fn with<E: std::fmt::Debug>(
        &self,
        pen: Pen,
        draw: impl FnOnce(&DrawingArea<Canvas, Cartesian2d<Scale, Scale>>) -> Result<(), E>,
    ) {
        self.sheet.canvas.borrow_mut().manner = pen.manner;
        draw(&self.area).expect("drawing into memory does not fail");
    }
}

/// How much room the labels of a vertical axis take.
pub fn y_labels(scale: &Scale, high: f64) -> f64 {
    let labels = scale.ticks(high, 34.0).into_iter().filter_map(|tick| tick.label);
    labels.map(|label| width(&label, theme::TICK)).fold(0.0, f64::max) + 8.0
}
