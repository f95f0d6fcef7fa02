//! How often each time occurred, and how rare the slow ones are.

mod layout;

use super::figure::Table;
use super::kind::{Axis, Chart, Comparable, Kind, chart, measured, no_sample};
use super::overlay::Beside;
use crate::drawing::sheet::Sheet;
use crate::drawing::text::plain;
use crate::measure::Timing;
use crate::statistics::{Summary, quantile, sorted, two_modes};
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
    chart(Samples { groups: vec![Group::of(timing)] })
}

/// A chart of all samples of one timing or two; see [`distribution`].
pub type Distribution = Chart<Samples>;

/// All samples of one timing or two.
#[derive(Clone)]
pub struct Samples {
    groups: Vec<Group>,
}

#[derive(Clone)]
struct Group {
    name: String,
    found: Result<(Vec<f64>, Summary), String>,
    calls: u64,
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
        Self { name: plain(&timing.name), found, calls: timing.calls, modes }
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
    fn what(&self) -> String {
        "Time per call".to_owned()
    }

    fn how(&self) -> String {
        ": how often each occurred (bars), and what share of all took no longer (line)".to_owned()
    }

    fn found(&self) -> Result<String, String> {
        let half = |group: &Group| group.found.as_ref().ok().map(|(_, s)| s.median);
        if let [one, other] = self.groups.as_slice()
            && let (Some(a), Some(b)) = (half(one).filter(|median| *median > 0.0), half(other))
        {
            let (name, times) = (&other.name, Ratio(b / a));
            return Ok(format!("{name} takes {}, {times} times {} of {}", Nanos(b), Nanos(a), one.name));
        }
        match self.measured().next() {
            None => Err(self.groups[0].found.clone().err().unwrap_or_else(no_sample)),
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
        Some(Axis { unit: Unit::Time, things, subject: Some(0) })
    }

    fn draw(&self, sheet: &Sheet, beside: &[Beside]) -> f64 {
        let with = |(number, group): (usize, _)| {
            (group, beside.iter().filter(|one| one.thing == number).collect::<Vec<_>>())
        };
        let all = self.groups.iter().enumerate().filter(|(_, group)| group.found.is_ok());
        layout::draw(&all.map(with).collect::<Vec<_>>(), sheet)
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

    fn sampling(&self, named: bool) -> String {
        let n = Count(self.samples().map_or(0, <[f64]>::len) as u64);
        let sampling = match (n.0, self.calls) {
            (1, 1) => "1 call".to_owned(),
            (_, 1) => format!("{n} calls"),
            (1, calls) => format!("1 batch of {} calls", Count(calls)),
            (_, calls) => format!("{n} batches of {} calls", Count(calls)),
        };
        if named { format!("{}: {sampling}", self.name) } else { sampling }
    }
}
