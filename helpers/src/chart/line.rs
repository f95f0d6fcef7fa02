//! One value after the other: what each page, each call, each turn took.

mod layout;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart, no_sample};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::plain;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::statistics::{Summary, order};
use crate::units::{Count, Quantity, Ratio, Unit};

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
    chart(Sequences {
        counted: plain(&counted.into()),
        what: plain(&what.into()),
        unit: Unit::Time,
        places: Vec::new(),
        series: Vec::new(),
    })
}

/// A chart of series of durations; see [`line()`].
pub type Line = Chart<Sequences>;

/// Series of durations.
#[derive(Clone)]
pub struct Sequences {
    counted: String,
    what: String,
    unit: Unit,
    /// Where values lie along the axis: one after the other, unless places were given.
    places: Vec<f64>,
    series: Vec<Series>,
}

#[derive(Clone)]
struct Series {
    name: String,
    values: Vec<f64>,
    /// Lower and upper end around each value.
    band: Vec<(f64, f64)>,
    summary: Result<Summary, String>,
    /// Reckoned, not measured.
    is_model: bool,
}

impl Line {
    /// Adds a series: one value for each thing, in their order.
    pub fn series<Q: Quantity>(mut self, name: impl Into<String>, values: &[Q]) -> Self {
        self.kind.push(&name.into(), values.iter().map(|value| (value.size(), None)), (Q::UNIT, false));
        self
    }

    /// Adds a series that may not have been measured; then its name stays, with the reason.
    pub fn reading<Q: Quantity>(self, name: impl Into<String>, values: &Reading<Vec<Q>>) -> Self {
        match values {
            Ok(values) => self.series(name, values),
            Err(reason) => self.unavailable(name, reason),
        }
    }

    /// Adds a series of timings: their medians, with a band over their middle halves.
    pub fn timings<'a>(
        mut self,
        name: impl Into<String>,
        timings: impl IntoIterator<Item = &'a Timing>,
    ) -> Self {
        let values = timings.into_iter().map(|timing| match timing.summary() {
            Some(s) => (s.median, Some((s.q1, s.q3))),
            None => (f64::NAN, None),
        });
        self.kind.push(&name.into(), values, (Unit::Time, false));
        self
    }

    /// Adds a curve that was not measured but reckoned: what a model or an ideal says for each thing.
    pub fn curve<Q: Quantity>(mut self, name: impl Into<String>, values: &[Q]) -> Self {
        self.kind.push(&name.into(), values.iter().map(|value| (value.size(), None)), (Q::UNIT, true));
        self
    }

    /// Where the values lie along the axis: for 1, 2, 4 and 8 threads `[1, 2, 4, 8]`.
    pub fn places(mut self, places: &[u64]) -> Self {
        self.kind.places = places.iter().map(|place| *place as f64).collect();
        self
    }

    /// Keeps the name of a series that could not be measured, with the reason.
    pub fn unavailable(mut self, name: impl Into<String>, reason: &Unavailable) -> Self {
        let reason = plain(&reason.to_string());
        let (values, band) = (Vec::new(), Vec::new());
        self.kind.series.push(Series {
            name: plain(&name.into()),
            values,
            band,
            summary: Err(reason),
            is_model: false,
        });
        self
    }
}

impl Sequences {
    fn push(
        &mut self,
        name: &str,
        values: impl Iterator<Item = (f64, Option<(f64, f64)>)>,
        (unit, is_model): (Unit, bool),
    ) {
        let (values, band): (Vec<f64>, Vec<Option<(f64, f64)>>) = values.unzip();
        let summary = Summary::of(&values).ok_or_else(no_sample);
        let band = values.iter().zip(band).map(|(value, band)| band.unwrap_or((*value, *value))).collect();
        self.unit = unit;
        self.series.push(Series { name: plain(name), values, band, summary, is_model });
    }

    /// Where a value lies along the axis.
    fn place(&self, number: usize) -> f64 {
        self.places.get(number).copied().unwrap_or(number as f64 + 1.0)
    }

    fn measured(&self) -> Vec<(&Series, &Summary)> {
        self.series.iter().filter_map(|series| series.summary.as_ref().ok().map(|s| (series, s))).collect()
    }

    /// What the values follow one another by.
    fn order(&self) -> String {
        if self.places.is_empty() {
            format!("{0} by {0}", self.counted)
        } else {
            format!("by {}", self.counted)
        }
    }

    /// How to read what lies around a line.
    fn bands(&self) -> &'static str {
        let has = |series: &Series| series.band.iter().any(|(low, high)| low < high);
        let is_long = |series: &Series| series.values.len() > layout::LONG;
        if self.series.iter().any(has) {
            "; band: the middle half"
        } else if self.series.iter().any(is_long) {
            "; band: from the least to the most"
        } else {
            ""
        }
    }
}

