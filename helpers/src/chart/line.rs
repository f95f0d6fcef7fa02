//! One value after the other: what each page, each call, each turn took.

mod layout;

use super::figure::{Figure, Parts, Table, Words, wordy};
use super::overlay::{Overlays, overlaid};
use crate::drawing::text::{capital, plain};
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
    Line {
        words: Words::default(),
        counted: plain(&counted.into()),
        what: plain(&what.into()),
        unit: Unit::Time,
        overlays: Overlays::default(),
        places: Vec::new(),
        series: Vec::new(),
    }
}

/// Series of durations; see [`line`].
#[derive(Clone, Debug)]
pub struct Line {
    words: Words,
    counted: String,
    what: String,
    unit: Unit,
    overlays: Overlays,
    /// Where values lie along the axis: one after the other, unless told.
    places: Vec<f64>,
    series: Vec<Series>,
}

wordy!(Line);
overlaid!(Line, reference);

#[derive(Clone, Debug)]
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
    fn has(&self, name: &str) -> bool {
        self.series.iter().any(|series| series.name == name)
    }

    /// Adds a series: one value for each thing, in their order.
    pub fn series<Q: Quantity>(mut self, name: impl Into<String>, values: &[Q]) -> Self {
        self.push(&name.into(), values.iter().map(|value| (value.size(), None)), (Q::UNIT, false));
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
        self.push(&name.into(), values, (Unit::Time, false));
        self
    }

    /// Adds a curve that was not measured but reckoned: what a model or an ideal says for each thing.
    pub fn curve<Q: Quantity>(mut self, name: impl Into<String>, values: &[Q]) -> Self {
        self.push(&name.into(), values.iter().map(|value| (value.size(), None)), (Q::UNIT, true));
        self
    }

    /// Where the values lie along the axis: for 1, 2, 4 and 8 threads `[1, 2, 4, 8]`.
    pub fn places(mut self, places: &[u64]) -> Self {
        self.places = places.iter().map(|place| *place as f64).collect();
        self
    }

    fn push(
        &mut self,
        name: &str,
        values: impl Iterator<Item = (f64, Option<(f64, f64)>)>,
        (unit, is_model): (Unit, bool),
    ) {
        let (values, band): (Vec<f64>, Vec<Option<(f64, f64)>>) = values.unzip();
        let summary = Summary::of(&values).ok_or_else(|| "no sample was taken".to_owned());
        let band = values.iter().zip(band).map(|(value, band)| band.unwrap_or((*value, *value))).collect();
        self.unit = unit;
        self.series.push(Series { name: plain(name), values, band, summary, is_model });
    }

    /// Where a value lies along the axis.
    fn place(&self, number: usize) -> f64 {
        self.places.get(number).copied().unwrap_or(number as f64 + 1.0)
    }

    /// Keeps the name of a series that could not be measured, with the reason.
    pub fn unavailable(mut self, name: impl Into<String>, reason: &Unavailable) -> Self {
        let reason = plain(&reason.to_string());
        let (values, band) = (Vec::new(), Vec::new());
        self.series.push(Series {
            name: plain(&name.into()),
            values,
            band,
            summary: Err(reason),
            is_model: false,
        });
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
                        [s.median, s.q1, s.q3, s.min, s.p99, s.max].map(|value| self.unit.words(value));
                    told.push(format!("{}: median {median}, from {min} to {max}", series.name));
                    row.push(Count(s.n as u64).to_string());
                    let remark = if series.is_model { "model" } else { "" };
                    row.extend([median, format!("{q1} to {q3}"), min, p99, max, remark.to_owned()]);
                }
            }
            table.rows.push(row);
        }
        told.extend(self.overlaid().told());
        for [name, value] in self.overlaid().rows() {
            let mut row = vec![name, "–".to_owned(), value];
            row.resize(table.headers.len(), String::new());
            table.rows.push(row);
        }
        notes.extend(self.overlaid().notes());
        if measured.len() > layout::CROWD {
            notes.push(format!("In grey: {} more, named in the data table", measured.len() - 2));
        }
        let longest = self.series.iter().map(|series| series.values.len()).max().unwrap_or(0);
        let what = self.words.subtitle.clone().unwrap_or_else(|| self.what.clone());
        let subtitle = if measured.is_empty() {
            what
        } else {
            format!("{what}, {}{}{}", self.order(), self.bands(), self.overlaid().legend())
        };
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found(&measured)),
            subtitle: capital(&subtitle),
            values: format!("{}.", told.join("; ")),
            notes,
            conditions: if longest > 0 {
                let end = |number: usize| Count(self.place(number).max(0.0) as u64);
                vec![format!("{} {} to {}", self.counted, end(0), end(longest - 1))]
            } else {
                Vec::new()
            },
            table,
        };
        let sheet = parts.sheet(wide);
        let bottom =
            if measured.is_empty() { sheet.top - 20.0 } else { layout::draw(self, &measured, &sheet) };
        parts.finish(sheet, bottom)
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

    fn found(&self, all: &[(&Series, &Summary)]) -> String {
        let takes = if self.unit == Unit::Time { "takes" } else { "reaches" };
        let measured: Vec<(&Series, &Summary)> =
            all.iter().copied().filter(|(series, _)| !series.is_model).collect();
        // Of a sweep the far end is told, of a series the middle.
        let end = |series: &Series, s: &Summary| {
            let last = series.values.last().copied().filter(|value| value.is_finite());
            last.filter(|_| !self.places.is_empty()).unwrap_or(s.median)
        };
        let at = match self.places.last() {
            Some(place) => format!(" at {} {}", Count(*place as u64), self.counted),
            None => String::new(),
        };
        match measured.as_slice() {
            [] => match self.series.first().map(|series| &series.summary) {
                Some(Err(reason)) => format!("Not measured here: {reason}"),
                _ => "Not measured here: no series was given".to_owned(),
            },
            [(series, s)] if s.min >= s.max => {
                format!("{} {takes} {} every time", series.name, self.unit.words(s.median))
            }
            [(series, s)] if !self.places.is_empty() => {
                format!("{} {takes} {}{at}", series.name, self.unit.words(end(series, s)))
            }
            [(series, s)] => format!(
                "{} {takes} {}, between {} and {}",
                series.name,
                self.unit.words(s.median),
                self.unit.words(s.min),
                self.unit.words(s.max)
            ),
            several => {
                let ends: Vec<(&str, f64)> =
                    several.iter().map(|(series, s)| (series.name.as_str(), end(series, s))).collect();
                let order = order(ends.len(), &|number| -ends[number].1);
                let ((dear, most), (cheap, least)) = (ends[order[0]], ends[order[order.len() - 1]]);
                let found = format!("{dear} {takes} {}{at}", self.unit.words(most));
                if least > 0.0 { format!("{found}, {} times {cheap}", Ratio(most / least)) } else { found }
            }
        }
    }
}
