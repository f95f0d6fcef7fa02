//! Where the rows of a dot chart go, and where words find room between the marks.

use super::{Costs, Row};
use crate::chart::overlay::{Beside, arranged};
use crate::drawing::canvas::Frame;
use crate::drawing::element::{Element, Place};
use crate::drawing::pen::Pen;
use crate::drawing::plot::Plot;
use crate::drawing::rows::{LEADING, Names};
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{width, wrap};
use crate::drawing::theme::{self, Hue};
use crate::statistics::Summary;
use crate::units::Nanos;
use plotters_backend::text_anchor::HPos;

/// From a mark to its words.
const GAP: f64 = 9.0;
/// How far a dot reaches from its middle.
const DOT: f64 = 6.0;
/// What a guess takes that must stand above its row.
const RAISED: f64 = 20.0;

/// Draws all rows and the axis; returns the lowest baseline.
pub(super) fn draw(dots: &Costs, beside: &[Beside], sheet: &Sheet) -> f64 {
    let scale = scale(dots, beside);
    let columns = Columns::of(dots, sheet, &scale);
    let airy = dots.rows.len() < 3;
    let mut y = sheet.top + if airy { 6.0 } else { 0.0 };
    let mut rows = Vec::new();
    for (number, row) in dots.rows.iter().enumerate() {
        let own: Vec<&Beside> = beside.iter().filter(|one| one.thing == number).collect();
        let marks = Marks::of(dots, row, own, &columns, &scale, sheet.right());
        let height = Height::of(dots, number, &columns, marks.as_ref(), sheet);
        rows.push((row, marks, y, height.middle + y));
        y += height.whole;
    }
    let bottom = y + if airy { 6.0 } else { 2.0 };

    let frame = Frame { x0: columns.names.left, y0: sheet.top, x1: columns.right, y1: bottom };
    let is_log = scale.log;
    let plot = sheet.rows(frame, scale);
    let measured = dots.rows.iter().any(|row| row.found.is_ok());
    let last = if measured { plot.x_axis(if is_log { dots.axis_name() } else { "" }) } else { bottom };
    for (number, (row, marks, top, middle)) in rows.into_iter().enumerate() {
        let is_subject = is_subject(dots, row);
        let font = if is_subject { theme::LABEL.strong() } else { theme::LABEL };
        let hue = if is_subject { theme::ACCENT } else { theme::PLAIN };
        sheet.group(&row.detail(), || {
            columns.names.write(sheet, number, font, (top, middle));
            match (&row.found, marks) {
                (Ok(summary), Some(marks)) => {
                    marks.draw(sheet, &plot, summary, middle, hue, row.remark.is_some());
                }
                (Err(reason), _) => missing(sheet, reason, (columns.names.left, middle)),
                _ => {}
            }
        });
    }
    last
}

fn is_subject(dots: &Costs, row: &Row) -> bool {
    dots.subject.as_deref() == Some(row.name.as_str())
}

fn scale(dots: &Costs, beside: &[Beside]) -> Scale {
    let mut values: Vec<f64> = Vec::new();
    for s in dots.rows.iter().filter_map(|row| row.found.as_ref().ok()) {
        values.extend([s.p1, s.p99, if dots.means { s.mean } else { s.median }]);
    }
    if !values.is_empty() {
        values.extend(beside.iter().map(|one| one.value));
    }
    Scale::fitting(&values, Unit::Time)
}

/// What stands right of a row's marks.
fn value(dots: &Costs, row: &Row) -> String {
    let Ok(s) = &row.found else { return String::new() };
    let mark = if row.remark.is_some() { " †" } else { "" };
    let mean = if dots.means { format!(", mean {}", Nanos(s.mean)) } else { String::new() };
    let bound = if row.is_bound { "less than " } else { "" };
    format!("{bound}{}{mean}{mark}", Nanos(s.median))
}

