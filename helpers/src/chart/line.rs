//! One value after the other: what each page, each call, each turn took.

use super::canvas::Frame;
use super::figure::{Figure, Parts, Table, Words, wordy};
use super::pen::Pen;
use super::plot::{self, Plot};
use super::scale::{Scale, Unit};
use super::sheet::Sheet;
use super::text::{capital, plain, width, wrap};
use super::theme::{self, Hue};
use crate::statistics::{Summary, quantile, sorted};
use crate::units::{Count, Nanos, Ratio};
use plotters_backend::text_anchor::HPos;

/// Starts a chart of series of durations over the number of the thing that took them: `line("page", "time per touch")`. The
/// time axis is logarithmic when values span two decades. A series longer than the plot is wide becomes a line of medians in
/// a band from the least to the greatest value.
///
/// ```
/// use helpers::{chart, nanos};
/// // Which touch of a page is the dear one?
/// let (first, second) = ([nanos(1600.0), nanos(1700.0)], [nanos(23.0), nanos(22.0)]);
/// let figure = chart::line("page", "time per touch").series("first", &first).series("second", &second).figure();
/// assert!(figure.title.starts_with("first"));
/// ```
pub fn line(counted: impl Into<String>, what: impl Into<String>) -> Line {
    Line {
        words: Words::default(),
        counted: plain(&counted.into()),
        what: plain(&what.into()),
        series: Vec::new(),
    }
}

/// Series of durations; see [`line`].
#[derive(Clone, Debug)]
pub struct Line {
    words: Words,
    counted: String,
    what: String,
    series: Vec<Series>,
}

wordy!(Line);

#[derive(Clone, Debug)]
struct Series {
    name: String,
    values: Vec<f64>,
    summary: Result<Summary, String>,
}

impl Line {
    /// Adds a series: one duration for each thing, in their order.
    pub fn series(mut self, name: impl Into<String>, values: &[Nanos]) -> Self {
        let values: Vec<f64> = values.iter().map(|value| value.0).collect();
        let summary = Summary::of(&values).ok_or_else(|| "no sample was taken".to_owned());
        self.series.push(Series { name: plain(&name.into()), values, summary });
        self
    }

    /// Keeps the name of a series that could not be measured, with the reason.
    pub fn unavailable(mut self, name: impl Into<String>, reason: &crate::verdict::Unavailable) -> Self {
        let reason = plain(&reason.to_string());
        self.series.push(Series { name: plain(&name.into()), values: Vec::new(), summary: Err(reason) });
        self
    }

    fn measured(&self) -> Vec<(&Series, &Summary)> {
        self.series.iter().filter_map(|series| series.summary.as_ref().ok().map(|s| (series, s))).collect()
    }