impl Comparable for Sequences {}

impl Kind for Sequences {
    fn what(&self) -> String {
        self.what.clone()
    }

    fn how(&self) -> String {
        format!(", {}{}", self.order(), self.bands())
    }

    fn found(&self) -> Result<String, String> {
        let takes = if self.unit == Unit::Time { "takes" } else { "reaches" };
        let mut measured = self.measured();
        measured.retain(|(series, _)| !series.is_model);
        // Of a sweep the far end is the finding, of a series the middle.
        let end = |series: &Series, s: &Summary| {
            let last = series.values.last().copied().filter(|value| value.is_finite());
            last.filter(|_| !self.places.is_empty()).unwrap_or(s.median)
        };
        let at = match self.places.last() {
            Some(place) => format!(" at {} {}", Count(*place as u64), self.counted),
            None => String::new(),
        };
        let words = |value: f64| self.unit.words(value);
        Ok(match measured.as_slice() {
            [] => {
                let missing = self.series.first().and_then(|series| series.summary.clone().err());
                return Err(missing.unwrap_or_else(|| "no series was given".to_owned()));
            }
            [(series, s)] if s.min >= s.max => {
                format!("{} {takes} {} every time", series.name, words(s.median))
            }
            [(series, s)] if !self.places.is_empty() => {
                format!("{} {takes} {}{at}", series.name, words(end(series, s)))
            }
            [(series, s)] => {
                let [median, min, max] = [s.median, s.min, s.max].map(words);
                format!("{} {takes} {median}, between {min} and {max}", series.name)
            }
            several => {
                let ends: Vec<(&str, f64)> =
                    several.iter().map(|(series, s)| (series.name.as_str(), end(series, s))).collect();
                let order = order(ends.len(), &|number| -ends[number].1);
                let ((dear, most), (cheap, least)) = (ends[order[0]], ends[order[order.len() - 1]]);
                let found = format!("{dear} {takes} {}{at}", words(most));
                if least > 0.0 { format!("{found}, {} times {cheap}", Ratio(most / least)) } else { found }
            }
        })
    }

    fn values(&self) -> Vec<String> {
        let value = |series: &Series| match &series.summary {
            Err(reason) => format!("{}: unavailable, {reason}", series.name),
            Ok(s) => {
                let [median, min, max] = [s.median, s.min, s.max].map(|value| self.unit.words(value));
                format!("{}: median {median}, from {min} to {max}", series.name)
            }
        };
        self.series.iter().map(value).collect()
    }

    fn table(&self) -> Table {
        let mut table =
            Table::new(&["series", "n", "median", "middle half", "best", "99 %", "worst", "remark"]);
        for series in &self.series {
            let mut row = vec![series.name.clone()];
            match &series.summary {
                Err(reason) => {
                    row.resize(table.headers.len() - 1, "–".to_owned());
                    row.push(format!("unavailable: {reason}"));
                }
                Ok(s) => {
                    let [median, q1, q3, min, p99, max] =
                        [s.median, s.q1, s.q3, s.min, s.p99, s.max].map(|value| self.unit.words(value));
                    row.push(Count(s.n as u64).to_string());
                    let remark = if series.is_model { "model" } else { "" };
                    row.extend([median, format!("{q1} to {q3}"), min, p99, max, remark.to_owned()]);
                }
            }
            table.rows.push(row);
        }
        table
    }

    /// The median.
    fn column(&self) -> usize {
        2
    }

    fn notes(&self) -> Vec<String> {
        let missing = |series: &Series| {
            series.summary.as_ref().err().map(|reason| format!("{}: unavailable: {reason}", series.name))
        };
        let mut notes: Vec<String> = self.series.iter().filter_map(missing).collect();
        let measured = self.measured().len();
        if measured > layout::CROWD {
            notes.push(format!("In grey: {} more, named in the data table", measured - 2));
        }
        notes
    }

    fn conditions(&self) -> Vec<String> {
        let longest = self.series.iter().map(|series| series.values.len()).max().unwrap_or(0);
        if longest == 0 {
            return Vec::new();
        }
        let end = |number: usize| Count(self.place(number).max(0.0) as u64);
        vec![format!("{} {} to {}", self.counted, end(0), end(longest - 1))]
    }

    /// Of one series or of all: the axis is the same.
    fn axis(&self) -> Option<Axis> {
        let names = self.series.iter().map(|series| series.name.clone());
        let things: Vec<String> = names.chain([self.what.clone()]).collect();
        let subject = Some(things.len() - 1);
        Some(Axis { unit: self.unit, things, subject })
    }

    fn is_empty(&self) -> bool {
        self.measured().is_empty()
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        layout::draw(self, beside, sheet)
    }
}