/// Names left of the plot, or above their rows where the screen is small. Right of it is the room that values need beside marks
/// that lie far out; those of others stand inside.
struct Columns {
    names: Names,
    right: f64,
}

impl Columns {
    fn of(dots: &Costs, sheet: &Sheet, scale: &Scale) -> Self {
        const EDGE: f64 = 14.0;
        let names = Names::of(sheet, dots.rows.iter().map(|row| row.name.as_str()), theme::LABEL.strong(), 3);
        let room = sheet.right() - names.left;
        let mut wide = room - EDGE;
        for row in &dots.rows {
            if let Ok(s) = &row.found {
                let words = width(&value(dots, row), theme::VALUE.strong()) + DOT + GAP + 1.0;
                let last = if dots.means { s.p99.max(s.mean) } else { s.p99.max(s.median) };
                // A mark at the very beginning leaves its words all the room there is.
                wide = wide.min((room - words) / scale.share(last).max(0.01));
            }
        }
        Self { right: names.left + wide, names }
    }
}

/// How tall a row is, and where in it its marks lie.
struct Height {
    whole: f64,
    middle: f64,
}

impl Height {
    fn of(dots: &Costs, number: usize, columns: &Columns, marks: Option<&Marks>, sheet: &Sheet) -> Self {
        let pitch = match dots.rows.len() {
            0..=10 => 36.0,
            11..=24 => 30.0,
            _ => 25.0,
        };
        let row = &dots.rows[number];
        let raised = marks.map_or(0, |m| m.guesses.iter().filter(|guess| guess.raised).count());
        let reason =
            row.found.as_ref().err().map_or(0, |reason| because(sheet, reason, columns.names.left).len());
        let words = columns.names.beside(number).max(LEADING * reason as f64);
        let tall = f64::max(pitch, words + 12.0);
        let head = columns.names.head(number);
        let middle = head + RAISED * raised as f64 + tall / 2.0 - if raised > 0 { 6.0 } else { 0.0 };
        Self { whole: middle + tall / 2.0, middle }
    }
}

/// The lines of a reason why there is no value.
fn because(sheet: &Sheet, reason: &str, left: f64) -> Vec<String> {
    wrap(&format!("unavailable: {reason}"), theme::VALUE, sheet.right() - left - 6.0, 3)
}

fn missing(sheet: &Sheet, reason: &str, (left, middle): Place) {
    let lines = because(sheet, reason, left);
    let top = middle + 4.0 - LEADING / 2.0 * (lines.len() - 1) as f64;
    for (number, line) in lines.iter().enumerate() {
        let at = (left + 6.0, top + LEADING * number as f64);
        sheet.label(line, theme::VALUE.colored(theme::FAINT), at, HPos::Left);
    }
}

/// Where the marks of a row and their words go, from left to right.
struct Marks<'a> {
    mean: bool,
    /// From the left end of the marks to their right end.
    reach: (f64, f64),
    words: String,
    words_at: f64,
    guesses: Vec<Said<'a>>,
}

/// What stands beside: on the row where there is room, else raised above it.
struct Said<'a> {
    one: &'a Beside,
    at: f64,
    words_at: f64,
    raised: bool,
}

