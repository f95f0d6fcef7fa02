//! What comes at regular times: gaps laid over one another on a clock face, and what is left when they are taken away.

use super::{Cause, Gap, Observation};
use crate::lasting::Lasting;
use crate::measure::Timing;
use crate::reading::{Reading, Unavailable};
use crate::units::{Count, Nanos, Share};
use std::fmt::{self, Display, Formatter};

/// Shorter gaps than this are mostly the memory's and the cache's doing.
const NOTABLE: Nanos = Nanos(3_000.0);
/// How wide an hour is, as a part of the period.
const HOUR: f64 = 0.01;

/// Gaps on a clock face: those that come at one hour of it, and the others; or why there are none.
#[derive(Clone, Copy)]
pub struct Beats(Reading<Lasting<Face>>);

#[derive(Clone, Debug, PartialEq)]
struct Face {
    /// How long it takes the hand to go round.
    period: f64,
    /// The hour at which most of them begin.
    hour: f64,
    /// The gaps of that hour.
    kept: Vec<Gap>,
    others: Vec<Gap>,
    /// How long the thread was there to feel anything.
    watched: f64,
    /// Whether it was there for most of the time.
    listened: bool,
}

impl Observation {
    /// Lays the unexplained gaps of one thread over one another on a clock face whose hand goes round so often in a second, and
    /// parts those that begin at the hour at which most do. The thread has to have stayed on one CPU, since each has a timer of its own.
    pub fn beats(&self, name: &str, in_a_second: Reading<Count>) -> Beats {
        let face = || {
            self.causes?;
            let (thread, period) = (self.thread(name)?, period(in_a_second?));
            if thread.turns.windows(2).any(|pair| pair[0].cpu != pair[1].cpu) {
                return Err(Unavailable::because("the thread moved from one CPU to another"));
            }
            let gaps: Vec<Gap> = thread.gaps.iter().filter(|gap| is_unexplained(gap)).copied().collect();
            // While it was off its CPU, nobody was there to hear anything.
            let mut face = Face::of(&gaps, period, thread.ran().0)?;
            face.listened = thread.ran().0 > 0.6 * thread.until.0;
            Ok(face)
        };
        Beats(face().map(Lasting::new))
    }

    /// How often a quota took the CPU away from its threads.
    ///
    /// # Errors
    /// Where nothing was watched, there was no quota that this program may read of, nobody counts switches or how long the quota
    /// stopped the threads, or that count ran backwards.
    pub fn throttled(&self) -> Reading<Count> {
        let threads = self.threads.as_ref().map_err(|reason| *reason)?;
        self.throttling.and(self.causes)?;
        let gaps = threads.iter().flat_map(|thread| &thread.gaps);
        Ok(Count(gaps.filter(|gap| gap.cause == Cause::Throttled).count() as u64))
    }
}

/// Whether the thread was away although the kernel had not switched it out. Where nobody counts switches, nobody knows.
fn is_unexplained(gap: &Gap) -> bool {
    gap.cause == Cause::Interrupted && gap.length() >= NOTABLE && gap.from.0 > 0.0
}

fn period(in_a_second: Count) -> Nanos {
    Nanos(1e9 / in_a_second.0 as f64)
}

impl Face {
    fn of(gaps: &[Gap], period: Nanos, watched: f64) -> Reading<Self> {
        if !(period.0.is_finite() && period.0 >= 1e4) {
            return Err(Unavailable::because(format!("{period} is no period of a timer")));
        }
        let (period, wide) = (period.0, period.0 * HOUR);
        let phase = |gap: &Gap| gap.from.0.rem_euclid(period);
        let mut phases: Vec<f64> = gaps.iter().map(phase).collect();
        phases.sort_by(f64::total_cmp);
        // Round the clock once more, for an hour that begins before twelve and ends after it.
        let twice: Vec<f64> = phases.iter().copied().chain(phases.iter().map(|at| at + period)).collect();
        let (mut hour, mut most, mut end) = (0.0, 0, 0);
        for (begin, at) in phases.iter().enumerate() {
            while end < twice.len() && twice[end] <= at + wide {
                end += 1;
            }
            if end - begin > most {
                (hour, most) = (*at, end - begin);
            }
        }
        let is_kept = |gap: &&Gap| (phase(gap) - hour).rem_euclid(period) <= wide;
        let (kept, others) = gaps.iter().partition(is_kept);
        Ok(Self { period, hour, kept, others, watched, listened: true })
    }

    /// One in each round at most.
    fn count(&self) -> u64 {
        let round = |gap: &Gap| ((gap.from.0 - self.hour) / self.period).round() as i64;
        let mut rounds: Vec<i64> = self.kept.iter().map(round).collect();
        rounds.sort_unstable();
        rounds.dedup();
        rounds.len() as u64
    }

