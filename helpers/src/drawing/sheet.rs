//! The card that every chart is drawn on: finding, what is plotted, content, footer.

use super::canvas::{Canvas, Frame, Hex};
use super::check;
use super::element::{Element, Place};
use super::pen::{Pen, TENTHS};
use super::text::{balance, escape, width, wrap};
use super::theme::{self, Font, Hue};
use crate::verdict::Ruling;
use plotters::coord::{CoordTranslate, Shift};
use plotters::drawing::DrawingArea;
use plotters::style::RGBColor;
use plotters_backend::BackendCoord;
use plotters_backend::text_anchor::HPos;
use std::cell::RefCell;
use std::rc::Rc;

/// The coordinates of a card: pixels from its upper left corner, fractions included.
#[derive(Clone, Copy)]
struct Pixels;

impl CoordTranslate for Pixels {
    type From = Place;

    fn translate(&self, (x, y): &Place) -> BackendCoord {
        ((x * TENTHS).round() as i32, (y * TENTHS).round() as i32)
    }
}

/// What can be drawn on: a card, whose places are pixels, or a plot, whose places are values.
pub(crate) trait Draw {
    /// Draws an element.
    fn draw(&self, element: &Element);

    /// Draws a line through points.
    fn line(&self, points: &[Place], pen: Pen) {
        self.draw(&Element::line(points, pen));
    }

    /// Fills a polygon.
    fn polygon(&self, points: &[Place], pen: Pen) {
        self.draw(&Element::area(points, pen));
    }

    /// Draws a rectangle between two corners.
    fn rect(&self, from: Place, to: Place, pen: Pen) {
        self.draw(&Element::block(from, to, pen));
    }

    /// Draws a circle; its radius is in pixels.
    fn circle(&self, at: Place, radius: f64, pen: Pen) {
        self.draw(&Element::disc(at, radius, pen));
    }

    /// A dot with a rim of the ground's colour, so that it stands out from what it lies on; hollow for a value that
    /// carries a remark.
    fn dot(&self, at: Place, hue: Hue, hollow: bool) {
        self.circle(at, 6.2, Pen::fill(theme::GROUND));
        if hollow {
            self.circle(at, 4.4, Pen::line(hue.mark, 2.0).solid());
        } else {
            self.circle(at, 5.0, Pen::fill(hue.mark).solid());
        }
    }

    /// Fills many areas with one colour.
    fn bars(&self, frames: &[Frame], color: RGBColor) {
        if !frames.is_empty() {
            self.draw(&Element::bars(frames, color));
        }
    }

    /// Writes a text on its baseline.
    fn text(&self, text: &str, font: Font, at: Place, anchor: HPos) {
        self.draw(&Element::words(text, font, at, anchor, false));
    }

    /// Writes a text that may cross grid lines.
    fn label(&self, text: &str, font: Font, at: Place, anchor: HPos) {
        self.draw(&Element::words(text, font, at, anchor, true));
    }
}

impl Draw for Sheet {
    fn draw(&self, element: &Element) {
        self.root.draw(element).expect("drawing into memory does not fail");
    }
}

/// What stands at the foot of a chart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Foot {
    /// Remarks on single rows.
    pub(crate) notes: Vec<String>,
    /// Machine and conditions.
    pub(crate) conditions: String,
    /// How the claim was ruled.
    pub(crate) ruling: Option<Ruling>,
}

/// A finished drawing.
pub(crate) struct Drawing {
    /// The whole picture.
    pub(crate) svg: String,
    /// What cannot be read in it.
    pub(crate) faults: Vec<String>,
}

/// A card in the making.
pub(crate) struct Sheet {
    /// Pixels from left to right.
    pub(crate) width: f64,
    /// From the frame to the content.
    pub(crate) margin: f64,
    /// Where the content begins.
    pub(crate) top: f64,
    pub(super) canvas: Rc<RefCell<Canvas>>,
    root: DrawingArea<Canvas, Pixels>,
}