impl<'a> Marks<'a> {
    fn of(
        dots: &Costs,
        row: &Row,
        beside: Vec<&'a Beside>,
        columns: &Columns,
        scale: &Scale,
        edge: f64,
    ) -> Option<Self> {
        const DIAMOND: f64 = 8.0;
        let s = row.found.as_ref().ok()?;
        let left = columns.names.left;
        let x = |value: f64| left + (columns.right - left) * scale.share(value);
        let mean = dots.means.then(|| x(s.mean));
        let dot = x(s.median);
        let low = x(s.p1).min(dot - DOT).min(mean.map_or(dot, |m| m - 5.0));
        let high = x(s.p99).max(dot + DOT).max(mean.map_or(dot, |m| m + 5.0));
        let words = value(dots, row);
        let words_at = high + GAP;
        let end = words_at + width(&words, theme::VALUE.strong());
        // Where nothing else stands on the row, one of them with its words; the others raised.
        let free = |from: f64, to: f64| {
            let clear = to < low - 4.0 || from > end + 6.0;
            from >= left - DIAMOND && to <= edge && clear
        };
        let on_row = |one: &&Beside| {
            let (at, wide) = (x(one.value), width(&one.words(), one.font()));
            let (before, behind) = (at - DIAMOND - 4.0 - wide, at + DIAMOND + 4.0);
            let places = [(before, at + DIAMOND, before), (at - DIAMOND, behind + wide, behind)];
            let (.., start) = places.into_iter().find(|(from, to, _)| free(*from, *to))?;
            let other = |other: &&Beside| {
                !std::ptr::eq(*other, *one)
                    && (start - DIAMOND..start + wide + DIAMOND).contains(&x(other.value))
            };
            (!beside.iter().any(other)).then_some(start)
        };
        let level = beside.iter().find_map(|one| Some((*one, on_row(one)?)));
        let mut guesses: Vec<Said> = Vec::new();
        guesses.extend(level.map(|(one, words_at)| Said { one, at: x(one.value), words_at, raised: false }));
        let is_raised = |one: &&Beside| level.is_none_or(|(other, _)| !std::ptr::eq(*one, other));
        let raised: Vec<&Beside> = beside.into_iter().filter(is_raised).collect();
        let sizes: Vec<(f64, f64)> =
            raised.iter().map(|one| (x(one.value), width(&one.words(), one.font()))).collect();
        for (number, words_at) in arranged(&sizes, (left - DIAMOND, edge)) {
            guesses.push(Said { one: raised[number], at: sizes[number].0, words_at, raised: true });
        }
        Some(Self { mean: dots.means, reach: (low, high), words, words_at, guesses })
    }

    fn draw(&self, sheet: &Sheet, plot: &Plot, s: &Summary, y: f64, hue: Hue, remarked: bool) {
        plot.line(&[(s.p1, y), (s.p99, y)], Pen::line(hue.mark, 1.5));
        plot.line(&[(s.q1, y), (s.q3, y)], Pen::line(hue.mark, 6.0).round(0.0));
        if self.mean {
            cross(plot, (s.mean, y), hue);
        }
        plot.dot((s.median, y), hue, remarked);
        let font = theme::VALUE.colored(hue.text);
        let font = if hue == theme::ACCENT { font.strong() } else { font };
        sheet.label(&self.words, font, (self.words_at, y + 4.0), HPos::Left);
        let mut above = 0.0;
        for said in &self.guesses {
            let y = if said.raised {
                above += RAISED;
                y - above
            } else {
                y
            };
            if said.raised {
                // Down to the marks, or to just above the words beside them.
                let inside = (self.reach.0..=self.reach.1).contains(&said.at);
                let end = y + above - if inside { 2.0 } else { 10.0 };
                let thread = [(said.at, y + 7.0), (said.at, end)];
                sheet.line(&thread, Pen::line(said.one.hue().mark, 1.0).dashed(2.0, 2.0).solid());
            }
            said.one.mark(plot, (said.one.value, y));
            sheet.label(&said.one.words(), said.one.font(), (said.words_at, y + 4.0), HPos::Left);
        }
    }
}

/// The mark of a mean.
fn cross(plot: &Plot, at: Place, hue: Hue) {
    let mut arms = Vec::new();
    for tilt in [-1.0, 1.0] {
        let arm = vec![(-4.5, -4.5 * tilt), (4.5, 4.5 * tilt)];
        arms.push((arm.clone(), Pen::line(theme::GROUND, 4.0).round(0.0)));
        arms.push((arm, Pen::line(hue.text, 2.0).round(0.0).solid()));
    }
    plot.draw(&Element::mark(at, arms));
}
