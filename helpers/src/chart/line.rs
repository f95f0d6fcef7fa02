//! One value after the other: what each page, each call, each turn took.
//!
//! A little longer than most modules here by the ways to hand in a series, each with what it is for.

mod layout;
mod words;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart, no_sample};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::plain;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::statistics::{Summary, order};
use crate::units::{NO_NUMBER, Quantity, Ratio, Unit, told};
use words::whole;

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

/// A number that says where a value of a sweep lies.
pub trait Place: Copy {
    /// As a number of the axis.
    fn place(self) -> f64;
}

macro_rules! places {
    ($($number:ty),+) => {$(
        impl Place for $number {
            #[allow(clippy::cast_lossless, reason = "one body for all kinds of number")]
            fn place(self) -> f64 {
                self as f64
            }
        }
    )+};
}

places!(u8, u16, u32, u64, usize, i32, i64, f64);

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
    /// What the band is.
    around: &'static str,
    /// Computed, not measured.
    is_model: bool,
}

impl Line {
    /// Adds a series: one value for each thing, in their order.
    pub fn series<Q: Quantity>(self, name: impl Into<String>, values: &[Q]) -> Self {
        self.sized(name.into(), Ok(sizes(values)), (Q::UNIT, false))
    }

    /// A series without a band, compiled once: all that is generic is compiled in each cell that calls it.
    fn sized(mut self, name: String, sizes: Reading<Vec<f64>>, (unit, is_model): (Unit, bool)) -> Self {
        match sizes {
            Ok(sizes) => {
                let values = sizes.into_iter().map(|size| (size, None)).collect();
                self.kind.push(&name, values, (unit, is_model), "");
                self
            }
            Err(reason) => self.unavailable(name, &reason),
        }
    }

    /// Adds a series that may not have been measured; then its name stays, with the reason.
    pub fn reading<Q: Quantity>(self, name: impl Into<String>, values: &Reading<Vec<Q>>) -> Self {
        let sizes = values.as_ref().map(|values| sizes(values)).map_err(|reason| *reason);
        self.sized(name.into(), sizes, (Q::UNIT, false))
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
        self.kind.push(&name.into(), values.collect(), (Unit::Time, false), "the middle half");
        self
    }

    /// Adds a series of ratios: how many times as long `one` takes as each of the timings, with a band over what their 95 %
    /// intervals leave open. Of a speed-up, `one` is the time of the first.
    pub fn ratios<'a>(
        mut self,
        name: impl Into<String>,
        one: &Timing,
        timings: impl IntoIterator<Item = &'a Timing>,
    ) -> Self {
        let one = one.range();
        let ratio = |timing: &Timing| match (&one, timing.range()) {
            (Ok(one), Ok(other)) => {
                (one.middle / other.middle, Some((one.low / other.high, one.high / other.low)))
            }
            _ => (f64::NAN, None),
        };
        self.kind.push(
            &name.into(),
            timings.into_iter().map(ratio).collect(),
            (Unit::Ratio, false),
            "what the 95 % intervals leave open",
        );
        self
    }

    /// Adds a curve that was not measured but computed: what a model or an ideal says for each thing.
    pub fn curve<Q: Quantity>(self, name: impl Into<String>, values: &[Q]) -> Self {
        self.sized(name.into(), Ok(sizes(values)), (Q::UNIT, true))
    }

    /// Where the values lie along the axis, as numbers of any kind: for 1, 2, 4 and 8 threads `[1, 2, 4, 8]`.
    pub fn places<N: Place>(mut self, places: &[N]) -> Self {
        self.kind.places = places.iter().map(|place| told(place.place()).unwrap_or(f64::NAN)).collect();
        self
    }

    /// Keeps the name of a series that could not be measured, with the reason.
    pub fn unavailable(mut self, name: impl Into<String>, reason: &Unavailable) -> Self {
        self.kind.missing(&name.into(), reason);
        self
    }
}

fn sizes<Q: Quantity>(values: &[Q]) -> Vec<f64> {
    values.iter().map(|value| value.size()).collect()
}

impl Sequences {
    fn push(
        &mut self,
        name: &str,
        values: Vec<(f64, Option<(f64, f64)>)>,
        (unit, is_model): (Unit, bool),
        around: &'static str,
    ) {
        let ends = |(low, high): (f64, f64)| told(low).zip(told(high));
        let values =
            values.into_iter().map(|(value, band)| (told(value).unwrap_or(f64::NAN), band.and_then(ends)));
        let (values, band): (Vec<f64>, Vec<Option<(f64, f64)>>) = values.unzip();
        let summary = Summary::of(&values).ok_or_else(no_sample);
        let band = values.iter().zip(band).map(|(value, band)| band.unwrap_or((*value, *value))).collect();
        self.unit = unit;
        self.series.push(Series { name: plain(name), values, band, around, summary, is_model });
    }

    fn missing(&mut self, name: &str, reason: &Unavailable) {
        let (values, band, summary) = (Vec::new(), Vec::new(), Err(plain(&reason.to_string())));
        self.series.push(Series { name: plain(name), values, band, around: "", summary, is_model: false });
    }

    /// Where a value lies along the axis.
    fn place(&self, number: usize) -> f64 {
        self.places.get(number).copied().unwrap_or(number as f64 + 1.0)
    }

    /// Whether values have a place along the axis at all.
    fn is_placed(&self) -> bool {
        !self.places.iter().any(|place| place.is_nan())
    }

    fn measured(&self) -> Vec<(&Series, &Summary)> {
        if !self.is_placed() {
            return Vec::new();
        }
        self.series.iter().filter_map(|series| series.summary.as_ref().ok().map(|s| (series, s))).collect()
    }
}

impl Comparable for Sequences {}

impl Kind for Sequences {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

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
            Some(place) => format!(" ({}: {})", self.counted, whole(*place)),
            None => String::new(),
        };
        let words = |value: f64| self.unit.words(value);
        Ok(match measured.as_slice() {
            [] if !self.is_placed() => return Err(format!("a place along the axis is {NO_NUMBER}")),
            [] => {
                let missing = self.series.first().and_then(|series| series.summary.clone().err());
                return Err(missing.unwrap_or_else(|| "no series was given".to_owned()));
            }
            [(series, s)] if s.min >= s.max => {
                format!("{} {takes} {} every time", series.name, words(s.median))
            }
            [(series, s)] if !self.places.is_empty() => {
                format!("{} for {}{at}", words(end(series, s)), series.name)
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
                let found = if self.places.is_empty() {
                    format!("{dear} {takes} {}", words(most))
                } else {
                    format!("{} for {dear}{at}", words(most))
                };
                if least > 0.0 { format!("{found}, {} times {cheap}", Ratio(most / least)) } else { found }
            }
        })
    }

    fn values(&self) -> Vec<String> {
        let value = |series: &Series| match &series.summary {
            Err(reason) => format!("{}: unavailable, {reason}", series.name),
            Ok(s) if self.places.is_empty() => {
                let [median, min, max] = [s.median, s.min, s.max].map(|value| self.unit.words(value));
                format!("{}: median {median}, from {min} to {max}", series.name)
            }
            Ok(_) => self.trend(series),
        };
        self.series.iter().map(value).collect()
    }

    fn table(&self) -> Table {
        const READABLE: usize = 300;
        let longest = self.series.iter().map(|series| series.values.len()).max().unwrap_or(0);
        if longest * self.series.len() <= READABLE { self.points(longest) } else { self.summaries() }
    }

    /// What was measured, beside the place.
    fn column(&self) -> usize {
        1
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
        let end = |number: usize| whole(self.place(number));
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
