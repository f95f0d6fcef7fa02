//! Dots on one axis: what things cost, from the cheapest to the dearest.

mod layout;

use super::figure::{Figure, Parts, Table, Words, measured, no_sample, wordy};
use super::overlay::{Overlays, overlaid};
use crate::drawing::text::{plain, told};
use crate::measure::{Status, Timing};
use crate::statistics::{Summary, order};
use crate::units::{Count, Nanos, Ratio};

/// Starts a chart of several timings, one row each: a dot at the median, a bar over the middle half, a line from 1 % to 99 %.
/// The axis is logarithmic when the values span two decades. A timing that could not be measured keeps its row.
///
/// ```
/// use helpers::{chart, measure};
/// // What does a number cost that is parsed, against one that is copied?
/// let copy = measure("copy", || 42_u64);
/// let parse = measure("parse", || "42".parse::<u64>());
/// let figure = chart::dots([&copy, &parse]).subject(&parse).figure();
/// assert!(figure.title.contains("parse") && figure.faults().is_empty());
/// ```
pub fn dots<'a>(timings: impl IntoIterator<Item = &'a Timing>) -> Dots {
    Dots {
        words: Words::default(),
        rows: timings.into_iter().map(Row::of).collect(),
        subject: None,
        overlays: Overlays::default(),
        means: false,
    }
}

/// Dots on one axis; see [`dots`].
#[derive(Clone, Debug)]
pub struct Dots {
    words: Words,
    rows: Vec<Row>,
    subject: Option<String>,
    overlays: Overlays,
    means: bool,
}

wordy!(Dots);
overlaid!(Dots, reference);

/// One timing, without its samples.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    found: Result<Summary, String>,
    remark: Option<String>,
    batches: u64,
    calls: u64,
    resolution: f64,
}

impl Row {
    fn of(timing: &Timing) -> Self {
        let found = measured(timing).and_then(|samples| Summary::of(samples).ok_or_else(no_sample));
        let remark = match &timing.status {
            Status::Disturbed(signs) => Some(format!("disturbed: {}", signs.join("; "))),
            Status::BelowResolution(why) => Some(format!("below resolution: {why}")),
            Status::Unsettled(why) => Some(format!("unsettled: {why}")),
            Status::Clean | Status::Unavailable(_) => None,
        };
        Self {
            name: plain(&timing.name),
            found,
            remark,
            batches: timing.samples.len() as u64,
            calls: timing.calls,
            resolution: timing.clock.resolution.0,
        }
    }
}

impl Dots {
    fn has(&self, name: &str) -> bool {
        self.rows.iter().any(|row| row.name == name)
    }

    /// The timing that the finding is about: its row is accentuated, and a guess stands there that names no other.
    pub fn subject(mut self, timing: &Timing) -> Self {
        self.subject = Some(plain(&timing.name));
        self
    }

    /// Marks the mean beside the median: disturbance moves the one and not the other.
    pub fn means(mut self) -> Self {
        self.means = true;
        self
    }

