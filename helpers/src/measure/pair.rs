//! Two operations that were timed in turn.

use super::Timing;
use super::timing::{no_samples, numbers};
use crate::lasting::Lasting;
use crate::reading::{Reading, Unavailable};
use crate::statistics::{Interval, Summary};
use crate::units::{Count, Nanos, Share};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// Two operations timed in turn, so that whatever happens to the machine happens to both.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The one that was named first.
    pub first: Timing,
    /// The other.
    pub second: Timing,
    /// Second minus first in nanoseconds per call, one for each pair of neighbouring batches.
    #[serde(deserialize_with = "numbers")]
    pub differences: Lasting<[f64]>,
}

impl Pair {
    /// The median of the paired differences with its 95 % interval, in nanoseconds.
    ///
    /// # Errors
    /// When one of the two could not be measured: the reason.
    pub fn range(&self) -> Reading<Interval> {
        self.first.range()?;
        self.second.range()?;
        let s = Summary::of(&self.differences).ok_or_else(no_samples)?;
        Ok(Interval { low: s.interval.0, middle: s.median, high: s.interval.1 })
    }

    /// The least difference of one call that the clock can tell: one of its steps, shared out over the calls of a batch.
    pub fn resolution(&self) -> Nanos {
        Nanos(self.first.clock.resolution.0.max(0.0) / self.first.calls.max(1) as f64)
    }

    /// A part of the difference: half of it is `part(Share(0.5))`.
    ///
    /// # Errors
    /// As [`range`](Self::range), and when there is no such part.
    pub fn part(&self, part: Share) -> Reading<Nanos> {
        let time = self.difference()?.0 * part.0;
        let no_number = || Unavailable::because(format!("{part} of the difference is no time"));
        time.is_finite().then_some(Nanos(time)).ok_or_else(no_number)
    }

    /// How much longer the second takes than the first: the median of the paired differences.
    ///
    /// # Errors
    /// When one of the two could not be measured: the reason.
    pub fn difference(&self) -> Reading<Nanos> {
        self.range().map(|range| Nanos(range.middle))
    }
}

impl Display for Pair {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        writeln!(out, "{}\n{}", self.first, self.second)?;
        match self.range() {
            Ok(range) if range.middle.abs() < self.resolution().0 => {
                write!(out, "second − first: less than the clock can tell, {}", self.resolution())
            }
            Ok(range) => write!(
                out,
                "second − first: {} (95 % interval {} to {}), {} pairs",
                Nanos(range.middle),
                Nanos(range.low),
                Nanos(range.high),
                Count(self.differences.len() as u64)
            ),
            Err(reason) => write!(out, "no difference: {reason}"),
        }
    }
}
