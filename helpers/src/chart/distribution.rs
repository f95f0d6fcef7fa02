//! How often each time occurred, and how rare the slow ones are.

mod layout;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, DURATION, Kind, chart, measured, no_sample, sample};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::plain;
use crate::measure::Timing;
use crate::statistics::{Summary, order, quantile, sorted, two_modes};
use crate::units::{Count, Nanos, Ratio, Unit};

/// Starts a chart of all samples of one timing: a histogram, and below it the share of samples that took no longer, drawn so
/// that one in a thousand is as easy to see as one in two. Two modes are named. What was expected of the median stands below
/// the bars.
///
/// ```
/// use helpers::{chart, measure};
/// // How rare are the slow ones?
/// let clock = measure("clock", std::time::Instant::now);
/// let figure = chart::distribution(&clock).figure();
/// assert!(figure.table.headers.contains(&"99 %".to_owned()));
/// ```
pub fn distribution(timing: &Timing) -> Distribution {
    chart(Samples { groups: vec![Group::of(timing)], bars: true })
}

/// Starts a chart of all samples of several timings on one axis: for each the share of samples that took no longer, without
/// histograms.
///
/// ```
/// use helpers::{chart, measure};
/// // Which of these is slow more often?
/// let ways = ["7", "77777777", "x"].map(|text| measure(text, move || text.parse::<u64>()));
/// assert_eq!(chart::distributions(&ways).figure().table.rows.len(), 3);
/// ```
pub fn distributions<'a>(timings: impl IntoIterator<Item = &'a Timing>) -> Distribution {
    chart(Samples { groups: timings.into_iter().map(Group::of).collect(), bars: false })
}

/// A chart of all samples of one timing or two; see [`distribution`].
pub type Distribution = Chart<Samples>;

/// All samples of one timing or two.
#[derive(Clone)]
pub struct Samples {
    groups: Vec<Group>,
    /// Whether each has a histogram.
    bars: bool,
}

