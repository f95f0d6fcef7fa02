//! Who ran when: a lane for each thread and each CPU, an area for each interval.

mod columns;
mod layout;
mod turns;

use super::figure::{Figure, Parts, Table, Words, wordy};
use super::overlay::{Overlays, overlaid};
use crate::drawing::text::plain;
use crate::reading::Unavailable;
use crate::statistics::order;
use crate::units::{Count, Nanos, Share};

pub use turns::turns;

/// Starts a chart of who ran where and when during a time that was observed, from its beginning at zero. Shares at the right
/// are reckoned from the intervals themselves: where many fall into one column of pixels, that column shows how much of it
/// each took.
///
/// ```
/// use helpers::{chart, millis};
/// // Do two threads on one CPU run at the same time?
/// let figure = chart::timeline(millis(12.0))
///     .turn("thread 1", 0, millis(0.0), millis(4.0))
///     .turn("thread 2", 0, millis(4.0), millis(8.0))
///     .turn("thread 1", 0, millis(8.0), millis(12.0))
///     .figure();
/// assert_eq!(figure.title, "thread 1 ran for 66.7 % of 12.0 ms, thread 2 for 33.3 %");
/// ```
pub fn timeline(observed: Nanos) -> Timeline {
    Timeline {
        words: Words::default(),
        overlays: Overlays::default(),
        observed: if observed.0.is_finite() { observed.0.max(0.0) } else { 0.0 },
        lanes: Vec::new(),
        causes: Vec::new(),
        marks: Vec::new(),
        subject: None,
    }
}

/// Who ran when; see [`timeline`].
#[derive(Clone, Debug)]
pub struct Timeline {
    words: Words,
    overlays: Overlays,
    observed: f64,
    lanes: Vec<Lane>,
    causes: Vec<String>,
    marks: Vec<Mark>,
    subject: Option<String>,
}

wordy!(Timeline);
overlaid!(Timeline, reference);

#[derive(Clone, Debug)]
struct Lane {
    name: String,
    /// The CPU that it stands for.
    cpu: Option<usize>,
    intervals: Vec<Interval>,
    missing: Option<String>,
}

/// From when to when, and why; in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Interval {
    cause: usize,
    from: f64,
    to: f64,
}

/// A stretch of time with its name.
#[derive(Clone, Debug)]
struct Mark {
    words: String,
    from: f64,
    to: f64,
}

/// A share as it stands beside a lane: what is next to nothing is told as that.
fn percent(share: Share) -> String {
    if share.0 > 0.0 && share.0 < 1e-4 { "< 0.01 %".to_owned() } else { share.to_string() }
}

impl Timeline {
    fn has(&self, name: &str) -> bool {
        self.marks.iter().any(|mark| mark.words == name)
    }

    /// When a stretch begins that was expected to take so long: that of its name, else the first.
    fn begins(&self, name: &str) -> f64 {
        let named = self.marks.iter().find(|mark| mark.words == name);
        named.or(self.marks.first()).map_or(0.0, |mark| mark.from)
    }

    /// A thread ran on a CPU from then to then: in its own lane, and in its colour in the lane of the CPU.
    pub fn turn(mut self, thread: &str, cpu: usize, from: Nanos, to: Nanos) -> Self {
        self.push(thread, None, thread, (from, to));
        self.push(&format!("CPU {cpu}"), Some(cpu), thread, (from, to));
        self
    }

    /// A lane was in this state, or its thread off the CPU for this cause, from then to then. Each cause has its colour.
    pub fn interval(mut self, lane: &str, cause: &str, from: Nanos, to: Nanos) -> Self {
        self.push(lane, None, cause, (from, to));
        self
    }

    /// Keeps the lane of something that could not be observed, with the reason.
    pub fn unavailable(mut self, lane: &str, reason: &Unavailable) -> Self {
        let place = self.lane(lane, None);
        self.lanes[place].missing = Some(plain(&reason.to_string()));
        self
    }

    /// Names a stretch of time: one turn, one tick.
    pub fn mark(mut self, name: &str, from: Nanos, to: Nanos) -> Self {
        if from.0.is_finite() && to.0.is_finite() {
            self.marks.push(Mark { words: plain(name), from: from.0.min(to.0), to: from.0.max(to.0) });
        }
        self
    }

