//! How often each time occurred, and how rare the slow ones are.

mod layout;

use super::figure::{Figure, Parts, Table, Words, measured, no_sample, wordy};
use super::overlay::{Overlay, Overlays, overlaid};
use crate::drawing::text::plain;
use crate::measure::Timing;
use crate::statistics::{Summary, quantile, sorted, two_modes};
use crate::units::{Count, Nanos, Ratio};

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
    Distribution { words: Words::default(), overlays: Overlays::default(), groups: vec![Group::of(timing)] }
}

/// All samples of one timing or two; see [`distribution`].
#[derive(Clone, Debug)]
pub struct Distribution {
    words: Words,
    overlays: Overlays,
    groups: Vec<Group>,
}

wordy!(Distribution);
overlaid!(Distribution, reference);

#[derive(Clone, Debug)]
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
        self.groups.truncate(1);
        self.groups.push(Group::of(other));
        self
    }

    fn has(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group.name == name)
    }

    /// Those that were measured, with what was expected of each; what names none is about the first.
    fn expected<'a>(&'a self, beside: &'a Overlays) -> Vec<(&'a Group, Vec<&'a Overlay>)> {
        let of = |place: usize, group: &'a Group| {
            let about =
                |overlay: &&Overlay| overlay.name == group.name || (place == 0 && !self.has(&overlay.name));
            (group, beside.all.iter().filter(about).collect())
        };
        let all = self.groups.iter().enumerate().filter(|(_, group)| group.found.is_ok());
        all.map(|(place, group)| of(place, group)).collect()
    }

    fn drawn(&self, wide: f64) -> Figure {
        let beside = self.overlaid();
        let expected = self.expected(&beside);
        let groups: Vec<&Group> = self.groups.iter().filter(|group| group.found.is_ok()).collect();
        let what = self.words.subtitle.as_deref().unwrap_or("Time per call");
        let subtitle = if groups.is_empty() {
            what.to_owned()
        } else {
            format!(
                "{what}: how often each occurred (bars), and what share of all took no longer (line){}",
                beside.legend()
            )
        };
        let missing = self.groups.iter().filter_map(|group| {
            group.found.as_ref().err().map(|reason| format!("{}: unavailable: {reason}", group.name))
        });
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found()),
            subtitle,
            values: self.told(),
            notes: missing.chain(beside.notes()).collect(),
            conditions: groups.iter().map(|group| group.sampling(groups.len() > 1)).collect(),
            table: self.table(),
        };
        let sheet = parts.sheet(wide);
        let bottom = if groups.is_empty() { sheet.top - 20.0 } else { layout::draw(&expected, &sheet) };
        parts.finish(sheet, bottom)
    }

    fn found(&self) -> String {
        let half = |group: &Group| group.found.as_ref().ok().map(|(_, s)| s.median);
        match self.groups.as_slice() {
            [one, other] if half(one).is_some_and(|median| median > 0.0) && half(other).is_some() => {
                let (a, b) = (half(one).unwrap_or(1.0), half(other).unwrap_or(1.0));
                format!(
                    "{} takes {}, {} times {} of {}",
                    other.name,
                    Nanos(b),
                    Ratio(b / a),
                    Nanos(a),
                    one.name
                )
            }
            groups => match groups.iter().find(|group| group.found.is_ok()).or(groups.first()) {
                None => "Not measured here: no timing was given".to_owned(),
                Some(Group { found: Err(reason), .. }) => format!("Not measured here: {reason}"),
                Some(group) => match group.modes {
                    Some((fast, slow)) => {
                        format!("{} has two modes: {} and {}", group.name, Nanos(fast), Nanos(slow))
                    }
                    None => group.finding(),
                },
            },
        }
    }

    fn told(&self) -> String {
        let groups = self.groups.iter().map(|group| match &group.found {
            Err(reason) => format!("{}: unavailable, {reason}", group.name),
            Ok((_, s)) => {
                let levels: Vec<String> = group
                    .levels()
                    .map(|(_, name, value)| format!("{name} within {}", Nanos(value)))
                    .collect();
                format!("{}: {}, slowest {}", group.name, levels.join(", "), Nanos(s.max))
            }
        });
        format!("{}.", groups.chain(self.overlaid().told()).collect::<Vec<_>>().join("; "))
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
        for [name, value] in self.overlaid().rows() {
            let mut row = vec![name, String::new(), String::new(), value];
            row.resize(table.headers.len(), String::new());
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