impl Sheet {
    /// A card of this width with its title and subtitle.
    pub(crate) fn new(wide: f64, title: &str, subtitle: &str) -> Self {
        let wide = wide.max(280.0);
        let narrow = wide < theme::NARROW;
        let margin = if narrow { 16.0 } else { theme::MARGIN };
        let canvas = Rc::new(RefCell::new(Canvas::new(wide)));
        let root = DrawingArea::from(&canvas).apply_coord_spec(Pixels);
        let mut sheet = Self { width: wide, margin, top: 0.0, canvas, root };
        let font = Font { size: if narrow { 16.0 } else { theme::TITLE.size }, ..theme::TITLE };
        let mut y = if narrow { 30.0 } else { 36.0 };
        for (number, line) in balance(title, font, sheet.inner(), 6).iter().enumerate() {
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
    pub(crate) fn is_narrow(&self) -> bool {
        self.width < theme::NARROW
    }

    /// Pixels between the margins.
    pub(crate) fn inner(&self) -> f64 {
        self.width - 2.0 * self.margin
    }

    /// The right margin.
    pub(crate) fn right(&self) -> f64 {
        self.width - self.margin
    }

    /// Writes a text over several lines and returns the last baseline.
    pub(crate) fn paragraph(&self, text: &str, font: Font, (x, y): Place, room: f64, lines: usize) -> f64 {
        let leading = (font.size * 1.36).round();
        let mut last = y;
        for (number, line) in wrap(text, font, room, lines).iter().enumerate() {
            last = y + leading * number as f64;
            self.text(line, font, (x, last), HPos::Left);
        }
        last
    }

    /// Groups what is drawn; browsers show the detail on hover.
    pub(crate) fn group<T>(&self, detail: &str, draw: impl FnOnce() -> T) -> T {
        self.canvas.borrow_mut().open(detail);
        let drawn = draw();
        self.canvas.borrow_mut().close();
        drawn
    }

    /// The whole card as plotters has it.
    pub(super) fn area(&self) -> DrawingArea<Canvas, Shift> {
        self.root.strip_coord_spec()
    }

    /// Sets machine, conditions and ruling below the content, closes the card and returns the picture.
    pub(crate) fn finish(self, bottom: f64, title: &str, desc: &str, foot: &Foot) -> Drawing {
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
        let strong = theme::NOTE.strong();
        let taken = ruling.as_ref().map_or(0.0, |(words, _)| width(words, strong) + 20.0);
        if let Some((words, color)) = &ruling {
            self.text(words, strong.colored(*color), (self.right(), y + 19.0), HPos::Right);
        }
        let room = self.inner() - taken;
        let y = self.paragraph(&foot.conditions, theme::NOTE, (self.margin, y + 19.0), room, 4) + 16.0;
        let canvas = self.canvas.borrow();
        Drawing {
            svg: svg(&canvas, self.width, y, title, desc),
            faults: check::faults(&canvas, self.width, y),
        }
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

fn svg(canvas: &Canvas, wide: f64, high: f64, title: &str, desc: &str) -> String {
    let (title, desc, sans) = (escape(title), escape(desc), theme::SANS);
    let (ground, rule) = (Hex(theme::GROUND), Hex(theme::RULE));
    // What is laid out for a small screen may grow by half where there is room.
    let grown = if wide < theme::NARROW { 1.5 } else { 1.0 };
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{}" height="{}" role="img" font-family="{sans}" style="font-variant-ligatures:none;font-feature-settings:'calt' 0">
<title>{title}</title>
<desc>{desc}</desc>
<rect x="0.5" y="0.5" width="{}" height="{}" rx="8" fill="{ground}" stroke="{rule}"/>
{}</svg>
"#,
        wide * grown,
        high * grown,
        wide - 1.0,
        high - 1.0,
        canvas.body()
    )
}