#[derive(Clone)]
struct Group {
    name: String,
    found: Result<(Vec<f64>, Summary), String>,
    calls: u64,
    /// What one sample is: a call, a batch of calls, or a duration that something else took.
    sample: [&'static str; 2],
    modes: Option<(f64, f64)>,
}

/// The shares that are marked, with their names.
const LEVELS: [(f64, &str); 5] =
    [(0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %")];

impl Group {
    fn of(timing: &Timing) -> Self {
        let found = measured(timing).map(sorted).and_then(|ascending| {
            let summary = Summary::of(&ascending).ok_or_else(no_sample)?;
            Ok((ascending, summary))
        });
        let modes = found.as_ref().ok().and_then(|(ascending, _)| two_modes(ascending));
        Self { name: plain(&timing.name), found, calls: timing.calls, sample: sample(timing), modes }
    }

    fn samples(&self) -> Option<&[f64]> {
        self.found.as_ref().ok().map(|(ascending, _)| ascending.as_slice())
    }

    /// The marked shares that so many samples can tell.
    fn levels(&self) -> impl Iterator<Item = (f64, &'static str, f64)> {
        let samples = self.samples().unwrap_or_default();
        let enough = |p: f64| samples.len() as f64 * (1.0 - p) >= 0.999 || (p <= 0.5 && !samples.is_empty());
        LEVELS
            .into_iter()
            .filter(move |(p, _)| enough(*p))
            .map(move |(p, name)| (p, name, quantile(samples, p)))
    }
}

impl Distribution {
    /// Sets another timing beside it, on the same axis.
    pub fn beside(mut self, other: &Timing) -> Self {
        self.kind.groups.truncate(1);
        self.kind.groups.push(Group::of(other));
        self
    }
}

impl Samples {
    fn measured(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.found.is_ok())
    }
}

impl Comparable for Samples {}

impl Kind for Samples {
    fn as_kind(&self) -> &dyn Kind {
        self
    }

    fn what(&self) -> String {
        self.groups.first().map_or("Time per call", Group::what).to_owned()
    }

    fn how(&self) -> String {
        let how = if self.bars {
            ": how often each occurred (bars), and what share of all took no longer (line)"
        } else {
            ": what share of all took no longer"
        };
        how.to_owned()
    }

    fn found(&self) -> Result<String, String> {
        let half = |group: &Group| group.found.as_ref().ok().map(|(_, s)| s.median);
        if let [one, other] = self.groups.as_slice()
            && let (Some(a), Some(b)) = (half(one), half(other))
        {
            let ((less, low), (more, high)) =
                if a > b { ((other, b), (one, a)) } else { ((one, a), (other, b)) };
            let (less, more, low, high) = (&less.name, &more.name, Nanos(low), Nanos(high));
            return Ok(if low.0 > 0.0 {
                format!("{more} takes {high}, {} times the {low} of {less}", Ratio(high.0 / low.0))
            } else {
                format!("{more} takes {high}, {less} {low}")
            });
        }
        if self.measured().count() > 2 {
            let medians: Vec<(&str, f64)> =
                self.measured().filter_map(|group| Some((group.name.as_str(), half(group)?))).collect();
            let order = order(medians.len(), &|number| medians[number].1);
            let ((least, low), (most, high)) = (medians[order[0]], medians[order[order.len() - 1]]);
            return Ok(format!("From {} ({least}) to {} ({most})", Nanos(low), Nanos(high)));
        }
        match self.measured().next() {
            None => {
                Err(self.groups.first().and_then(|group| group.found.clone().err()).unwrap_or_else(no_sample))
            }
            Some(Group { name, modes: Some((fast, slow)), .. }) => {
                Ok(format!("{name} has two modes: {} and {}", Nanos(*fast), Nanos(*slow)))
            }
            Some(group) => Ok(group.finding()),
        }
    }

    fn values(&self) -> Vec<String> {
        let value = |group: &Group| match &group.found {
            Err(reason) => format!("{}: unavailable, {reason}", group.name),
            Ok((_, s)) => {
                let levels = group.levels().map(|(_, name, value)| format!("{name} within {}", Nanos(value)));
                let levels: Vec<String> = levels.collect();
                format!("{}: {}, slowest {}", group.name, levels.join(", "), Nanos(s.max))
            }
        };
        self.groups.iter().map(value).collect()
    }

    fn notes(&self) -> Vec<String> {
        let missing = |group: &Group| {
            group.found.as_ref().err().map(|reason| format!("{}: unavailable: {reason}", group.name))
        };
        self.groups.iter().filter_map(missing).collect()
    }

    fn conditions(&self) -> Vec<String> {
        let named = self.measured().count() > 1;
        self.measured().map(|group| group.sampling(named)).collect()
    }

    /// The median.
    fn column(&self) -> usize {
        3
    }

    fn axis(&self) -> Option<Axis> {
        let things = self.groups.iter().map(|group| group.name.clone()).collect();
        Some(Axis { unit: Unit::Time, things, subject: self.bars.then_some(0) })
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        let with = |(number, group): (usize, _)| {
            (group, beside.iter().filter(|one| one.thing == number).collect::<Vec<_>>())
        };
        let all = self.groups.iter().enumerate().filter(|(_, group)| group.found.is_ok());
        layout::draw(&all.map(with).collect::<Vec<_>>(), self.bars, sheet)
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["name", "n", "best"]);
        table.headers.extend(LEVELS.iter().map(|(_, name)| (*name).to_owned()));
        table.headers.extend(["worst", "modes", "remark"].map(str::to_owned));
        for group in &self.groups {
            let mut row = vec![group.name.clone()];
            if let Ok((ascending, s)) = &group.found {
                row.push(format!("{} × {}", Count(ascending.len() as u64), Count(group.calls)));
                row.push(Nanos(s.min).to_string());
                row.extend(group.levels().map(|(_, _, value)| Nanos(value).to_string()));
                row.resize(3 + LEVELS.len(), "–".to_owned());
                row.push(Nanos(s.max).to_string());
                let modes = group.modes.map(|(fast, slow)| format!("{} and {}", Nanos(fast), Nanos(slow)));
                row.push(modes.unwrap_or_else(|| "one".to_owned()));
            }
            row.resize(table.headers.len() - 1, "–".to_owned());
            row.push(
                group.found.as_ref().err().map_or(String::new(), |reason| format!("unavailable: {reason}")),
            );
            table.rows.push(row);
        }
        table
    }
}

impl Group {
    fn finding(&self) -> String {
        let Ok((_, s)) = &self.found else { return String::new() };
        match self.levels().filter(|(p, ..)| (0.9..=0.99).contains(p)).last() {
            _ if s.n > 1 && s.min >= s.max => format!("{} takes {} every time", self.name, Nanos(s.median)),
            Some((_, name, value)) => {
                format!("{}: half within {}, {name} within {}", self.name, Nanos(s.median), Nanos(value))
            }
            None => format!("{} takes {}", self.name, Nanos(s.median)),
        }
    }

    /// Its name with its median.
    fn half(&self) -> String {
        let median = self.found.as_ref().map_or("–".to_owned(), |(_, s)| Nanos(s.median).to_string());
        format!("{}, median {median}", self.name)
    }

    /// What was measured.
    fn what(&self) -> &'static str {
        if self.sample == DURATION { "How long each took" } else { "Time per call" }
    }

    fn sampling(&self, named: bool) -> String {
        let n = Count(self.samples().map_or(0, <[f64]>::len) as u64);
        let sample = self.sample[usize::from(n.0 != 1)];
        let sampling = match self.calls {
            0 | 1 => format!("{n} {sample}"),
            calls => format!("{n} {sample} of {} calls", Count(calls)),
        };
        if named { format!("{}: {sampling}", self.name) } else { sampling }
    }
}
