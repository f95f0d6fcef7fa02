//! Where lines, bands, and the names at their ends go.

use super::{Sequences, Series};
use crate::chart::overlay::Beside;
use crate::drawing::canvas::Frame;
use crate::drawing::pen::Pen;
use crate::drawing::plot::{self, Plot};
use crate::drawing::scale::{Scale, Unit};
use crate::drawing::sheet::{Draw, Sheet};
use crate::drawing::text::{width, wrap};
use crate::drawing::theme::{self, Font, Hue};
use crate::statistics::{Summary, quantile, sorted};
use plotters_backend::text_anchor::HPos;

/// A series longer than this is drawn by the median of each column of pixels.
pub(super) const LONG: usize = 1400;
const LEADING: f64 = 15.0;
/// Between two names at the ends of lines.
const APART: f64 = 8.0;

/// Draws axes, series and what stands beside them; returns the lowest baseline.
pub(super) fn draw(chart: &Sequences, beside: &[Beside], sheet: &Sheet) -> f64 {
    const LEAST: f64 = 250.0;
    let measured = &chart.measured();
    let mut values: Vec<f64> = beside.iter().map(|one| one.value).collect();
    for (series, _) in measured {
        values.extend(&series.values);
        for (low, high) in &series.band {
            values.extend([low, high]);
        }
    }
    let y = Scale::fitting(&values, chart.unit);
    // Where the screen is small, names stand above the plot instead of at the ends of the lines.
    let above = sheet.is_narrow();
    let names = names(chart, measured, beside, sheet);
    let taken: f64 = names.iter().map(|name| LEADING * name.lines.len() as f64 + APART).sum();
    let high = if above { LEAST } else { LEAST.max(taken) };
    let mut top = sheet.top;
    for name in names.iter().filter(|_| above) {
        name.sample(sheet, top + 4.0);
        top = name.write(sheet, (sheet.margin + 26.0, top + 8.0)) + 14.0;
    }
    let top = top + 22.0;
    let left = sheet.margin + plot::y_labels(&y, high);
    let widest = names.iter().map(Name::wide).fold(0.0, f64::max);
    let right = if above { sheet.right() - 6.0 } else { sheet.right() - widest - 14.0 };
    let frame = Frame { x0: left, y0: top, x1: right, y1: top + high };
    let plot = sheet.plot(frame, across(chart, measured), y);
    plot.y_axis(&chart.what);
    let last = plot.x_axis(&chart.counted);
    let (behind, before): (Vec<usize>, Vec<usize>) =
        (0..measured.len()).partition(|number| !is_named(*number, measured));
    for number in behind.into_iter().chain(before) {
        let series = measured[number].0;
        let hue = hue(series, number, measured);
        sheet.group(&series.name, || plot.clipped(|plot| trace(chart, plot, series, (number, hue))));
    }
    expected(&plot, beside);
    if !above {
        let ends: Vec<(f64, f64)> =
            names.iter().map(|name| (plot.y(name.end), LEADING * name.lines.len() as f64)).collect();
        let starts = plot::spread(&ends, APART, (frame.y0 - 4.0, frame.y1 + 4.0));
        for (name, start) in names.iter().zip(starts) {
            name.write(sheet, (right + 12.0, start + 11.0));
        }
    }
    last
}

/// What was expected, from side to side.
fn expected(plot: &Plot, beside: &[Beside]) {
    let (first, end) = plot.x_ends();
    for one in beside {
        plot.line(
            &[(first, one.value), (end, one.value)],
            Pen::line(one.hue().mark, 1.3).dashed(5.0, 4.0).solid(),
        );
        one.mark(plot, (end, one.value));
    }
}

