//! What plotters draws on: a backend that writes SVG. plotters-svg, which does the same, has faults that this one mends: it
//! draws in whole pixels (here in tenths), divides font sizes by 1.24, forgets the width of a rectangle's stroke, knows
//! neither dashes nor round ends nor clips, spends an element on every bar, and has no title, no description and no groups.
//! This one also remembers where every text and mark lies, so that a chart can be checked.
//!
//! Longer than most modules here because all that is written into a picture is written here, and nowhere else.

mod backend;
mod number;

pub(crate) use number::Hex;
use number::{Px, Tenth};

use super::pen::{Pen, TENTHS};
use super::text::{escape, width};
use super::theme::{self, Font, MONO};
use plotters::style::{RGBAColor, RGBColor};
use plotters_backend::BackendCoord;
use plotters_backend::text_anchor::HPos;
use std::fmt::Write as _;

/// Where something lies, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Left.
    pub(crate) x0: f64,
    /// Top.
    pub(crate) y0: f64,
    /// Right.
    pub(crate) x1: f64,
    /// Bottom.
    pub(crate) y1: f64,
}

impl Frame {
    /// Around points that lie in tenths of a pixel, and so many pixels further.
    fn around(points: &[BackendCoord], reach: f64) -> Self {
        let ends = |of: fn(&BackendCoord) -> i32| {
            let all = || points.iter().map(of);
            let (low, high) = (all().min().unwrap_or(0), all().max().unwrap_or(0));
            (f64::from(low) / TENTHS - reach, f64::from(high) / TENTHS + reach)
        };
        let ((x0, x1), (y0, y1)) = (ends(|at| at.0), ends(|at| at.1));
        Self { x0, y0, x1, y1 }
    }

    /// Whether the two share more than a line.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        const TOUCH: f64 = 0.2;
        self.x0 + TOUCH < other.x1
            && other.x0 + TOUCH < self.x1
            && self.y0 + TOUCH < other.y1
            && other.y0 + TOUCH < self.y1
    }

    /// Whether the other lies inside.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        self.x0 <= other.x0 && self.y0 <= other.y0 && self.x1 >= other.x1 && self.y1 >= other.y1
    }
}

/// A text as it was placed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    /// The words.
    pub(crate) text: String,
    /// Pixels.
    pub(crate) size: f64,
    /// Where.
    pub(crate) frame: Frame,
    /// Its luminance against what it is written on: 1 for none, 21 for black on white.
    pub(crate) contrast: f64,
}

/// The drawing so far.
pub(crate) struct Canvas {
    size: (u32, u32),
    body: String,
    /// Every text.
    pub(crate) texts: Vec<Placed>,
    /// Every mark of the data, and every piece of a line.
    pub(crate) marks: Vec<Frame>,
    /// What is too pale to be seen: where, and its contrast with the ground.
    pub(crate) pale: Vec<(Frame, f64)>,
    /// Everything drawn, from edge to edge.
    pub(crate) extent: Vec<Frame>,
    /// Every opaque area, and its colour.
    grounds: Vec<(Frame, RGBColor)>,
    clip: Option<Frame>,
}

impl Canvas {
    /// An empty canvas. It may grow downwards without bounds.
    pub(crate) fn new(width: f64) -> Self {
        Self {
            size: ((width * TENTHS) as u32, 1_000_000),
            body: String::new(),
            texts: Vec::new(),
            marks: Vec::new(),
            pale: Vec::new(),
            extent: Vec::new(),
            grounds: Vec::new(),
            clip: None,
        }
    }

    /// The elements written so far.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// Opens a group; browsers show its title on hover.
    pub(crate) fn open(&mut self, title: &str) {
        let _ = write!(self.body, "<g><title>{}</title>", escape(title));
    }