    fn due(&self) -> f64 {
        (self.watched / self.period).round()
    }
}

impl Beats {
    fn told<T>(&self, what: impl FnOnce(&Face) -> T) -> Reading<T> {
        self.0.map(|face| what(face.held()))
    }

    /// The gaps that are left, on a clock face with another hand.
    pub fn rest(&self, in_a_second: Count) -> Self {
        let rest = |face: &Face| {
            let rest = Face::of(&face.others, period(in_a_second), face.watched)?;
            Ok(Face { listened: face.listened, ..rest })
        };
        Self(self.told(rest).flatten().map(Lasting::new))
    }

    /// How long it takes the hand to go round.
    ///
    /// # Errors
    /// When nothing could be laid on a clock face: the reason. So with all that follow.
    pub fn period(&self) -> Reading<Nanos> {
        self.told(|face| Nanos(face.period))
    }

    /// How many beats there were at the hour: no more than one in each round.
    ///
    /// # Errors
    /// As [`period`](Self::period).
    pub fn count(&self) -> Reading<Count> {
        self.told(|face| Count(face.count()))
    }

    /// How many there would be if none had been missed, while the thread was there to hear them.
    ///
    /// # Errors
    /// As [`period`](Self::period).
    pub fn due(&self) -> Reading<Count> {
        self.told(|face| Count(face.due() as u64))
    }

    /// The part of the beats that were due and were heard.
    ///
    /// # Errors
    /// As [`period`](Self::period), and where none was due.
    pub fn heard(&self) -> Reading<Share> {
        Share::of(&self.count(), &self.due())
    }

    /// How many there are at the fullest of the other hours. A beat of a shorter period has several hours on this face that are
    /// as full; gaps without a rhythm are spread over all.
    ///
    /// # Errors
    /// As [`period`](Self::period).
    pub fn elsewhere(&self) -> Reading<Count> {
        let second = |face: &Face| Face::of(&face.others, Nanos(face.period), face.watched);
        self.told(second).flatten().map(|face| Count(face.count()))
    }

    /// Whether the thread had its CPU for most of the time. If not, much has come to pass while it was away, and what it has
    /// not felt may have happened all the same.
    ///
    /// # Errors
    /// As [`period`](Self::period).
    pub fn has_listened(&self) -> Reading<bool> {
        self.told(|face| face.listened)
    }

    /// How many gaps lie at other hours.
    ///
    /// # Errors
    /// As [`period`](Self::period).
    pub fn others(&self) -> Reading<Count> {
        self.told(|face| Count(face.others.len() as u64))
    }

    /// How much of the CPU the beats take.
    ///
    /// # Errors
    /// As [`period`](Self::period), and where nobody was there to feel them.
    pub fn cost(&self) -> Reading<Share> {
        let taken = |face: &Face| Nanos(face.kept.iter().map(|gap| gap.length().0).sum());
        self.told(|face| Share::of(&Ok(taken(face)), &Ok(Nanos(face.watched)))).flatten()
    }

    /// How long the CPU is away at each beat.
    pub fn length(&self) -> Timing {
        Timing::reading("beat", &self.told(|face| face.kept.iter().map(Gap::length).collect()))
    }

    /// When they came; nothing, where nobody knows.
    pub fn times(&self) -> Vec<Nanos> {
        self.told(|face| face.kept.iter().map(|gap| gap.from).collect()).unwrap_or_default()
    }

    /// When the others came; nothing, where nobody knows.
    pub fn other_times(&self) -> Vec<Nanos> {
        self.told(|face| face.others.iter().map(|gap| gap.from).collect()).unwrap_or_default()
    }

    /// From when to when each of them lasted, all under one name, for a picture; nothing, where nobody knows.
    pub fn spans(&self, name: &'static str) -> Vec<(&'static str, Nanos, Nanos)> {
        self.told(|face| spans(name, &face.kept)).unwrap_or_default()
    }

    /// From when to when each of the others lasted; nothing, where nobody knows.
    pub fn other_spans(&self, name: &'static str) -> Vec<(&'static str, Nanos, Nanos)> {
        self.told(|face| spans(name, &face.others)).unwrap_or_default()
    }
}

fn spans(name: &'static str, gaps: &[Gap]) -> Vec<(&'static str, Nanos, Nanos)> {
    gaps.iter().map(|gap| (name, gap.from, gap.to)).collect()
}

impl Display for Beats {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match &self.0 {
            Err(reason) => write!(out, "no beats: {reason}"),
            Ok(face) => write!(
                out,
                "{} of {} beats of {}, and {} gaps at other hours",
                Count(face.count()),
                Count(face.due() as u64),
                Nanos(face.period),
                Count(face.others.len() as u64)
            ),
        }
    }
}

#[cfg(test)]
mod tests;