/// The axis of what was counted: ruled at the places of a sweep; else with half a step of air on each side, so that the first
/// and the last point lie inside.
fn across(chart: &Sequences, measured: &[(&Series, &Summary)]) -> Scale {
    const MOST: usize = 16;
    let longest = measured.iter().map(|(series, _)| series.values.len()).max().unwrap_or(1);
    let places: Vec<f64> = (0..longest).map(|number| chart.place(number)).collect();
    let is_ascending = places.windows(2).all(|pair| pair[0] < pair[1]);
    if !chart.places.is_empty() && longest <= MOST && longest > 0 && is_ascending {
        return Scale::of_places(&places, Unit::Count);
    }
    let (low, high) = (
        places.iter().copied().fold(f64::INFINITY, f64::min),
        places.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    if !chart.places.is_empty() && low > 0.0 && high / low >= 100.0 {
        return Scale::fitting(&[low, high], Unit::Count);
    }
    Scale::linear(low - 0.5, high + 0.5, Unit::Count)
}

/// In a crowd only the least and the greatest have names.
fn is_named(number: usize, measured: &[(&Series, &Summary)]) -> bool {
    let by = |a: &usize, b: &usize| measured[*a].1.median.total_cmp(&measured[*b].1.median);
    let all = || 0..measured.len();
    measured.len() <= CROWD
        || all().rev().max_by(by) == Some(number)
        || all().rev().min_by(by) == Some(number)
}

/// What stands at the end of a line.
struct Name {
    lines: Vec<String>,
    font: Font,
    /// The value that it belongs to.
    end: f64,
    /// How its line is drawn, and its marker.
    pens: (Pen, Option<(f64, Pen)>),
}

fn names(chart: &Sequences, measured: &[(&Series, &Summary)], beside: &[Beside], sheet: &Sheet) -> Vec<Name> {
    let font = theme::VALUE.strong();
    let above = sheet.is_narrow();
    let room = if above { sheet.inner() - 26.0 } else { 150.0 };
    let is_sweep = !chart.places.is_empty()
        || measured
            .iter()
            .any(|(series, _)| series.is_model || series.band.iter().any(|(low, high)| low < high));
    let mut names = Vec::new();
    for (number, (series, s)) in measured.iter().enumerate().filter(|(n, _)| is_named(*n, measured)) {
        let last = series.values.iter().rev().copied().find(|value| value.is_finite()).unwrap_or(s.median);
        let end = if is_sweep { last } else { s.median };
        let mut lines = wrap(&series.name, font, room, if above { 2 } else { 3 });
        let value = chart.unit.words(end);
        lines.push(if is_sweep { value } else { format!("median {value}") });
        if !is_sweep && s.min < s.max && measured.len() <= CROWD {
            lines.extend(wrap(
                &format!("{} to {}", chart.unit.words(s.min), chart.unit.words(s.max)),
                font,
                room,
                2,
            ));
        }
        if above && lines.len() > 1 && width(&lines.join(", "), font) < room {
            lines = vec![lines.join(", ")];
        }
        let hue = hue(series, number, measured);
        let marker = (series.values.len() <= FEW && !series.is_model && measured.len() <= CROWD)
            .then(|| marker(number, hue));
        let pens = (pen(series, number, hue), marker);
        names.push(Name { lines, font: font.colored(hue.text), end, pens });
    }
    for one in beside {
        let pen = Pen::line(one.hue().mark, 1.3).dashed(5.0, 4.0);
        let lines = wrap(&one.words(), one.font(), room, 2);
        names.push(Name { lines, font: one.font(), end: one.value, pens: (pen, None) });
    }
    names
}

impl Name {
    fn wide(&self) -> f64 {
        self.lines.iter().map(|line| width(line, self.font)).fold(0.0, f64::max)
    }

    /// A piece of the line, for a name that stands elsewhere.
    fn sample(&self, sheet: &Sheet, y: f64) {
        sheet.line(&[(sheet.margin, y), (sheet.margin + 18.0, y)], self.pens.0);
        if let Some((radius, pen)) = self.pens.1 {
            sheet.circle((sheet.margin + 9.0, y), radius, pen);
        }
    }

    /// Writes the name over the value; returns the last baseline.
    fn write(&self, sheet: &Sheet, (x, y): (f64, f64)) -> f64 {
        let last = self.lines.len() - 1;
        for (number, line) in self.lines.iter().enumerate() {
            let strong = self.font.strong && number == 0;
            let font = Font { strong, ..self.font };
            sheet.text(line, font, (x, y + LEADING * number as f64), HPos::Left);
        }
        y + LEADING * last as f64
    }
}

fn hue(series: &Series, number: usize, measured: &[(&Series, &Summary)]) -> Hue {
    match (series.is_model, measured.len()) {
        (false, count) if count > CROWD && !is_named(number, measured) => theme::PLAIN,
        (true, _) => theme::EXPECTED,
        (false, 1) => theme::ACCENT,
        _ => theme::category(number),
    }
}

/// Up to so many values are drawn as points.
const FEW: usize = 80;
/// ... where there are no more series than this.
pub(super) const CROWD: usize = 12;

/// A point of a series: filled and hollow in turn.
fn marker(number: usize, hue: Hue) -> (f64, Pen) {
    if number.is_multiple_of(2) { (2.6, Pen::fill(hue.mark)) } else { (2.4, Pen::line(hue.mark, 1.4)) }
}

/// Series are told apart by colour, dash and the place of their label.
fn pen(series: &Series, number: usize, hue: Hue) -> Pen {
    let pen = Pen::line(hue.mark, 1.3).round(0.0);
    match number % 3 {
        _ if series.is_model => pen.dashed(2.0, 3.5),
        0 => pen,
        1 => pen.dashed(6.0, 3.0),
        _ => pen.dashed(1.5, 3.0),
    }
}

/// Draws a series: points where there are few, a line where there are more, and where there are more than pixels the
/// median of each column within its least and greatest value.
fn trace(chart: &Sequences, plot: &Plot, series: &Series, (number, hue): (usize, Hue)) {
    let values = &series.values;
    let at = |number: usize| chart.place(number);
    let columns = ((plot.frame.x1 - plot.frame.x0) as usize).max(1);
    let known = || values.iter().enumerate().filter(|(_, value)| value.is_finite());
    if series.band.iter().any(|(low, high)| low < high) {
        let side = |end: fn(&(f64, f64)) -> f64| known().map(move |(i, _)| (at(i), end(&series.band[i])));
        let mut around: Vec<(f64, f64)> = side(|band| band.0).collect();
        around.extend(side(|band| band.1).collect::<Vec<_>>().into_iter().rev());
        plot.polygon(&around, Pen::fill(hue.mark).faint(0.18));
        for edge in around.chunks(around.len() / 2) {
            plot.line(edge, Pen::line(hue.mark, 0.8));
        }
    }
    if series.is_model {
        plot.line(&known().map(|(i, value)| (at(i), *value)).collect::<Vec<_>>(), pen(series, number, hue));
        return;
    }
    if values.len() <= FEW && chart.series.len() <= CROWD {
        let line: Vec<(f64, f64)> = known().map(|(i, value)| (at(i), *value)).collect();
        plot.line(&line, Pen::line(hue.mark, 1.0).faint(0.5));
        for point in line {
            let (radius, pen) = marker(number, hue);
            plot.circle(point, radius, pen);
        }
        return;
    }
    if values.len() <= columns * 2 {
        let line: Vec<(f64, f64)> = known().map(|(i, value)| (at(i), *value)).collect();
        plot.line(&line, pen(series, number, hue));
        return;
    }
    let (mut lowest, mut middle, mut highest) = (Vec::new(), Vec::new(), Vec::new());
    for column in 0..columns {
        let (from, to) = (values.len() * column / columns, values.len() * (column + 1) / columns);
        let part = sorted(&values[from..to]);
        if let (Some(low), Some(high)) = (part.first(), part.last()) {
            let x = f64::midpoint(at(from), at(to - 1));
            lowest.push((x, *low));
            middle.push((x, quantile(&part, 0.5)));
            highest.push((x, *high));
        }
    }
    lowest.extend(highest.into_iter().rev());
    plot.polygon(&lowest, Pen::fill(hue.mark).faint(0.3));
    plot.line(&middle, Pen::line(hue.mark, 1.5));
}