    /// Closes a group.
    pub(crate) fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// From here on nothing shows outside the frame.
    pub(crate) fn clip(&mut self, frame: Frame) {
        let [x, y, w, h] = [frame.x0, frame.y0, frame.x1 - frame.x0, frame.y1 - frame.y0].map(Px);
        let _ =
            write!(self.body, r#"<svg x="{x}" y="{y}" width="{w}" height="{h}" viewBox="{x} {y} {w} {h}">"#);
        self.clip = Some(frame);
    }

    /// Everything shows again.
    pub(crate) fn unclip(&mut self) {
        self.body.push_str("</svg>\n");
        self.clip = None;
    }

    /// Writes a text on its baseline. A halo keeps it readable across grid lines.
    pub(super) fn text(&mut self, text: &str, font: Font, at: BackendCoord, anchor: HPos, halo: bool) {
        if text.is_empty() {
            return;
        }
        let wide = width(text, font);
        let (x, y) = (f64::from(at.0) / TENTHS, f64::from(at.1) / TENTHS);
        let (left, word) = match anchor {
            HPos::Left => (x, ""),
            HPos::Center => (x - wide / 2.0, r#" text-anchor="middle""#),
            HPos::Right => (x - wide, r#" text-anchor="end""#),
        };
        let frame =
            Frame { x0: left, y0: y - ASCENT * font.size, x1: left + wide, y1: y + DESCENT * font.size };
        let _ = write!(self.body, r#"<text x="{}" y="{}" font-size="{}"{word}"#, Px(x), Px(y), Px(font.size));
        let _ = write!(self.body, r#" fill="{}""#, Hex(font.color));
        if font.strong {
            self.body.push_str(r#" font-weight="650""#);
        }
        if font.mono {
            let _ = write!(self.body, r#" font-family="{MONO}""#);
        }
        if halo {
            self.body.push_str(
                r##" paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round""##,
            );
        }
        let _ = writeln!(self.body, ">{}</text>", escape(text));
        let below = self.grounds.iter().rev().find(|(ground, _)| !halo && ground.overlaps(&frame));
        let contrast = theme::contrast(font.color, below.map_or(theme::GROUND, |(_, color)| *color));
        self.texts.push(Placed { text: text.to_owned(), size: font.size, frame, contrast });
        self.extent.push(frame);
    }

    /// Fills the rectangles between pairs of corners with one colour: one element, however many they are.
    pub(super) fn bars(&mut self, corners: &[BackendCoord], color: RGBColor) {
        if corners.is_empty() {
            return;
        }
        self.body.push_str("<path d=\"");
        let mut pen = (0, 0);
        for (number, pair) in corners.chunks_exact(2).enumerate() {
            let [(x, y), (right, low)] = [pair[0], pair[1]];
            // After `z` the pen is back where the area began.
            let _ = match number {
                0 => write!(self.body, "M{} {}", Tenth(x), Tenth(y)),
                _ => write!(self.body, "m{} {}", Tenth(x - pen.0), Tenth(y - pen.1)),
            };
            let _ = write!(self.body, "h{}v{}h{}z", Tenth(right - x), Tenth(low - y), Tenth(x - right));
            pen = (x, y);
            let frame = Frame::around(pair, 0.0);
            self.extent.push(frame);
            self.grounds.push((frame, color));
        }
        let _ = writeln!(self.body, r#"" fill="{}"/>"#, Hex(color));
    }

    /// Draws a line through points, closed where the last is the first.
    pub(super) fn line(&mut self, points: &[BackendCoord], pen: &Pen) {
        let closed = points.len() > 2 && points.first() == points.last();
        if self.path(if closed { &points[..points.len() - 1] } else { points }, closed) {
            self.paint(pen);
            self.record(points, reach(pen), pen);
            if pen.solid {
                // What matters of a line is where it runs, not the rectangle around it.
                self.marks.pop();
                for pair in points.windows(2) {
                    let pieces =
                        steps(pair[0], pair[1]).map(|piece| self.shown(Frame::around(&piece, reach(pen))));
                    let pieces: Vec<Frame> =
                        pieces.filter(|frame| frame.x0 <= frame.x1 && frame.y0 <= frame.y1).collect();
                    self.marks.extend(pieces);
                }
            }
        }
    }

    /// Fills a polygon.
    pub(super) fn polygon(&mut self, points: &[BackendCoord], pen: &Pen) {
        if self.path(points, true) {
            self.paint(pen);
            self.record(points, 0.0, pen);
        }
    }

    /// Draws a rectangle between its upper left and its lower right corner.
    pub(super) fn rect(&mut self, (x0, y0): BackendCoord, (x1, y1): BackendCoord, pen: &Pen) {
        let [x, y, wide, high] = [x0, y0, x1 - x0, y1 - y0].map(Tenth);
        let _ = write!(self.body, r#"<rect x="{x}" y="{y}" width="{wide}" height="{high}""#);
        if pen.corner > 0.0 {
            let _ = write!(self.body, r#" rx="{}""#, Px(pen.corner));
        }
        self.paint(pen);
        self.record(&[(x0, y0), (x1, y1)], reach(pen), pen);
        if let Some(frame) = self.extent.last().filter(|_| pen.style.filled && pen.style.color.3 >= 1.0) {
            self.grounds.push((*frame, opaque(pen.style.color)));
        }
    }

    /// Draws a circle; its radius is in tenths of a pixel.
    pub(super) fn circle(&mut self, center: BackendCoord, radius: u32, pen: &Pen) {
        let (x, y, r) = (Tenth(center.0), Tenth(center.1), Tenth(radius.cast_signed()));
        let _ = write!(self.body, r#"<circle cx="{x}" cy="{y}" r="{r}""#);
        self.paint(pen);
        self.record(&[center], f64::from(radius) / TENTHS + reach(pen), pen);
    }

    /// Ends an element with the style of a pen.
    fn paint(&mut self, pen: &Pen) {
        let (color, alpha) = (Hex(opaque(pen.style.color)), pen.style.color.3);
        if pen.style.filled {
            let _ = write!(self.body, r#" fill="{color}""#);
            if alpha < 1.0 {
                let _ = write!(self.body, r#" fill-opacity="{alpha:.2}""#);
            }
            self.body.push_str("/>\n");
            return;
        }
        let wide = Tenth(pen.style.stroke_width.cast_signed());
        let _ = write!(self.body, r#" fill="none" stroke="{color}" stroke-width="{wide}""#);
        if alpha < 1.0 {
            let _ = write!(self.body, r#" stroke-opacity="{alpha:.2}""#);
        }
        if let Some((dash, gap)) = pen.dash {
            let _ = write!(self.body, r#" stroke-dasharray="{} {}""#, Px(dash), Px(gap));
        }
        if pen.round {
            self.body.push_str(r#" stroke-linecap="round" stroke-linejoin="round""#);
        }
        self.body.push_str("/>\n");
    }

    /// Writes a path through the points and returns whether there was any.
    fn path(&mut self, points: &[BackendCoord], closed: bool) -> bool {
        let Some((first, rest)) = points.split_first() else { return false };
        let _ = write!(self.body, r#"<path d="M{} {}"#, Tenth(first.0), Tenth(first.1));
        let mut last = *first;
        for point in rest {
            // Steps are shorter than places: relative moves halve the size of a dense line.
            let (dx, dy) = (point.0 - last.0, point.1 - last.1);
            let _ = match (dx, dy) {
                (_, 0) => write!(self.body, "h{}", Tenth(dx)),
                (0, _) => write!(self.body, "v{}", Tenth(dy)),
                _ => write!(self.body, "l{} {}", Tenth(dx), Tenth(dy)),
            };
            last = *point;
        }
        self.body.push_str(if closed { "z\"" } else { "\"" });
        true
    }

    /// Notes where something was drawn, as far as it shows.
    fn record(&mut self, points: &[BackendCoord], reach: f64, pen: &Pen) {
        let frame = self.shown(Frame::around(points, reach));
        self.extent.push(frame);
        if pen.solid {
            self.marks.push(frame);
        }
        let contrast = theme::contrast(opaque(pen.style.color), theme::GROUND);
        if pen.is_data() && contrast < theme::VISIBLE {
            self.pale.push((frame, contrast));
        }
    }

    /// The part of a frame that no clip hides.
    fn shown(&self, frame: Frame) -> Frame {
        let Some(clip) = self.clip else { return frame };
        let (x0, y0) = (frame.x0.max(clip.x0), frame.y0.max(clip.y0));
        Frame { x0, y0, x1: frame.x1.min(clip.x1), y1: frame.y1.min(clip.y1) }
    }
}

/// A straight line in pieces so short that the rectangle around each lies close to it.
fn steps(from: BackendCoord, to: BackendCoord) -> impl Iterator<Item = [BackendCoord; 2]> {
    const PIECE: i32 = 40;
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let count = if dx == 0 || dy == 0 { 1 } else { (dx.abs().min(dy.abs()) / PIECE + 1).max(1) };
    let at = move |step: i32| {
        (
            from.0 + dx / count * step + dx % count * step / count,
            from.1 + dy / count * step + dy % count * step / count,
        )
    };
    (0..count).map(move |step| [at(step), at(step + 1)])
}

/// How far a stroke reaches beyond its middle, in pixels.
fn reach(pen: &Pen) -> f64 {
    if pen.style.filled { 0.0 } else { f64::from(pen.style.stroke_width) / TENTHS / 2.0 }
}

fn opaque(RGBAColor(r, g, b, _): RGBAColor) -> RGBColor {
    RGBColor(r, g, b)
}

/// How far letters reach above and below their baseline, in font sizes.
pub(crate) const ASCENT: f64 = 0.78;
/// See [`ASCENT`].
pub(crate) const DESCENT: f64 = 0.22;