    fn drawn(&self, wide: f64) -> Figure {
        let measured = self.measured();
        let mut table =
            Table::new(&["series", "n", "median", "middle half", "best", "99 %", "worst", "remark"]);
        let mut told = Vec::new();
        let mut notes = Vec::new();
        for series in &self.series {
            let mut row = vec![series.name.clone()];
            match &series.summary {
                Err(reason) => {
                    told.push(format!("{}: unavailable, {reason}", series.name));
                    notes.push(format!("{}: unavailable: {reason}", series.name));
                    row.resize(table.headers.len() - 1, "–".to_owned());
                    row.push(format!("unavailable: {reason}"));
                }
                Ok(s) => {
                    let [median, q1, q3, min, p99, max] =
                        [s.median, s.q1, s.q3, s.min, s.p99, s.max].map(|value| Nanos(value).to_string());
                    told.push(format!("{}: median {median}, from {min} to {max}", series.name));
                    row.push(Count(s.n as u64).to_string());
                    row.extend([median, format!("{q1} to {q3}"), min, p99, max, String::new()]);
                }
            }
            table.rows.push(row);
        }
        let longest = self.series.iter().map(|series| series.values.len()).max().unwrap_or(0);
        let what = self.words.subtitle.clone().unwrap_or_else(|| self.what.clone());
        let subtitle = if measured.is_empty() { what } else { format!("{what}, {0} by {0}", self.counted) };
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found(&measured)),
            subtitle: capital(&subtitle),
            values: format!("{}.", told.join("; ")),
            notes,
            conditions: if longest > 0 {
                vec![format!("{} 1 to {}", self.counted, Count(longest as u64))]
            } else {
                Vec::new()
            },
            table,
        };
        let sheet = parts.sheet(wide);
        let bottom = if measured.is_empty() { sheet.top - 20.0 } else { self.draw(&measured, &sheet) };
        parts.finish(sheet, bottom)
    }

    fn found(&self, measured: &[(&Series, &Summary)]) -> String {
        match measured {
            [] => match self.series.first().map(|series| &series.summary) {
                Some(Err(reason)) => format!("Not measured here: {reason}"),
                _ => "Not measured here: no series was given".to_owned(),
            },
            [(series, s)] if s.min >= s.max => {
                format!("{} takes {} every time", series.name, Nanos(s.median))
            }
            [(series, s)] => format!(
                "{} takes {}, between {} and {}",
                series.name,
                Nanos(s.median),
                Nanos(s.min),
                Nanos(s.max)
            ),
            several => {
                let by =
                    |a: &&(&Series, &Summary), b: &&(&Series, &Summary)| a.1.median.total_cmp(&b.1.median);
                let (most, least) = (several.iter().max_by(by), several.iter().min_by(by));
                match (most, least) {
                    (Some((dear, most)), Some((cheap, least))) if least.median > 0.0 => format!(
                        "{} takes {}, {} times {}",
                        dear.name,
                        Nanos(most.median),
                        Ratio(most.median / least.median),
                        cheap.name
                    ),
                    (Some((dear, most)), _) => format!("{} takes {}", dear.name, Nanos(most.median)),
                    _ => String::new(),
                }
            }
        }
    }

    fn draw(&self, measured: &[(&Series, &Summary)], sheet: &Sheet) -> f64 {
        const HIGH: f64 = 250.0;
        let all = measured.iter().flat_map(|(series, _)| series.values.iter().copied());
        let y = Scale::fitting(all, Unit::Time);
        let longest = measured.iter().map(|(series, _)| series.values.len()).max().unwrap_or(1);
        // Where the screen is small, names stand above the plot instead of at the ends of the lines.
        let above = sheet.is_narrow();
        let labels: Vec<Vec<String>> = measured
            .iter()
            .map(|(series, s)| {
                let font = theme::VALUE.strong();
                let room = if above { sheet.inner() - 26.0 } else { 150.0 };
                let mut lines = wrap(&series.name, font, room, if above { 2 } else { 3 });
                lines.push(format!("median {}", Nanos(s.median)));
                if above && lines.len() == 2 && width(&lines.join(", "), font) < room {
                    lines = vec![lines.join(", ")];
                }
                lines
            })
            .collect();
        let widest =
            labels.iter().flatten().map(|line| width(line, theme::VALUE.strong())).fold(0.0, f64::max);
        let mut top = sheet.top;
        if above {
            for (number, lines) in labels.iter().enumerate() {
                let hue = hue(number, measured.len());
                sheet.line(&[(sheet.margin, top + 4.0), (sheet.margin + 18.0, top + 4.0)], pen(number, hue));
                if measured[number].0.values.len() <= FEW {
                    let (radius, pen) = marker(number, hue);
                    sheet.circle((sheet.margin + 9.0, top + 4.0), radius, pen);
                }
                top = named(sheet, lines, hue, (sheet.margin + 26.0, top + 8.0)) + 14.0;
            }
        }
        let top = top + 22.0;
        let left = sheet.margin + plot::y_labels(&y, HIGH);
        let right = if above { sheet.right() - 6.0 } else { sheet.right() - widest - 12.0 };
        let frame = Frame { x0: left, y0: top, x1: right, y1: top + HIGH };
        // Half a step of air on each side, so that the first and the last point lie inside.
        let plot = sheet.plot(frame, Scale::linear(0.5, longest as f64 + 0.5, Unit::Count), y);
        plot.y_axis(&self.what);
        let last = plot.x_axis(&self.counted);
        for (number, (series, _)) in measured.iter().enumerate() {
            let hue = hue(number, measured.len());
            sheet.group(&series.name, || plot.clipped(|plot| trace(plot, &series.values, number, hue)));
        }
        if !above {
            let ends: Vec<(f64, f64)> = measured
                .iter()
                .zip(&labels)
                .map(|((_, s), lines)| (plot.at(0.0, s.median).1, 15.0 * lines.len() as f64))
                .collect();
            for (number, start) in
                plot::spread(&ends, 8.0, (frame.y0 - 4.0, frame.y1 + 4.0)).into_iter().enumerate()
            {
                named(sheet, &labels[number], hue(number, measured.len()), (right + 10.0, start + 11.0));
            }
        }
        last
    }
}