    /// The cause that the finding is about: the share of each lane's time that it took stands at the right.
    pub fn subject(mut self, cause: &str) -> Self {
        self.subject = Some(plain(cause));
        self
    }

    fn lane(&mut self, name: &str, cpu: Option<usize>) -> usize {
        let name = plain(name);
        if let Some(place) = self.lanes.iter().position(|lane| lane.name == name) {
            return place;
        }
        // Whoever runs first: thread 2 stands below thread 1, and CPUs below the threads.
        let stem = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let rank = |lane: &Lane| (lane.cpu, lane.name.len(), lane.name.clone());
        let new = Lane { name, cpu, intervals: Vec::new(), missing: None };
        let is_behind = |lane: &Lane| match (lane.cpu, cpu) {
            (None, None) => stem(&lane.name) == stem(&new.name) && rank(lane) > rank(&new),
            (other, cpu) => other > cpu,
        };
        let place = self.lanes.iter().position(is_behind).unwrap_or(self.lanes.len());
        self.lanes.insert(place, new);
        place
    }

    fn push(&mut self, lane: &str, cpu: Option<usize>, cause: &str, (from, to): (Nanos, Nanos)) {
        let cause = plain(cause);
        let cause = self.causes.iter().position(|other| *other == cause).unwrap_or_else(|| {
            self.causes.push(cause);
            self.causes.len() - 1
        });
        let place = self.lane(lane, cpu);
        let (from, to) = (from.0.min(to.0).max(0.0), from.0.max(to.0).min(self.observed));
        if from <= to {
            self.lanes[place].intervals.push(Interval { cause, from, to });
        }
    }

    /// Causes that need a legend: those that no lane is named after.
    fn explained(&self) -> impl Iterator<Item = (usize, &str)> {
        let named = |cause: &str| self.lanes.iter().any(|lane| lane.name == cause);
        self.causes.iter().enumerate().map(|(n, cause)| (n, cause.as_str())).filter(move |(_, c)| !named(c))
    }

    /// The cause whose share is told; none where lanes have a colour of their own.
    fn told_cause(&self) -> Option<usize> {
        let place = |name: &String| self.causes.iter().position(|cause| cause == name);
        let has_own = self.lanes.iter().any(|lane| self.causes.contains(&lane.name));
        let first = || self.explained().next().filter(|_| !has_own).map(|(number, _)| number);
        self.subject.as_ref().and_then(place).or_else(first)
    }

    /// The share of the observed time that a lane spent for a cause, or for any.
    fn share(&self, lane: &Lane, cause: Option<usize>) -> f64 {
        let of = lane.intervals.iter().filter(|interval| cause.is_none_or(|cause| cause == interval.cause));
        let time: f64 = of.map(|interval| interval.to - interval.from).sum();
        if self.observed > 0.0 { time / self.observed } else { 0.0 }
    }

    /// The cause whose share stands at the right of a lane, with the share.
    fn shown(&self, lane: &Lane) -> Option<(Option<usize>, Share)> {
        if lane.missing.is_some() {
            return None;
        }
        let own = self.causes.iter().position(|cause| *cause == lane.name);
        let own = own.filter(|own| lane.intervals.iter().any(|interval| interval.cause == *own));
        let cause = own.or_else(|| self.told_cause().filter(|_| lane.cpu.is_none()));
        Some((cause, Share(self.share(lane, cause))))
    }

    /// The cause that fills most of the time: the ground on which the subject of the finding stands out.
    fn ground(&self) -> Option<usize> {
        let subject = self.subject.as_ref()?;
        let total = |cause: usize| self.lanes.iter().map(|lane| self.share(lane, Some(cause))).sum::<f64>();
        let others = self.explained().filter(|(_, cause)| cause != subject).map(|(number, _)| number);
        others.max_by(|a, b| total(*a).total_cmp(&total(*b)))
    }

    fn drawn(&self, wide: f64) -> Figure {
        let count: usize = self.threads().map(|lane| lane.intervals.len()).sum();
        let parts = Parts {
            words: &self.words,
            title: self.words.headline(|| self.found()),
            subtitle: self.reading(),
            values: self.told(),
            notes: self.overlaid().notes(),
            conditions: if count > 0 {
                let noun = if count == 1 { "interval" } else { "intervals" };
                vec![format!("{} {noun} in {}", Count(count as u64), Nanos(self.observed))]
            } else {
                Vec::new()
            },
            table: self.table(),
        };
        let sheet = parts.sheet(wide);
        let bottom =
            if self.lanes.is_empty() { sheet.top - 20.0 } else { layout::draw(self, &sheet, self.observed) };
        parts.finish(sheet, bottom)
    }

