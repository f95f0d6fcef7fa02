//! The card that every chart is drawn on: finding, what is plotted, content, footer; and the pens to draw with.

use super::canvas::{Canvas, Frame, Hex, TENTHS};
use super::pen::Pen;
use super::plot::Plot;
use super::scale::Scale;
use super::text::{balance, escape, width, wrap};
use super::theme::{self, Font, Hue};
use crate::verdict::Ruling;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::RGBColor;
use plotters_backend::BackendCoord;
use plotters_backend::text_anchor::HPos;
use std::cell::RefCell;
use std::rc::Rc;

/// A place in pixels.
pub(crate) type Point = (f64, f64);

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
    root: DrawingArea<Canvas, Shift>,
}

impl Sheet {
    /// A card that wide with its title and subtitle.
    pub(crate) fn new(wide: f64, title: &str, subtitle: &str) -> Self {
        let wide = wide.max(280.0);
        let narrow = wide < theme::NARROW;
        let margin = if narrow { 16.0 } else { theme::MARGIN };
        let canvas = Rc::new(RefCell::new(Canvas::new(wide)));
        let root = DrawingArea::from(&canvas);
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

    /// Writes a text on its baseline.
    pub(crate) fn text(&self, text: &str, font: Font, at: Point, anchor: HPos) {
        self.canvas.borrow_mut().text(text, font, at, anchor, false);
    }

    /// Writes a text that may cross grid lines.
    pub(crate) fn label(&self, text: &str, font: Font, at: Point, anchor: HPos) {
        self.canvas.borrow_mut().text(text, font, at, anchor, true);
    }

    /// Writes a text over several lines and returns the last baseline.
    pub(crate) fn paragraph(&self, text: &str, font: Font, (x, y): Point, room: f64, lines: usize) -> f64 {
        let leading = (font.size * 1.36).round();
        let mut last = y;
        for (number, line) in wrap(text, font, room, lines).iter().enumerate() {
            last = y + leading * number as f64;
            self.text(line, font, (x, last), HPos::Left);
        }
        last
    }

    /// Draws a line through points.
    pub(crate) fn line(&self, points: &[Point], pen: Pen) {
        self.path(tenths(points), pen);
    }

    pub(super) fn path(&self, points: Vec<BackendCoord>, pen: Pen) {
        self.with(pen, |root| root.draw(&PathElement::new(points, pen.style)));
    }

    /// Draws a rectangle between two corners.
    pub(crate) fn rect(&self, from: Point, to: Point, pen: Pen) {
        self.with(pen, |root| root.draw(&Rectangle::new([tenth(from), tenth(to)], pen.style)));
    }

    /// Draws a circle.
    pub(crate) fn circle(&self, at: Point, radius: f64, pen: Pen) {
        self.disc(tenth(at), radius, pen);
    }

    pub(super) fn disc(&self, at: BackendCoord, radius: f64, pen: Pen) {
        let radius = (radius * TENTHS).round() as i32;
        self.with(pen, |root| root.draw(&Circle::new(at, radius, pen.style)));
    }

    /// Fills a polygon.
    pub(crate) fn polygon(&self, points: &[Point], pen: Pen) {
        self.area(tenths(points), pen);
    }

    pub(super) fn area(&self, points: Vec<BackendCoord>, pen: Pen) {
        self.with(pen, |root| root.draw(&Polygon::new(points, pen.style)));
    }

    /// A dot with a rim of the ground's colour, so that it stands out from what it lies on; hollow for a value that
    /// carries a remark.
    pub(crate) fn dot(&self, at: Point, hue: Hue, hollow: bool) {
        self.circle(at, 6.2, Pen::fill(theme::GROUND));
        if hollow {
            self.circle(at, 4.4, Pen::line(hue.mark, 2.0).solid());
        } else {
            self.circle(at, 5.0, Pen::fill(hue.mark).solid());
        }
    }

    /// Fills many areas with one colour.
    pub(crate) fn bars(&self, frames: &[Frame], color: RGBColor) {
        self.canvas.borrow_mut().bars(frames, color);
    }

    /// The reader's guess.
    pub(crate) fn diamond(&self, (x, y): Point) {
        const REACH: f64 = 7.0;
        let corners = [(x, y - REACH), (x + REACH, y), (x, y + REACH), (x - REACH, y), (x, y - REACH)];
        self.polygon(&corners[..4], Pen::fill(theme::GROUND));
        self.line(&corners, Pen::line(theme::ACCENT.mark, 2.0).solid());
    }

    /// Groups what is drawn; browsers show the detail on hover.
    pub(crate) fn group<T>(&self, detail: &str, draw: impl FnOnce() -> T) -> T {
        self.canvas.borrow_mut().open(detail);
        let drawn = draw();
        self.canvas.borrow_mut().close();
        drawn
    }

    /// A plot area with its two scales.
    pub(crate) fn plot(&self, frame: Frame, x: Scale, y: Scale) -> Plot<'_> {
        Plot::new(self, frame, x, y)
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
        if one.contrast < theme::LEGIBLE {
            faults.push(format!("“{}” has a contrast of {:.2}", one.text, one.contrast));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(draw: impl FnOnce(&Sheet)) -> Vec<String> {
        let sheet = Sheet::new(760.0, "title", "subtitle");
        draw(&sheet);
        sheet.finish(200.0, "title", "description", &Foot::default()).faults
    }

    #[test]
    fn what_cannot_be_read_is_found() {
        let at = |x: f64, y: f64| (x, y);
        assert_eq!(faults(|sheet| sheet.text("clear", theme::LABEL, at(100.0, 120.0), HPos::Left)), [""; 0]);
        let over = faults(|sheet| {
            sheet.text("one", theme::LABEL, at(100.0, 120.0), HPos::Left);
            sheet.text("other", theme::LABEL, at(110.0, 125.0), HPos::Left);
        });
        assert_eq!(over, ["“one” lies over “other”"]);
        let beyond = faults(|sheet| sheet.text("far too far", theme::LABEL, at(740.0, 120.0), HPos::Left));
        assert!(beyond[0].contains("beyond the frame"), "{beyond:?}");
        let small = Font { size: 9.0, ..theme::LABEL };
        assert_eq!(
            faults(|sheet| sheet.text("tiny", small, at(100.0, 120.0), HPos::Left)),
            ["“tiny” is 9 px small"]
        );
        let covered = faults(|sheet| {
            sheet.dot(at(110.0, 118.0), theme::ACCENT, false);
            sheet.text("covered", theme::LABEL, at(100.0, 120.0), HPos::Left);
        });
        assert!(covered[0].contains("over a mark"), "{covered:?}");
    }

    #[test]
    fn a_clip_hides_what_lies_outside() {
        let sheet = Sheet::new(760.0, "t", "s");
        let frame = Frame { x0: 100.0, y0: 100.0, x1: 300.0, y1: 150.0 };
        let plot = sheet.plot(
            frame,
            Scale::linear(0.0, 1.0, crate::drawing::scale::Unit::Count),
            Scale::linear(0.0, 1.0, crate::drawing::scale::Unit::Count),
        );
        plot.clipped(|plot| plot.line(&[(-5.0, 0.5), (7.0, 0.5)], Pen::line(theme::INK, 1.0)));
        let drawing = sheet.finish(160.0, "t", "d", &Foot::default());
        assert!(drawing.faults.is_empty(), "{:?}", drawing.faults);
        assert!(drawing.svg.contains(r#"viewBox="100 100 200 50""#), "{}", drawing.svg);
    }
}