/// A series' name and median over some lines; returns the last baseline.
fn named(sheet: &Sheet, lines: &[String], hue: Hue, (x, y): (f64, f64)) -> f64 {
    for (number, line) in lines.iter().enumerate() {
        let font = theme::VALUE.colored(hue.text);
        let font = if number + 1 < lines.len() || lines.len() == 1 { font.strong() } else { font };
        sheet.text(line, font, (x, y + 15.0 * number as f64), HPos::Left);
    }
    y + 15.0 * (lines.len() - 1) as f64
}

fn hue(number: usize, count: usize) -> Hue {
    if count == 1 { theme::ACCENT } else { theme::category(number) }
}

/// Up to so many values are drawn as points.
const FEW: usize = 80;

/// A point of a series: filled and hollow in turn.
fn marker(number: usize, hue: Hue) -> (f64, Pen) {
    if number.is_multiple_of(2) { (2.6, Pen::fill(hue.mark)) } else { (2.4, Pen::line(hue.mark, 1.4)) }
}

/// Series are told apart by colour, dash and the place of their label.
fn pen(number: usize, hue: Hue) -> Pen {
    let pen = Pen::line(hue.mark, 1.3).round(0.0);
    match number % 3 {
        0 => pen,
        1 => pen.dashed(6.0, 3.0),
        _ => pen.dashed(1.5, 3.0),
    }
}

/// Draws a series: points where there are few, a line where there are more, and where there are more than pixels the
/// median of each column within its least and greatest value.
fn trace(plot: &Plot, values: &[f64], number: usize, hue: Hue) {
    let at = |place: usize| place as f64 + 1.0;
    let columns = ((plot.frame.x1 - plot.frame.x0) as usize).max(1);
    let finite = |value: &f64| value.is_finite();
    if values.len() <= FEW {
        let line: Vec<(f64, f64)> =
            values.iter().enumerate().filter(|(_, v)| finite(v)).map(|(i, v)| (at(i), *v)).collect();
        plot.line(&line, Pen::line(hue.mark, 1.0).faint(0.5));
        for point in line {
            let (radius, pen) = marker(number, hue);
            plot.circle(point, radius, pen);
        }
        return;
    }
    if values.len() <= columns * 2 {
        let line: Vec<(f64, f64)> =
            values.iter().enumerate().filter(|(_, v)| finite(v)).map(|(i, v)| (at(i), *v)).collect();
        plot.line(&line, pen(number, hue));
        return;
    }
    let (mut lowest, mut middle, mut highest) = (Vec::new(), Vec::new(), Vec::new());
    for column in 0..columns {
        let (from, to) = (values.len() * column / columns, values.len() * (column + 1) / columns);
        let part = sorted(&values[from..to]);
        if let (Some(low), Some(high)) = (part.first(), part.last()) {
            let x = f64::midpoint(at(from), at(to));
            lowest.push((x, *low));
            middle.push((x, quantile(&part, 0.5)));
            highest.push((x, *high));
        }
    }
    lowest.extend(highest.into_iter().rev());
    plot.polygon(&lowest, Pen::fill(hue.mark).faint(0.3));
    plot.line(&middle, Pen::line(hue.mark, 1.5));
}
