//! A plotters backend that writes clean SVG in tenths of a pixel: true font sizes and weights, groups with a title for
//! those who hover, strokes as wide as asked. It remembers where every text and mark lies, so that a chart can be checked.

mod backend;

use super::text::{escape, width};
use super::theme::{self, Font, MONO};
use plotters::style::RGBColor;
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord};
use std::fmt::Write as _;

/// Tenths of a pixel in one pixel: plotters counts in whole numbers.
pub(crate) const TENTHS: f64 = 10.0;

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

/// What plotters' styles cannot say about a stroke or a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Manner {
    /// Lengths of dash and gap in pixels.
    pub(crate) dash: Option<(f64, f64)>,
    /// Round ends and joins.
    pub(crate) round: bool,
    /// Radius of a rectangle's corners.
    pub(crate) corner: f64,
    /// A mark of the data, which no text may cover.
    pub(crate) solid: bool,
}

/// A colour, and a width in tenths of a pixel.
type Stroke = (BackendColor, u32);

/// The drawing so far.
pub(crate) struct Canvas {
    size: (u32, u32),
    body: String,
    /// Every text.
    pub(crate) texts: Vec<Placed>,
    /// Every mark of the data.
    pub(crate) marks: Vec<Frame>,
    /// Everything drawn, from edge to edge.
    pub(crate) extent: Vec<Frame>,
    /// Every opaque area, and its colour.
    grounds: Vec<(Frame, RGBColor)>,
    /// How the next shapes are drawn.
    pub(crate) manner: Manner,
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
            extent: Vec::new(),
            grounds: Vec::new(),
            manner: Manner::default(),
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
    pub(crate) fn text(&mut self, text: &str, font: Font, (x, y): (f64, f64), anchor: HPos, halo: bool) {
        if text.is_empty() {
            return;
        }
        let wide = width(text, font);
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

    /// Fills many areas with one colour: one element, however many they are.
    pub(crate) fn bars(&mut self, frames: &[Frame], color: RGBColor) {
        if frames.is_empty() {
            return;
        }
        self.body.push_str("<path d=\"");
        let mut pen = (0, 0);
        for (number, frame) in frames.iter().enumerate() {
            let [x, y, right, low] =
                [frame.x0, frame.y0, frame.x1, frame.y1].map(|p| (p * TENTHS).round() as i32);
            // After `z` the pen is back where the area began.
            let _ = match number {
                0 => write!(self.body, "M{} {}", Tenth(x), Tenth(y)),
                _ => write!(self.body, "m{} {}", Tenth(x - pen.0), Tenth(y - pen.1)),
            };
            let _ = write!(self.body, "h{}v{}h{}z", Tenth(right - x), Tenth(low - y), Tenth(x - right));
            pen = (x, y);
        }
        let _ = writeln!(self.body, r#"" fill="{}"/>"#, Hex(color));
        self.extent.extend(frames);
        self.grounds.extend(frames.iter().map(|frame| (*frame, color)));
    }

    fn stroke(&mut self, (color, tenths): Stroke) {
        let wide = Tenth(tenths.cast_signed());
        let _ = write!(self.body, r#" fill="none" stroke="{}" stroke-width="{wide}""#, Hex::of(color));
        if color.alpha < 1.0 {
            let _ = write!(self.body, r#" stroke-opacity="{:.2}""#, color.alpha);
        }
        if let Some((dash, gap)) = self.manner.dash {
            let _ = write!(self.body, r#" stroke-dasharray="{} {}""#, Px(dash), Px(gap));
        }
        if self.manner.round {
            self.body.push_str(r#" stroke-linecap="round" stroke-linejoin="round""#);
        }
        self.body.push_str("/>\n");
    }

    fn fill(&mut self, color: BackendColor) {
        let _ = write!(self.body, r#" fill="{}""#, Hex::of(color));
        if color.alpha < 1.0 {
            let _ = write!(self.body, r#" fill-opacity="{:.2}""#, color.alpha);
        }
        self.body.push_str("/>\n");
    }

    fn paint(&mut self, stroke: Stroke, filled: bool) {
        if filled { self.fill(stroke.0) } else { self.stroke(stroke) }
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

    fn rect(&mut self, from: BackendCoord, to: BackendCoord, stroke: Stroke, fill: bool) {
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        let (wide, high) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        let [x, y, wide, high] = [x, y, wide, high].map(Tenth);
        let _ = write!(self.body, r#"<rect x="{x}" y="{y}" width="{wide}" height="{high}""#);
        if self.manner.corner > 0.0 {
            let _ = write!(self.body, r#" rx="{}""#, Px(self.manner.corner));
        }
        self.paint(stroke, fill);
        self.record(&[from, to], if fill { 0.0 } else { reach(stroke) });
        if let Some(frame) = self.extent.last().filter(|_| fill && stroke.0.alpha >= 1.0) {
            self.grounds.push((*frame, Hex::of(stroke.0).0));
        }
    }

    fn line(&mut self, points: &[BackendCoord], stroke: Stroke) {
        let closed = points.len() > 2 && points.first() == points.last();
        if self.path(if closed { &points[..points.len() - 1] } else { points }, closed) {
            self.stroke(stroke);
            self.record(points, reach(stroke));
        }
    }

    fn circle(&mut self, center: BackendCoord, radius: u32, stroke: Stroke, fill: bool) {
        let (x, y, r) = (Tenth(center.0), Tenth(center.1), Tenth(radius.cast_signed()));
        let _ = write!(self.body, r#"<circle cx="{x}" cy="{y}" r="{r}""#);
        self.paint(stroke, fill);
        self.record(&[center], f64::from(radius) / TENTHS + if fill { 0.0 } else { reach(stroke) });
    }

    fn polygon(&mut self, points: &[BackendCoord], color: BackendColor) {
        if self.path(points, true) {
            self.fill(color);
            self.record(points, 0.0);
        }
    }

    fn record(&mut self, points: &[BackendCoord], reach: f64) {
        let xs = points.iter().map(|p| f64::from(p.0) / TENTHS);
        let ys = points.iter().map(|p| f64::from(p.1) / TENTHS);
        let mut frame = Frame {
            x0: xs.clone().fold(f64::INFINITY, f64::min) - reach,
            y0: ys.clone().fold(f64::INFINITY, f64::min) - reach,
            x1: xs.fold(f64::NEG_INFINITY, f64::max) + reach,
            y1: ys.fold(f64::NEG_INFINITY, f64::max) + reach,
        };
        if let Some(clip) = self.clip {
            frame.x0 = frame.x0.max(clip.x0);
            frame.y0 = frame.y0.max(clip.y0);
            frame.x1 = frame.x1.min(clip.x1);
            frame.y1 = frame.y1.min(clip.y1);
        }
        self.extent.push(frame);
        if self.manner.solid {
            self.marks.push(frame);
        }
    }
}

/// How far a stroke reaches beyond its middle, in pixels.
fn reach((_, tenths): Stroke) -> f64 {
    f64::from(tenths) / TENTHS / 2.0
}

/// How far letters reach above and below their baseline, in font sizes.
pub(crate) const ASCENT: f64 = 0.78;
/// See [`ASCENT`].
pub(crate) const DESCENT: f64 = 0.22;

/// Pixels with at most one decimal, and none where there is none.
struct Px(f64);

impl std::fmt::Display for Px {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        Tenth((self.0 * TENTHS).round() as i32).fmt(out)
    }
}

/// Tenths of a pixel, written as pixels.
struct Tenth(i32);

impl std::fmt::Display for Tenth {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        let (whole, tenth) = (self.0.abs() / 10, self.0.abs() % 10);
        let sign = if self.0 < 0 { "-" } else { "" };
        if tenth == 0 { write!(out, "{sign}{whole}") } else { write!(out, "{sign}{whole}.{tenth}") }
    }
}

/// A colour as the web writes it.
pub(crate) struct Hex(pub RGBColor);

impl Hex {
    fn of(color: BackendColor) -> Self {
        let (r, g, b) = color.rgb;
        Self(RGBColor(r, g, b))
    }
}

impl std::fmt::Display for Hex {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        let RGBColor(r, g, b) = self.0;
        if (r, g, b) == (255, 255, 255) {
            out.write_str("#fff")
        } else {
            write!(out, "#{r:02x}{g:02x}{b:02x}")
        }
    }
}
