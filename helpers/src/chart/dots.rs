//! Dots on one axis: what things cost, from the cheapest to the dearest.

mod found;
mod layout;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, DURATION, Kind, chart, measured, no_sample, sample};
use super::overlay::Beside;
use crate::clock::resolves;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::{plain, spoken};
use crate::measure::{Status, Timing};
use crate::statistics::Summary;
use crate::units::{Count, Nanos, Unit};

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
    chart(Costs { rows: timings.into_iter().map(Row::of).collect(), subject: None, means: false })
}

/// A chart of dots on one axis; see [`dots`].
pub type Dots = Chart<Costs>;

/// What several things cost.
#[derive(Clone)]
pub struct Costs {
    rows: Vec<Row>,
    subject: Option<String>,
    means: bool,
}

/// One timing, without its samples.
#[derive(Clone)]
struct Row {
    name: String,
    found: Result<Summary, String>,
    remark: Option<String>,
    batches: u64,
    calls: u64,
    /// What one sample is.
    sample: [&'static str; 2],
    /// Too little to be seen: the number is only a bound.
    is_bound: bool,
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
            sample: sample(timing),
            is_bound: matches!(timing.status, Status::BelowResolution(_)),
            resolution: timing.clock.resolution.0,
        }
    }
}

impl Dots {
    /// The timing that the finding is about: its row is accentuated, and what the reader guessed stands there.
    pub fn subject(mut self, timing: &Timing) -> Self {
        self.kind.subject = Some(plain(&timing.name));
        self
    }

    /// Marks the mean beside the median: disturbance moves the one and not the other.
    pub fn means(mut self) -> Self {
        self.kind.means = true;
        self
    }
}

impl Costs {
    fn axis_name(&self) -> &'static str {
        if self.counts_calls() { "time per call" } else { "time" }
    }

    fn counts_calls(&self) -> bool {
        self.rows.iter().any(|row| row.sample != DURATION)
    }
}

impl Comparable for Costs {}

impl Kind for Costs {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        if self.counts_calls() { "Time per call" } else { "How long each took" }.to_owned()
    }

    fn how(&self) -> String {
        let mean = if self.means { ", mean (cross)" } else { "" };
        let any = self.rows.iter().any(|row| row.remark.is_some());
        let marked = if any { "; † hollow: with a remark" } else { "" };
        format!(": median (dot), middle half (bar), 1 to 99 % (line){mean}{marked}")
    }

    fn found(&self) -> Result<String, String> {
        found::sentence(self)
    }

    fn values(&self) -> Vec<String> {
        let value = |row: &Row| match &row.found {
            Ok(s) => {
                let [median, q1, q3] = [s.median, s.q1, s.q3].map(Nanos);
                format!("{}: {median}, middle half {q1} to {q3}", row.name)
            }
            Err(reason) => format!("{}: unavailable, {reason}", row.name),
        };
        self.rows.iter().map(value).collect()
    }

    fn notes(&self) -> Vec<String> {
        const MOST: usize = 4;
        let remarks =
            self.rows.iter().filter_map(|row| row.remark.as_ref().map(|r| format!("† {}: {r}", row.name)));
        let mut notes: Vec<String> = remarks.collect();
        if notes.len() > MOST {
            let more = notes.len() + 1 - MOST;
            notes.truncate(MOST - 1);
            notes.push(format!("† and {more} more, listed in the data table"));
        }
        notes
    }

    /// Batches, calls and clock.
    fn conditions(&self) -> Vec<String> {
        let measured: Vec<&Row> = self.rows.iter().filter(|row| row.found.is_ok()).collect();
        let between = |of: fn(&Row) -> u64| {
            let all = measured.iter().map(|row| of(row));
            Some((all.clone().min()?, all.max()?))
        };
        let (Some(batches), Some(calls)) = (between(|row| row.batches), between(|row| row.calls)) else {
            return Vec::new();
        };
        let resolution = measured.iter().map(|row| row.resolution).fold(0.0, f64::max);
        let sampling = match (calls, measured[0].sample) {
            ((1, 1), [one, many]) => counted(batches, one, many),
            (calls, _) => {
                format!("{} of {}", counted(batches, "batch", "batches"), counted(calls, "call", "calls"))
            }
        };
        let resolution = Nanos(resolution);
        vec![sampling, resolves(resolution, &spoken(&resolution.to_string()))]
    }

    fn table(&self) -> Table {
        const HEADS: [&str; 11] = [
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
        ];
        let mut table = Table::new(&HEADS);
        table.rows = self.rows.iter().map(Row::cells).collect();
        table
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn astray(&self) -> Option<&str> {
        self.subject.as_deref().filter(|name| self.rows.iter().all(|row| row.name != *name))
    }

    fn axis(&self) -> Option<Axis> {
        let things: Vec<String> = self.rows.iter().map(|row| row.name.clone()).collect();
        let subject = self.subject.as_ref().and_then(|name| things.iter().position(|thing| thing == name));
        Some(Axis { unit: Unit::Time, things, subject })
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        layout::draw(self, beside, sheet)
    }
}

impl Row {
    /// The row of the data table.
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.name.clone()];
        match &self.found {
            Err(reason) => {
                cells.extend(std::iter::repeat_n("–".to_owned(), 9));
                cells.push(format!("unavailable: {reason}"));
            }
            Ok(s) => {
                let to = |low, high| format!("{} to {}", Nanos(low), Nanos(high));
                cells.extend([Nanos(s.median).to_string(), to(s.interval.0, s.interval.1), to(s.q1, s.q3)]);
                cells.extend([s.p1, s.p99, s.min, s.max, s.mean].map(|v| Nanos(v).to_string()));
                cells.push(format!("{} × {}", Count(self.batches), Count(self.calls)));
                cells.push(self.remark.clone().unwrap_or_default());
            }
        }
        cells
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
