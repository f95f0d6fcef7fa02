//! Who ran when: a lane for each thread and each CPU, an area for each interval.

mod diary;
mod kind;
mod layout;
mod turns;

use super::kind::{Chart, chart};
use crate::drawing::columns::Interval;
use crate::drawing::text::plain;
use crate::reading::Unavailable;
use crate::units::{NO_NUMBER, Nanos, Share, told};

pub use diary::diary;
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
    chart(Turns {
        observed: told(observed.0).unwrap_or(0.0).max(0.0),
        lanes: Vec::new(),
        causes: Vec::new(),
        marks: Vec::new(),
        odd_marks: Vec::new(),
        subject: None,
    })
}

/// A chart of who ran when; see [`timeline`].
pub type Timeline = Chart<Turns>;

/// Who ran when.
#[derive(Clone)]
pub struct Turns {
    observed: f64,
    lanes: Vec<Lane>,
    causes: Vec<String>,
    marks: Vec<Mark>,
    /// Those that have no place, and why.
    odd_marks: Vec<String>,
    subject: Option<String>,
}

#[derive(Clone)]
struct Lane {
    name: String,
    /// The CPU that it stands for.
    cpu: Option<usize>,
    intervals: Vec<Interval>,
    missing: Option<String>,
}

/// A stretch of time with its name.
#[derive(Clone)]
struct Mark {
    words: String,
    from: f64,
    to: f64,
}

/// From when to when, or why that cannot be shown.
fn ends(from: Nanos, to: Nanos) -> Result<(f64, f64), String> {
    match (told(from.0), told(to.0)) {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        (Some(_), Some(_)) => Err("an interval ends before it begins".to_owned()),
        _ => Err(format!("the beginning or the end of an interval is {NO_NUMBER}")),
    }
}

/// A share as it stands beside a lane: what is next to nothing is written as that.
fn percent(share: Share) -> String {
    if share.0 > 0.0 && share.0 < 1e-4 { "< 0.01 %".to_owned() } else { share.to_string() }
}

impl Timeline {
    /// A thread ran on a CPU from then to then: in its own lane, and in its colour in the lane of the CPU.
    pub fn turn(mut self, thread: &str, cpu: usize, from: Nanos, to: Nanos) -> Self {
        self.kind.push(thread, None, thread, (from, to));
        self.kind.push(&format!("CPU {cpu}"), Some(cpu), thread, (from, to));
        self
    }

    /// A lane was in this state, or its thread off the CPU for this cause, from then to then. Each cause has its colour.
    pub fn interval(mut self, lane: &str, cause: &str, from: Nanos, to: Nanos) -> Self {
        self.kind.push(lane, None, cause, (from, to));
        self
    }

    /// Keeps the lane of something that could not be observed, with the reason.
    pub fn unavailable(mut self, lane: &str, reason: &Unavailable) -> Self {
        let place = self.kind.lane(lane, None);
        self.kind.lanes[place].missing = Some(plain(&reason.to_string()));
        self
    }

    /// Names a stretch of time: one turn, one tick.
    pub fn mark(mut self, name: &str, from: Nanos, to: Nanos) -> Self {
        let words = plain(name);
        match ends(from, to) {
            Ok((from, to)) => self.kind.marks.push(Mark { words, from, to }),
            Err(reason) => self.kind.odd_marks.push(format!("{words}: unavailable, {reason}")),
        }
        self
    }

    /// The cause that the finding is about: the share of each lane's time that it took stands at the right.
    pub fn subject(mut self, cause: &str) -> Self {
        self.kind.subject = Some(plain(cause));
        self
    }
}

impl Turns {
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
        let lane = &mut self.lanes[place];
        match ends(from, to) {
            Err(reason) => lane.missing = Some(reason),
            Ok((from, to)) => {
                let (from, to) = (from.max(0.0), to.min(self.observed));
                if from <= to {
                    lane.intervals.push(Interval { cause, from, to });
                }
            }
        }
    }

    /// Causes that need a legend: those that no lane is named after.
    fn explained(&self) -> impl Iterator<Item = (usize, &str)> {
        let named = |cause: &str| self.lanes.iter().any(|lane| lane.name == cause);
        self.causes.iter().enumerate().map(|(n, cause)| (n, cause.as_str())).filter(move |(_, c)| !named(c))
    }

    /// The cause whose share stands at the right: the subject's. Without one, it's the share of all of a lane.
    fn share_cause(&self) -> Option<usize> {
        let subject = self.subject.as_ref()?;
        self.causes.iter().position(|cause| cause == subject)
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
        let cause = own.or_else(|| self.share_cause().filter(|_| lane.cpu.is_none()));
        Some((cause, Share(self.share(lane, cause))))
    }

    /// The cause that fills most of the time: the ground on which the subject of the finding stands out.
    fn ground(&self) -> Option<usize> {
        let subject = self.subject.as_ref()?;
        let total = |cause: usize| self.lanes.iter().map(|lane| self.share(lane, Some(cause))).sum::<f64>();
        let others = self.explained().filter(|(_, cause)| cause != subject).map(|(number, _)| number);
        others.max_by(|a, b| total(*a).total_cmp(&total(*b)))
    }

    /// Lanes that do not repeat what others show.
    fn threads(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().filter(|lane| lane.cpu.is_none())
    }

    /// When a stretch begins that was expected to take so long.
    fn begins(&self, mark: usize) -> f64 {
        self.marks.get(mark).map_or(0.0, |mark| mark.from)
    }
}