    fn drawn(&self, wide: f64) -> Figure {
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found()),
            subtitle: self.explained(),
            values: self.told(),
            notes: self.notes(),
            conditions: self.sampling(),
            table: self.table(),
        };
        let sheet = parts.sheet(wide);
        let bottom = layout::draw(self, &sheet);
        parts.finish(sheet, bottom)
    }

    /// The finding, where nobody gave one.
    fn found(&self) -> String {
        const ALIKE: f64 = 1.02;
        let mut measured: Vec<(&str, f64)> = Vec::new();
        for row in &self.rows {
            if let Ok(s) = &row.found {
                measured.push((&row.name, s.median));
            }
        }
        let ends = order(measured.len(), &|number| measured[number].1);
        let [least, most] = [ends.first(), ends.last()].map(|end| end.map(|number| measured[*number]));
        let subject = measured.iter().find(|(name, _)| Some(*name) == self.subject.as_deref()).copied();
        match (least, most, subject) {
            (None, ..) => match self.rows.first() {
                Some(Row { found: Err(reason), .. }) => format!("Not measured here: {reason}"),
                _ => "Not measured here: no timing was given".to_owned(),
            },
            (Some(least), _, Some(s)) if least.0 != s.0 && least.1 > 0.0 => {
                format!("{} takes {}, {} times {}", s.0, Nanos(s.1), Ratio(s.1 / least.1), least.0)
            }
            (Some(least), Some(most), None) if least.0 != most.0 && least.1 > 0.0 => {
                let times = most.1 / least.1;
                if times < ALIKE {
                    format!("All {} take about {}", measured.len(), Nanos(least.1))
                } else {
                    let (low, high) = (Nanos(least.1), Nanos(most.1));
                    format!("From {low} to {high}: {} takes {} times {}", most.0, Ratio(times), least.0)
                }
            }
            (Some(only), _, subject) => {
                let (name, median) = subject.unwrap_or(only);
                format!("{name} takes {}", Nanos(median))
            }
        }
    }

    /// What is plotted, and how to read it.
    fn explained(&self) -> String {
        let what = self.words.subtitle.as_deref().unwrap_or("Time per call");
        let mean = if self.means { ", mean (cross)" } else { "" };
        let said = self.overlaid().legend();
        let marked =
            if self.rows.iter().any(|row| row.remark.is_some()) { "; † hollow: with a remark" } else { "" };
        if self.rows.iter().all(|row| row.found.is_err()) {
            return what.to_owned();
        }
        format!("{what}: median (dot), middle half (bar), 1 to 99 % (line){mean}{said}{marked}")
    }

    /// The values as sentences.
    fn told(&self) -> String {
        let mut told: Vec<String> = self
            .rows
            .iter()
            .map(|row| match &row.found {
                Ok(s) => format!(
                    "{}: {}, middle half {} to {}",
                    row.name,
                    Nanos(s.median),
                    Nanos(s.q1),
                    Nanos(s.q3)
                ),
                Err(reason) => format!("{}: unavailable, {reason}", row.name),
            })
            .collect();
        told.extend(self.overlaid().told());
        format!("{}.", told.join("; "))
    }

    fn notes(&self) -> Vec<String> {
        const MOST: usize = 4;
        let remarks =
            self.rows.iter().filter_map(|row| row.remark.as_ref().map(|r| format!("† {}: {r}", row.name)));
        let mut notes: Vec<String> = remarks.collect();
        if notes.len() > MOST {
            let more = notes.len() + 1 - MOST;
            notes.truncate(MOST - 1);
            notes.push(format!("† and {more} more, told in the data table"));
        }
        notes.extend(self.overlaid().notes());
        notes
    }

    /// Batches, calls and clock, for the footer.
    fn sampling(&self) -> Vec<String> {
        let measured: Vec<&Row> = self.rows.iter().filter(|row| row.found.is_ok()).collect();
        let between = |of: fn(&Row) -> u64| {
            let all = measured.iter().map(|row| of(row));
            Some((all.clone().min()?, all.max()?))
        };
        let (Some(batches), Some(calls)) = (between(|row| row.batches), between(|row| row.calls)) else {
            return Vec::new();
        };
        let resolution = measured.iter().map(|row| row.resolution).fold(0.0, f64::max);
        let sampling = match calls {
            (1, 1) => counted(batches, "call", "calls"),
            calls => {
                format!("{} of {}", counted(batches, "batch", "batches"), counted(calls, "call", "calls"))
            }
        };
        vec![sampling, format!("clock resolves {}", told(&Nanos(resolution).to_string()))]
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&[
            "name",
            "median",
            "95 % interval",
            "middle half",
            "1 %",
            "99 %",
            "best",
            "worst",
            "mean",
            "n",
            "remark",
        ]);
        for row in &self.rows {
            table.rows.push(match &row.found {
                Err(reason) => {
                    let mut cells = vec![row.name.clone()];
                    cells.extend(std::iter::repeat_n("–".to_owned(), 9));
                    cells.push(format!("unavailable: {reason}"));
                    cells
                }
                Ok(s) => {
                    let [p1, p99, min, max, mean] =
                        [s.p1, s.p99, s.min, s.max, s.mean].map(|v| Nanos(v).to_string());
                    let to = |low, high| format!("{} to {}", Nanos(low), Nanos(high));
                    let (n, calls) = (Count(row.batches), Count(row.calls));
                    vec![
                        row.name.clone(),
                        Nanos(s.median).to_string(),
                        to(s.interval.0, s.interval.1),
                        to(s.q1, s.q3),
                        p1,
                        p99,
                        min,
                        max,
                        mean,
                        format!("{n} × {calls}"),
                        row.remark.clone().unwrap_or_default(),
                    ]
                }
            });
        }
        for [name, value] in self.overlaid().rows() {
            let mut cells = vec![name, value];
            cells.resize(table.headers.len(), String::new());
            table.rows.push(cells);
        }
        table
    }
}

impl Row {
    /// What a browser shows on hover.
    fn detail(&self) -> String {
        match &self.found {
            Err(reason) => format!("{}: unavailable, {reason}", self.name),
            Ok(s) => format!(
                "{}: median {}, 95 % interval {} to {}, middle half {} to {}, 1 % {}, 99 % {}",
                self.name,
                Nanos(s.median),
                Nanos(s.interval.0),
                Nanos(s.interval.1),
                Nanos(s.q1),
                Nanos(s.q3),
                Nanos(s.p1),
                Nanos(s.p99)
            ),
        }
    }
}

/// `200 batches`, `1 batch`, `40 to 200 batches`.
fn counted((low, high): (u64, u64), one: &str, many: &str) -> String {
    match (low, high) {
        (1, 1) => format!("1 {one}"),
        _ if low == high => format!("{} {many}", Count(low)),
        _ => format!("{} to {} {many}", Count(low), Count(high)),
    }
}