    /// Lanes that do not repeat what others show.
    fn threads(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().filter(|lane| lane.cpu.is_none())
    }

    fn reading(&self) -> String {
        let what = self.words.subtitle.as_deref().unwrap_or("Who ran when");
        if self.lanes.iter().all(|lane| lane.missing.is_some()) {
            return what.to_owned();
        }
        let cpus = if self.lanes.iter().any(|lane| lane.cpu.is_some()) {
            "; below, the same turns by CPU"
        } else {
            ""
        };
        let how = if self.explained().next().is_some() {
            "each lane shows what happened in it from left to right"
        } else {
            "each area is a turn on a CPU, the gaps are waiting"
        };
        let dashed = if self.overlaid().all.is_empty() { "" } else { "; dashed: what was expected" };
        format!("{what}: {how}{cpus}{dashed}")
    }

    fn found(&self) -> String {
        let shares: Vec<(&Lane, Option<usize>, Share)> = self
            .threads()
            .filter(|lane| !lane.intervals.is_empty())
            .filter_map(|lane| self.shown(lane).map(|(cause, share)| (lane, cause, share)))
            .collect();
        let order = order(shares.len(), &|number| -shares[number].2.0);
        let observed = Nanos(self.observed);
        match (order.first().map(|most| &shares[*most]), order.last().map(|least| &shares[*least])) {
            (None, _) | (_, None) => {
                let reason = self.lanes.iter().find_map(|lane| lane.missing.as_deref());
                format!("Not measured here: {}", reason.unwrap_or("nothing was seen"))
            }
            (Some((most, cause, share)), Some((least, _, lowest))) => {
                let what = match cause.map(|cause| self.causes[cause].as_str()) {
                    Some(cause) if cause != most.name => format!("{}: {cause} for", most.name),
                    _ => format!("{} ran for", most.name),
                };
                let rest = if shares.len() > 1 {
                    format!(", {} for {}", least.name, percent(*lowest))
                } else {
                    String::new()
                };
                format!("{what} {} of {observed}{rest}", percent(*share))
            }
        }
    }

    fn told(&self) -> String {
        let mut told = Vec::new();
        for lane in &self.lanes {
            if let Some(reason) = &lane.missing {
                told.push(format!("{}: unavailable, {reason}", lane.name));
            }
            for (number, cause) in self.causes.iter().enumerate() {
                let share = self.share(lane, Some(number));
                if share > 0.0 && *cause == lane.name {
                    told.push(format!("{cause}: {}", Share(share)));
                } else if share > 0.0 {
                    told.push(format!("{}: {cause} {}", lane.name, Share(share)));
                }
            }
        }
        told.extend(self.marks.iter().map(|mark| format!("{}: {}", mark.words, Nanos(mark.to - mark.from))));
        told.extend(self.overlaid().told());
        format!("{}.", told.join("; "))
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["lane", "what", "intervals", "time", "share", "longest"]);
        for lane in &self.lanes {
            if let Some(reason) = &lane.missing {
                let mut row = vec![lane.name.clone(), format!("unavailable: {reason}")];
                row.resize(table.headers.len(), "–".to_owned());
                table.rows.push(row);
            }
            for (number, cause) in self.causes.iter().enumerate() {
                let those = || lane.intervals.iter().filter(move |interval| interval.cause == number);
                let time: f64 = those().map(|interval| interval.to - interval.from).sum();
                let longest = those().map(|interval| interval.to - interval.from).fold(0.0, f64::max);
                let count = those().count() as u64;
                if count > 0 {
                    table.rows.push(vec![
                        lane.name.clone(),
                        cause.clone(),
                        Count(count).to_string(),
                        Nanos(time).to_string(),
                        Share(self.share(lane, Some(number))).to_string(),
                        Nanos(longest).to_string(),
                    ]);
                }
            }
        }
        for [name, value] in self.overlaid().rows() {
            let dash = || "–".to_owned();
            table.rows.push(vec![name, dash(), dash(), value, dash(), dash()]);
        }
        table
    }
}
